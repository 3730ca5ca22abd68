//! Every fault that the fake storage knows, in the middle of uploads: in the end there are as many objects as photos, each
//! made once and whole, and no call took longer than its deadlines.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use seekwell_core::sync::{BlobError, BlobFacts, Blobs};
use seekwell_testkit::gcs::{FakeGcs, Fault, Kind, Order};
use tokio::{task::JoinSet, time::sleep};

use super::{
    JPEG, facts_of, name_of, photo,
    site::{BUCKET, LONGEST_CALL, SHORT, bucket_at, storage},
};

/// One that is sent whole, and one that is sent in three pieces.
const SMALL: usize = 40_000;
const LARGE: usize = 600_000;

/// What a person looks at before it is tried again.
fn needs_a_person(fault: Fault) -> bool {
    matches!(fault, Fault::Unauthorized | Fault::Forbidden)
}

/// Tries as the worker does, and gives what came of it and the errors on the way.
async fn until_it_is_there(
    blobs: &dyn Blobs,
    name: &str,
    bytes: &Arc<Vec<u8>>,
    fault: Fault,
) -> (BlobFacts, Vec<BlobError>) {
    let mut errors = Vec::new();
    loop {
        let begun = Instant::now();
        let put = blobs.put(name, JPEG, Arc::clone(bytes)).await;
        let took = begun.elapsed();
        assert!(took < LONGEST_CALL, "{fault:?}: {took:?}");
        match put {
            Ok(facts) => return (facts, errors),
            Err(error) => {
                assert!(error.passes() || needs_a_person(fault), "{fault:?}: {error}");
                says_nothing(&error, name);
                errors.push(error);
            }
        }
        assert!(errors.len() < 20, "{fault:?}: {errors:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// An error must not tell names, addresses or tokens.
pub(crate) fn says_nothing(error: &BlobError, name: &str) {
    let told = format!("{error} {error:?}");
    let secrets = [
        name,
        "patients",
        BUCKET,
        "http:",
        "127.0.0.1",
        "Goog",
        "Bearer",
        "upload_id",
    ];
    assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
}

fn all_are_there_once(gcs: &FakeGcs, photos: &[(String, Arc<Vec<u8>>)]) {
    let (objects, stored) = (gcs.objects(BUCKET), gcs.stored());
    assert_eq!((objects.len(), stored.len()), (photos.len(), photos.len()));
    for (name, bytes) in photos {
        let object = objects.iter().find(|object| object.name == *name).unwrap();
        let expected = facts_of(bytes);
        assert_eq!((object.crc32c, object.size), (expected.crc32c, expected.bytes));
    }
}

/// Meets `photos` uploads with `fault`, at one of the requests that an upload consists of, and every second one with
/// the same fault again when it asks what came of the first.
async fn meet(fault: Fault, photos: usize) {
    let gcs = storage();
    let bucket = Arc::new(bucket_at(gcs.url(), SHORT));
    let mut uploads = JoinSet::new();
    let mut all = Vec::new();
    for number in 0..photos {
        let length = if number % 2 == 0 { SMALL } else { LARGE };
        let kinds = match number % 4 {
            1 => vec![Kind::ResumableStart],
            3 => vec![Kind::ResumableChunk],
            _ => vec![Kind::UploadMultipart],
        };
        let name = name_of(number);
        gcs.order(Order::next(1, fault).on(kinds).named(name.clone()));
        if number % 3 == 0 {
            gcs.order(Order::next(1, fault).on([Kind::ObjectGet]).named(name.clone()));
        }
        let bytes = photo(number.try_into().unwrap(), length);
        all.push((name.clone(), Arc::clone(&bytes)));
        let bucket = Arc::clone(&bucket);
        uploads.spawn(async move { until_it_is_there(&*bucket, &name, &bytes, fault).await });
        // A few at a time, as the worker sends them.
        if uploads.len() >= 4 {
            uploads.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = uploads.join_next().await {
        done.unwrap();
    }
    // What stood still arrives after all, when nobody waits for it any more.
    gcs.release();
    gcs.until(|gcs| gcs.stalled() == 0).await;
    all_are_there_once(&gcs, &all);
    for (name, bytes) in &all {
        let read = bucket.get(name, &facts_of(bytes)).await.unwrap();
        assert!(read == **bytes);
    }
}

macro_rules! each_fault {
    ($($test:ident: $fault:ident,)*) => {
        const TESTED: &[Fault] = &[$(Fault::$fault),*];
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                meet(Fault::$fault, 10).await;
            }
        )*
    };
}

each_fault! {
    unauthorized: Unauthorized,
    forbidden: Forbidden,
    request_timeout: RequestTimeout,
    too_many_requests: TooManyRequests,
    internal_error: InternalError,
    bad_gateway: BadGateway,
    unavailable: Unavailable,
    reset_before_body: ResetBeforeBody,
    reset_in_body: ResetInBody,
    commit_then_cut: CommitThenCut,
    stall_before_reply: StallBeforeReply,
    stall_in_body: StallInBody,
    stall_after_commit: StallAfterCommit,
    replayed: Replayed,
    flipped_bit: FlippedBit,
    captive_portal: CaptivePortal,
    login_redirect: LoginRedirect,
}

#[test]
fn no_fault_is_forgotten() {
    assert_eq!(TESTED, Fault::ALL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: a hundred uploads with every fault"]
async fn every_fault_a_hundred_times() {
    for fault in Fault::ALL {
        let begun = Instant::now();
        meet(fault, 100).await;
        println!("{fault:?}: 100 photos, {:?}", begun.elapsed());
    }
}

/// Uploads that end at any moment, as when the program is killed, and are begun again by the next start.
async fn kill(uploads: usize) {
    let gcs = storage();
    let mut all = Vec::new();
    for number in 0..uploads {
        let name = name_of(number);
        let bytes = photo(
            number.try_into().unwrap(),
            if number % 2 == 0 { SMALL } else { LARGE },
        );
        let before = bucket_at(gcs.url(), SHORT);
        let put = before.put(&name, JPEG, Arc::clone(&bytes));
        let micros = u64::try_from(number * 377 % 9000).unwrap();
        drop(tokio::time::timeout(Duration::from_micros(micros), put).await);
        drop(before);
        let after = bucket_at(gcs.url(), SHORT);
        let put = after.put(&name, JPEG, Arc::clone(&bytes)).await;
        // The killed one may still be at it.
        if put.is_err() {
            after.put(&name, JPEG, Arc::clone(&bytes)).await.unwrap();
        }
        all.push((name, bytes));
    }
    all_are_there_once(&gcs, &all);
}

#[tokio::test]
async fn killed_uploads_are_made_whole() {
    kill(20).await;
}

#[tokio::test]
#[ignore = "long: two hundred kills"]
async fn two_hundred_killed_uploads_are_made_whole() {
    kill(200).await;
}

#[tokio::test]
async fn faults_are_told_by_what_helps() {
    let gcs = storage();
    let bucket = bucket_at(gcs.url(), SHORT);
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        let name = name_of(number);
        gcs.order(Order::always(fault).named(name.clone()));
        let put = bucket.put(&name, JPEG, photo(1, SMALL)).await;
        let is_right = match fault {
            Fault::Unauthorized | Fault::Forbidden => matches!(put, Err(BlobError::Denied { .. })),
            Fault::TooManyRequests | Fault::InternalError | Fault::Unavailable => {
                matches!(put, Err(BlobError::Busy { .. }))
            }
            // The reply is one to a second request, and the question finds the first one's object.
            Fault::Replayed => put.is_ok(),
            _ => matches!(put, Err(BlobError::Unreachable { .. })),
        };
        assert!(is_right, "{fault:?}: {put:?}");
        gcs.clear_orders();
        gcs.release();
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_for_people() {
    let gcs = FakeGcs::start();
    let bucket = bucket_at(gcs.url(), SHORT);
    for length in [SMALL, LARGE] {
        let put = bucket.put(&name_of(1), JPEG, photo(1, length)).await;
        assert!(matches!(put, Err(BlobError::Refused { .. })), "{put:?}");
    }
    let facts = bucket.facts(&name_of(1)).await;
    assert!(matches!(facts, Err(BlobError::Refused { .. })), "{facts:?}");
    let read = bucket.get(&name_of(1), &facts_of(b"x")).await;
    assert!(matches!(read, Err(BlobError::Refused { .. })), "{read:?}");
}

#[tokio::test]
async fn questions_and_deletions_bear_faults() {
    let gcs = storage();
    let bucket = bucket_at(gcs.url(), SHORT);
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        let name = name_of(number);
        let put = bucket.put(&name, JPEG, photo(1, SMALL)).await.unwrap();
        for kind in [Kind::ObjectGet, Kind::ObjectDelete] {
            gcs.order(Order::next(1, fault).on([kind]));
            let begun = Instant::now();
            let failed = match kind {
                Kind::ObjectGet => bucket.facts(&name).await.err(),
                _ => bucket.delete(&name, put.generation).await.err(),
            };
            assert!(begun.elapsed() < LONGEST_CALL, "{fault:?}");
            if let Some(error) = failed {
                assert!(error.passes() || needs_a_person(fault), "{fault:?}: {error:?}");
                says_nothing(&error, &name);
            }
            gcs.clear_orders();
            gcs.release();
        }
        bucket.delete(&name, put.generation).await.unwrap();
        assert_eq!(bucket.facts(&name).await.unwrap(), None, "{fault:?}");
    }
}
