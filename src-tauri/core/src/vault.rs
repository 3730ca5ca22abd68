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
//!
//! # Names of sealed files
//! ```text
//! <uuid>.sealed.keeping   whole and durable; its row is not known to be committed, and nobody was told of it
//! <uuid>.sealed           its row was committed before it got this name; told to a person only afterwards
//! <uuid>.sealed.orphan    had the name above at a start whose database has no row for it
//! ….unfinished            was being written
//! ```
//! The name tells a start what a missing row means. Without one, `.keeping` is a photo whose keeping was cut short: it
//! was never reported and goes. A `.sealed` without a row proves that the database is not the one that it was, be it last
//! night's or one without its log: it stays, is named by a check, and is put back when its row is.

mod durable;
mod envelope;
mod error;
mod hardening;
pub mod key;
mod lock;
mod recovery;
mod sealed;

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

pub use durable::{remove, sync_directory, write_durably};
pub use envelope::{Envelope, Unlocked};
pub use error::VaultError;
pub use hardening::keep_memory_private;
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
    /// Held while a file is replaced by one with other images in it.
    adding: Mutex<()>,
    /// See [`Vault::alone`].
    alone: tokio::sync::Mutex<()>,
}

impl Vault {
    /// The vault of that data directory; the keys come from [`Envelope::unlock`].
    pub fn new(data_dir: &Path, keys: Unlocked) -> Self {
        Self {
            photos: data_dir.join("photos"),
            keys,
            named: Mutex::default(),
            adding: Mutex::default(),
            alone: tokio::sync::Mutex::default(),
        }
    }

    /// The keys, for wrapping the data key anew.
    pub fn keys(&self) -> &Unlocked {
        &self.keys
    }

    /// Seals the parts under a new key and makes file and directory durable, under a name that says that the row is still
    /// to come. Gives the wrapped key for it.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk is full or read-only; no partial file carries the photo's name then.
    pub fn seal(&self, photo: PhotoId, parts: &Parts<'_>) -> Result<Vec<u8>, VaultError> {
        let key = Secret::random()?;
        let wrapped = self.keys.wrap_photo_key(photo, &key)?;
        let directory = self.directory_of(photo);
        self.name_durably(&directory)?;
        let bytes = sealed::seal(photo, &key, &parts.in_order())?;
        write_durably(&self.path_of(photo, Standing::Keeping), &bytes)?;
        Ok(wrapped)
    }

