//! The change feed: whoever follows it misses nothing and sees nothing twice, however commits land, and cursors that look as good do
//! miss something in the same run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use seekwell_testkit::process::Dice;
use serde_json::json;
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::centre::{Case, Centre, OURS, any, change};

const WRITERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_puller_misses_and_doubles_nothing_and_naive_cursors_do() {
    follows(1_800).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: ten thousand commits"]
async fn a_puller_misses_nothing_of_ten_thousand_commits() {
    follows(10_080).await;
}

/// Eight write at once, and take back one transaction in ten; `commits` is a multiple of 72.
async fn follows(commits: usize) {
    let centre = Arc::new(Centre::new().await);
    // What a table with a serial number would be, filled in the same transactions.
    centre.psql(
        "CREATE TABLE public.serial (n bigserial PRIMARY KEY, record uuid NOT NULL);
         GRANT INSERT ON public.serial TO seekwell_workstation; GRANT USAGE ON SEQUENCE public.serial_n_seq TO seekwell_workstation",
    );
    let (committed, done) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let mut writers = Vec::new();
    for number in 0..WRITERS as u64 {
        let (centre, committed) = (centre.clone(), committed.clone());
        writers.push(tokio::spawn(async move {
            let mut station = centre.station(OURS).await;
            let mut dice = Dice::new(number);
            for at in 0..commits / WRITERS / 9 * 10 {
                let case = Case::new();
                let mut work = station.connection.begin().await.unwrap();
                let early = format!(
                    "INSERT INTO public.serial (record) VALUES ('{}'); SELECT pg_sleep({} / 1000.0)",
                    case.person,
                    dice.below(30)
                );
                any(&mut work, &early).await.unwrap();
                sqlx::query("SELECT api.push($1)")
                    .bind(json!([case.made("person")]))
                    .execute(&mut *work)
                    .await
                    .unwrap();
                if dice.below(3) == 0 {
                    any(&mut work, &format!("SELECT pg_sleep({} / 1000.0)", dice.below(4)))
                        .await
                        .unwrap();
                }
                if at % 10 == 9 {
                    work.rollback().await.unwrap();
                } else {
                    work.commit().await.unwrap();
                    committed.lock().unwrap().push(case.person);
                }
            }
        }));
    }

    let follow = |query: &'static str| {
        let (centre, done) = (centre.clone(), done.clone());
        tokio::spawn(async move {
            let mut admin = centre.admin().await;
            let (mut last, mut seen) = (String::from("0"), BTreeMap::<Uuid, u32>::new());
            loop {
                let at_the_end = done.load(Ordering::SeqCst);
                let rows = sqlx::query(query)
                    .bind(&last)
                    .fetch_all(&mut admin)
                    .await
                    .unwrap();
                for row in &rows {
                    *seen.entry(row.get(0)).or_default() += 1;
                    last = row.get(1);
                }
                if at_the_end && rows.is_empty() {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    };
    let by_serial = follow("SELECT record, n::text FROM public.serial WHERE n > $1::bigint ORDER BY n");
    let by_time = follow(
        "SELECT id, extract(epoch FROM changed_at)::text FROM seekwell.record
         WHERE extract(epoch FROM changed_at) > $1::numeric ORDER BY changed_at",
    );
    let puller = {
        let (centre, done) = (centre.clone(), done.clone());
        tokio::spawn(async move {
            let mut station = centre.station(OURS).await;
            let (mut last, mut seen) = (0, BTreeMap::<Uuid, u32>::new());
            loop {
                let at_the_end = done.load(Ordering::SeqCst);
                let page = station.pull(last, 7).await;
                let changes = page["changes"].as_array().unwrap();
                for change in changes {
                    let sequence = change["sequence"].as_i64().unwrap();
                    assert_eq!(sequence, last + 1, "the feed has a gap or a double");
                    last = sequence;
                    *seen
                        .entry(change["record"].as_str().unwrap().parse().unwrap())
                        .or_default() += 1;
                }
                assert_eq!(page["last"], last);
                assert_eq!(page["more"], page["head"].as_i64().unwrap() > last);
                if at_the_end && changes.is_empty() {
                    return seen;
                }
            }
        })
    };
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);

    let expected: BTreeMap<Uuid, u32> = committed
        .lock()
        .unwrap()
        .iter()
        .map(|record| (*record, 1))
        .collect();
    assert_eq!(expected.len(), commits);
    assert_eq!(puller.await.unwrap(), expected);
    for (cursor, naive) in [
        ("a serial number", by_serial),
        ("the time of the change", by_time),
    ] {
        let seen = naive.await.unwrap();
        let missed = expected
            .keys()
            .filter(|record| !seen.contains_key(record))
            .count();
        println!("a cursor by {cursor} missed {missed} of {}", expected.len());
        assert!(missed > 0, "a cursor by {cursor} should have missed something");
    }
}

#[tokio::test]
async fn a_record_stays_where_it_came_first_and_its_last_change_moves_to_the_end() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let cases: Vec<Case> = (0..3).map(|_| Case::new()).collect();
    let made: Vec<_> = cases.iter().map(|case| case.made("patient")).collect();
    one.push(&made).await;
    for base in 1..4 {
        let phone = json!({"phone": base.to_string()});
        one.put(change("patient", cases[0].patient, base, phone)).await;
    }
    let seen = one.pull_all().await;
    let order: Vec<_> = seen
        .iter()
        .map(|change| (change["record"].clone(), change["sequence"].clone()))
        .collect();
    let expected = [(0, 1), (1, 2), (2, 3), (0, 6)]
        .map(|(case, sequence): (usize, i64)| (json!(cases[case].patient), json!(sequence)));
    assert_eq!(order, expected);
    let revisions: Vec<_> = seen
        .iter()
        .map(|change| change["revision"].as_i64().unwrap())
        .collect();
    assert_eq!(revisions, [4, 1, 1, 4], "its present state in both places");

    let page = one.pull(0, 3).await;
    assert_eq!(
        (&page["last"], &page["more"], &page["head"]),
        (&json!(3), &json!(true), &json!(6))
    );
    for (after, size, expected) in [
        (6, 10, 0),
        (99, 10, 0),
        (-5, 10, 4),
        (0, 0, 1),
        (0, -1, 1),
        (0, i32::MAX, 4),
        (i64::MAX, 1, 0),
    ] {
        let page = one.pull(after, size).await;
        assert_eq!(
            page["changes"].as_array().unwrap().len(),
            expected,
            "after {after}, {size} a page"
        );
    }
}

#[tokio::test]
async fn a_page_of_big_records_ends_early_and_never_empty() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    for _ in 0..30 {
        let big = json!({"full_name": "x", "role": "OFFICIAL", "big": "z".repeat(250_000)});
        one.put(change("person", Case::new().person, 0, big)).await;
    }
    let (mut last, mut pages, mut seen) = (0, 0, 0);
    loop {
        let page = one.pull(last, 1000).await;
        let count = page["changes"].as_array().unwrap().len();
        last = page["last"].as_i64().unwrap();
        (pages, seen) = (pages + 1, seen + count);
        assert!(count > 0 && page.to_string().len() < 5_000_000);
        if page["more"] == false {
            break;
        }
    }
    assert_eq!((pages, seen), (2, 30));
}
