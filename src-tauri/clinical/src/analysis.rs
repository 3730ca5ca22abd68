//! What was said about a photo: done, or still to come.

use serde::{Deserialize, Serialize};

use super::{AnalysisId, ClassProbability, ConfidenceWord, LesionClass, RiskLevel, RiskRule};

/// The analysis of one photo as the history shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "state", rename_all = "lowercase")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every analysis is done, and a page holds a hundred"
)]
pub enum Analysis {
    /// The photo is kept and waits.
    Pending {
        /// The analysis' id, which it keeps when it is done.
        id: AnalysisId,
        /// What it waits for.
        reason: PendingReason,
    },
    /// An analyser spoke; nothing changes it any more.
    Done(AnalysisDone),
}

/// What a pending analysis waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum PendingReason {
    /// No model is installed, and there is no Space to ask.
    NoModel,
    /// Only the Space could be asked, and the patient has not agreed to that.
    NoConsent,
    /// Its turn.
    Queued,
    /// The last try failed; it is tried again.
    Failed,
    /// The Space can't be reached; it is tried again.
    SpaceUnreachable,
}

/// What an analyser said, and the risk policy's verdict on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct AnalysisDone {
    /// Local key, the central key too.
    pub id: AnalysisId,
    /// The policy's verdict.
    pub risk: RiskLevel,
    /// The rule that gave it.
    pub rule: RiskRule,
    /// The most probable class.
    pub top_class: LesionClass,
    /// Six, most probable first.
    pub probabilities: Vec<ClassProbability>,
    /// The top class' probability, 0 to 1.
    pub confidence: f64,
    /// The same as a word.
    pub confidence_word: ConfidenceWord,
    /// Whether a professional should look at it.
    pub review: bool,
    /// Within how many days to see the patient again.
    pub follow_up_days: u16,
    /// The same as a date, counted from the day of the analysis, YYYY-MM-DD.
    pub follow_up_by: String,
    /// As its folder or manifest says; a Space's own id and its host.
    pub model_name: String,
    /// Of `model.onnx`, 64 hex digits; empty where nobody saw the weights, as a Space's.
    pub model_sha256: String,
    /// A model with random weights: not medical.
    pub demo: bool,
    /// Share of right answers as published, 0 to 1.
    pub published_accuracy: Option<f64>,
    /// Version of the risk policy.
    pub policy: String,
    /// Version of the image pipeline.
    pub pipeline: String,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// How long the analyser took.
    pub duration_ms: u32,
}
