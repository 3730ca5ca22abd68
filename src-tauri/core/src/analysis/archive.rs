//! A model that comes as one `.zip`: its files are taken out of it into a folder, and nothing else is.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::folder::{self, CONFIG, MANIFEST, ModelError, NETWORK, PREPROCESSOR};

/// What a model consists of.
const FILES: [&str; 4] = [NETWORK, CONFIG, PREPROCESSOR, MANIFEST];

/// An archive names more files than this only to cost time.
const MOST_ENTRIES: usize = 10_000;

/// Takes the model's files out of an archive, where they lie beside each other in whatever folder. `into` must not be there.
///
/// # Errors
/// [`ModelError::Archive`] for what is no archive or holds several models, [`ModelError::FileTooLarge`] for a file that grows
/// past what such a file may have, whatever the archive says of its size, and [`ModelError::NotStored`].
pub(super) fn unpack(archive: &Path, into: &Path) -> Result<(), ModelError> {
    let file = File::open(archive).map_err(|_| unreadable("it can't be opened"))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| as_told(&error))?;
    if archive.len() > MOST_ENTRIES {
        return Err(unreadable("it holds too many files"));
    }
    fs::create_dir_all(into)?;
    let mut beside: Option<PathBuf> = None;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|error| as_told(&error))?;
        // A name that leads out of the folder is none of ours.
        let Some(path) = entry.enclosed_name() else {
            continue;
        };
        let Some(file) = FILES.into_iter().find(|file| path.ends_with(file)) else {
            continue;
        };
        if !entry.is_file() {
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        if *beside.get_or_insert_with(|| folder.clone()) != folder {
            return Err(unreadable("it holds more than one model"));
        }
        take_out(&mut entry, file, &into.join(file))?;
    }
    Ok(())
}

/// Copies one file, no further than such a file may reach.
fn take_out(entry: &mut impl Read, file: &'static str, to: &Path) -> Result<(), ModelError> {
    let limit = folder::limit_of(file);
    let mut target = match File::create_new(to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(unreadable("it holds a file twice"));
        }
        target => target?,
    };
    let mut piece = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = match entry.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(unreadable("it is damaged")),
        };
        bytes += read as u64;
        if bytes > limit {
            return Err(ModelError::FileTooLarge { file, bytes, limit });
        }
        io::Write::write_all(&mut target, piece.get(..read).unwrap_or_default())?;
    }
}

fn as_told(error: &ZipError) -> ModelError {
    unreadable(match error {
        ZipError::UnsupportedArchive(_) => "it is encrypted, or packed in a way that is not read here",
        _ => "it is damaged or no .zip",
    })
}

const fn unreadable(reason: &'static str) -> ModelError {
    ModelError::Archive { reason }
}
