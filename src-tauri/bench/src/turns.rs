//! Taking turns: what slows the machine down for a while slows everybody down, and the median forgets it.

use std::time::{Duration, Instant};

use crate::program::Outcome;

/// One that is measured: each call is one turn and gives its time in milliseconds.
pub(crate) type Turn<'a> = Box<dyn FnMut() -> Outcome<f64> + 'a>;

/// Between turns, so that threads which still spin after one do not share the next one's processor.
const PAUSE: Duration = Duration::from_millis(20);

/// Lets each take `rounds` turns, one after the other, after `warm_up` that do not count, and gives their medians. Who
/// begins changes from round to round.
pub(crate) fn alternate(warm_up: usize, rounds: usize, contestants: &mut [Turn<'_>]) -> Outcome<Vec<f64>> {
    let mut times = vec![Vec::new(); contestants.len()];
    for round in 0..warm_up + rounds {
        for place in 0..contestants.len() {
            let whose = (place + round) % contestants.len();
            std::thread::sleep(PAUSE);
            let time = contestants[whose]()?;
            if round >= warm_up {
                times[whose].push(time);
            }
        }
    }
    Ok(times.iter().map(|times| median(times)).collect())
}

/// The middle one, or halfway between the middle two; NaN of none.
pub(crate) fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// Since then, in milliseconds.
pub(crate) fn milliseconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), 3.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn turns_are_taken_evenly_and_the_first_do_not_count() {
        let counter = std::cell::Cell::new(0.0);
        let turn = || -> Turn<'_> {
            Box::new(|| {
                counter.set(counter.get() + 1.0);
                Ok(counter.get())
            })
        };
        // Round 0 is a warm-up (1, 2), round 1 begins with the second (3), then the first (4).
        assert_eq!(alternate(1, 1, &mut [turn(), turn()]).unwrap(), [4.0, 3.0]);
    }
}
