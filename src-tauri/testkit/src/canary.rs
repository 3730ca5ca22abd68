//! Canaries: names, notes, keys and pixels that must not be readable in anything that a session leaves behind.

use std::path::{Path, PathBuf};

/// What may be nowhere, each with what it is.
#[derive(Debug, Default)]
pub struct Canaries {
    flock: Vec<(String, Vec<u8>)>,
}

impl Canaries {
    /// Adds one. `what` names it where it is found.
    pub fn add(&mut self, what: impl Into<String>, bytes: &[u8]) {
        self.flock.push((what.into(), bytes.to_vec()));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.flock.len()
    }

    /// Reads every file below a directory. Gives what was found in which file, and how many bytes were read.
    pub fn search(&self, directory: &Path) -> (Vec<String>, usize) {
        let (mut found, mut read) = (Vec::new(), 0);
        for file in files(directory) {
            // A file that went away meanwhile holds nothing.
            let Ok(contents) = std::fs::read(&file) else {
                continue;
            };
            read += contents.len();
            let here = self.flock.iter().filter(|(_, canary)| is_in(canary, &contents));
            found.extend(here.map(|(what, _)| format!("{what} is in {}", file.display())));
        }
        (found, read)
    }
}

/// Every regular file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let (mut files, mut left) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

/// Whether the bytes occur: as they are, as UTF-16 in both orders, in hexadecimal, or in base 64 at any alignment.
pub fn is_in(canary: &[u8], contents: &[u8]) -> bool {
    let mut forms = vec![
        canary.to_vec(),
        hex(canary).into_bytes(),
        hex(canary).to_uppercase().into_bytes(),
    ];
    if let Ok(text) = std::str::from_utf8(canary) {
        forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    for skipped in 0..3 {
        // Three bytes are four letters: past what is shared with the bytes before, and without the rest.
        let aligned = &canary[(3 - skipped) % 3..];
        let whole = &aligned[..aligned.len() / 3 * 3];
        forms.push(base64(whole).into_bytes());
    }
    forms.iter().any(|form| occurs(form, contents))
}

fn occurs(what: &[u8], contents: &[u8]) -> bool {
    let first = what[0];
    let mut rest = contents;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(what) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of a multiple of three bytes; a rest is left out.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| char::from(LETTERS[bits as usize & 63]);
    bytes
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [
                letter(bits >> 18),
                letter(bits >> 12),
                letter(bits >> 6),
                letter(bits),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_sees_every_form_of_what_is_there() {
        let note = "Ghi chú của con chim hoàng yến";
        let utf16: Vec<u8> = note.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let unaligned = ["x", note].concat();
        let forms = [
            [b"...", note.as_bytes()].concat(),
            utf16,
            hex(note.as_bytes()).into_bytes(),
            base64(unaligned.as_bytes()).into_bytes(),
        ];
        let mut canaries = Canaries::default();
        canaries.add("the note", note.as_bytes());
        for form in forms {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("deep")).unwrap();
            let file = folder.path().join("deep/file");
            std::fs::File::create(&file)
                .and_then(|mut file| std::io::Write::write_all(&mut file, &form))
                .unwrap();
            assert_eq!(canaries.search(folder.path()).0.len(), 1);
        }
        let empty = tempfile::tempdir().unwrap();
        assert!(canaries.search(empty.path()).0.is_empty());
    }
}
