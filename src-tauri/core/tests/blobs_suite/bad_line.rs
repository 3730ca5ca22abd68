//! The real adapter on a line that is slow, stalls, or is gone for a while.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use seekwell_core::sync::{BlobError, Blobs, gcs::Deadlines};
use seekwell_testkit::cutter::{Cutter, Way};
use tokio::task::JoinSet;

use super::{
    JPEG, facts_of, name_of, photo,
    site::{BUCKET, LONGEST_CALL, SHORT, bucket_at, storage},
};

/// Sends `photos` images of `length` bytes at the same time over a line of so many bits per second.
async fn send_over(bits_per_second: u64, deadlines: Deadlines, photos: usize, length: usize) -> Duration {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    cutter.limit(Way::ToServer, Some(bits_per_second));
    let bucket = Arc::new(bucket_at(cutter.url(), deadlines));
    let begun = Instant::now();
    let mut uploads = JoinSet::new();
    for number in 0..photos {
        let bucket = Arc::clone(&bucket);
        uploads.spawn(async move {
            let bytes = photo(number.try_into().unwrap(), length);
            bucket.put(&name_of(number), JPEG, bytes).await.map(drop)
        });
    }
    while let Some(done) = uploads.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(gcs.stored().len(), photos);
    begun.elapsed()
}

/// Moves ten times as fast as a real clinic's line, and is given up ten times as soon.
const TENTH: Deadlines = Deadlines {
    silence: Duration::from_millis(1800),
    question: Duration::from_millis(600),
    slowest: 240_000,
};

#[tokio::test]
async fn a_slow_line_that_moves_is_waited_for() {
    // 1.2 MB at 320 kB/s: 3.7 s, and no silence is allowed to be longer than 2.9 s.
    let took = send_over(2_560_000, TENTH, 1, 1_200_000).await;
    assert!(took > Duration::from_secs(3), "{took:?}");
    // The same, as twelve images that share the line.
    let took = send_over(2_560_000, TENTH, 12, 100_000).await;
    assert!(took > Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
#[ignore = "long: 256 kbit/s and the deadlines of a clinic"]
async fn a_line_of_256_kbit_is_waited_for() {
    for (photos, length) in [(1, 2_000_000), (16, 100_000), (3, 700_000)] {
        let took = send_over(256_000, Deadlines::default(), photos, length).await;
        println!("{photos} × {length} bytes at 256 kbit/s: {took:?}");
    }
}

#[tokio::test]
async fn a_stall_is_noticed_and_the_next_attempt_goes_another_way() {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    let bucket = bucket_at(cutter.url(), SHORT);
    for (number, length) in [40_000, 2_000_000].into_iter().enumerate() {
        let bytes = photo(1, length);
        let name = name_of(number);
        // Some connections are open and known to work.
        bucket.facts(&name).await.unwrap();
        cutter.hold(Way::ToServer);
        let begun = Instant::now();
        let put = bucket.put(&name, JPEG, Arc::clone(&bytes)).await;
        assert!(matches!(put, Err(BlobError::Unreachable { .. })), "{put:?}");
        assert!(begun.elapsed() < LONGEST_CALL, "{:?}", begun.elapsed());
        cutter.heal();
        bucket.put(&name, JPEG, bytes).await.unwrap();
    }
    assert_eq!(gcs.stored().len(), 2);
}

#[tokio::test]
#[ignore = "long: the deadlines of a clinic"]
async fn a_stall_is_noticed_within_half_a_minute() {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    let bucket = bucket_at(cutter.url(), Deadlines::default());
    for (number, length) in [40_000, 262_144, 2_000_000].into_iter().enumerate() {
        cutter.hold(Way::ToClient);
        let begun = Instant::now();
        let put = bucket.put(&name_of(number), JPEG, photo(1, length)).await;
        println!("{length} bytes on a dead line: {:?}", begun.elapsed());
        assert!(put.is_err());
        assert!(begun.elapsed() < Duration::from_secs(37), "{:?}", begun.elapsed());
        cutter.heal();
        bucket
            .put(&name_of(number), JPEG, photo(1, length))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn after_the_network_was_gone_the_first_attempt_succeeds() {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    let bucket = bucket_at(cutter.url(), SHORT);
    let bytes = photo(1, 600_000);
    bucket.put(&name_of(1), JPEG, Arc::clone(&bytes)).await.unwrap();
    cutter.refuse();
    let begun = Instant::now();
    for _ in 0..3 {
        let put = bucket.put(&name_of(2), JPEG, Arc::clone(&bytes)).await;
        assert!(matches!(put, Err(BlobError::Unreachable { .. })), "{put:?}");
    }
    assert!(begun.elapsed() < LONGEST_CALL, "{:?}", begun.elapsed());
    cutter.accept();
    bucket.put(&name_of(2), JPEG, Arc::clone(&bytes)).await.unwrap();
    assert_eq!(bucket.get(&name_of(2), &facts_of(&bytes)).await.unwrap(), *bytes);
}

#[tokio::test]
async fn a_reply_that_is_cut_is_found_out_about() {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    let bucket = bucket_at(cutter.url(), SHORT);
    for number in 0..10 {
        cutter.cut_after(Way::ToClient, 0);
        let put = bucket
            .put(&name_of(number), JPEG, photo(1, 40_000))
            .await
            .unwrap();
        let there = &gcs.objects(BUCKET)[number];
        assert_eq!((there.generation, there.crc32c), (put.generation, put.crc32c));
    }
    assert_eq!(gcs.stored().len(), 10);
}

#[tokio::test]
async fn a_slow_reading_is_waited_for_and_a_stalled_one_is_not() {
    let gcs = storage();
    let cutter = Cutter::before(gcs.address());
    gcs.behind(cutter.address());
    let bucket = bucket_at(cutter.url(), SHORT);
    let bytes = photo(1, 600_000);
    bucket.put(&name_of(1), JPEG, Arc::clone(&bytes)).await.unwrap();
    cutter.limit(Way::ToClient, Some(2_400_000));
    let begun = Instant::now();
    let read = bucket.get(&name_of(1), &facts_of(&bytes)).await.unwrap();
    assert!(read == *bytes && begun.elapsed() > Duration::from_secs(1));
    cutter.limit(Way::ToClient, None);
    cutter.hold(Way::ToClient);
    let begun = Instant::now();
    let read = bucket.get(&name_of(1), &facts_of(&bytes)).await;
    assert!(
        matches!(read, Err(BlobError::Unreachable { .. })),
        "{:?}",
        read.map(drop)
    );
    assert!(begun.elapsed() < LONGEST_CALL);
}
