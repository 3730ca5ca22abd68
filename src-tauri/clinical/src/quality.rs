//! Whether a photo is good enough to look at.

use serde::{Deserialize, Serialize};

/// Something that makes a photo hard to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Out of focus, or moved.
    Blurred,
    /// Too little light.
    Dark,
    /// Too much light: skin is white.
    Overexposed,
    /// Reflections hide a part of what matters.
    Glare,
    /// Nothing stands out from the skin as a lesion does.
    NoLesion,
}
super::words!(Finding {
    Blurred => "blurred",
    Dark => "dark",
    Overexposed => "overexposed",
    Glare => "glare",
    NoLesion => "no_lesion",
});

/// What a derivative looks like, in numbers, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Quality {
    /// Contrast of detail some eight pixels long, in the direction that has least of it: standard deviation in per cent of
    /// the brightness.
    pub detail: f32,
    /// Lightness of the skin in the middle: L* of CIELAB, 0 to 100.
    pub lightness: f32,
    /// Per cent of the middle where red and green are beyond what the sensor measures.
    pub clipped: f32,
    /// Per cent of the middle that is white with reflections.
    pub glare: f32,
    /// Per cent of the lesion that is.
    pub hidden: f32,
    /// How far the lesion stands out from the skin beside it, in units of CIELAB (CIE76); 0 if there is none.
    pub contrast: f32,
    /// What is wrong, in the order of [`Finding`]; empty if nothing is.
    pub findings: Vec<Finding>,
}

/// What is kept with a photo of its quality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct PhotoQuality {
    /// By which rules, `seekwell_imaging::QUALITY`.
    pub version: String,
    /// What is wrong, as far as this version knows the words.
    pub findings: Vec<Finding>,
    /// Whoever kept it had seen what is wrong, and kept it anyway.
    pub kept_anyway: bool,
}
