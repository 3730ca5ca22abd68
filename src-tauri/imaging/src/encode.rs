//! Baseline JPEG with nothing in it but the picture.

use super::raster::{Ink, Raster};
use super::refusal::Refusal;

/// How finely colour is kept beside brightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    /// For each pixel (4:4:4).
    Full,
    /// For each 2×2 pixels (4:2:0), as Pillow and cameras do.
    Quarter,
}

/// Encodes an RGB raster. Quality is 1 to 100 on libjpeg's scale.
#[cfg(feature = "turbo")]
pub(super) fn jpeg(raster: &Raster, quality: u8, chroma: Chroma) -> Result<Vec<u8>, Refusal> {
    use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

    debug_assert_eq!(raster.ink, Ink::Rgb);
    let mut compressor = Compressor::new().map_err(Refusal::failed)?;
    compressor
        .set_quality(i32::from(quality))
        .map_err(Refusal::failed)?;
    let subsampling = match chroma {
        Chroma::Full => Subsamp::None,
        Chroma::Quarter => Subsamp::Sub2x2,
    };
    compressor.set_subsamp(subsampling).map_err(Refusal::failed)?;
    let image = Image {
        pixels: raster.samples.as_slice(),
        width: raster.width as usize,
        pitch: raster.width as usize * 3,
        height: raster.height as usize,
        format: PixelFormat::RGB,
    };
    compressor.compress_to_vec(image).map_err(Refusal::failed)
}

/// Encodes an RGB raster. Quality is 1 to 100 on libjpeg's scale; this encoder keeps colour in full.
#[cfg(not(feature = "turbo"))]
pub(super) fn jpeg(raster: &Raster, quality: u8, _chroma: Chroma) -> Result<Vec<u8>, Refusal> {
    use image::ExtendedColorType;
    use image::codecs::jpeg::JpegEncoder;

    debug_assert_eq!(raster.ink, Ink::Rgb);
    let mut encoded = Vec::new();
    JpegEncoder::new_with_quality(&mut encoded, quality)
        .encode(
            &raster.samples,
            raster.width,
            raster.height,
            ExtendedColorType::Rgb8,
        )
        .map_err(Refusal::failed)?;
    Ok(encoded)
}
