//! Bytes in, a checked, upright, resized and encoded photo out.
//!
//! The functions here are pure: same bytes and same [`PIPELINE`], same result. They run decoders over
//! bytes from outside, so a workstation calls them through [`worker`], in a process that holds no key
//! and can reach neither the network nor the disk. A phone, which has no second process, calls them
//! directly and builds without the C decoder.

mod colour;
mod convolve;
mod decode;
mod encode;
mod exif;
mod lab;
mod measure;
mod outline;
mod quality;
mod raster;
mod refusal;
mod resize;
mod survey;
pub mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

pub use exif::TakenAt;
pub use measure::MEASUREMENT;
pub use quality::QUALITY;
pub use refusal::Refusal;
pub use survey::Format;

use outline::Thumbnail;
use raster::Raster;
use seekwell_clinical::{Measured, Outline, Quality, Scale};
use survey::Survey;

/// The version of everything below that can change an output byte; stored beside each derivative.
/// The two builds differ because their JPEG decoders and encoders do.
pub const PIPELINE: &str = if cfg!(feature = "turbo") {
    "2026.1"
} else {
    "2026.1-safe"
};

/// Longest side of a derivative, in pixels.
pub const DERIVATIVE_SIDE: u32 = 1024;

/// Longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 256;

/// Shortest side that is accepted, in pixels.
pub const MIN_SIDE: u32 = 50;

/// Most pixels that are accepted.
pub const MAX_PIXELS: u64 = 100_000_000;

/// Largest file that is accepted, in bytes: an uncompressed picture of [`MAX_PIXELS`] at 8 bits fits.
pub const MAX_FILE: u64 = 448 * 1024 * 1024;

/// What the model reads is never larger than this on a side, in pixels.
const MAX_MODEL_SIDE: u32 = 4096;

const DERIVATIVE_QUALITY: u8 = 85;
const THUMBNAIL_QUALITY: u8 = 80;
const FULL_QUALITY: u8 = 90;

/// A photo made ready to keep beside its original.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What the original is and says of itself.
    pub facts: OriginalFacts,
    /// Baseline JPEG, upright, 8-bit sRGB, at most [`DERIVATIVE_SIDE`] on a side, without metadata.
    pub derivative: Vec<u8>,
    /// Width of the derivative in pixels.
    pub derivative_width: u32,
    /// Height of the derivative in pixels.
    pub derivative_height: u32,
    /// As the derivative, at most [`THUMBNAIL_SIDE`] on a side.
    pub thumbnail: Vec<u8>,
    /// Whether the derivative is good enough to look at, by [`QUALITY`].
    pub quality: Quality,
    /// The lesion nearest its middle, by [`MEASUREMENT`], if there is one; without a scale.
    pub measured: Option<Measured>,
}

/// What is read from an original. Position and serial numbers are not, and can't be: see `exif`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalFacts {
    /// By content, never by file name.
    pub format: Format,
    /// Width in pixels of the upright picture.
    pub width: u32,
    /// Height in pixels of the upright picture.
    pub height: u32,
    /// When the camera says the photo was taken.
    pub taken_at: Option<TakenAt>,
    /// Make and model as the camera wrote them, without control characters, at most 80 characters.
    pub camera: Option<String>,
}

/// How [`pixels`] resizes. The names and results are Pillow's, since models are trained with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resample {
    /// The nearest pixel.
    Nearest,
    /// A triangle filter, widened when shrinking.
    Bilinear,
    /// A cubic filter (a = −0.5), widened when shrinking.
    Bicubic,
    /// Lanczos with three lobes, widened when shrinking.
    Lanczos,
}

