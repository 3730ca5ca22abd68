//! Waits for a Space that is being started, or is busy, within limits.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    SpaceDeadlines, SpaceError,
    dialogue::{self, Told},
    wire::Wire,
};
use crate::clock::Clock;

/// How many times longer than the first the longest wait is.
const LONGEST: u32 = 10;

/// Asks, and asks again while the Space says that it is not ready. What it wants to be left alone for is kept to; where that is
/// longer than it may take, its error says it to whoever asks later.
pub(super) async fn ask(
    wire: &Wire,
    deadlines: &SpaceDeadlines,
    derivative: &[u8],
) -> Result<Told, SpaceError> {
    let until = Instant::now() + deadlines.cold;
    let mut tries = 0;
    loop {
        let error = match dialogue::once(wire, derivative).await {
            Err(error) if error.may_pass_soon() => error,
            result => return result,
        };
        let wait = pause(deadlines.look_again, tries, Clock::system().dice())
            .max(error.retry_after().unwrap_or_default());
        if wait > until.saturating_duration_since(Instant::now()) {
            return Err(error);
        }
        sleep(wait).await;
        tries += 1;
    }
}

/// Twice as long each time, and never the same for two workstations: those that wait for one Space must not knock all at once. `chance`
/// is from 0 to 1.
fn pause(first: Duration, tries: u32, chance: f64) -> Duration {
    let longest = first * LONGEST;
    let whole = first.saturating_mul(2_u32.saturating_pow(tries)).min(longest);
    whole.mul_f64(0.5 + chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_is_spread() {
        let millis = |tries, chance| pause(Duration::from_secs(2), tries, chance).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 4, 1_000].map(|tries| millis(tries, 0.5)),
            [2_000, 4_000, 8_000, 16_000, 20_000, 20_000]
        );
        assert_eq!((millis(0, 0.0), millis(0, 1.0)), (1_000, 3_000));
        assert!((0..100).all(|_| (0.0..=1.0).contains(&Clock::system().dice())));
    }
}
