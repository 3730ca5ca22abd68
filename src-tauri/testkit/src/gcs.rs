//! A Google Cloud Storage that lives in this process: Google's published JSON API over real HTTP on loopback, as far
//! as the Rust SDK, `rclone` and a plain client touch it, with faults on order.
//!
//! What it promises: an object is there or not, never half; preconditions and checksums are checked in one step with
//! the commit; generations only grow; and every commit is in [`FakeGcs::stored`], also what was later deleted or
//! overwritten, so that a test can count what its client really did.
//!
//! What it leaves out: access control beyond [`Terms`], object versioning and soft deletion, composition and copies
//! on the server, and gRPC (the Rust SDK's `StorageControl`).

mod account;
mod bucket;
mod conditions;
mod connection;
mod draft;
mod fault;
mod history;
mod inbound;
mod kind;
mod listing;
mod media;
mod multipart;
mod object;
mod reply;
mod request;
mod resumable;
mod route;
mod serve;
mod signed;
mod state;
mod token;
mod upload;

pub use account::ServiceAccount;
pub use fault::{Fault, Order};
pub use history::{Seen, Stored};
pub use kind::Kind;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::aside::Aside;
use request::Query;
use state::Shared;

/// What a server is like; [`Terms::default`] suits most tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Whether objects' bytes are kept. Without them only sizes and checksums are, for benchmarks; reading an object
    /// then answers 501.
    pub keep_bytes: bool,
    /// Whether an upload without a precondition may replace an object. In Google's terms: whether callers have
    /// `storage.objects.delete`, which replacing needs. Without it such an upload is refused with 403.
    pub overwrite: bool,
    /// Whether objects may be deleted; 403 otherwise.
    pub delete: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            port: 0,
            keep_bytes: true,
            overwrite: false,
            delete: true,
        }
    }
}

/// A running server; dropping it stops it.
pub struct FakeGcs {
    shared: Arc<Shared>,
    address: SocketAddr,
    _server: Aside,
}

impl FakeGcs {
    /// A server without buckets, on a free port.
    pub fn start() -> Self {
        Self::with(Terms::default())
    }

