//! The nouns of the clinic, their ids and words, and the risk policy. No I/O happens here.

mod analysis;
mod id;
mod lesion;
mod note;
mod outline;
mod patient;
mod person;
mod photo;
pub mod policy;
mod probabilities;
mod quality;
pub mod retention;

pub use analysis::{Analysis, AnalysisDone, PendingReason};
pub use id::{AnalysisId, LesionId, NoteId, PatientId, PersonId, PhotoId};
pub use lesion::{BodySite, Lesion, LesionVersion, Side};
pub use note::{Note, NoteVersion};
pub use outline::{Measured, Measurements, Outline, OutlineError, PhotoMeasured, Scale, ScaleError};
pub use patient::{Born, CloudConsent, InvalidBorn, Patient, PatientDraft, PatientVersion, Sex};
pub use person::{NewPerson, Person, Role};
pub use photo::{Dermoscopy, PhotoKind};
pub use policy::{ConfidenceWord, RiskLevel, RiskRule};
pub use probabilities::{ClassProbability, InvalidProbabilities, LesionClass, Probabilities};
pub use quality::{Finding, PhotoQuality, Quality};

/// Implements the stored and spoken form of an enum whose variants are words: `as_word`, `from_word`, `Display`.
macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every variant, in the order in which people list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in the database, in JSON and on the command line.
            pub const fn as_word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant of that word; `None` for any other text.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_word())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| $crate::UnknownWord {
                    expected: Self::ALL.iter().map(|known| known.as_word()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}
use words;

/// A text that is none of the words of an enumeration.
#[derive(Debug, thiserror::Error)]
#[error("expected one of: {expected}")]
pub struct UnknownWord {
    /// The words that would have been right.
    pub expected: String,
}
