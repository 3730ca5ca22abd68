//! What a file says about itself, read before any pixel is decoded and before memory is spent.

mod jpeg;
mod png;
mod sniff;
mod webp;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::decode;
use super::exif::{self, Exif};
use super::raster::Orientation;
use super::refusal::Refusal;
use super::{MAX_FILE, MAX_PIXELS, MIN_SIDE};

/// The kinds of picture that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Format {
    /// JPEG, any of baseline, progressive, grey, CMYK.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, lossy or lossless; of an animation the first frame.
    Webp,
    /// TIFF; of several pages the first.
    Tiff,
    /// Windows bitmap.
    Bmp,
}

impl Format {
    /// The word that is stored: `JPEG`, `PNG`, `WEBP`, `TIFF` or `BMP`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WEBP",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
        }
    }

    /// The usual ending of a file name, without the point.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
        }
    }
}

/// What is known of a file that passed every check that needs no decoding.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) format: Format,
    /// As stored, before turning.
    pub(super) width: u32,
    /// As stored, before turning.
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    pub(super) exif: Exif,
    pub(super) icc: Option<Cow<'a, [u8]>>,
}

/// What a container's own walk finds.
#[derive(Debug, Default)]
struct Findings<'a> {
    size: Option<(u32, u32)>,
    exif: Option<&'a [u8]>,
    icc: Option<Cow<'a, [u8]>>,
}

/// The largest colour profile that is looked at; printers' tables have 3 MB at most.
const LARGEST_ICC: usize = 8 * 1024 * 1024;

impl<'a> Survey<'a> {
    /// Looks at `file` and refuses what needs no decoding to be refused.
    pub(super) fn of(file: &'a [u8]) -> Result<Self, Refusal> {
        if file.len() as u64 > MAX_FILE {
            let megabytes = file.len().div_ceil(1024 * 1024).try_into().unwrap_or(u32::MAX);
            return Err(Refusal::FileTooLarge { megabytes });
        }
        let format = sniff::format(file)?;
        let findings = match format {
            Format::Jpeg => jpeg::walk(file)?,
            Format::Png => png::walk(file)?,
            Format::Webp => webp::walk(file)?,
            Format::Tiff => tiff(file)?,
            Format::Bmp => Findings {
                size: Some(decode::size(file, format)?),
                ..Findings::default()
            },
        };
        let (width, height) = findings.size.ok_or_else(|| Refusal::failed("no size is given"))?;
        check_size(width, height)?;
        let exif = findings.exif.map(Exif::read).unwrap_or_default();
        Ok(Self {
            format,
            width,
            height,
            orientation: exif.orientation,
            exif,
            icc: findings.icc,
        })
    }

    /// Width and height once it stands upright.
    pub(super) fn upright_size(&self) -> (u32, u32) {
        if self.orientation.swaps_sides() {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        }
    }
}

fn check_size(width: u32, height: u32) -> Result<(), Refusal> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        let megapixels = pixels.div_ceil(1_000_000).try_into().unwrap_or(u32::MAX);
        return Err(Refusal::TooLarge { megapixels });
    }
    if width.min(height) < MIN_SIDE {
        return Err(Refusal::TooSmall { width, height });
    }
    Ok(())
}

/// A TIFF is itself an EXIF structure. Its size is asked of the decoder, which also knows 64-bit TIFF.
fn tiff(file: &[u8]) -> Result<Findings<'_>, Refusal> {
    const DNG_VERSION: u16 = 0xc612;
    const ICC_PROFILE: u16 = 0x8773;
    // The first picture of a raw file is a stamp-sized preview, which must not be taken for the photo.
    if exif::has_tag(file, DNG_VERSION) || file.get(8..10) == Some(b"CR") {
        return Err(Refusal::Unsupported {
            what: "A camera's raw file".to_owned(),
        });
    }
    let icc = exif::bytes(file, ICC_PROFILE)
        .filter(|profile| profile.len() <= LARGEST_ICC)
        .map(Cow::Borrowed);
    Ok(Findings {
        size: Some(decode::size(file, Format::Tiff)?),
        exif: Some(file),
        icc,
    })
}
