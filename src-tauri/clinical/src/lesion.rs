//! A lesion: one spot at a body site and a side, photographed again over time.

use serde::{Deserialize, Serialize};

use super::{LesionId, PatientId};

/// Where on the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum BodySite {
    Face,
    Neck,
    Chest,
    Back,
    Arms,
    Hands,
    Abdomen,
    Legs,
    Feet,
    Genitals,
    Other,
}
super::words!(BodySite {
    Face => "face", Neck => "neck", Chest => "chest", Back => "back", Arms => "arms", Hands => "hands",
    Abdomen => "abdomen", Legs => "legs", Feet => "feet", Genitals => "genitals", Other => "other",
});

/// On which side, as the patient has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Side {
    Left,
    Right,
    Midline,
}
super::words!(Side { Left => "left", Right => "right", Midline => "midline" });

/// One spot on one patient's skin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Lesion {
    /// Local key.
    pub id: LesionId,
    /// Whose skin.
    pub patient_id: PatientId,
    /// Where.
    pub site: BodySite,
    /// Which side.
    pub side: Side,
    /// What people call it, at most 200 characters.
    pub label: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// What a lesion was called before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LesionVersion {
    /// The revision that was called so.
    pub revision: u32,
    /// What it was called.
    pub label: Option<String>,
    /// When it stopped to be called so, RFC 3339, UTC.
    pub replaced_at: String,
    /// Full name of who changed it.
    pub replaced_by: String,
}
