//! Reading an image that is not on this machine: signed URLs, what they are good for, and what goes wrong.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use seekwell_core::sync::{BlobError, Blobs, gcs::Bucket};
use seekwell_testkit::gcs::{FakeGcs, Fault, Kind, Order, ServiceAccount};

use super::{
    JPEG, facts_of,
    faults::says_nothing,
    name_of, photo,
    site::{LONGEST_CALL, SHORT, bucket_at, bucket_for, storage},
};

const NAME: &str = "patients/7/analyses/0_20261125_093000.jpg";

#[expect(
    clippy::disallowed_methods,
    reason = "the SDK signs by the system's clock, and so the server has to go by it"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn with_a_photo() -> (FakeGcs, ServiceAccount, Bucket) {
    let gcs = storage();
    let account = gcs.service_account("workstation");
    let bucket = bucket_for(&gcs, &account);
    bucket.put(NAME, JPEG, photo(1, 100_000)).await.unwrap();
    (gcs, account, bucket)
}

#[tokio::test]
async fn an_image_is_read_by_a_url_that_lives_for_five_minutes() {
    let (gcs, _, bucket) = with_a_photo().await;
    let expected = facts_of(&photo(1, 100_000));
    assert_eq!(bucket.get(NAME, &expected).await.unwrap(), *photo(1, 100_000));
    assert_eq!((gcs.count(Kind::SignedGet), gcs.count(Kind::ObjectMedia)), (1, 0));
    let requests = gcs.requests();
    let seen = requests.iter().find(|seen| seen.kind == Kind::SignedGet).unwrap();
    assert_eq!((seen.status, &seen.bearer), (Some(200), &None));
    assert!(seen.target.contains("X-Goog-Expires=300"));
    assert_eq!(seen.method, "GET");
    // Each reading has its own.
    bucket.get(NAME, &expected).await.unwrap();
    assert_eq!(gcs.count(Kind::SignedGet), 2);
    // Nothing was asked of anybody for a token or a signature.
    assert_eq!(gcs.count(Kind::Token), 0);
}

#[tokio::test]
async fn who_can_t_sign_reads_with_a_token_or_none() {
    let gcs = storage();
    let bucket = bucket_at(gcs.url(), SHORT);
    bucket.put(NAME, JPEG, photo(1, 5000)).await.unwrap();
    let read = bucket.get(NAME, &facts_of(&photo(1, 5000))).await.unwrap();
    assert_eq!(read, *photo(1, 5000));
    assert_eq!((gcs.count(Kind::SignedGet), gcs.count(Kind::ObjectMedia)), (0, 1));
}

#[tokio::test]
async fn a_key_that_the_storage_does_not_know_is_denied() {
    let (gcs, _, _) = with_a_photo().await;
    let stranger = ServiceAccount::generate("stranger", &format!("{}/token", gcs.url()));
    let bucket = bucket_for(&gcs, &stranger);
    let read = bucket.get(NAME, &facts_of(&photo(1, 100_000))).await;
    assert!(matches!(read, Err(BlobError::Denied { .. })), "{read:?}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named() {
    let (gcs, _, bucket) = with_a_photo().await;
    for hours in [-2, 2] {
        gcs.set_clock(move || now() + SignedDuration::from_hours(hours));
        let read = bucket.get(NAME, &facts_of(&photo(1, 100_000))).await;
        let Err(BlobError::Denied { what }) = read else {
            panic!("{hours}: {read:?}");
        };
        assert!(what.contains("clock"), "{what}");
    }
}

#[tokio::test]
async fn readings_bear_every_fault() {
    let (gcs, account, _) = with_a_photo().await;
    let bytes = photo(1, 100_000);
    let expected = facts_of(&bytes);
    for (kind, bucket) in [
        (Kind::SignedGet, bucket_for(&gcs, &account)),
        (Kind::ObjectMedia, bucket_at(gcs.url(), SHORT)),
    ] {
        for fault in Fault::ALL {
            // Twice, since one refused token is nothing: another is made.
            gcs.order(Order::next(2, fault).on([kind]));
            let begun = Instant::now();
            let read = bucket.get(NAME, &expected).await;
            assert!(begun.elapsed() < LONGEST_CALL, "{fault:?}");
            let is_right = match fault {
                Fault::Unauthorized | Fault::Forbidden => matches!(read, Err(BlobError::Denied { .. })),
                Fault::TooManyRequests | Fault::InternalError | Fault::Unavailable => {
                    matches!(read, Err(BlobError::Busy { .. }))
                }
                // Asked twice, a reading is answered twice.
                Fault::Replayed => read.as_ref().is_ok_and(|read| *read == *bytes),
                _ => matches!(read, Err(BlobError::Unreachable { .. })),
            };
            assert!(is_right, "{kind:?} {fault:?}: {:?}", read.map(drop));
            if let Err(error) = read {
                says_nothing(&error, NAME);
            }
            gcs.clear_orders();
            gcs.release();
            let read = bucket.get(NAME, &expected).await.unwrap();
            assert!(read == *bytes, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_became_old_is_made_anew() {
    let (gcs, _, bucket) = with_a_photo().await;
    for kind in [
        Kind::UploadMultipart,
        Kind::ResumableStart,
        Kind::ObjectGet,
        Kind::ObjectDelete,
    ] {
        gcs.order(Order::next(1, Fault::Unauthorized).on([kind]));
    }
    let small = bucket.put(&name_of(1), JPEG, photo(2, 5000)).await.unwrap();
    bucket.put(&name_of(2), JPEG, photo(3, 500_000)).await.unwrap();
    bucket.facts(&name_of(1)).await.unwrap().unwrap();
    bucket.delete(&name_of(1), small.generation).await.unwrap();
    assert_eq!(gcs.faults_left(), 0);
}