    /// A new key for a photo that comes from elsewhere, wrapped for its row. Its images are added as they come.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn new_photo_key(&self, photo: PhotoId) -> Result<Vec<u8>, VaultError> {
        self.keys.wrap_photo_key(photo, &Secret::random()?)
    }

    /// Seals a photo that has a row anew, from the same original; the file is replaced as a whole, durably.
    ///
    /// # Errors
    /// As [`Vault::seal`]; [`VaultError::PhotoDamaged`] where the key is not the photo's.
    pub fn seal_again(
        &self,
        photo: PhotoId,
        wrapped_key: &[u8],
        parts: &Parts<'_>,
    ) -> Result<(), VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        let _alone = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        self.name_durably(&self.directory_of(photo))?;
        self.replace(photo, &key, &parts.in_order())
    }

    /// Seals one more image of a photo that has a row, beside those that are sealed already and whole; the file is replaced as a
    /// whole, durably.
    ///
    /// # Errors
    /// As [`Vault::seal`] and [`Vault::open`].
    pub fn add_part(
        &self,
        photo: PhotoId,
        wrapped_key: &[u8],
        part: Part,
        bytes: &[u8],
    ) -> Result<(), VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        let _alone = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = self.paths_of(photo);
        let mut parts = match sealed::open_all(&paths, photo, &key) {
            Err(VaultError::PhotoDamaged { .. }) => sealed::open_whole(&paths, photo, &key)?,
            parts => parts?,
        };
        parts.insert(part, bytes.to_vec());
        self.name_durably(&self.directory_of(photo))?;
        self.seal_anew(photo, &key, &parts)
    }

    /// Takes one image out of a photo's sealed file; the file is replaced as a whole, durably, and removed where it was the
    /// last. One that is not in it is fine.
    ///
    /// # Errors
    /// As [`Vault::seal`] and [`Vault::open`].
    pub fn remove_part(&self, photo: PhotoId, wrapped_key: &[u8], part: Part) -> Result<(), VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        let _alone = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts = sealed::open_all(&self.paths_of(photo), photo, &key)?;
        if parts.remove(&part).is_none() {
            return Ok(());
        }
        if parts.is_empty() {
            return self.remove_photo(photo);
        }
        self.seal_anew(photo, &key, &parts)
    }

    /// Replaces a photo's sealed file by one with these images, durably.
    fn seal_anew(
        &self,
        photo: PhotoId,
        key: &Secret,
        parts: &BTreeMap<Part, Vec<u8>>,
    ) -> Result<(), VaultError> {
        let parts: Vec<_> = parts
            .iter()
            .map(|(part, bytes)| (*part, bytes.as_slice()))
            .collect();
        self.replace(photo, key, &parts)
    }

    fn replace(&self, photo: PhotoId, key: &Secret, parts: &[(Part, &[u8])]) -> Result<(), VaultError> {
        write_durably(
            &self.path_of(photo, Standing::Kept),
            &sealed::seal(photo, key, parts)?,
        )
    }

    /// Removes a photo's sealed file under whichever of its names, durably. Only where the centre's confirmation that the
    /// photo is deleted is recorded. A missing file is fine.
    ///
    /// # Errors
    /// Where the directory can't be written.
    pub fn remove_photo(&self, photo: PhotoId) -> Result<(), VaultError> {
        for standing in [Standing::Kept, Standing::Keeping, Standing::Orphan] {
            durable::remove(&self.path_of(photo, standing))?;
        }
        let directory = self.directory_of(photo);
        match directory.is_dir() {
            true => sync_directory(&directory),
            false => Ok(()),
        }
    }

    /// Held by whoever changes which images a sealed file holds and what the rows say of it, so that nobody else does either
    /// in between.
    pub async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.alone.lock().await
    }

    /// Gives a sealed file its lasting name, durably. Only after its row was committed, and before anybody is told. One that
    /// has it already is fine.
    ///
    /// # Errors
    /// Where the directory can't be written; the photo opens all the same.
    pub fn settle(&self, photo: PhotoId) -> Result<(), VaultError> {
        let kept = self.path_of(photo, Standing::Kept);
        if kept.exists() {
            // Whoever named it so may not have come to syncing it.
            sync_directory(&self.directory_of(photo))?;
            return durable::remove(&self.path_of(photo, Standing::Keeping));
        }
        let keeping = self.path_of(photo, Standing::Keeping);
        // One that is gone has nothing to be renamed; whoever opens it is told.
        if keeping.exists() {
            durable::rename_durably(&keeping, &kept)?;
        }
        Ok(())
    }

    /// Reads one part of a sealed photo, every byte of it authenticated.
    ///
    /// # Errors
    /// [`VaultError::PhotoDamaged`] where the file is missing, shortened or changed, or the key is not its own.
    pub fn open(&self, photo: PhotoId, wrapped_key: &[u8], part: Part) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        sealed::open(&self.paths_of(photo), photo, &key, part)
    }

    /// Authenticates every byte of a sealed photo without keeping any. Gives the file's length.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn verify(&self, photo: PhotoId, wrapped_key: &[u8]) -> Result<u64, VaultError> {
        let key = self.keys.unwrap_photo_key(photo, wrapped_key)?;
        sealed::verify(&self.paths_of(photo), photo, &key)
    }

    /// Removes a sealed file whose row was never committed, and which therefore has no lasting name. A missing file is fine.
    ///
    /// # Errors
    /// Where the directory can't be written.
    pub fn discard(&self, photo: PhotoId) -> Result<(), VaultError> {
        durable::remove(&self.path_of(photo, Standing::Keeping))
    }

    /// Puts a file apart that has its lasting name and no row. Nothing is deleted.
    ///
    /// # Errors
    /// Where the directory can't be written.
    pub fn set_apart(&self, photo: PhotoId) -> Result<(), VaultError> {
        durable::rename_durably(
            &self.path_of(photo, Standing::Kept),
            &self.path_of(photo, Standing::Orphan),
        )
    }

    /// Gives a file its lasting name back whose row is there again.
    ///
    /// # Errors
    /// Where the directory can't be written.
    pub fn put_back(&self, photo: PhotoId) -> Result<(), VaultError> {
        let kept = self.path_of(photo, Standing::Kept);
        if kept.exists() {
            return Ok(());
        }
        durable::rename_durably(&self.path_of(photo, Standing::Orphan), &kept)
    }

    /// All sealed files that are whole, and how each stands.
    ///
    /// # Errors
    /// Where a directory can't be read.
    pub fn sealed_photos(&self) -> Result<Vec<(PhotoId, Standing)>, VaultError> {
        Ok(self
            .files()?
            .iter()
            .filter_map(|file| Standing::of(file))
            .collect())
    }

    /// Removes what a power cut left half-written. Only while nothing is kept. One that can't be removed stays.
    ///
    /// # Errors
    /// Where the directory of photos can't be read.
    pub fn sweep_unfinished(&self) -> Result<(), VaultError> {
        for file in self.files()?.iter().filter(|file| durable::is_unfinished(file)) {
            if let Err(error) = durable::remove(file) {
                tracing::error!(%error, "what a power cut left half-written stays");
            }
        }
        Ok(())
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

    /// All that there is. Of 256 folders one may be damaged: the others are a clinic still.
    fn files(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut files = Vec::new();
        for directory in durable::entries(&self.photos)? {
            match durable::entries(&directory) {
                Ok(entries) => files.extend(entries),
                Err(error) => tracing::error!(%error, "a folder of photos can't be read"),
            }
        }
        Ok(files)
    }

    /// `photos/<last two hex digits>/<uuid>.sealed`: the first two digits of a UUIDv7 are its time and the same for
    /// decades, the last two are random, so that no directory grows large.
    fn path_of(&self, photo: PhotoId, standing: Standing) -> PathBuf {
        self.directory_of(photo)
            .join(format!("{photo}{}", standing.suffix()))
    }

    /// Where a photo with a row is looked for. The lasting name comes twice: it may be given between two looks.
    fn paths_of(&self, photo: PhotoId) -> [PathBuf; 3] {
        [Standing::Kept, Standing::Keeping, Standing::Kept].map(|standing| self.path_of(photo, standing))
    }

    fn directory_of(&self, photo: PhotoId) -> PathBuf {
        self.photos.join(format!("{:02x}", photo.0.as_bytes()[15]))
    }
}

/// What the name of a whole sealed file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its row was committed; it was reported, or could have been.
    Kept,
    /// Its row is not known to be committed; it was never reported.
    Keeping,
    /// It was kept, and the database that is there now does not know it.
    Orphan,
}

impl Standing {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Kept => ".sealed",
            Self::Keeping => ".sealed.keeping",
            Self::Orphan => ".sealed.orphan",
        }
    }

    fn of(file: &Path) -> Option<(PhotoId, Self)> {
        let name = file.file_name()?.to_str()?;
        [Self::Kept, Self::Keeping, Self::Orphan]
            .into_iter()
            .find_map(|standing| Some((name.strip_suffix(standing.suffix())?.parse().ok()?, standing)))
    }
}
