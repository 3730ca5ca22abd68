//! One photo, one sealed file: the original, the derivative and the thumbnail, each in authenticated chunks.
//!
//! ```text
//! header   "SWPHOTO1"                    8 bytes
//!          photo id                     16 bytes
//!          salt                         15 random bytes
//!          number of parts               1 byte, 1 to 3
//!          per part: tag, length         1 + 8 bytes (little endian), tags ascending, length at least 1
//! body     per part, in that order: chunks of 65,536 plaintext bytes (the last may be shorter), each
//!          XChaCha20-Poly1305 with nonce = salt ‖ tag ‖ chunk number, associated data = the whole header; + 16 bytes tag
//! ```
//! The header is the associated data of every chunk, so that no bit of the file can change unnoticed: not its lengths,
//! not its order, not whose photo it is. The salt lets a file be written again under the same key.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use chacha20poly1305::{AeadInPlace, KeyInit, Tag, XChaCha20Poly1305, XNonce};

use super::{Secret, VaultError};
use crate::clinical::PhotoId;

const MAGIC: &[u8; 8] = b"SWPHOTO1";
const CHUNK: usize = 65_536;
const TAG: usize = 16;
const SALT: usize = 15;
const FIXED: usize = 8 + 16 + SALT + 1;
const PER_PART: usize = 1 + 8;

/// Which image of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// As it came, byte for byte.
    Original = 1,
    /// Upright sRGB JPEG within 1024 px.
    Derivative = 2,
    /// The same within 256 px.
    Thumbnail = 3,
}

/// What is sealed into one file.
pub struct Parts<'a> {
    /// As it came.
    pub original: &'a [u8],
    /// Made from it.
    pub derivative: &'a [u8],
    /// Made from it.
    pub thumbnail: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) const fn in_order(&self) -> [(Part, &'a [u8]); 3] {
        [
            (Part::Original, self.original),
            (Part::Derivative, self.derivative),
            (Part::Thumbnail, self.thumbnail),
        ]
    }
}

/// The bytes of the sealed file. The parts come with their tags ascending.
pub(super) fn seal(photo: PhotoId, key: &Secret, parts: &[(Part, &[u8])]) -> Result<Vec<u8>, VaultError> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(|what| VaultError::NoRandomness { what })?;
    let header = Header {
        photo,
        salt,
        parts: parts
            .iter()
            .map(|(part, bytes)| (*part, bytes.len() as u64))
            .collect(),
    };
    let encoded = header.encode();
    let body: usize = parts
        .iter()
        .map(|(_, bytes)| bytes.len() + bytes.len().div_ceil(CHUNK) * TAG)
        .sum();
    let mut out = Vec::with_capacity(encoded.len() + body);
    out.extend_from_slice(&encoded);
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    for (part, bytes) in parts {
        for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
            let start = out.len();
            out.extend_from_slice(chunk);
            let tag = cipher
                .encrypt_in_place_detached(&header.nonce(*part, number as u64), &encoded, &mut out[start..])
                .map_err(|_| VaultError::PhotoDamaged {
                    photo,
                    what: "it could not be sealed",
                })?;
            out.extend_from_slice(&tag);
        }
    }
    Ok(out)
}

/// One part in the clear. The file has the first of those names under which there is one.
pub(super) fn open(
    paths: &[PathBuf],
    photo: PhotoId,
    key: &Secret,
    part: Part,
) -> Result<Vec<u8>, VaultError> {
    let mut sealed = Sealed::read(paths, photo)?;
    let Some(&(_, length)) = sealed.header.parts.iter().find(|(there, _)| *there == part) else {
        return Err(VaultError::PhotoDamaged {
            photo,
            what: "that image is not in it",
        });
    };
    let mut out = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    sealed.chunks(key, part, |chunk| out.extend_from_slice(chunk))?;
    Ok(out)
}

/// Every part in the clear; none where there is no file.
pub(super) fn open_all(
    paths: &[PathBuf],
    photo: PhotoId,
    key: &Secret,
) -> Result<BTreeMap<Part, Vec<u8>>, VaultError> {
    let mut parts = BTreeMap::new();
    if first_of(paths)?.is_none() {
        return Ok(parts);
    }
    let mut sealed = Sealed::read(paths, photo)?;
    for (part, _) in sealed.header.parts.clone() {
        let mut bytes = Vec::new();
        sealed.chunks(key, part, |chunk| bytes.extend_from_slice(chunk))?;
        parts.insert(part, bytes);
    }
    Ok(parts)
}

