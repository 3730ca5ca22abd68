//! One process at a time owns a data directory; the second is told who holds it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::{VaultError, durable};

/// Holds the data directory until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the directory, which is made where it is missing. `program` and `since` are what the next one is told.
    ///
    /// # Errors
    /// [`VaultError::Held`] with the holder's own words; [`VaultError::Io`] where the directory can't be written.
    pub fn take(data_dir: &Path, program: &str, since: &str) -> Result<Self, VaultError> {
        durable::create_directory(data_dir)?;
        let path = data_dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(VaultError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder's words are a courtesy: a lock that can't be read is held all the same.
                let _ = (&mut file).take(200).read_to_string(&mut holder);
                return Err(VaultError::Held { holder });
            }
            Err(TryLockError::Error(source)) => return Err(VaultError::io("lock", &path)(source)),
        }
        let holder = format!("{program}, process {}, since {since}", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(VaultError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}
