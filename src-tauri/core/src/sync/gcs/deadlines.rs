//! How long the bucket may be silent.

use std::time::Duration;

/// The deadlines of one bucket. Google's SDK has none of its own for uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Longest silence: until a connection and the first byte of an answer, and between two signs of progress.
    pub silence: Duration,
    /// Within which a question has to be answered that follows an upload of unknown outcome. It is short, because the
    /// upload has waited already, and because the same is asked again with the next attempt.
    pub question: Duration,
    /// The slowest line that is not given up, in bytes per second. Bytes that were handed to the network and not
    /// confirmed yet may take that long.
    pub slowest: u32,
}

impl Default for Deadlines {
    /// A line of 256 kbit/s, less what the protocols need of it, is waited for. A dead one is noticed within 31 s: 15 s of
    /// silence, 11 s for the 256 KiB that can be under way in one upload, and 5 s for the question after it.
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(15),
            question: Duration::from_secs(5),
            slowest: 24_000,
        }
    }
}

impl Deadlines {
    /// How long this many bytes take on the slowest line.
    pub(super) fn passage(&self, bytes: u64) -> Duration {
        Duration::from_millis(bytes.saturating_mul(1000) / u64::from(self.slowest.max(1)))
    }
}
