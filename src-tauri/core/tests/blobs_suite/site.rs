//! Where the tests of the real adapter take place: a fake storage, and buckets opened at it with short deadlines.

use std::time::Duration;

use seekwell_core::sync::gcs::{Access, Bucket, Credential, Deadlines};
use seekwell_testkit::gcs::{FakeGcs, ServiceAccount};

pub(crate) const BUCKET: &str = "clinic-images";

/// Deadlines of a fast and near server.
pub(crate) const SHORT: Deadlines = Deadlines {
    silence: Duration::from_millis(500),
    question: Duration::from_millis(300),
    slowest: 4_000_000,
};

/// The longest that a call may take with [`SHORT`] deadlines: a silence, a piece on its way, a question, and two cores that
/// others use too.
pub(crate) const LONGEST_CALL: Duration = Duration::from_millis(2500);

pub(crate) fn storage() -> FakeGcs {
    let gcs = FakeGcs::start();
    gcs.make_bucket(BUCKET);
    gcs
}

pub(crate) fn access(endpoint: String, credential: Credential) -> Access {
    Access {
        bucket: BUCKET.to_owned(),
        credential,
        endpoint: Some(endpoint),
    }
}

/// The bucket behind an address, for somebody without a name.
pub(crate) fn bucket_at(endpoint: String, deadlines: Deadlines) -> Bucket {
    Bucket::new(access(endpoint, Credential::Anonymous), deadlines).unwrap()
}

/// The bucket for a service account.
pub(crate) fn bucket_for(gcs: &FakeGcs, account: &ServiceAccount) -> Bucket {
    let key = account.key_file().to_owned().into();
    Bucket::new(access(gcs.url(), Credential::ServiceAccount(key)), SHORT).unwrap()
}
