//! Says what a photo of a lesion may show. The port is [`Analyzer`]; behind it stand models that run on this
//! machine ([`OnDevice`]), a server that is asked over the network ([`Space`]), and whatever else can name six probabilities.

mod archive;
mod fixed;
mod folder;
mod framing;
mod labels;
mod manifest;
mod models;
mod network;
mod on_device;
mod preprocessing;
mod space;

use std::time::Duration;

pub use fixed::FixedAnalyzer;
pub use folder::ModelError;
pub use models::{InstalledModel, Listing, Models};
pub use network::Threads;
pub use on_device::OnDevice;
pub use preprocessing::Preprocessing;
pub use space::{Space, SpaceAddress, SpaceDeadlines, SpaceError, SpaceStep};

pub use crate::later::Later;

use crate::clinical::Probabilities;
use crate::clinical::policy::Coverage;
use crate::imaging::worker::Workers;
use crate::imaging::{Refusal, Resample};

/// Something that looks at a photo and gives an opinion.
///
/// What every implementation promises, and `tests/analysis_suite/contract.rs` holds it to:
/// - The opinion is about the bytes that were given and nothing else: the same derivative gets the same
///   probabilities, whatever was analysed before it or is being analysed beside it.
/// - A failure is an error, never an opinion: no made-up probabilities, no missing class.
/// - One photo's failure leaves the analyser as it was; the next photo is not touched by it.
/// - The card says the same for as long as the analyser lives.
/// - A dropped future leaves nothing behind that hinders the next call.
/// - No error carries pixels, names or paths.
pub trait Analyzer: Send + Sync {
    /// Who is asked.
    fn card(&self) -> &ModelCard;

    /// Looks at a derivative (the bytes of a JPEG as `imaging` makes it).
    ///
    /// # Errors
    /// See [`AnalysisError`]; [`AnalysisError::retry`] says whether to ask again.
    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>>;

    /// Gives back what is held only to answer sooner; the next analysis takes it again.
    fn unload(&self) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// What an analyser thinks of one photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Six that add up to one, as exactly as they were said.
    pub probabilities: Probabilities,
    /// From the derivative to the probabilities, without the wait for a turn and the loading of a model.
    pub duration: Duration,
    /// What the one who spoke is called, where that is known only now and says more than the card's name: a server names itself
    /// when it is asked. Recorded in place of that name.
    pub speaker: Option<String>,
}

/// Who gives an opinion, as every result shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCard {
    /// As its manifest or its folder says; the host of a Space.
    pub name: String,
    /// Of `model.onnx`, 64 lower-case hex digits. Empty where nobody on this machine has seen the weights: a Space's.
    pub sha256: String,
    /// Random weights: every result of it is marked as not medical.
    pub demo: bool,
    /// In the order of the model's outputs, spelt as the model spells them.
    pub labels: Vec<String>,
    /// Size of `model.onnx`; 0 where it is elsewhere.
    pub bytes: u64,
    /// Share of right answers as published, 0 to 1; `None` where nobody said.
    pub published_accuracy: Option<f64>,
    /// The kinds of photo that it was trained on.
    pub covers: Coverage,
}

/// Where an analyser gets pixels from: it never decodes a photo itself, because decoders run only where no key
/// is held.
pub trait PixelSource: Send + Sync {
    /// The derivative's pixels, resized to exactly that size whatever its proportions: RGB, 8 bits each, row by
    /// row from the top, `width * height * 3` bytes.
    ///
    /// # Errors
    /// Where the photo can't be decoded.
    fn pixels(
        &self,
        derivative: Vec<u8>,
        width: u32,
        height: u32,
        resample: Resample,
    ) -> Later<'_, Result<Vec<u8>, Refusal>>;
}

impl PixelSource for Workers {
    fn pixels(
        &self,
        derivative: Vec<u8>,
        width: u32,
        height: u32,
        resample: Resample,
    ) -> Later<'_, Result<Vec<u8>, Refusal>> {
        Box::pin(async move { Self::pixels(self, &derivative, width, height, resample).await })
    }
}

/// Whether doing it again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It may work by itself, later.
    Later,
    /// Somebody has to change something first.
    NeedsPerson,
    /// Not with this photo and this analyser.
    Never,
}

/// Why there is no opinion.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The model could not be loaded; a person installs it again or another one.
    #[error("the model can't be used")]
    Model {
        /// What is wrong with it.
        #[source]
        source: ModelError,
    },
    /// The photo gave no pixels.
    #[error("the photo can't be read for analysis")]
    Pixels {
        /// Why.
        #[source]
        source: Refusal,
    },
    /// Pixels came, but not as many as were asked for.
    #[error("the photo was decoded to {found} bytes instead of {expected}")]
    PixelCount {
        /// Width × height × 3.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// The model refused the photo.
    #[error("the model failed on this photo")]
    Inference {
        /// The operator and what it said.
        #[source]
        source: rten::RunError,
    },
    /// The Space gave no answer, or none that is one.
    #[error("the Space gave no opinion")]
    Space {
        /// Why.
        #[source]
        source: SpaceError,
    },
    /// The model's answer is no distribution over the six classes.
    #[error("the model's answer is not six finite numbers")]
    NotAnAnswer,
    /// The code that runs the model broke off.
    #[error("the analysis broke off")]
    BrokeOff {
        /// A panic's place, or that the program is ending.
        #[source]
        source: tokio::task::JoinError,
    },
}

impl AnalysisError {
    /// Whether to ask again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Model { source } => source.retry(),
            Self::Space { source } => source.retry(),
            Self::Pixels { source } if source.may_pass_later() => Retry::Later,
            Self::BrokeOff { source } if source.is_cancelled() => Retry::Later,
            Self::Pixels { .. }
            | Self::PixelCount { .. }
            | Self::Inference { .. }
            | Self::NotAnAnswer
            | Self::BrokeOff { .. } => Retry::Never,
        }
    }
}
