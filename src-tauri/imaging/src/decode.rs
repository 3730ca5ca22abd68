//! Bytes to rasters. JPEG has a road of its own where libjpeg-turbo is built in.

#[cfg(feature = "turbo")]
mod turbo;

use std::io::{Cursor, ErrorKind};

use image::error::{ImageError, LimitErrorKind};
use image::{ColorType, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::MAX_PIXELS;
use super::raster::{Ink, Raster, sample_count};
use super::refusal::Refusal;
use super::survey::{Format, Survey};

/// The most bytes that a decoder may hold at once. Every 8-bit picture of 100 megapixels fits.
const MAX_DECODED: u64 = 512 * 1024 * 1024;

/// A raster and the part of it that is the picture: a JPEG decoded at ½ scale has a last column that
/// is only half covered if its width is odd.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) raster: Raster,
    pub(super) extent: (f64, f64),
}

impl From<Raster> for Decoded {
    fn from(raster: Raster) -> Self {
        Self {
            extent: (f64::from(raster.width), f64::from(raster.height)),
            raster,
        }
    }
}

/// Decodes so that shrinking to `target` afterwards loses nothing that can be seen.
pub(super) fn at_least(file: &[u8], survey: &Survey<'_>, target: (u32, u32)) -> Result<Decoded, Refusal> {
    #[cfg(feature = "turbo")]
    if survey.format == Format::Jpeg {
        return turbo::decode(file, survey, Some(target));
    }
    #[cfg(not(feature = "turbo"))]
    let _ = target;
    generic(file, survey).map(Decoded::from)
}

/// Decodes every pixel.
pub(super) fn whole(file: &[u8], survey: &Survey<'_>) -> Result<Raster, Refusal> {
    #[cfg(feature = "turbo")]
    if survey.format == Format::Jpeg {
        return Ok(turbo::decode(file, survey, None)?.raster);
    }
    generic(file, survey)
}

/// Width and height by the decoder's reading of the header; no pixel is decoded.
pub(super) fn size(file: &[u8], format: Format) -> Result<(u32, u32), Refusal> {
    Ok(open(file, format)?.dimensions())
}

fn generic(file: &[u8], survey: &Survey<'_>) -> Result<Raster, Refusal> {
    let mut decoder = open(file, survey.format)?;
    let (width, height) = decoder.dimensions();
    // The walk over the container and the decoder must mean the same picture.
    if (width, height) != (survey.width, survey.height) {
        return Err(Refusal::failed("its headers contradict each other"));
    }
    let colour = decoder.color_type();
    let length = decoder.total_bytes();
    let mut limits = Limits::default();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    limits.max_alloc = Some(MAX_DECODED);
    limits.reserve(length).map_err(|_| too_large(width, height))?;
    decoder
        .set_limits(limits)
        .map_err(|error| refusal(error, width, height))?;

    let length = usize::try_from(length).map_err(|_| Refusal::OutOfMemory)?;
    let mut samples = Vec::new();
    samples
        .try_reserve_exact(length)
        .map_err(|_| Refusal::OutOfMemory)?;
    samples.resize(length, 0);
    decoder
        .read_image(&mut samples)
        .map_err(|error| refusal(error, width, height))?;
    flatten(samples, colour, width, height)
}

fn open(file: &[u8], format: Format) -> Result<impl ImageDecoder + '_, Refusal> {
    let format = match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| refusal(error, 0, 0))
}

fn refusal(error: ImageError, width: u32, height: u32) -> Refusal {
    match error {
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => Refusal::Truncated,
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::InsufficientMemory => {
            too_large(width, height)
        }
        ImageError::Unsupported(error) => Refusal::Unsupported {
            what: error.to_string(),
        },
        error => Refusal::failed(error),
    }
}

fn too_large(width: u32, height: u32) -> Refusal {
    let pixels = u64::from(width) * u64::from(height);
    match u32::try_from(pixels.div_ceil(1_000_000)) {
        Ok(megapixels) if pixels > MAX_PIXELS => Refusal::TooLarge { megapixels },
        _ => Refusal::OutOfMemory,
    }
}

/// 16 bits and floats to 8, transparency onto white, in the buffer that is there already: at 100
/// megapixels a second one would be the difference between fitting and not.
fn flatten(mut samples: Vec<u8>, colour: ColorType, width: u32, height: u32) -> Result<Raster, Refusal> {
    match colour {
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            narrow(&mut samples, |bytes: [u8; 2]| {
                // Exact rounding of v / 257.
                let value = (u32::from(u16::from_ne_bytes(bytes)) * 255 + 32_895) >> 16;
                u8::try_from(value).unwrap_or(u8::MAX)
            });
        }
        ColorType::Rgb32F | ColorType::Rgba32F => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 0..=255 first; a float that is no number becomes 0"
            )]
            narrow(&mut samples, |bytes: [u8; 4]| {
                (f32::from_ne_bytes(bytes).clamp(0.0, 1.0) * 255.0).round() as u8
            });
        }
        _ => {}
    }
    let ink = match colour.channel_count() {
        1 => Ink::Grey,
        2 => {
            onto_white::<2, 1>(&mut samples);
            Ink::Grey
        }
        3 => Ink::Rgb,
        4 => {
            onto_white::<4, 3>(&mut samples);
            Ink::Rgb
        }
        count => {
            return Err(Refusal::Unsupported {
                what: format!("A picture of {count} channels"),
            });
        }
    };
    if samples.len() != sample_count(width, height, ink.samples())? {
        return Err(Refusal::failed("it has another size than it says"));
    }
    Ok(Raster {
        samples,
        width,
        height,
        ink,
    })
}

/// Replaces each group of `N` bytes by one, in place.
fn narrow<const N: usize>(samples: &mut Vec<u8>, to_byte: impl Fn([u8; N]) -> u8) {
    let count = samples.len() / N;
    for place in 0..count {
        let mut group = [0; N];
        group.copy_from_slice(&samples[place * N..(place + 1) * N]);
        samples[place] = to_byte(group);
    }
    samples.truncate(count);
}

/// Lays pixels of `FROM` samples, the last of them opacity, onto white; `TO` is one less.
fn onto_white<const FROM: usize, const TO: usize>(samples: &mut Vec<u8>) {
    let count = samples.len() / FROM;
    for place in 0..count {
        let mut pixel = [0; FROM];
        pixel.copy_from_slice(&samples[place * FROM..(place + 1) * FROM]);
        let opacity = u32::from(pixel[TO]);
        for (channel, value) in pixel[..TO].iter().enumerate() {
            let product = u32::from(*value) * opacity + 255 * (255 - opacity) + 127;
            samples[place * TO + channel] = u8::try_from(product / 255).unwrap_or(u8::MAX);
        }
    }
    samples.truncate(count * TO);
}
