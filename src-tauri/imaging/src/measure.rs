//! What can be measured of a lesion without a model: numbers with units, and never a diagnosis.

mod cover;
mod shape;

use super::lab;
use super::outline::{Plane, Thumbnail, small};
use seekwell_clinical::{Measured, Measurements, Outline, Scale};

/// The version of how lesions are outlined and measured. Stored beside the numbers.
pub const MEASUREMENT: &str = "2026.1";

/// Measures inside of `outline`. `size` is the derivative's, in pixels; the colours are the thumbnail's.
pub(super) fn inside(
    thumbnail: &Thumbnail<'_>,
    size: (u32, u32),
    outline: Outline,
    scale: Option<Scale>,
) -> Measured {
    let corners = outline.in_pixels(size.0, size.1);
    let moments = shape::Moments::of(&corners);
    let [asymmetry_long, asymmetry_short] = shape::asymmetry(&corners, &moments);
    let diameter = shape::diameter(&corners);
    let scale = scale.map(Scale::millimetres_per_pixel);
    let measurements = Measurements {
        area: single(100.0 * outline.share()),
        asymmetry_long: single(asymmetry_long),
        asymmetry_short: single(asymmetry_short),
        compactness: single(shape::perimeter(&corners).powi(2) / (4.0 * std::f64::consts::PI * moments.area)),
        colour_deviation: colour_deviation(thumbnail, &outline),
        diameter_px: single(diameter),
        diameter_mm: scale.map(|scale| single(diameter * scale)),
        area_mm2: scale.map(|scale| single(moments.area * scale * scale)),
    };
    Measured {
        outline,
        measurements,
    }
}

fn colour_deviation(Thumbnail { raster, hair, white }: &Thumbnail<'_>, outline: &Outline) -> Option<f32> {
    let inside: Plane<bool> = cover::cover(
        &outline.in_pixels(raster.width, raster.height),
        raster.width as usize,
        raster.height as usize,
    );
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let colours: Vec<[f32; 3]> = (0..pixels.len())
        .filter(|at| inside.values[*at] && !hair.values[*at] && !white.values[*at])
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
