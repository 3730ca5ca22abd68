//! What can be measured of a lesion without a model: numbers with units, and never a diagnosis.

mod cover;
mod shape;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::lab;
use super::outline::{Outline, Plane, small, veiled, white};
use super::raster::Raster;

/// The version of how lesions are outlined and measured. Stored beside the numbers.
pub const MEASUREMENT: &str = "2026.1";

/// The coarsest scale that is taken: a derivative whose longer side shows ten metres.
const COARSEST: f64 = 10.0;

/// Millimetres of skin that a pixel of the derivative shows: above 0, at most 10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "f64", into = "f64")]
pub struct Scale(f64);

/// A number that is no scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a scale is above 0 and at most 10 millimetres to a pixel")]
pub struct ScaleError;

impl Scale {
    /// That many millimetres to a pixel of the derivative.
    ///
    /// # Errors
    /// [`ScaleError`] if that is not a number, not above 0, or above 10.
    pub fn new(millimetres_per_pixel: f64) -> Result<Self, ScaleError> {
        if millimetres_per_pixel > 0.0 && millimetres_per_pixel <= COARSEST {
            Ok(Self(millimetres_per_pixel))
        } else {
            Err(ScaleError)
        }
    }

    /// Millimetres to a pixel.
    pub fn millimetres_per_pixel(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Scale {
    type Error = ScaleError;

    fn try_from(number: f64) -> Result<Self, ScaleError> {
        Self::new(number)
    }
}

impl From<Scale> for f64 {
    fn from(scale: Scale) -> Self {
        scale.0
    }
}

/// A lesion in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Measurements {
    /// Area inside of the outline, in per cent of the picture.
    pub area: f32,
    /// Share of the area, 0 to 1, that meets nothing when the lesion is folded over its long principal axis. Axes through the
    /// centre of gravity, by second moments: Stoecker, Li and Moss, Automatic detection of asymmetry in skin tumors,
    /// Computerized Medical Imaging and Graphics 16, 1992.
    pub asymmetry_long: f32,
    /// The same over the short principal axis.
    pub asymmetry_short: f32,
    /// Compactness, P²/4πA with perimeter P and area A: 1 for a disc, more the more irregular the border is. The irregularity
    /// index of Golston, Stoecker, Moss and Dhillon, Automatic detection of irregular borders in melanoma and other skin
    /// tumors, Computerized Medical Imaging and Graphics 16, 1992.
    pub compactness: f32,
    /// Colour variegation: the root of the summed variances of L*, a* and b* inside of the outline, in units of CIELAB, hair and
    /// reflections left away; none if they leave nothing. Standard deviations by channel over the lesion: Celebi et al., A
    /// methodological approach to the classification of dermoscopy images, Computerized Medical Imaging and Graphics 31, 2007;
    /// CIELAB after CIE 15.
    pub colour_deviation: Option<f32>,
    /// The greatest distance between two points of the outline (the greatest Feret diameter of ISO 9276-6), in pixels of the
    /// derivative.
    pub diameter_px: f32,
    /// The same in millimetres, where a scale is given.
    pub diameter_mm: Option<f32>,
    /// Area inside of the outline in square millimetres, where a scale is given.
    pub area_mm2: Option<f32>,
}

/// A lesion's outline and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Measured {
    /// What was measured inside of.
    pub outline: Outline,
    /// The numbers.
    pub measurements: Measurements,
}

/// Measures inside of `outline`. `size` is the derivative's, in pixels; `small` the same picture with some 256 pixels on its
/// longer side, for the colours.
pub(super) fn measure(
    small: &Raster,
    size: (u32, u32),
    outline: &Outline,
    scale: Option<Scale>,
) -> Measurements {
    let corners = outline.in_pixels(size.0, size.1);
    let moments = shape::Moments::of(&corners);
    let [asymmetry_long, asymmetry_short] = shape::asymmetry(&corners, &moments);
    let diameter = shape::diameter(&corners);
    let scale = scale.map(Scale::millimetres_per_pixel);
    Measurements {
        area: single(100.0 * outline.share()),
        asymmetry_long: single(asymmetry_long),
        asymmetry_short: single(asymmetry_short),
        compactness: single(shape::perimeter(&corners).powi(2) / (4.0 * std::f64::consts::PI * moments.area)),
        colour_deviation: colour_deviation(small, outline),
        diameter_px: single(diameter),
        diameter_mm: scale.map(|scale| single(diameter * scale)),
        area_mm2: scale.map(|scale| single(moments.area * scale * scale)),
    }
}

fn colour_deviation(raster: &Raster, outline: &Outline) -> Option<f32> {
    let inside: Plane<bool> = cover::cover(
        &outline.in_pixels(raster.width, raster.height),
        raster.width as usize,
        raster.height as usize,
    );
    let (veiled, white) = (veiled(raster), white(raster));
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let colours: Vec<[f32; 3]> = (0..pixels.len())
        .filter(|at| inside.values[*at] && !veiled.values[*at] && !white.values[*at])
        .map(|at| lab::of(pixels[at]))
        .collect();
    if colours.is_empty() {
        return None;
    }
    let count = small(colours.len());
    let variance = |channel: usize| {
        let values = || colours.iter().map(|colour| colour[channel]);
        let mean = values().sum::<f32>() / count;
        values().map(|value| (value - mean).powi(2)).sum::<f32>() / count
    };
    Some((0..3).map(variance).sum::<f32>().sqrt())
}

/// Seven digits are more than a photo is good for.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for")]
fn single(number: f64) -> f32 {
    number as f32
}