/// Those parts of a damaged file in the clear that are whole.
pub(super) fn open_whole(
    paths: &[PathBuf],
    photo: PhotoId,
    key: &Secret,
) -> Result<BTreeMap<Part, Vec<u8>>, VaultError> {
    let mut parts = BTreeMap::new();
    for part in [Part::Original, Part::Derivative, Part::Thumbnail] {
        match open(paths, photo, key, part) {
            Ok(bytes) => drop(parts.insert(part, bytes)),
            Err(VaultError::PhotoDamaged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

/// Authenticates every chunk of every part. Gives the file's length.
pub(super) fn verify(paths: &[PathBuf], photo: PhotoId, key: &Secret) -> Result<u64, VaultError> {
    let mut sealed = Sealed::read(paths, photo)?;
    for (part, _) in sealed.header.parts.clone() {
        sealed.chunks(key, part, |_| ())?;
    }
    Ok(sealed.length)
}

struct Header {
    photo: PhotoId,
    salt: [u8; SALT],
    parts: Vec<(Part, u64)>,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED + self.parts.len() * PER_PART);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(self.photo.0.as_bytes());
        out.extend_from_slice(&self.salt);
        out.push(u8::try_from(self.parts.len()).unwrap_or_default());
        for (part, length) in &self.parts {
            out.push(*part as u8);
            out.extend_from_slice(&length.to_le_bytes());
        }
        out
    }

    /// `None` for anything that [`Header::encode`] would not have written.
    fn decode(fixed: &[u8; FIXED], listed: &[u8]) -> Option<Self> {
        let photo = PhotoId(uuid::Uuid::from_slice(&fixed[8..24]).ok()?);
        let salt = fixed[24..24 + SALT].try_into().ok()?;
        let parts = listed
            .chunks_exact(PER_PART)
            .map(|listed| {
                let part = match listed[0] {
                    1 => Part::Original,
                    2 => Part::Derivative,
                    3 => Part::Thumbnail,
                    _ => return None,
                };
                let length = u64::from_le_bytes(listed[1..].try_into().ok()?);
                (length > 0 && length < 1 << 40).then_some((part, length))
            })
            .collect::<Option<Vec<_>>>()?;
        let ascending = parts.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (fixed.starts_with(MAGIC) && ascending && !parts.is_empty()).then_some(Self { photo, salt, parts })
    }

    fn nonce(&self, part: Part, chunk: u64) -> XNonce {
        let mut nonce = [0; 24];
        nonce[..SALT].copy_from_slice(&self.salt);
        nonce[SALT] = part as u8;
        nonce[SALT + 1..].copy_from_slice(&chunk.to_le_bytes());
        nonce.into()
    }
}

/// Opens the first file that is there.
fn first_of(paths: &[PathBuf]) -> Result<Option<(File, &Path)>, VaultError> {
    for path in paths {
        match File::open(path) {
            Ok(file) => return Ok(Some((file, path))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(VaultError::reading("open", path)(source)),
        }
    }
    Ok(None)
}

/// A part of `length` bytes takes this many in the file.
const fn sealed_length(length: u64) -> u64 {
    length + length.div_ceil(CHUNK as u64) * TAG as u64
}

struct Sealed {
    file: File,
    header: Header,
    encoded: Vec<u8>,
    length: u64,
}

impl Sealed {
    fn read(paths: &[PathBuf], photo: PhotoId) -> Result<Self, VaultError> {
        let damaged = |what| VaultError::PhotoDamaged { photo, what };
        let (mut file, path) = first_of(paths)?.ok_or_else(|| damaged("the file is missing"))?;
        let mut fixed = [0; FIXED];
        file.read_exact(&mut fixed)
            .map_err(|_| damaged("the header is shortened"))?;
        let count = usize::from(fixed[FIXED - 1]);
        if !(1..=3).contains(&count) {
            return Err(damaged("the header is changed"));
        }
        let mut listed = vec![0; count * PER_PART];
        file.read_exact(&mut listed)
            .map_err(|_| damaged("the header is shortened"))?;
        let header = Header::decode(&fixed, &listed).ok_or_else(|| damaged("the header is changed"))?;
        if header.photo != photo {
            return Err(damaged("it is another photo's file"));
        }
        let encoded = header.encode();
        let length = file
            .metadata()
            .map_err(VaultError::reading("look at", path))?
            .len();
        let expected = encoded.len() as u64
            + header
                .parts
                .iter()
                .map(|(_, plain)| sealed_length(*plain))
                .sum::<u64>();
        if length != expected {
            return Err(damaged("its length does not fit"));
        }
        Ok(Self {
            file,
            header,
            encoded,
            length,
        })
    }

    fn chunks(&mut self, key: &Secret, wanted: Part, mut take: impl FnMut(&[u8])) -> Result<(), VaultError> {
        let damaged = |what| VaultError::PhotoDamaged {
            photo: self.header.photo,
            what,
        };
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        let before = self.header.parts.iter().take_while(|(part, _)| *part != wanted);
        let start = self.encoded.len() as u64 + before.map(|(_, plain)| sealed_length(*plain)).sum::<u64>();
        let mut left = self
            .header
            .parts
            .iter()
            .find(|(part, _)| *part == wanted)
            .map_or(0, |(_, plain)| *plain);
        self.file
            .seek(SeekFrom::Start(start))
            .map_err(|_| damaged("it can't be read"))?;
        let mut buffer = vec![0; CHUNK + TAG];
        for number in 0.. {
            if left == 0 {
                break;
            }
            let plain = usize::try_from(left.min(CHUNK as u64)).unwrap_or(CHUNK);
            let sealed = &mut buffer[..plain + TAG];
            self.file
                .read_exact(sealed)
                .map_err(|_| damaged("it can't be read"))?;
            let (chunk, tag) = sealed.split_at_mut(plain);
            cipher
                .decrypt_in_place_detached(
                    &self.header.nonce(wanted, number),
                    &self.encoded,
                    chunk,
                    Tag::from_slice(tag),
                )
                .map_err(|_| damaged("its contents are changed"))?;
            take(chunk);
            left -= plain as u64;
        }
        Ok(())
    }
}