/// Checks an original and makes derivative and thumbnail of it.
///
/// # Errors
/// Every [`Refusal`] but those of the worker; a decoder's panic is [`Refusal::DecoderFailed`].
pub fn prepare(original: &[u8]) -> Result<Prepared, Refusal> {
    guarded(|| {
        let survey = Survey::of(original)?;
        let turned = survey.orientation.swaps_sides();
        let (width, height) = survey.upright_size();
        let target = resize::fit(width, height, DERIVATIVE_SIDE);
        let lying = if turned { (target.1, target.0) } else { target };

        let decoded = decode::at_least(original, &survey, lying)?;
        let small = resize::shrink(decoded, lying)?;
        let upright = colour::to_srgb(small, survey.icc.as_deref())?.turned(survey.orientation)?;

        let thumbnail = resize::shrunk(&upright, resize::fit(width, height, THUMBNAIL_SIDE))?;
        let seen = Thumbnail::of(&thumbnail);
        let (quality, outline) = quality::judge(&upright, &seen);
        let size = (upright.width, upright.height);
        Ok(Prepared {
            quality,
            measured: outline.map(|outline| measure::inside(&seen, size, outline, None)),
            derivative: encode::jpeg(&upright, DERIVATIVE_QUALITY, encode::Chroma::Quarter)?,
            derivative_width: upright.width,
            derivative_height: upright.height,
            thumbnail: encode::jpeg(&thumbnail, THUMBNAIL_QUALITY, encode::Chroma::Quarter)?,
            facts: OriginalFacts {
                format: survey.format,
                width,
                height,
                taken_at: survey.exif.taken_at,
                camera: survey.exif.camera,
            },
        })
    })
}

/// The whole original, upright and in sRGB, as a JPEG without metadata: what zooming shows.
///
/// # Errors
/// As [`prepare`].
pub fn full(original: &[u8]) -> Result<Vec<u8>, Refusal> {
    guarded(|| {
        let upright = upright(original)?;
        encode::jpeg(&upright, FULL_QUALITY, encode::Chroma::Full)
    })
}

/// A derivative as a model wants it: exactly `width`×`height` (the aspect is not kept), RGB, 8 bits,
/// row by row, three bytes a pixel.
///
/// # Errors
/// As [`prepare`]; also [`Refusal::Unsupported`] if a side is 0 or above 4096 pixels.
pub fn pixels(derivative: &[u8], width: u32, height: u32, resample: Resample) -> Result<Vec<u8>, Refusal> {
    guarded(|| {
        if [width, height]
            .iter()
            .any(|side| !(1..=MAX_MODEL_SIDE).contains(side))
        {
            return Err(Refusal::Unsupported {
                what: format!("a model input of {width}×{height} pixels"),
            });
        }
        let upright = upright(derivative)?;
        match convolve::to_size(&upright, (width, height), resample) {
            Some(resized) => Ok(resized?.samples),
            None => Ok(resize::exactly(upright, (width, height), resample)?.samples),
        }
    })
}

/// Measures the lesion in a derivative inside of `outline`, or of what is found if there is none; lengths in millimetres only
/// where a `scale` is given. `None` if nothing is found.
///
/// # Errors
/// As [`prepare`].
pub fn measure(
    derivative: &[u8],
    outline: Option<Outline>,
    scale: Option<Scale>,
) -> Result<Option<Measured>, Refusal> {
    guarded(|| {
        let upright = upright(derivative)?;
        let size = (upright.width, upright.height);
        let small = resize::shrunk(&upright, resize::fit(size.0, size.1, THUMBNAIL_SIDE))?;
        let seen = Thumbnail::of(&small);
        let found = || outline::find(&seen).map(|found| found.outline);
        Ok(outline
            .or_else(found)
            .map(|outline| measure::inside(&seen, size, outline, scale)))
    })
}

/// All pixels of a file, upright and in sRGB.
fn upright(file: &[u8]) -> Result<Raster, Refusal> {
    let survey = Survey::of(file)?;
    let decoded = decode::whole(file, &survey)?;
    colour::to_srgb(decoded, survey.icc.as_deref())?.turned(survey.orientation)
}

/// Makes a small picture, prepares it and compares: whether this build's decoder and encoder work here.
fn self_test() -> Result<(), Refusal> {
    let mut square = Raster::blank(64, 64, raster::Ink::Rgb)?;
    square.samples.fill(128);
    let file = encode::jpeg(&square, FULL_QUALITY, encode::Chroma::Quarter)?;
    let prepared = prepare(&file)?;
    let back = pixels(&prepared.derivative, 32, 32, Resample::Bilinear)?;
    if back.iter().all(|sample| sample.abs_diff(128) <= 2) {
        Ok(())
    } else {
        Err(Refusal::failed("a grey square did not stay grey"))
    }
}

/// Runs `work` so that a decoder's panic costs one photo. Nothing is shared with it, so nothing can be
/// left half changed.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Refusal::DecoderFailed {
            what: "the decoder stopped on a contradiction".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_decoder_is_a_refusal() {
        let outcome: Result<(), Refusal> = guarded(|| panic!("index out of bounds"));
        assert!(matches!(outcome, Err(Refusal::DecoderFailed { .. })));
    }
}
