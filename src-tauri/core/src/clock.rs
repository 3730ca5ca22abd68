//! Now and sleep: the system clock, and a simulated one for tests.

use std::sync::{Arc, Mutex};

pub use jiff::Timestamp;
use uuid::Uuid;

/// Where time and time-ordered ids come from.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System,
    Simulated(Mutex<Timestamp>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands still until it is moved.
    pub fn simulated(start: Timestamp) -> Self {
        Self(Arc::new(Source::Simulated(Mutex::new(start))))
    }

    /// This instant, in UTC.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System => Timestamp::now(),
            Source::Simulated(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a simulated clock; the system clock is left alone.
    pub fn advance(&self, by: jiff::SignedDuration) {
        if let Source::Simulated(at) = &*self.0 {
            let mut at = at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *at = at.saturating_add(by).unwrap_or(*at);
        }
    }

    /// A new UUIDv7 of this instant: ids made later sort later, save within one millisecond.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }
}

/// As stored: RFC 3339 in UTC with milliseconds, `2026-11-22T02:12:05.120Z`. Sorts as text.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