    /// A server on these terms.
    pub fn with(terms: Terms) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, terms.port)).expect("a port on loopback");
        listener
            .set_nonblocking(true)
            .expect("a listener that can be polled");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared::new(terms, address));
        let served = Arc::clone(&shared);
        Self {
            shared,
            address,
            _server: Aside::run("fake-gcs", move || serve::serve(listener, served)),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint for `Storage::builder().with_endpoint`, `STORAGE_EMULATOR_HOST` or `rclone --gcs-endpoint`
    /// (which wants `/storage/v1/` after it): `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says that clients reach the server at `address`, that of a proxy before it such as a
    /// [`Cutter`](crate::cutter::Cutter). There the links of objects lead, and there clients that do not say at which
    /// port they know the server, as Google's Rust SDK, go on with an upload that they began. Without this it is the
    /// server's own address.
    pub fn behind(&self, address: SocketAddr) {
        self.shared.know_as(address);
    }

    /// Makes a private bucket, as `central bucket --create` does: uniform access, no public access.
    ///
    /// # Panics
    /// If there is one of that name already.
    pub fn make_bucket(&self, name: &str) {
        let now = self.shared.now();
        let made = self.shared.change(|state| {
            let iam = serde_json::json!({
                "uniformBucketLevelAccess": { "enabled": true },
                "publicAccessPrevention": "enforced",
            });
            let wanted = serde_json::json!({ "name": name, "iamConfiguration": iam });
            state.store.insert_bucket(&wanted, now).map(|_| ())
        });
        assert!(made.is_ok(), "the bucket {name} is there already");
    }

    /// Makes a bucket as an insert with this body would, which may leave it open to everybody.
    ///
    /// # Panics
    /// If there can be no such bucket.
    pub fn make_bucket_of(&self, wanted: &Value) {
        let now = self.shared.now();
        let made = self
            .shared
            .change(|state| state.store.insert_bucket(wanted, now).map(|_| ()));
        assert!(made.is_ok(), "no such bucket can be made");
    }

    /// A bucket's resource, as the API shows it; null where there is none.
    pub fn bucket(&self, name: &str) -> Value {
        let found = self
            .shared
            .read(|state| state.store.get_bucket(name, &Query::default()));
        found.unwrap_or_default()
    }

    /// A bucket's access list, as the API shows it; null where there is no such bucket.
    pub fn policy(&self, bucket: &str) -> Value {
        self.shared
            .read(|state| state.store.policy(bucket))
            .unwrap_or_default()
    }

    /// Sets a bucket's access list.
    ///
    /// # Panics
    /// If there is no such bucket, or it does not take it.
    pub fn set_policy(&self, bucket: &str, policy: &Value) {
        let set = self
            .shared
            .change(|state| state.store.set_policy(bucket, policy).map(|_| ()));
        assert!(set.is_ok(), "the bucket {bucket} does not take this access list");
    }

    /// Makes a service account with a fresh key whose tokens come from this server, which from now on knows it and
    /// verifies its signed URLs, its requests for tokens and its bearer tokens.
    pub fn service_account(&self, name: &str) -> ServiceAccount {
        let account = ServiceAccount::generate(name, &format!("{}/token", self.url()));
        self.trust(&account);
        account
    }

    /// Lets the server verify what this account signs. From the first such account on, a signed URL of an account
    /// that it does not know is refused; before, only the form of a signature and its time are checked.
    pub fn trust(&self, account: &ServiceAccount) {
        self.shared.change(|state| {
            let key = account.public_key().to_owned();
            state.accounts.insert(account.email().to_owned(), key);
        });
    }

    /// Takes the time from `clock` from now on: times of objects, expiry of signed URLs and tokens.
    pub fn set_clock(&self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) {
        self.shared.set_clock(Box::new(clock));
    }

    /// Adds an order; orders are looked at in the sequence in which they were given, and the first that fits wins.
    pub fn order(&self, order: Order) {
        self.shared.change(|state| state.orders.push(order.armed()));
    }

    /// Forgets every order. What is stalled stays so.
    pub fn clear_orders(&self) {
        self.shared.change(|state| state.orders.clear());
    }

    /// How many faults are still to come from orders of a fixed number.
    pub fn faults_left(&self) -> u64 {
        self.shared
            .read(|state| state.orders.iter().map(fault::Armed::left).sum())
    }

    /// Lets every request go on that stands still now.
    pub fn release(&self) {
        self.shared.release();
    }

    /// How many requests stand still on order. One whose client gave up counts until [`FakeGcs::release`].
    pub fn stalled(&self) -> usize {
        self.shared.read(|state| state.stalled)
    }

    /// Every request since the start, in the order of arrival.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.read(|state| state.history.requests.clone())
    }

    /// How many requests of a kind arrived since the start.
    pub fn count(&self, kind: Kind) -> usize {
        self.shared.read(|state| {
            state
                .history
                .requests
                .iter()
                .filter(|seen| seen.kind == kind)
                .count()
        })
    }

    /// Every commit of an object since the start, in order, also of what is gone.
    pub fn stored(&self) -> Vec<Stored> {
        self.shared.read(|state| state.history.stored.clone())
    }

    /// The objects that are there, by name.
    pub fn objects(&self, bucket: &str) -> Vec<Stored> {
        self.shared.read(|state| {
            let mut there: Vec<Stored> = state.history.stored.clone();
            there.retain(|stored| stored.bucket == bucket && stored.gone_at.is_none());
            there.sort_by(|one, other| one.name.cmp(&other.name));
            there
        })
    }

    /// The bytes of an object; `None` where there is no such object or bytes are not kept.
    pub fn contents(&self, bucket: &str, name: &str) -> Option<Bytes> {
        self.shared
            .read(|state| state.store.object(bucket, name).ok()?.bytes.clone())
    }

    /// Returns once `condition` holds. It is asked at once and again after every change at the server: a request that
    /// arrives or is answered, a commit, a stall. It must not call back into a lock that the caller holds.
    pub async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let mut changes = self.shared.changes();
        while !condition(self) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl fmt::Debug for FakeGcs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FakeGcs")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
