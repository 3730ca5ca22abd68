//! What the port promises, over every implementation.

use std::{sync::Arc, time::Duration};

use seekwell_core::sync::{BlobError, BlobFacts, Blobs, gcs::Deadlines};
use tokio::time::timeout;

use super::{
    JPEG, facts_of,
    memory::MemoryBlobs,
    name_of, photo,
    site::{bucket_at, bucket_for, storage},
};

/// Lengths around the size from which an upload is sent in pieces.
const LENGTHS: [usize; 7] = [0, 1, 100_000, 262_143, 262_144, 262_145, 1_000_003];

async fn holds(blobs: &dyn Blobs) {
    what_is_put_is_there(blobs).await;
    the_same_again_changes_nothing(blobs).await;
    other_bytes_are_refused(blobs).await;
    what_is_not_there_is_missing(blobs).await;
    what_is_not_expected_is_not_read(blobs).await;
    a_deletion_is_of_one_generation(blobs).await;
    many_at_once_make_one(blobs).await;
    a_call_that_is_given_up_can_be_made_again(blobs).await;
}

async fn what_is_put_is_there(blobs: &dyn Blobs) {
    for (number, length) in LENGTHS.into_iter().enumerate() {
        let name = name_of(number);
        let bytes = photo(1, length);
        let put = blobs.put(&name, JPEG, Arc::clone(&bytes)).await.unwrap();
        assert_eq!(without_generation(&put), facts_of(&bytes), "{length}");
        assert_eq!(blobs.facts(&name).await.unwrap().as_ref(), Some(&put));
        assert_eq!(blobs.get(&name, &put).await.unwrap(), *bytes);
    }
    // Ours are digits and dashes; the SDK signs no right URL for a name with a percent sign or with dots for a segment.
    for name in ["a b", "bệnh án/á+&=?#.jpg"] {
        let bytes = photo(2, 1000);
        let put = blobs.put(name, JPEG, Arc::clone(&bytes)).await.unwrap();
        assert_eq!(blobs.facts(name).await.unwrap().as_ref(), Some(&put), "{name}");
        assert_eq!(blobs.get(name, &put).await.unwrap(), *bytes, "{name}");
    }
}

async fn the_same_again_changes_nothing(blobs: &dyn Blobs) {
    for (number, length) in [(20, 5000), (21, 600_000)] {
        let name = name_of(number);
        let first = blobs.put(&name, JPEG, photo(3, length)).await.unwrap();
        let second = blobs.put(&name, JPEG, photo(3, length)).await.unwrap();
        assert_eq!(first, second);
    }
}

async fn other_bytes_are_refused(blobs: &dyn Blobs) {
    let name = name_of(30);
    let first = blobs.put(&name, JPEG, photo(4, 5000)).await.unwrap();
    for other in [photo(5, 5000), photo(4, 4999), photo(5, 600_000)] {
        let refused = blobs.put(&name, JPEG, other).await;
        assert!(matches!(refused, Err(BlobError::Different)), "{refused:?}");
    }
    assert_eq!(blobs.facts(&name).await.unwrap().unwrap(), first);
    assert_eq!(blobs.get(&name, &first).await.unwrap(), *photo(4, 5000));
}

async fn what_is_not_there_is_missing(blobs: &dyn Blobs) {
    let name = name_of(40);
    assert_eq!(blobs.facts(&name).await.unwrap(), None);
    let read = blobs.get(&name, &facts_of(b"x")).await;
    assert!(matches!(read, Err(BlobError::Missing)), "{read:?}");
    blobs.delete(&name, 7).await.unwrap();
}

async fn what_is_not_expected_is_not_read(blobs: &dyn Blobs) {
    let name = name_of(50);
    let put = blobs.put(&name, JPEG, photo(6, 9000)).await.unwrap();
    let shorter = facts_of(&photo(6, 8999));
    let longer = facts_of(&photo(6, 9001));
    let other = facts_of(&photo(7, 9000));
    for expected in [shorter, longer, other] {
        let read = blobs.get(&name, &expected).await;
        assert!(matches!(read, Err(BlobError::Different)), "{read:?}");
    }
    // The same bytes under another generation are the same image.
    let moved = BlobFacts { generation: 1, ..put };
    assert_eq!(blobs.get(&name, &moved).await.unwrap(), *photo(6, 9000));
}

async fn a_deletion_is_of_one_generation(blobs: &dyn Blobs) {
    let name = name_of(60);
    let first = blobs.put(&name, JPEG, photo(8, 3000)).await.unwrap();
    let refused = blobs.delete(&name, first.generation + 1).await;
    assert!(matches!(refused, Err(BlobError::Different)), "{refused:?}");
    assert_eq!(blobs.facts(&name).await.unwrap().as_ref(), Some(&first));
    blobs.delete(&name, first.generation).await.unwrap();
    assert_eq!(blobs.facts(&name).await.unwrap(), None);
    blobs.delete(&name, first.generation).await.unwrap();
    let second = blobs.put(&name, JPEG, photo(9, 3000)).await.unwrap();
    assert!(second.generation > first.generation);
    let refused = blobs.delete(&name, first.generation).await;
    assert!(matches!(refused, Err(BlobError::Different)), "{refused:?}");
}

async fn many_at_once_make_one(blobs: &dyn Blobs) {
    for (number, length) in [(70, 20_000), (71, 700_000)] {
        let name = name_of(number);
        let bytes = photo(10, length);
        let put = || blobs.put(&name, JPEG, Arc::clone(&bytes));
        let (a, b, c, d) = tokio::join!(put(), put(), put(), put());
        let made = a.unwrap();
        assert!([b, c, d].into_iter().all(|other| other.unwrap() == made));
    }
}

async fn a_call_that_is_given_up_can_be_made_again(blobs: &dyn Blobs) {
    let name = name_of(80);
    let bytes = photo(11, 600_000);
    for micros in [1, 500, 1000, 2000, 4000, 8000] {
        let call = blobs.put(&name, JPEG, Arc::clone(&bytes));
        drop(timeout(Duration::from_micros(micros), call).await);
    }
    let put = blobs.put(&name, JPEG, Arc::clone(&bytes)).await.unwrap();
    assert_eq!(blobs.get(&name, &put).await.unwrap(), *bytes);
}

fn without_generation(facts: &BlobFacts) -> BlobFacts {
    BlobFacts {
        generation: 0,
        ..facts.clone()
    }
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    holds(&MemoryBlobs::default()).await;
}

#[tokio::test]
async fn the_bucket_keeps_the_contract_for_nobody() {
    let gcs = storage();
    holds(&bucket_at(gcs.url(), Deadlines::default())).await;
}

#[tokio::test]
async fn the_bucket_keeps_the_contract_for_a_service_account() {
    let gcs = storage();
    let account = gcs.service_account("workstation");
    holds(&bucket_for(&gcs, &account)).await;
    let named = gcs.requests().into_iter().filter(|seen| seen.bearer.is_some());
    assert!(named.count() > 50);
}
