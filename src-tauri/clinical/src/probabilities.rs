//! The six classes and the probabilities of one analysis.

use serde::{Deserialize, Serialize};

/// The classes that the classifier tells apart (those of the PAD-UFES-20 data set).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "UPPERCASE")]
pub enum LesionClass {
    /// Actinic keratosis.
    Ack,
    /// Basal cell carcinoma.
    Bcc,
    /// Melanoma.
    Mel,
    /// Naevus.
    Nev,
    /// Squamous cell carcinoma.
    Scc,
    /// Seborrhoeic keratosis.
    Sek,
}
super::words!(LesionClass {
    Ack => "ACK", Bcc => "BCC", Mel => "MEL", Nev => "NEV", Scc => "SCC", Sek => "SEK",
});

/// One class and how probable the classifier found it, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ClassProbability {
    /// The class.
    pub class: LesionClass,
    /// 0 to 1.
    pub probability: f64,
}

/// Six probabilities, one per class, that add up to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probabilities([f64; 6]);

/// What was given is no probability distribution over the six classes.
#[derive(Debug, thiserror::Error)]
#[error("not six probabilities that add up to one: they are outside 0 to 1, not numbers, or add up to {sum}")]
pub struct InvalidProbabilities {
    /// What they add up to.
    pub sum: f64,
}

impl Probabilities {
    /// How far from one the sum may be: a Gradio Space rounds each to 0.01 %, others to 1 %. The last part is what adding them up in
    /// binary takes.
    const TOLERANCE: f64 = 0.01 + 1e-9;

    /// In the order of [`LesionClass::ALL`].
    ///
    /// # Errors
    /// Where one is outside 0 to 1 or they do not add up to 1 ± 0.01.
    pub fn new(in_order: [f64; 6]) -> Result<Self, InvalidProbabilities> {
        let sum: f64 = in_order.iter().sum();
        let each = in_order.iter().all(|p| (0.0..=1.0).contains(p));
        // Written so that a NaN fails.
        if each && (sum - 1.0).abs() <= Self::TOLERANCE {
            Ok(Self(in_order))
        } else {
            Err(InvalidProbabilities { sum })
        }
    }

    /// How probable that class is, 0 to 1.
    pub const fn of(&self, class: LesionClass) -> f64 {
        self.0[class as usize]
    }

    /// The most probable class; of equals, the more worrying.
    pub fn top(&self) -> ClassProbability {
        self.ranked()[0]
    }

    /// All six, most probable first; of equals the more worrying first (MEL, BCC, SCC, ACK, NEV, SEK), so that
    /// a tie between a carcinoma and a naevus is not settled by the alphabet.
    pub fn ranked(&self) -> [ClassProbability; 6] {
        let mut ranked = MOST_WORRYING_FIRST.map(|class| ClassProbability {
            class,
            probability: self.of(class),
        });
        // A stable sort: equals stay in that order.
        ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        ranked
    }
}

const MOST_WORRYING_FIRST: [LesionClass; 6] = [
    LesionClass::Mel,
    LesionClass::Bcc,
    LesionClass::Scc,
    LesionClass::Ack,
    LesionClass::Nev,
    LesionClass::Sek,
];

#[cfg(test)]
mod tests {
    use super::{LesionClass, Probabilities};

    #[test]
    fn only_a_distribution_is_accepted() {
        for good in [
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.2, 0.2, 0.2, 0.2, 0.1, 0.109],
            [0.1, 0.1, 0.1, 0.1, 0.1, 0.491],
        ] {
            assert!(Probabilities::new(good).is_ok(), "{good:?}");
        }
        let nan = f64::NAN;
        for bad in [
            [0.0; 6],
            [0.5, 0.5, 0.5, 0.0, 0.0, 0.0],
            [0.5, 0.48, 0.0, 0.0, 0.0, 0.0],
            [0.5, 0.53, 0.0, 0.0, 0.0, 0.0],
            [1.2, -0.2, 0.0, 0.0, 0.0, 0.0],
            [nan, 1.0, 0.0, 0.0, 0.0, 0.0],
            [f64::INFINITY, 0.0, 0.0, 0.0, 0.0, 0.0],
        ] {
            assert!(Probabilities::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn each_class_has_its_own_place() {
        let probabilities = Probabilities::new([0.01, 0.02, 0.03, 0.04, 0.05, 0.85]).unwrap();
        assert_eq!(
            LesionClass::ALL
                .iter()
                .map(|class| probabilities.of(*class))
                .collect::<Vec<_>>(),
            [0.01, 0.02, 0.03, 0.04, 0.05, 0.85],
        );
        assert_eq!(probabilities.top().class, LesionClass::Sek);
    }

    #[test]
    fn a_tie_goes_to_the_more_worrying_class() {
        let scc_or_nev = Probabilities::new([0.05, 0.05, 0.0, 0.45, 0.45, 0.0]).unwrap();
        assert_eq!(scc_or_nev.top().class, LesionClass::Scc);
        let all = Probabilities::new([1.0 / 6.0; 6]).unwrap();
        assert_eq!(
            all.ranked().map(|each| each.class.as_word()),
            ["MEL", "BCC", "SCC", "ACK", "NEV", "SEK"]
        );
    }
}
