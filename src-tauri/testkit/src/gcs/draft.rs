//! Bytes on their way to become an object, and their checksums.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::Value;

use super::reply::Refusal;

/// Size and checksums of an object's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) size: u64,
    pub(super) crc32c: u32,
    pub(super) md5: [u8; 16],
}

impl Sums {
    /// Base 64 of the four bytes in big-endian order, as in `crc32c` and `x-goog-hash`.
    pub(super) fn crc32c_text(&self) -> String {
        BASE64_STANDARD.encode(self.crc32c.to_be_bytes())
    }

    /// As in `md5Hash` and `x-goog-hash`.
    pub(super) fn md5_text(&self) -> String {
        BASE64_STANDARD.encode(self.md5)
    }
}

/// Bytes as they arrive, in order.
pub(super) struct Draft {
    size: u64,
    crc32c: u32,
    md5: md5::Context,
    bytes: Option<Vec<u8>>,
}

impl Draft {
    /// An empty one; without `keep` only the sums are kept.
    pub(super) fn new(keep: bool) -> Self {
        Self {
            size: 0,
            crc32c: 0,
            md5: md5::Context::new(),
            bytes: keep.then(Vec::new),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Adds what comes at this offset. Bytes that are there already are passed over, as Google does; a gap is refused.
    pub(super) fn add_at(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let Some(known) = self.size.checked_sub(offset) else {
            return false;
        };
        let new = bytes.get(known as usize..).unwrap_or_default();
        self.size += new.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, new);
        self.md5.consume(new);
        if let Some(kept) = &mut self.bytes {
            kept.extend_from_slice(new);
        }
        true
    }

    pub(super) fn sums(&self) -> Sums {
        Sums {
            size: self.size,
            crc32c: self.crc32c,
            md5: self.md5.clone().finalize().0,
        }
    }

    /// The bytes; `None` where they are not kept.
    pub(super) fn into_bytes(self) -> Option<Bytes> {
        self.bytes.map(Bytes::from)
    }
}

/// What the client says that the checksums are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Promise {
    crc32c: Vec<String>,
    md5: Vec<String>,
}

impl Promise {
    /// From the fields `crc32c` and `md5Hash` of an object's metadata.
    pub(super) fn read_metadata(&mut self, metadata: &Value) {
        self.crc32c.extend(metadata["crc32c"].as_str().map(str::to_owned));
        self.md5.extend(metadata["md5Hash"].as_str().map(str::to_owned));
    }

    /// From the values of `x-goog-hash` headers: `crc32c=…,md5=…`.
    pub(super) fn read_header(&mut self, value: &str) {
        for part in value.split(',').map(str::trim) {
            if let Some(crc32c) = part.strip_prefix("crc32c=") {
                self.crc32c.push(crc32c.to_owned());
            } else if let Some(md5) = part.strip_prefix("md5=") {
                self.md5.push(md5.to_owned());
            }
        }
    }

    /// Whether everything that was promised is so.
    pub(super) fn check(&self, sums: &Sums) -> Result<(), Refusal> {
        let checks = [
            ("CRC32C", &self.crc32c, sums.crc32c_text()),
            ("MD5 hash", &self.md5, sums.md5_text()),
        ];
        for (what, promised, found) in checks {
            if let Some(wrong) = promised.iter().find(|promised| **promised != found) {
                return Err(Refusal::invalid(format!(
                    "Provided {what} \"{wrong}\" doesn't match calculated {what} \"{found}\"."
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_that_google_documents() {
        let mut draft = Draft::new(true);
        assert!(draft.add_at(0, b"The quick brown fox jumps over "));
        assert!(draft.add_at(20, b"jumps over the lazy dog\n"));
        assert!(!draft.add_at(100, b"a gap"));
        let sums = draft.sums();
        assert_eq!(sums.size, 44);
        assert_eq!(sums.crc32c_text(), "/ieOcg==");
        assert_eq!(sums.md5_text(), "N8S4ft/8XRmP9aGFzufuCQ==");
        assert_eq!(
            draft.into_bytes().unwrap(),
            "The quick brown fox jumps over the lazy dog\n"
        );
    }

    #[test]
    fn a_broken_promise_is_found_wherever_it_was_made() {
        let sums = Draft::new(false).sums();
        let mut promise = Promise::default();
        promise.read_header("crc32c=AAAAAA==, md5=1B2M2Y8AsgTpgAmY7PhCfg==");
        assert!(promise.check(&sums).is_ok());
        promise.read_metadata(&serde_json::json!({ "crc32c": "AAAAAQ==" }));
        assert!(promise.check(&sums).is_err());
    }
}
