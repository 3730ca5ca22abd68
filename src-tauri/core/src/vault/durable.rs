//! Writes that survive a power cut: temporary file, fsync, rename, fsync of the directory.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use super::VaultError;

/// Marks a file that was being written when the power went; it was never reported to anybody.
const UNFINISHED: &str = ".unfinished";

/// Replaces the file in one step: after a power cut it holds the old bytes or the new ones, whole.
///
/// # Errors
/// [`VaultError::Io`]; the old file is untouched then.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let written = write_synced(&unfinished, bytes, OpenOptions::new().create(true).truncate(true))
        .and_then(|()| std::fs::rename(&unfinished, path).map_err(VaultError::io("rename", &unfinished)));
    if written.is_err() {
        // Whatever could not be written is of no use; where even this fails, the next start sweeps it.
        let _ = std::fs::remove_file(&unfinished);
    }
    written.and_then(|()| sync_name(path))
}

/// Gives a file another name in the same directory, durably. Whatever had that name is replaced.
///
/// # Errors
/// [`VaultError::Io`].
pub(super) fn rename_durably(from: &Path, to: &Path) -> Result<(), VaultError> {
    std::fs::rename(from, to).map_err(VaultError::io("rename", from))?;
    sync_name(to)
}

/// Makes the name durable that a file was just given. Windows has no sync of a directory: there a sync of the file
/// under its new name writes the journal as well, in which the renaming is.
fn sync_name(path: &Path) -> Result<(), VaultError> {
    if cfg!(windows) {
        return OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|open| open.sync_all())
            .map_err(VaultError::io("sync", path));
    }
    sync_directory(parent(path))
}

/// Makes the names in a directory durable. Windows has no such call and journals names itself.
///
/// # Errors
/// [`VaultError::Io`].
pub fn sync_directory(directory: &Path) -> Result<(), VaultError> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(directory)
        .and_then(|open| open.sync_all())
        .map_err(VaultError::io("sync", directory))
}

/// Writes a file that must not exist yet and that only its owner may read.
pub(super) fn write_new_private(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    write_synced(path, bytes, OpenOptions::new().create_new(true))?;
    sync_directory(parent(path))
}

/// Makes the directory and, durably, its name. Only the owner may look in.
pub(super) fn create_directory(directory: &Path) -> Result<(), VaultError> {
    if directory.is_dir() {
        return Ok(());
    }
    let above = parent(directory);
    if !above.as_os_str().is_empty() && !above.is_dir() {
        create_directory(above)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(VaultError::io("create", directory)(error))
        }
        _ => sync_directory(above),
    }
}

/// What is in a directory; nothing where there is none.
pub(super) fn entries(directory: &Path) -> Result<Vec<PathBuf>, VaultError> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(VaultError::reading("list", directory))
}

/// Whether a power cut left it behind.
pub(super) fn is_unfinished(file: &Path) -> bool {
    file.to_string_lossy().ends_with(UNFINISHED)
}

/// Removes a file; that it is gone already is fine.
///
/// # Errors
/// [`VaultError::Io`].
pub fn remove(file: &Path) -> Result<(), VaultError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(VaultError::io("remove", file)(error))
        }
        _ => Ok(()),
    }
}

fn write_synced(path: &Path, bytes: &[u8], options: &mut OpenOptions) -> Result<(), VaultError> {
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let mut file = options.open(path).map_err(VaultError::io("create", path))?;
    file.write_all(bytes).map_err(VaultError::io("write", path))?;
    file.sync_all().map_err(VaultError::io("sync", path))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
