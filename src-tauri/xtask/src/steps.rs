//! Steps of a task: each is named and timed, and one that fails does not hide the others.

use std::time::{Duration, Instant};

use crate::workspace::Outcome;

/// The steps that were taken so far and how each went.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// Takes one step; whether it worked is also kept for the report.
    pub(crate) fn take(&mut self, name: &str, step: impl FnOnce() -> Outcome) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = step();
        let took = start.elapsed();
        match &outcome {
            Ok(()) => println!("== {name}: passed in {}", seconds(took)),
            Err(reason) => println!("== {name}: FAILED in {}: {reason}", seconds(took)),
        }
        let worked = outcome.is_ok();
        self.taken.push((name.to_owned(), took, outcome));
        worked
    }

    /// Prints every step with its time, and the count as the last line.
    ///
    /// # Errors
    /// When any step failed; the count is the message then.
    pub(crate) fn report(&self) -> Outcome {
        println!();
        for (name, took, outcome) in &self.taken {
            let word = if outcome.is_ok() { "passed" } else { "FAILED" };
            println!("{:>8}  {word}  {name}", seconds(*took));
            if let Err(reason) = outcome {
                println!(
                    "                  {}",
                    reason.replace('\n', "\n                  ")
                );
            }
        }
        let failed = self
            .taken
            .iter()
            .filter(|(_, _, outcome)| outcome.is_err())
            .count();
        println!("{} passed, {failed} failed", self.taken.len() - failed);
        if failed == 0 { Ok(()) } else { Err(String::new()) }
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_does_not_hide_the_others_and_is_not_lost() {
        let mut steps = Steps::default();
        assert!(!steps.take("first", || Err("broken".into())));
        let mut ran = false;
        assert!(steps.take("second", || {
            ran = true;
            Ok(())
        }));
        assert!(ran);
        assert!(steps.report().is_err());
    }
}
