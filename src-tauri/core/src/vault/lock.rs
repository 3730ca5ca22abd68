//! One process at a time owns a data directory; the second is told who holds it. The words are in a file of their own:
//! on Windows nobody else can read a file that is locked.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
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
        let (path, holder) = (data_dir.join("lock"), data_dir.join("lock.holder"));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(VaultError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut words = String::new();
                // The holder's words are a courtesy: a lock without them is held all the same.
                let _ = File::open(&holder).and_then(|file| file.take(200).read_to_string(&mut words));
                return Err(VaultError::Held { holder: words });
            }
            Err(TryLockError::Error(source)) => return Err(VaultError::io("lock", &path)(source)),
        }
        let words = format!("{program}, process {}, since {since}", std::process::id());
        File::create(&holder)
            .and_then(|mut file| file.write_all(words.as_bytes()))
            .map_err(VaultError::io("write", &holder))?;
        Ok(Self { _file: file })
    }
}
