//! Making a bucket and looking at it, at the fake storage.

use seekwell_core::sync::{
    bucket::{Aspect, BucketError, Finding, Verdict, check, create},
    gcs::{Access, Credential},
};
use seekwell_testkit::gcs::{FakeGcs, Fault, Order};
use serde_json::json;

use super::site::{BUCKET, access};

const HERE: &str = "asia-southeast1";

fn nobody(gcs: &FakeGcs) -> Access {
    access(gcs.url(), Credential::Anonymous)
}

fn bad(findings: &[Finding]) -> Vec<Aspect> {
    let bad = findings.iter().filter(|finding| finding.verdict == Verdict::Bad);
    bad.map(|finding| finding.aspect).collect()
}

#[tokio::test]
async fn a_bucket_is_made_private_and_making_it_again_changes_nothing() {
    let gcs = FakeGcs::start();
    assert!(matches!(
        check(nobody(&gcs), None).await,
        Err(BucketError::NotThere)
    ));
    let made = create(nobody(&gcs), "seekwell-test", HERE).await.unwrap();
    assert!(made.is_new && made.mended.is_empty(), "{made:?}");
    assert_eq!(bad(&made.findings), []);
    let again = create(nobody(&gcs), "seekwell-test", HERE).await.unwrap();
    assert!(!again.is_new && again.mended.is_empty(), "{again:?}");
    assert_eq!(check(nobody(&gcs), Some(HERE)).await.unwrap(), again.findings);
}

#[tokio::test]
async fn a_bucket_that_is_open_is_told_and_mended() {
    let gcs = FakeGcs::start();
    gcs.make_bucket_of(&json!({
        "name": BUCKET,
        "location": HERE,
        "lifecycle": { "rule": [{ "action": { "type": "Delete" }, "condition": { "age": 9000 } }] },
    }));
    gcs.set_policy(
        BUCKET,
        &json!({ "bindings": [
        { "role": "roles/storage.objectViewer", "members": ["allUsers", "user:a@example.org"] },
        { "role": "roles/storage.legacyBucketReader", "members": ["allAuthenticatedUsers"] },
    ] }),
    );
    let open = [
        Aspect::UniformAccess,
        Aspect::PublicAccessPrevention,
        Aspect::Lifecycle,
        Aspect::Members,
    ];
    assert_eq!(bad(&check(nobody(&gcs), Some(HERE)).await.unwrap()), open);
    let made = create(nobody(&gcs), "seekwell-test", HERE).await.unwrap();
    assert_eq!((made.is_new, &made.mended[..]), (false, &open[..]));
    assert_eq!(bad(&made.findings), []);
    // What else was set stays.
    assert_eq!(
        gcs.policy(BUCKET)["bindings"],
        json!([{ "role": "roles/storage.objectViewer", "members": ["user:a@example.org"] }])
    );
    let rules = gcs.bucket(BUCKET)["lifecycle"]["rule"].clone();
    assert_eq!(rules[0]["action"]["type"], "Delete");
    assert_eq!(rules[1]["action"]["type"], "AbortIncompleteMultipartUpload");
}

#[tokio::test]
async fn a_bucket_elsewhere_stays_there_and_is_told() {
    let gcs = FakeGcs::start();
    gcs.make_bucket(BUCKET);
    let made = create(nobody(&gcs), "seekwell-test", HERE).await.unwrap();
    assert_eq!(made.mended, [Aspect::Lifecycle]);
    assert_eq!(bad(&made.findings), [Aspect::Location]);
}

#[tokio::test]
async fn faults_are_told_and_nothing_is_taken_for_good() {
    let gcs = FakeGcs::start();
    gcs.make_bucket(BUCKET);
    for fault in [
        Fault::CaptivePortal,
        Fault::LoginRedirect,
        Fault::Unavailable,
        Fault::Forbidden,
    ] {
        gcs.order(Order::always(fault));
        let looked = check(nobody(&gcs), None).await;
        assert!(
            matches!(looked, Err(BucketError::Storage(_))),
            "{fault:?}: {looked:?}"
        );
        gcs.clear_orders();
    }
}

#[tokio::test]
async fn a_name_that_belongs_to_somebody_else_is_told() {
    let gcs = FakeGcs::start();
    gcs.make_bucket(BUCKET);
    gcs.order(Order::always(Fault::Forbidden).on([seekwell_testkit::gcs::Kind::BucketGet]));
    let made = create(nobody(&gcs), "seekwell-test", HERE).await;
    assert!(matches!(made, Err(BucketError::Taken)), "{made:?}");
}
