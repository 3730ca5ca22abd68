//! What can go wrong with keys and sealed files.

use std::path::PathBuf;

use crate::clinical::PhotoId;

/// Keys, locks and sealed files.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The keyring or the key file has no key for this vault.
    #[error("the device key of vault {vault} is not there")]
    KeyMissing {
        /// The vault's id.
        vault: uuid::Uuid,
    },
    /// A device key is there and does not open this vault.
    #[error("the device key does not open vault {vault}")]
    KeyWrong {
        /// The vault's id.
        vault: uuid::Uuid,
    },
    /// The operating system's keyring did not answer.
    #[error("the keyring of the operating system did not answer")]
    KeyringUnavailable {
        /// What it said.
        #[source]
        source: super::key::KeyringError,
    },
    /// The recovery key is mistyped or another clinic's.
    #[error("the recovery key does not open this vault")]
    RecoveryKeyWrong,
    /// `vault.json` can't be read as one.
    #[error("vault.json is damaged")]
    EnvelopeDamaged,
    /// `vault.json` was written by a newer program.
    #[error("vault.json has format {format}, newer than this program knows")]
    EnvelopeNewer {
        /// Its format.
        format: u32,
    },
    /// A sealed photo is missing, shortened or changed.
    #[error("the sealed file of photo {photo} is damaged: {what}")]
    PhotoDamaged {
        /// The photo.
        photo: PhotoId,
        /// What does not fit.
        what: &'static str,
    },
    /// Another process owns the data directory.
    #[error("the data directory is in use by {holder}")]
    Held {
        /// Program, process id and since when, as that process wrote it.
        holder: String,
    },
    /// The operating system has no randomness.
    #[error("the operating system gave no random bytes: {what}")]
    NoRandomness {
        /// What it said.
        what: getrandom::Error,
    },
    /// A file could not be read.
    #[error("could not {what} {}", path.display())]
    Unreadable {
        /// What was being done.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("could not {what} {}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

impl VaultError {
    /// For `map_err`: a file that could not be read, with what was being done to it.
    pub(super) fn reading(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Unreadable {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// For `map_err`: a file that could not be written, with what was being done to it.
    pub(super) fn io(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            what,
            path: path.to_owned(),
            source,
        }
    }
}
