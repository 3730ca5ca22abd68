//! Keys and sealed image files: what stands between a stolen machine and a patient's photographs.
//!
//! # Threat
//! Somebody takes the disk, a backup of it, or the whole machine switched off. They read every file, flip bits, swap
//! files and put old ones back. They must learn no name and no pixel, and whatever they change must be noticed before
//! it is shown. Who holds the running process holds its keys; that is outside.
//!
//! # Keys
//! One random **clinic data key** wraps all others and exists in the clear in memory only. `vault.json` holds it twice:
//! wrapped by the **device key** (32 random bytes in the operating system's keyring, or in a key file) and wrapped by
//! the **recovery key** (152 random bits on paper). The **database key** is wrapped by the data key in the same file;
//! each photo's own key is wrapped by the data key in the photo's row, so that deleting the row makes the file
//! unreadable. All wrapping is XChaCha20-Poly1305 with a random nonce and the purpose as associated data.

mod durable;
mod envelope;
mod error;
pub mod key;
mod lock;
mod recovery;
mod sealed;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

pub use durable::{remove, sync_directory, write_durably};
pub use envelope::{Envelope, Unlocked};
pub use error::VaultError;
pub use key::{DeviceKey, KeyPlace, Secret};
pub use lock::DirectoryLock;
pub use recovery::RecoveryKey;
pub use sealed::{Part, Parts};

use crate::clinical::PhotoId;

/// An unlocked vault: seals photos into `photos/` of one data directory and opens them again.
pub struct Vault {
    photos: PathBuf,
    keys: Unlocked,
    /// Directories whose names are known to be durable.
    named: Mutex<HashSet<PathBuf>>,
}

impl Vault {
    /// The vault of that data directory; the keys come from [`Envelope::unlock`].
    pub fn new(data_dir: &Path, keys: Unlocked) -> Self {
        Self {
            photos: data_dir.join("photos"),
            keys,
            named: Mutex::default(),
        }
    }

    /// The keys, for wrapping the data key anew.
    pub fn keys(&self) -> &Unlocked {
        &self.keys
    }

    /// Seals the parts under a new key and makes file and directory durable. Gives the wrapped key for the photo's row.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk is full or read-only; no partial file carries the photo's name then.
    pub fn seal(&self, photo: PhotoId, parts: &Parts<'_>) -> Result<Vec<u8>, VaultError> {
        let key = Secret::random()?;
        let wrapped = self.keys.wrap_photo_key(photo, &key)?;
        let directory = self.directory_of(photo);
        self.name_durably(&directory)?;
        let bytes = sealed::seal(photo, &key, parts)?;
        write_durably(&self.path_of(photo), &bytes)?;
        Ok(wrapped)
    }

    /// Reads one part of a sealed photo, every byte of it authenticated.
    ///
    /// # Errors
    /// [`VaultError::PhotoDamaged`] where the file is missing, shortened or changed, or the key is not its own.
    pub fn open(&self, photo: PhotoId, wrapped_key: &[u8], part: Part) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        sealed::open(&self.path_of(photo), photo, &key, part)
    }

    /// Authenticates every byte of a sealed photo without keeping any. Gives the file's length.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn verify(&self, photo: PhotoId, wrapped_key: &[u8]) -> Result<u64, VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        sealed::verify(&self.path_of(photo), photo, &key)
    }

    /// Removes a sealed file whose row was never committed. A missing file is fine.
    ///
    /// # Errors
    /// Where the directory can't be written.
    pub fn discard(&self, photo: PhotoId) -> Result<(), VaultError> {
        durable::remove(&self.path_of(photo))
    }

    /// The ids of all sealed files.
    ///
    /// # Errors
    /// Where a directory can't be read.
    pub fn sealed_photos(&self) -> Result<Vec<PhotoId>, VaultError> {
        Ok(self.files()?.iter().filter_map(|file| photo_of(file)).collect())
    }

    /// Removes what a power cut left half-written, and gives the ids of all sealed files. Only while nothing is kept.
    ///
    /// # Errors
    /// Where a directory can't be read or written.
    pub fn sweep_unfinished(&self) -> Result<Vec<PhotoId>, VaultError> {
        let files = self.files()?;
        for file in files.iter().filter(|file| durable::is_unfinished(file)) {
            durable::remove(file)?;
        }
        Ok(files.iter().filter_map(|file| photo_of(file)).collect())
    }

    /// Makes the directory, and its name durable even where it is there already: whoever made it may not have come to
    /// syncing it, be it another thread just now or a process that was killed.
    fn name_durably(&self, directory: &Path) -> Result<(), VaultError> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.contains(directory) {
            return Ok(());
        }
        durable::create_directory(directory)?;
        sync_directory(&self.photos)?;
        if let (true, Some(data_dir)) = (named.is_empty(), self.photos.parent()) {
            sync_directory(data_dir)?;
        }
        named.insert(directory.to_owned());
        Ok(())
    }

    fn files(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut files = Vec::new();
        for directory in durable::entries(&self.photos)? {
            files.extend(durable::entries(&directory)?);
        }
        Ok(files)
    }

    /// `photos/<last two hex digits>/<uuid>.sealed`: the first two digits of a UUIDv7 are its time and the same for
    /// decades, the last two are random, so that no directory grows large.
    fn path_of(&self, photo: PhotoId) -> PathBuf {
        self.directory_of(photo).join(format!("{photo}.sealed"))
    }

    fn directory_of(&self, photo: PhotoId) -> PathBuf {
        self.photos.join(format!("{:02x}", photo.0.as_bytes()[15]))
    }
}

fn photo_of(file: &Path) -> Option<PhotoId> {
    file.file_name()?.to_str()?.strip_suffix(".sealed")?.parse().ok()
}
