//! Whether a photo is good enough to look at.
//!
//! The numbers were fitted to drawn photographs whose truth is known (the testkit's `photograph`), on other seeds than the
//! tests use. Findings are hints to whoever holds the camera; no photo is refused for one.

mod sharpness;

use super::lab;
use super::outline::{Found, Plane, Thumbnail, brightness, find, quantile, small};
use super::raster::Raster;
use seekwell_clinical::{Finding, Outline, Quality};

/// The version of how quality is judged, limits and all. Stored beside what was found.
pub const QUALITY: &str = "2026.1";

/// Below this contrast of fine detail, in per cent, a photo is blurred.
const LEAST_DETAIL: f32 = 0.47;
/// Skin in the middle that is darker than this lightness shows nothing. The darkest skin, well lit, has 30 and more.
const LEAST_LIGHTNESS: f32 = 18.0;
/// With more than so many per cent of the middle beyond what the sensor measures, a photo is overexposed.
const MOST_CLIPPED: f32 = 20.0;
/// Most per cent of the middle that reflections may take, and most per cent of the lesion.
const MOST_GLARE: f32 = 0.4;
const MOST_HIDDEN: f32 = 10.0;
/// Red and green at or above this are clipped: skin has so much of both only where the sensor is full.
const CLIPPED: u8 = 250;
/// One part in so many of each side lies outside of the middle.
const RIM: usize = 5;
/// The lightness that counts is the one that this share of the middle stays under: skin, even beside a large lesion.
const SKIN: f32 = 0.75;

/// Judges a derivative and finds the lesion in it.
pub(super) fn judge(derivative: &Raster, thumbnail: &Thumbnail<'_>) -> (Quality, Option<Outline>) {
    let found = find(thumbnail);
    let middle = Middle::of(thumbnail);
    let mut quality = Quality {
        detail: rounded(sharpness::detail(&brightness(derivative))),
        lightness: rounded(middle.lightness),
        clipped: rounded(middle.clipped),
        glare: rounded(middle.white),
        hidden: rounded(
            found
                .as_ref()
                .map_or(0.0, |found| hidden(found, &thumbnail.white)),
        ),
        contrast: rounded(found.as_ref().map_or(0.0, |found| found.contrast)),
        findings: Vec::new(),
    };
    quality.findings = findings(&quality, found.is_some());
    (quality, found.map(|found| found.outline))
}

/// What the numbers mean. Where there is too little or too much light, nothing can be said of what it would show.
fn findings(quality: &Quality, lesion: bool) -> Vec<Finding> {
    let dark = quality.lightness < LEAST_LIGHTNESS;
    let overexposed = quality.clipped > MOST_CLIPPED;
    let lit = !dark && !overexposed;
    [
        (Finding::Blurred, lit && quality.detail < LEAST_DETAIL),
        (Finding::Dark, dark),
        (Finding::Overexposed, overexposed),
        (
            Finding::Glare,
            !overexposed && (quality.glare > MOST_GLARE || quality.hidden > MOST_HIDDEN),
        ),
        (Finding::NoLesion, lit && !lesion),
    ]
    .into_iter()
    .filter_map(|(finding, is)| is.then_some(finding))
    .collect()
}

/// What the middle of a picture says of its light.
struct Middle {
    lightness: f32,
    clipped: f32,
    white: f32,
}

impl Middle {
    fn of(Thumbnail { raster, white, .. }: &Thumbnail<'_>) -> Self {
        let (width, height) = (raster.width as usize, raster.height as usize);
        let (pixels, _) = raster.samples.as_chunks::<3>();
        let (mut clipped, mut glare) = (0, 0);
        let mut lightness = Vec::new();
        for row in height / RIM..height - height / RIM {
            for column in width / RIM..width - width / RIM {
                let at = row * width + column;
                clipped += usize::from(pixels[at][..2].iter().all(|value| *value >= CLIPPED));
                glare += usize::from(white.values[at]);
                // Every fourth pixel tells how light it is.
                if row % 2 == 0 && column % 2 == 0 {
                    lightness.push(lab::of(pixels[at])[0]);
                }
            }
        }
        let size = (height - height / RIM * 2) * (width - width / RIM * 2);
        let percent = |count: usize| 100.0 * small(count) / small(size.max(1));
        Self {
            lightness: quantile(&mut lightness, SKIN).unwrap_or(0.0),
            clipped: percent(clipped),
            white: percent(glare),
        }
    }
}

/// Per cent of the lesion under reflections.
fn hidden(found: &Found, white: &Plane<bool>) -> f32 {
    let pixels = || {
        found
            .mask
            .values
            .iter()
            .zip(&white.values)
            .filter(|(inside, _)| **inside)
    };
    100.0 * small(pixels().filter(|(_, white)| **white).count()) / small(pixels().count().max(1))
}

/// To a hundredth, which is more than the numbers are good for.
fn rounded(number: f32) -> f32 {
    (number * 100.0).round() / 100.0
}
