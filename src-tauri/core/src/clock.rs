//! Now and sleep: the system clock, and a simulated one for tests.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use jiff::Timestamp;
use uuid::Uuid;

/// Where time and time-ordered ids come from.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System,
    Simulated(Mutex<Simulated>),
}

struct Simulated {
    now: Timestamp,
    /// Where the ids' random bits have come to, where they are not the system's.
    dice: Option<u64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands still until it is moved.
    pub fn simulated(start: Timestamp) -> Self {
        Self(Arc::new(Source::Simulated(Mutex::new(Simulated {
            now: start,
            dice: None,
        }))))
    }

    /// The same, and its ids are the same with the same seed.
    pub fn seeded(start: Timestamp, seed: u64) -> Self {
        Self(Arc::new(Source::Simulated(Mutex::new(Simulated {
            now: start,
            dice: Some(seed),
        }))))
    }

    /// This instant, in UTC.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System => Timestamp::now(),
            Source::Simulated(simulated) => held(simulated).now,
        }
    }

    /// Moves a simulated clock; the system clock is left alone.
    pub fn advance(&self, by: jiff::SignedDuration) {
        if let Source::Simulated(simulated) = &*self.0 {
            let mut simulated = held(simulated);
            simulated.now = simulated.now.saturating_add(by).unwrap_or(simulated.now);
        }
    }

    /// A new UUIDv7 of this instant: ids made later sort later, save within one millisecond.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        if let Source::Simulated(simulated) = &*self.0
            && let Some(dice) = &mut held(simulated).dice
        {
            let random: [u8; 10] = std::array::from_fn(|_| throw(dice));
            let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
            return uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        }
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }

    /// A number from 0 to 1 that the next one does not follow from.
    pub fn dice(&self) -> f64 {
        f64::from(self.new_id().as_bytes()[15]) / 255.0
    }
}

/// How long somebody is left alone who failed so often before: two seconds at first, twice as long each time, never longer than
/// `most`. Of that between half and all, by `dice` from 0 to 1, which spreads what failed together.
pub fn wait_after(tries: u32, most: Duration, dice: f64) -> Duration {
    let doublings = i32::try_from(tries.min(30)).unwrap_or(30);
    let seconds = (2.0 * 2_f64.powi(doublings)).min(most.as_secs_f64());
    Duration::from_secs_f64(seconds * (0.5 + dice.clamp(0.0, 1.0) / 2.0))
}

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
fn throw(dice: &mut u64) -> u8 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *dice;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 56).to_le_bytes()[0]
}

fn held(simulated: &Mutex<Simulated>) -> MutexGuard<'_, Simulated> {
    simulated.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As stored: RFC 3339 in UTC with milliseconds, `2026-11-22T02:12:05.120Z`. Sorts as text.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
