//! Why a file is not taken as a photo.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a file is not taken as a photo. It concerns that file alone, holds none of its content, and
/// travels from the worker process as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// It begins as a photo and ends too early.
    #[error("the photo is incomplete: its end is missing")]
    Truncated,
    /// Not a picture, whatever its name says.
    #[error("this is not an image; it looks like {looks_like}")]
    NotAnImage {
        /// A few words, such as "a web page".
        looks_like: String,
    },
    /// HEIC, HEIF or AVIF, which phones write unless told otherwise.
    #[error(
        "this is a HEIC, HEIF or AVIF picture; set the camera to JPEG (\"most compatible\") or export it as JPEG"
    )]
    Heic,
    /// A picture of a kind that is not read.
    #[error("{what} is not supported; use JPEG, PNG, WebP, TIFF or BMP")]
    Unsupported {
        /// What it is, in a few words.
        what: String,
    },
    /// A side under 50 pixels.
    #[error("the picture is too small ({width}×{height} pixels); both sides need 50 pixels or more")]
    TooSmall {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// More than 100 megapixels, or more memory than decoding it may take.
    #[error("the picture is too large ({megapixels} megapixels); at most 100 are read")]
    TooLarge {
        /// Millions of pixels, rounded up.
        megapixels: u32,
    },
    /// The file itself is too long.
    #[error("the file is too large ({megabytes} MB); at most 448 MB are read")]
    FileTooLarge {
        /// Mebibytes, rounded up.
        megabytes: u32,
    },
    /// A small file made to unpack into a huge one.
    #[error("the file is a decompression bomb: {what}")]
    Bomb {
        /// Which part of it.
        what: String,
    },
    /// The decoder found the content damaged.
    #[error("the photo is damaged and can't be read ({what})")]
    DecoderFailed {
        /// The decoder's own words.
        what: String,
    },
    /// Decoding needed more memory than a worker may have.
    #[error("reading the photo takes more memory than is allowed")]
    OutOfMemory,
    /// The worker process ended in the middle of this photo.
    #[error("the photo made the decoder crash")]
    DecoderDied,
    /// The worker process gave no answer in time and was ended.
    #[error("the photo kept the decoder busy for {seconds} seconds")]
    TimedOut {
        /// The limit that passed.
        seconds: u32,
    },
    /// No worker process could be started, which says nothing about the photo.
    #[error("the program that reads photos could not be started: {what}")]
    NoWorker {
        /// The operating system's words.
        what: String,
    },
}

impl Refusal {
    /// Whether the same bytes may pass at another time: the machine was at fault, not the photo.
    pub fn may_pass_later(&self) -> bool {
        matches!(
            self,
            Self::OutOfMemory | Self::DecoderDied | Self::TimedOut { .. } | Self::NoWorker { .. }
        )
    }

    pub(super) fn failed(what: impl std::fmt::Display) -> Self {
        Self::DecoderFailed {
            what: what.to_string(),
        }
    }
}
