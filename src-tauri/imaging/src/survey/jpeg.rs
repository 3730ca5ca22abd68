//! The segments of a JPEG: size, EXIF, colour profile, and whether the end is there.

use std::borrow::Cow;

use super::{Findings, LARGEST_ICC};
use crate::refusal::Refusal;

const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;

/// Walks to the first scan, then looks whether the picture is finished.
pub(super) fn walk(file: &[u8]) -> Result<Findings<'_>, Refusal> {
    let mut findings = Findings::default();
    let mut profile = Profile::default();
    let mut at = 2;
    loop {
        let (marker, body, next) = segment(file, at).ok_or(Refusal::Truncated)?;
        match marker {
            END => return Err(Refusal::failed("it has no picture in it")),
            START_OF_SCAN => {
                if !is_finished(file, next) {
                    return Err(Refusal::Truncated);
                }
                findings.icc = profile.joined();
                return Ok(findings);
            }
            // Every start of frame but the tables and the extensions that share its range.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && findings.size.is_none() => {
                findings.size = Some(frame(body)?);
            }
            0xe1 if findings.exif.is_none() => findings.exif = body.strip_prefix(b"Exif\0\0"),
            0xe2 => profile.add(body),
            _ => {}
        }
        at = next;
    }
}

/// The next marker at or after `at`, its content, and where the content ends.
fn segment(file: &[u8], mut at: usize) -> Option<(u8, &[u8], usize)> {
    loop {
        at += file.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        let marker = *file.get(at + 1)?;
        match marker {
            // Fill bytes, stuffed zeros, and markers that stand alone.
            0xff => at += 1,
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            END => return Some((marker, &[], at + 2)),
            _ => {
                let length = usize::from(u16::from_be_bytes([*file.get(at + 2)?, *file.get(at + 3)?]));
                let body = file.get(at + 4..at + 2 + length.max(2))?;
                return Some((marker, body, at + 2 + length.max(2)));
            }
        }
    }
}

fn frame(body: &[u8]) -> Result<(u32, u32), Refusal> {
    let [precision, h1, h0, w1, w0, ..] = *body else {
        return Err(Refusal::Truncated);
    };
    if precision != 8 {
        return Err(Refusal::Unsupported {
            what: format!("A JPEG of {precision} bits"),
        });
    }
    Ok((
        u32::from(u16::from_be_bytes([w1, w0])),
        u32::from(u16::from_be_bytes([h1, h0])),
    ))
}

/// Phones put videos and second pictures after the end, so it is looked for; but a file that closes
/// with it, as nearly all do, need not be read through.
fn is_finished(file: &[u8], scan: usize) -> bool {
    let trimmed = file
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    if trimmed > scan && file[..trimmed].ends_with(&[0xff, END]) {
        return true;
    }
    let mut at = scan;
    while let Some((marker, _, next)) = segment(file, at) {
        if marker == END {
            return true;
        }
        at = next;
    }
    false
}

/// A colour profile comes in numbered pieces of up to 64 kB (ICC.1:2022, annex B.4).
#[derive(Default)]
struct Profile<'a> {
    pieces: Vec<(u8, u8, &'a [u8])>,
}

impl<'a> Profile<'a> {
    fn add(&mut self, body: &'a [u8]) {
        if let Some([number, of, piece @ ..]) = body.strip_prefix(b"ICC_PROFILE\0") {
            self.pieces.push((*number, *of, piece));
        }
    }

    /// The whole, or nothing if a piece is missing, doubled or out of count.
    fn joined(mut self) -> Option<Cow<'a, [u8]>> {
        self.pieces.sort_by_key(|(number, ..)| *number);
        let expected = self.pieces.len();
        let complete = (1..)
            .zip(&self.pieces)
            .all(|(place, (number, of, _))| place == *number && usize::from(*of) == expected);
        let length: usize = self.pieces.iter().map(|(.., piece)| piece.len()).sum();
        if !complete || length > LARGEST_ICC {
            return None;
        }
        match self.pieces.as_slice() {
            [] => None,
            [(.., only)] => Some(Cow::Borrowed(only)),
            several => Some(Cow::Owned(
                several.iter().flat_map(|(.., piece)| *piece).copied().collect(),
            )),
        }
    }
}
