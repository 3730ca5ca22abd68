//! How fast images travel where the line is slow or paid by the byte: a cap in bytes per second over all of them.
//!
//! Records are small and never wait. While images of urgent cases are sent the cap is lifted.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The lowest cap, in kB/s: below it one image of a phone would take more than ten minutes.
pub const SLOWEST: u32 = 8;

/// A cap on a line that several transfers share.
#[derive(Debug)]
pub struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    bytes_per_second: Option<u64>,
    is_lifted: bool,
    /// When what was let through has passed the line.
    free_at: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Self(Mutex::new(State {
            bytes_per_second: None,
            is_lifted: false,
            free_at: Instant::now(),
        }))
    }
}

impl Pace {
    /// Sets the cap for whatever asks from now on, in kB (1,000 bytes) per second; `None` for none.
    pub fn set(&self, kilobytes_per_second: Option<u32>) {
        let mut state = self.state();
        state.bytes_per_second = kilobytes_per_second.map(|rate| u64::from(rate.max(SLOWEST)) * 1000);
        state.free_at = Instant::now();
    }

    /// Lifts the cap, or lets it hold again.
    pub(super) fn lift(&self, is_lifted: bool) {
        let mut state = self.state();
        if state.is_lifted != is_lifted {
            state.is_lifted = is_lifted;
            // What was to go meanwhile was given up.
            state.free_at = Instant::now();
        }
    }

    /// Takes the line for so many bytes, after all that took it before, and says how long to wait for it.
    pub(super) fn reserve(&self, bytes: u64) -> Duration {
        let mut state = self.state();
        let Some(rate) = state.bytes_per_second.filter(|_| !state.is_lifted) else {
            return Duration::ZERO;
        };
        let now = Instant::now();
        let begin = state.free_at.max(now);
        state.free_at = begin + Duration::from_millis(bytes.saturating_mul(1000) / rate);
        begin - now
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_take_their_turn_at_the_rate_that_was_set() {
        let pace = Pace::default();
        assert_eq!(pace.reserve(1_000_000), Duration::ZERO);
        pace.set(Some(100));
        assert_eq!(pace.reserve(200_000), Duration::ZERO);
        assert_eq!(pace.reserve(200_000), Duration::from_secs(2));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(pace.reserve(100_000), Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(
            pace.reserve(100_000),
            Duration::ZERO,
            "an idle line saves nothing up and owes nothing"
        );
        assert_eq!(pace.reserve(100_000), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_urgent_waits_for_no_cap() {
        let pace = Pace::default();
        pace.set(Some(SLOWEST));
        pace.reserve(8_000_000);
        pace.lift(true);
        assert_eq!(pace.reserve(8_000_000), Duration::ZERO);
        assert_eq!(pace.reserve(8_000_000), Duration::ZERO);
        pace.lift(false);
        assert_eq!(pace.reserve(8_000), Duration::ZERO);
        assert_eq!(pace.reserve(8_000), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn no_cap_is_lower_than_the_lowest() {
        let pace = Pace::default();
        pace.set(Some(0));
        pace.reserve(u64::from(SLOWEST) * 1000);
        assert_eq!(pace.reserve(1), Duration::from_secs(1));
    }
}
