//! What a server remembers of its past, for tests to count.

use jiff::Timestamp;

use super::{Fault, Kind};

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it wanted.
    pub kind: Kind,
    /// HTTP method.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// The object's name, where the request names one.
    pub name: Option<String>,
    /// The bearer token that came with it; none from an anonymous client.
    pub bearer: Option<String>,
    /// E-mail of the known service account that the token stands for: granted by this server, or a JWT that the
    /// account signed itself, which is what the Rust SDK sends.
    pub account: Option<String>,
    /// The fault that it met.
    pub fault: Option<Fault>,
    /// Status of the reply; none while there is no reply, which may be for ever.
    pub status: Option<u16>,
    /// When it arrived, by the server's clock.
    pub at: Timestamp,
}

/// One commit of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Bucket without prefix.
    pub bucket: String,
    /// Name of the object.
    pub name: String,
    /// Its generation, higher than that of every earlier commit.
    pub generation: i64,
    /// CRC-32C of its bytes.
    pub crc32c: u32,
    /// Its size in bytes.
    pub size: u64,
    /// When it was committed, by the server's clock.
    pub at: Timestamp,
    /// When it was deleted or replaced.
    pub gone_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) requests: Vec<Seen>,
    pub(super) stored: Vec<Stored>,
}

impl History {
    /// Notes a commit; what had the name before is gone.
    pub(super) fn store(&mut self, stored: Stored) {
        self.lose(&stored.bucket, &stored.name, stored.at);
        self.stored.push(stored);
    }

    /// Notes that an object is gone.
    pub(super) fn lose(&mut self, bucket: &str, name: &str, at: Timestamp) {
        let there = self.stored.iter_mut().rev();
        let mut same = there.filter(|stored| stored.bucket == bucket && stored.name == name);
        if let Some(last) = same.next() {
            last.gone_at.get_or_insert(at);
        }
    }
}
