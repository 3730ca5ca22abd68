//! Every colour model and profile to 8-bit sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::raster::{Ink, Raster};
use super::refusal::Refusal;

/// Converts through `icc` if it fits the picture and is sound; otherwise the values are taken as sRGB,
/// grey on sRGB's curve, and ink by the plain formula that Pillow has.
pub(super) fn to_srgb(raster: Raster, icc: Option<&[u8]>) -> Result<Raster, Refusal> {
    if let Some(converted) = icc.and_then(|icc| through_profile(&raster, icc)) {
        return Ok(converted);
    }
    match raster.ink {
        Ink::Rgb => Ok(raster),
        Ink::Grey => expand::<1>(&raster, |[grey]| [*grey; 3]),
        Ink::Cmyk => expand::<4>(&raster, plain_rgb),
    }
}

fn expand<const N: usize>(raster: &Raster, to_rgb: impl Fn(&[u8; N]) -> [u8; 3]) -> Result<Raster, Refusal> {
    let mut expanded = Raster::blank(raster.width, raster.height, Ink::Rgb)?;
    let (from, to) = (
        raster.samples.as_chunks::<N>().0,
        expanded.samples.as_chunks_mut::<3>().0,
    );
    for (pixel, rgb) in from.iter().zip(to) {
        *rgb = to_rgb(pixel);
    }
    Ok(expanded)
}

/// `None` if the profile is broken or made for another colour model: a photo is not lost for that.
fn through_profile(raster: &Raster, icc: &[u8]) -> Option<Raster> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    let layout = match (profile.color_space, raster.ink) {
        (DataColorSpace::Rgb, Ink::Rgb) => Layout::Rgb,
        (DataColorSpace::Gray, Ink::Grey) => Layout::Gray,
        (DataColorSpace::Cmyk, Ink::Cmyk) => Layout::Rgba,
        _ => return None,
    };
    let transform = profile
        .create_transform_8bit(
            layout,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .ok()?;
    let mut converted = Raster::blank(raster.width, raster.height, Ink::Rgb).ok()?;
    transform
        .transform(&raster.samples, &mut converted.samples)
        .ok()?;
    Some(converted)
}

/// Light left by each ink, times the light left by black.
fn plain_rgb([cyan, magenta, yellow, black]: &[u8; 4]) -> [u8; 3] {
    let light = 255 - u16::from(*black);
    [cyan, magenta, yellow].map(|ink| {
        // Exact rounding of a product over 255.
        let product = u32::from(light) * u32::from(*ink) + 128;
        let absorbed = (product + (product >> 8)) >> 8;
        u8::try_from(u32::from(light).saturating_sub(absorbed)).unwrap_or(u8::MAX)
    })
}
