//! What waits for the centre, as whoever sends it finds it.

use uuid::Uuid;

use super::Bench;
use crate::{
    clinical::{AnalysisId, PendingReason, PhotoId},
    store::{
        Attempts, Failure,
        ImagePart::{Derivative, Original, Thumbnail},
        RecordKind,
    },
};

#[tokio::test]
async fn what_waits_for_its_time_hides_nothing_that_can_go() {
    let bench = Bench::new().await;
    sqlx::query(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 300)
         INSERT INTO outbox (kind, record, version, operation, urgent, queued_at, tries, next_try_at, failure)
         SELECT 'person', randomblob(16), 1, randomblob(16), 1, '2000-01-01T00:00:00.000Z', 1, '2999-01-01T00:00:00.000Z',
            'failed' FROM number",
    )
    .execute(&bench.store.writer)
    .await
    .unwrap();
    let looked_at = bench.store.outbox(100).await.unwrap().records;
    let fresh: Vec<_> = looked_at
        .iter()
        .filter(|waiting| waiting.attempts.next_try_at.is_none())
        .map(|waiting| waiting.kind)
        .collect();
    assert_eq!(
        fresh,
        [RecordKind::Person, RecordKind::Patient, RecordKind::Lesion]
    );
    assert_eq!(looked_at.len(), 100);
    // One whose time has come is where it was before it failed.
    sqlx::query("UPDATE outbox SET next_try_at = '2001-01-01T00:00:00.000Z' WHERE record = (SELECT max(record) FROM outbox WHERE urgent)")
        .execute(&bench.store.writer)
        .await
        .unwrap();
    let looked_at = bench.store.outbox(100).await.unwrap().records;
    assert!(looked_at[0].urgent && looked_at[0].attempts.next_try_at.is_some());
}

#[tokio::test]
async fn a_photos_thumbnail_follows_its_derivative_and_originals_come_last() {
    let bench = Bench::new().await;
    let photos = [1_u128, 2].map(|number| PhotoId(Uuid::from_u128(number)));
    let mut write = bench.store.write().await.unwrap();
    for photo in photos {
        let request = AnalysisId(bench.store.clock.new_id());
        write
            .add_photo(&bench.photo(photo), request, PendingReason::NoModel)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    sqlx::query("UPDATE patient SET central_id = 1")
        .execute(&bench.store.writer)
        .await
        .unwrap();
    let waiting = bench.store.outbox(10).await.unwrap().images;
    let order: Vec<_> = waiting.iter().map(|image| (image.photo, image.part)).collect();
    let [first, second] = photos;
    assert_eq!(
        order,
        [
            (first, Derivative),
            (first, Thumbnail),
            (second, Derivative),
            (second, Thumbnail),
            (first, Original),
            (second, Original)
        ]
    );
    for (next_try_at, place) in [("2001-01-01T00:00:00.000Z", 0), ("2999-01-01T00:00:00.000Z", 5)] {
        let mut write = bench.store.write().await.unwrap();
        let failed = Attempts {
            tries: 1,
            next_try_at: Some(next_try_at.to_owned()),
            failure: Some(Failure::Failed),
            reason: None,
        };
        write.note_image_attempt(&waiting[0], &failed).await.unwrap();
        write.commit().await.unwrap();
        let now = bench.store.outbox(10).await.unwrap().images;
        assert_eq!((now[place].photo, now[place].part), order[0]);
    }
    bench.store.close().await;
}

/// The analysis may go once its image has gone. Whoever looks while that happens finds the one or the other: nothing to send would
/// let the program end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_seen_as_it_is_at_one_moment() {
    let bench = Bench::new().await;
    let mut write = bench.store.write().await.unwrap();
    write
        .add_photo(
            &bench.photo(PhotoId(Uuid::from_u128(1))),
            AnalysisId(bench.store.clock.new_id()),
            PendingReason::NoModel,
        )
        .await
        .unwrap();
    write.commit().await.unwrap();
    for sql in [
        "UPDATE patient SET central_id = 1",
        "INSERT INTO outbox (kind, record, version, operation, queued_at)
         SELECT 'analysis', id, 1, randomblob(16), requested_at FROM analysis",
    ] {
        sqlx::query(sql).execute(&bench.store.writer).await.unwrap();
    }
    let confirm = async |which: &str, generation: Option<i64>| {
        sqlx::query(&format!(
            "UPDATE image SET object = 'x', bytes = 1, crc32c = 1, generation = ? WHERE part {which} 'derivative'"
        ))
        .bind(generation)
        .execute(&bench.store.writer)
        .await
        .unwrap();
    };
    confirm("<>", Some(1)).await;
    let coming_and_going = async {
        loop {
            confirm("=", Some(1)).await;
            confirm("=", None).await;
        }
    };
    let looking = async {
        let mut seen = [0, 0];
        while seen.iter().any(|times| *times < 100) {
            let outbox = bench.store.outbox(10).await.unwrap();
            let analysis = outbox
                .records
                .iter()
                .find(|record| record.kind == RecordKind::Analysis);
            let may_go = analysis.unwrap().ready;
            assert_ne!(may_go, !outbox.images.is_empty(), "{outbox:?}");
            seen[usize::from(may_go)] += 1;
        }
    };
    tokio::select! {
        () = coming_and_going => {}
        () = looking => {}
    }
    bench.store.close().await;
}
