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

/// The kinds of photo that a model was trained on, and so may speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    clinical: bool,
    dermoscopic: bool,
}

impl Coverage {
    /// Smartphone photographs only, as the SeekWell model; what holds where a model says nothing.
    pub const CLINICAL: Self = Self {
        clinical: true,
        dermoscopic: false,
    };

    /// Those kinds and no others.
    pub fn of(kinds: &[PhotoKind]) -> Self {
        Self {
            clinical: kinds.contains(&PhotoKind::Clinical),
            dermoscopic: kinds.contains(&PhotoKind::Dermoscopic),
        }
    }

    /// Whether the model has seen such photos.
    pub const fn covers(self, kind: PhotoKind) -> bool {
        match kind {
            PhotoKind::Clinical => self.clinical,
            PhotoKind::Dermoscopic => self.dermoscopic,
        }
    }

    /// The covered kinds.
    pub fn kinds(self) -> Vec<PhotoKind> {
        PhotoKind::ALL
            .iter()
            .copied()
            .filter(|kind| self.covers(*kind))
            .collect()
    }
}

/// From this P(MEL) on a lesion is urgent, whichever class is on top.
const MELANOMA: f64 = 0.30;
/// Below this the top class says too little to go by.
const TOP_TOO_LOW: f64 = 0.40;
/// Below this a professional looks, whatever the class.
const REVIEW_BELOW: f64 = 0.50;

/// Judges one analysis.
///
/// The rules in their order; the first that applies speaks:
/// 1. The model does not cover that kind of photo: UNCERTAIN, [`RiskRule::OutsideModel`].
/// 2. P(MEL) ≥ 0.30: URGENT.
/// 3. The top probability is below 0.40: UNCERTAIN.
/// 4. The top class: MEL urgent; BCC and SCC high; ACK medium; NEV and SEK low. Low and medium are raised one
///    step at the face, neck, hands, feet and genitals.
///
/// The first rule stands before the alarm for melanoma on purpose. A probability for a kind of photo that the
/// model never saw is no evidence, neither at 0.9 nor at 0.01. Were the alarm let through, its silence on the
/// next dermoscopic photo would read as an all-clear, which is the dangerous mistake. So every such photo goes
/// to a professional within a week, none is called low, and no alarm is lost without a word: the rule is
/// named beside the verdict and all six probabilities stay on record.
pub fn judge(probabilities: &Probabilities, site: BodySite, kind: PhotoKind, coverage: Coverage) -> Verdict {
    let top = probabilities.top();
    let (risk, rule) = if !coverage.covers(kind) {
        (RiskLevel::Uncertain, RiskRule::OutsideModel)
    } else if probabilities.of(LesionClass::Mel) >= MELANOMA {
        (RiskLevel::Urgent, RiskRule::MelanomaThreshold)
    } else if top.probability < TOP_TOO_LOW {
        (RiskLevel::Uncertain, RiskRule::TopTooLow)
    } else {
        by_class(top.class, site)
    };
    Verdict {
        risk,
        rule,
        confidence: confidence(top.probability),
        review: matches!(top.class, LesionClass::Mel | LesionClass::Bcc | LesionClass::Scc)
            || top.probability < REVIEW_BELOW
            || risk == RiskLevel::Uncertain,
        follow_up_days: follow_up_days(risk),
    }
}

const fn by_class(class: LesionClass, site: BodySite) -> (RiskLevel, RiskRule) {
    let delicate = matches!(
        site,
        BodySite::Face | BodySite::Neck | BodySite::Hands | BodySite::Feet | BodySite::Genitals
    );
    match (class, delicate) {
        (LesionClass::Mel, _) => (RiskLevel::Urgent, RiskRule::ByClass),
        (LesionClass::Bcc | LesionClass::Scc, _) => (RiskLevel::High, RiskRule::ByClass),
        (LesionClass::Ack, false) => (RiskLevel::Medium, RiskRule::ByClass),
        (LesionClass::Ack, true) => (RiskLevel::High, RiskRule::RaisedBySite),
        (LesionClass::Nev | LesionClass::Sek, false) => (RiskLevel::Low, RiskRule::ByClass),
        (LesionClass::Nev | LesionClass::Sek, true) => (RiskLevel::Medium, RiskRule::RaisedBySite),
    }
}

fn confidence(top: f64) -> ConfidenceWord {
    if top >= 0.8 {
        ConfidenceWord::High
    } else if top >= 0.6 {
        ConfidenceWord::Medium
    } else if top >= 0.4 {
        ConfidenceWord::Low
    } else {
        ConfidenceWord::VeryLow
    }
}

const fn follow_up_days(risk: RiskLevel) -> u16 {
    match risk {
        RiskLevel::Urgent => 1,
        RiskLevel::High | RiskLevel::Uncertain => 7,
        RiskLevel::Medium => 30,
        RiskLevel::Low => 90,
    }
}
