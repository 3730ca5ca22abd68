//! The chunks of a WebP: size, EXIF, colour profile, and whether the file is as long as it says.

use std::borrow::Cow;

use super::{Findings, LARGEST_ICC};
use crate::refusal::Refusal;

/// Walks every chunk; the picture data is stepped over.
pub(super) fn walk(file: &[u8]) -> Result<Findings<'_>, Refusal> {
    let claimed = file.get(4..8).and_then(little_endian).ok_or(Refusal::Truncated)?;
    let content = file
        .get(12..claimed.saturating_add(8))
        .ok_or(Refusal::Truncated)?;
    let mut findings = Findings::default();
    let mut rest = content;
    while let Some((kind, after)) = rest.split_first_chunk::<4>() {
        let length = after.get(..4).and_then(little_endian).ok_or(Refusal::Truncated)?;
        let body = after.get(4..length.saturating_add(4)).ok_or(Refusal::Truncated)?;
        match kind {
            b"VP8X" => findings.size = canvas(body),
            b"VP8 " if findings.size.is_none() => findings.size = lossy_frame(body),
            b"VP8L" if findings.size.is_none() => findings.size = lossless_frame(body),
            b"EXIF" => findings.exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body)),
            b"ICCP" if body.len() <= LARGEST_ICC => findings.icc = Some(Cow::Borrowed(body)),
            _ => {}
        }
        // Chunks are padded to an even length; the last one's padding may be missing.
        rest = after.get(4 + length + length % 2..).unwrap_or_default();
    }
    Ok(findings)
}

fn little_endian(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

/// Two 24-bit numbers, each one less than the side.
fn canvas(body: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, _, w0, w1, w2, h0, h1, h2, ..] = *body else {
        return None;
    };
    Some((
        u32::from_le_bytes([w0, w1, w2, 0]) + 1,
        u32::from_le_bytes([h0, h1, h2, 0]) + 1,
    ))
}

/// 14 bits a side behind the start code of a key frame (RFC 6386, section 9.1).
fn lossy_frame(body: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *body else {
        return None;
    };
    Some((
        u32::from(u16::from_le_bytes([w0, w1]) & 0x3fff),
        u32::from(u16::from_le_bytes([h0, h1]) & 0x3fff),
    ))
}

/// 14 bits a side, each one less than the side, behind the signature.
fn lossless_frame(body: &[u8]) -> Option<(u32, u32)> {
    let [0x2f, b0, b1, b2, b3, ..] = *body else {
        return None;
    };
    let bits = u32::from_le_bytes([b0, b1, b2, b3]);
    Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}
