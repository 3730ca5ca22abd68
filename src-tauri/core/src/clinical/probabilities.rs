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
    /// How far from one the sum may be: a Gradio Space rounds each to 0.01 %.
    const TOLERANCE: f64 = 0.01;

    /// In the order of [`LesionClass::ALL`].
    ///
    /// # Errors
    /// Where one is outside 0 to 1 or they do not add up to 1 ± 0.01.
    pub fn new(in_order: [f64; 6]) -> Result<Self, InvalidProbabilities> {
        let sum: f64 = in_order.iter().sum();
        let each = in_order.iter().all(|p| (0.0..=1.0).contains(p));
        // Written so that a NaN fails.
        if each && (sum - 1.0).abs() <= Self::TOLERANCE { Ok(Self(in_order)) } else { Err(InvalidProbabilities { sum }) }
    }

    /// How probable that class is, 0 to 1.
    pub const fn of(&self, class: LesionClass) -> f64 {
        self.0[class as usize]
    }

    /// The most probable class; of equals, the first in alphabetical order.
    pub fn top(&self) -> ClassProbability {
        self.ranked()[0]
    }

    /// All six, most probable first; equals in alphabetical order.
    pub fn ranked(&self) -> [ClassProbability; 6] {
        let mut ranked =
            [0, 1, 2, 3, 4, 5].map(|i| ClassProbability { class: LesionClass::ALL[i], probability: self.0[i] });
        ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        ranked
    }
}
