//! What a Space says of a photo, as text: six lines `NAME: 12.34%`, or words that mean that it failed.

use super::SpaceError;
use crate::{analysis::labels::class_of, clinical::Probabilities};

/// How far from 100 the six percentages may add up. (Each is rounded to 0.01, so an honest answer is off by 0.03 at most; other
/// servers round to whole ones.) The last part is what adding them up in binary takes.
const TOLERANCE: f64 = 1.0 + 1e-9;

/// What the SeekWell Space writes, and programs like it, where the six lines would be; in lower case.
const WORDS_OF_FAILURE: [&str; 3] = ["error occurred", "loading failed", "prediction failed"];

/// Reads the six probabilities. Lines that name no class (a heading, advice) are passed over.
///
/// # Errors
/// [`SpaceError::Failed`] where the text says so, even beside six percentages, or names no class at all;
/// [`SpaceError::NotReady`] where it says instead that the model is being loaded; [`SpaceError::NotAnAnswer`] where a class is
/// missing or named twice, or the numbers are no distribution.
pub(super) fn probabilities(text: &str) -> Result<Probabilities, SpaceError> {
    let lower = text.to_lowercase();
    if WORDS_OF_FAILURE.iter().any(|words| lower.contains(words)) {
        return Err(SpaceError::Failed);
    }
    let mut found: [Option<f64>; 6] = [None; 6];
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(':') else {
            continue;
        };
        let Some(class) = class_of(name.trim()) else {
            continue;
        };
        let percent = percent(rest).ok_or(SpaceError::NotAnAnswer {
            what: "a class without a percentage",
        })?;
        if found[class as usize].replace(percent).is_some() {
            return Err(SpaceError::NotAnAnswer {
                what: "a class that is named twice",
            });
        }
    }
    if found.iter().all(Option::is_none) {
        return Err(match lower.contains("loading") {
            true => SpaceError::NotReady { retry_after: None },
            false => SpaceError::Failed,
        });
    }
    let [Some(ack), Some(bcc), Some(mel), Some(nev), Some(scc), Some(sek)] = found else {
        return Err(SpaceError::NotAnAnswer {
            what: "a class is missing",
        });
    };
    let percents = [ack, bcc, mel, nev, scc, sek];
    let sum: f64 = percents.iter().sum();
    let off = (sum - 100.0).abs();
    if off.is_nan() || off > TOLERANCE {
        return Err(SpaceError::NotAnAnswer {
            what: "percentages that do not add up to 100",
        });
    }
    // As they were said: shared out anew, a melanoma at the threshold would fall below it.
    Probabilities::new(percents.map(|percent| percent / 100.0)).map_err(|_| SpaceError::NotAnAnswer {
        what: "a percentage outside 0 to 100",
    })
}

/// `12.34%`, with white space around it and nothing else.
fn percent(text: &str) -> Option<f64> {
    let number = text.trim().strip_suffix('%')?.trim_end();
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinical::LesionClass;

    const GOOD: &str = "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";

    #[test]
    fn six_lines_are_six_probabilities() {
        let read = probabilities(GOOD).unwrap();
        assert!((read.of(LesionClass::Mel) - 0.5039).abs() < 1e-9);
        assert!((read.of(LesionClass::Ack) - 0.0361).abs() < 1e-9);
        // In any order, by any name in use, and rounded.
        let other = "Melanoma: 99.5 %\r\nNEV: 0.1%\r\nSEK: 0.1%\r\nscc: 0.1%\r\nBCC:0.1%\r\nACK: 0.06%";
        let read = probabilities(other).unwrap();
        assert!((read.of(LesionClass::Ack) - 0.0006).abs() < 1e-12);
    }

    fn sum(read: Probabilities) -> f64 {
        LesionClass::ALL.iter().map(|class| read.of(*class)).sum()
    }

    #[test]
    fn percentages_may_be_off_by_one_together_and_stay_what_was_said() {
        for (mel, taken) in [
            ("49.39%", true),
            ("51.39%", true),
            ("49.38%", false),
            ("51.40%", false),
        ] {
            let read = probabilities(&GOOD.replace("50.39%", mel));
            assert_eq!(read.is_ok(), taken, "{mel}");
            assert!(read.is_err() || (sum(read.unwrap()) - 1.0).abs() < 0.0101);
        }
        let whole = "ACK: 1%\nBCC: 1%\nMEL: 30%\nNEV: 66%\nSCC: 1%\nSEK: 2%";
        let at_the_threshold = probabilities(whole).unwrap().of(LesionClass::Mel);
        assert!(at_the_threshold >= 0.3, "{at_the_threshold}");
    }

    #[test]
    fn words_of_failure_are_a_failure() {
        for text in [
            "",
            "An error occurred during prediction: list index out of range",
            "MODEL LOADING FAILED: no such file",
            "MODEL LOADING FAILED",
            "<!DOCTYPE html><html><head><title>Wi-Fi: sign in</title></head></html>",
        ] {
            assert!(matches!(probabilities(text), Err(SpaceError::Failed)), "{text}");
        }
        let beside = format!("{GOOD}\nAn error occurred while saving the heat map.");
        assert_eq!(probabilities(&beside), Err(SpaceError::Failed));
        let loading = probabilities("The model is still loading, please try again.");
        assert!(matches!(loading, Err(SpaceError::NotReady { .. })));
    }

    #[test]
    fn no_distribution_is_no_answer() {
        for (what, text) in [
            ("a class is missing", GOOD.replace("SEK: 5.00%\n", "")),
            ("twice", GOOD.replace("SEK:", "SCC:")),
            ("too much", GOOD.replace("10.00%", "12.00%")),
            ("no percent sign", GOOD.replace("10.00%", "10.00")),
            ("not a number", GOOD.replace("10.00%", "NaN%")),
            ("infinite", GOOD.replace("10.00%", "inf%")),
            (
                "negative",
                GOOD.replace("10.00%", "-10.00%").replace("50.39%", "70.39%"),
            ),
            ("more than all", GOOD.replace("10.00%", "1e3%")),
            ("a failure after results", format!("{GOOD}MEL: failed")),
        ] {
            assert!(
                matches!(probabilities(&text), Err(SpaceError::NotAnAnswer { .. })),
                "{what}"
            );
        }
    }
}
