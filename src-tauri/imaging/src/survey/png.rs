//! The chunks of a PNG: size, EXIF, colour profile, bombs in compressed text, and the end.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Findings, LARGEST_ICC, check_size};
use crate::refusal::Refusal;

/// What all compressed text of a file may unpack to. Editors' histories reach a few megabytes.
const LARGEST_TEXT: u64 = 16 * 1024 * 1024;

/// Walks every chunk; the picture data is stepped over.
pub(super) fn walk(file: &[u8]) -> Result<Findings<'_>, Refusal> {
    let mut findings = Findings::default();
    let mut text_left = LARGEST_TEXT;
    let mut at = 8;
    loop {
        let (kind, body) = chunk(file, at).ok_or(Refusal::Truncated)?;
        match kind {
            b"IHDR" => {
                let [w3, w2, w1, w0, h3, h2, h1, h0, ..] = *body else {
                    return Err(Refusal::Truncated);
                };
                let (width, height) = (
                    u32::from_be_bytes([w3, w2, w1, w0]),
                    u32::from_be_bytes([h3, h2, h1, h0]),
                );
                check_size(width, height)?;
                findings.size = Some((width, height));
            }
            b"iCCP" => findings.icc = profile(body)?.map(Cow::Owned),
            b"zTXt" => text_left = text(after_keyword(body), text_left, "zTXt")?,
            b"iTXt" => text_left = text(compressed_international(body), text_left, "iTXt")?,
            b"eXIf" if findings.exif.is_none() => findings.exif = Some(body),
            b"IEND" => return Ok(findings),
            _ => {}
        }
        at += body.len() + 12;
    }
}

/// Kind and content of the chunk at `at`, if the file holds it whole with its checksum.
fn chunk(file: &[u8], at: usize) -> Option<(&[u8; 4], &[u8])> {
    let (length, rest) = file.get(at..)?.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    rest.get(length..length.checked_add(4)?)?;
    Some((kind, &rest[..length]))
}

/// The zlib stream behind a keyword and the method byte.
fn after_keyword(body: &[u8]) -> Option<&[u8]> {
    let end = body.iter().position(|byte| *byte == 0)?;
    body.get(end + 2..)
}

/// The zlib stream of an international text, if it is compressed at all.
fn compressed_international(body: &[u8]) -> Option<&[u8]> {
    let end = body.iter().position(|byte| *byte == 0)?;
    let [1, _, rest @ ..] = body.get(end + 1..)? else {
        return None;
    };
    let language = rest.iter().position(|byte| *byte == 0)?;
    let rest = rest.get(language + 1..)?;
    let keyword = rest.iter().position(|byte| *byte == 0)?;
    rest.get(keyword + 1..)
}

/// Unpacks a profile up to the limit. One that is merely broken counts as none.
fn profile(body: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(packed) = after_keyword(body) else {
        return Ok(None);
    };
    let mut profile = Vec::new();
    let outcome = ZlibDecoder::new(packed)
        .take(LARGEST_ICC as u64 + 1)
        .read_to_end(&mut profile);
    if profile.len() > LARGEST_ICC {
        return Err(Refusal::Bomb {
            what: "its colour profile (iCCP) unpacks without end".to_owned(),
        });
    }
    Ok(outcome.ok().map(|_| profile))
}

/// Counts what `packed` unpacks to and gives what is left of the allowance. The text itself is for nobody.
fn text(packed: Option<&[u8]>, left: u64, kind: &str) -> Result<u64, Refusal> {
    let Some(packed) = packed else { return Ok(left) };
    let mut unpacked = ZlibDecoder::new(packed).take(left + 1);
    // A broken stream unpacked what it could; only the amount matters.
    let _ = std::io::copy(&mut unpacked, &mut std::io::sink());
    // `limit` is what the stream did not use of `left + 1`.
    match unpacked.limit() {
        0 => Err(Refusal::Bomb {
            what: format!("its text ({kind}) unpacks without end"),
        }),
        unused => Ok(unused - 1),
    }
}
