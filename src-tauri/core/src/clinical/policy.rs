//! The risk policy `2026.1`: from six probabilities, a body site and the kind of photo to a verdict. Pure and versioned.

use serde::{Deserialize, Serialize};

use super::{BodySite, LesionClass, PhotoKind, Probabilities};

/// Stored with every verdict.
pub const POLICY: &str = "2026.1";

/// How worrying a lesion looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the words say it")]
pub enum RiskLevel {
    Urgent,
    High,
    Medium,
    Low,
    Uncertain,
}
super::words!(RiskLevel {
    Urgent => "URGENT", High => "HIGH", Medium => "MEDIUM", Low => "LOW", Uncertain => "UNCERTAIN",
});

/// Which rule of the policy gave the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RiskRule {
    /// P(MEL) ≥ 0.30, whichever class is on top.
    MelanomaThreshold,
    /// The top probability is below 0.40.
    TopTooLow,
    /// The top class alone.
    ByClass,
    /// The top class, raised one step at a delicate site.
    RaisedBySite,
    /// The model has not seen this kind of photo.
    OutsideModel,
}
super::words!(RiskRule {
    MelanomaThreshold => "melanoma_threshold", TopTooLow => "top_too_low", ByClass => "by_class",
    RaisedBySite => "raised_by_site", OutsideModel => "outside_model",
});

/// How sure the classifier is of its top class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the words say it")]
pub enum ConfidenceWord {
    High,
    Medium,
    Low,
    VeryLow,
}
super::words!(ConfidenceWord { High => "HIGH", Medium => "MEDIUM", Low => "LOW", VeryLow => "VERY_LOW" });

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How worrying.
    pub risk: RiskLevel,
    /// Why.
    pub rule: RiskRule,
    /// How sure the classifier was.
    pub confidence: ConfidenceWord,
    /// Whether a professional should look at it.
    pub review: bool,
    /// Within how many days to see the patient again.
    pub follow_up_days: u16,
}

/// Judges one analysis.
pub fn judge(probabilities: &Probabilities, site: BodySite, kind: PhotoKind) -> Verdict {
    let _ = (probabilities, site, kind, LesionClass::Mel);
    unimplemented!()
}
