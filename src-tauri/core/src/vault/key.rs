//! Secrets that wipe themselves, and where the device key lives.

use std::path::PathBuf;

pub use keyring::Error as KeyringError;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{VaultError, durable};

/// 32 secret bytes: wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Fresh random bytes of the operating system.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<Self, VaultError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|what| VaultError::NoRandomness { what })?;
        Ok(Self(bytes))
    }

    /// Exactly 32 bytes; `None` for any other number.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret([REDACTED])")
    }
}

/// The key that this machine holds.
pub type DeviceKey = Secret;

/// Where the device key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// The keyring of the operating system.
    Keyring,
    /// A file of 32 bytes, for machines without a keyring. Who reads the disk then reads the key.
    File(PathBuf),
}

impl KeyPlace {
    /// The device key of that vault. Blocks while the keyring asks its owner.
    ///
    /// # Errors
    /// [`VaultError::KeyMissing`] where there is none, [`VaultError::KeyringUnavailable`] where nobody can tell.
    pub fn load(&self, vault: Uuid) -> Result<DeviceKey, VaultError> {
        let bytes = match self {
            Self::Keyring => match entry(vault)?.get_secret() {
                Ok(bytes) => bytes,
                Err(KeyringError::NoEntry) => return Err(VaultError::KeyMissing { vault }),
                Err(source) => return Err(VaultError::KeyringUnavailable { source }),
            },
            Self::File(path) => match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(VaultError::KeyMissing { vault });
                }
                Err(source) => return Err(VaultError::reading("read the key file", path)(source)),
            },
        };
        let bytes = zeroize::Zeroizing::new(bytes);
        Secret::from_slice(&bytes).ok_or(VaultError::KeyWrong { vault })
    }

    /// The device key for a new vault: a new one that is stored, or the one that a key file holds already, be it another
    /// vault's or that of a set-up that a power cut ended. An existing key is never overwritten.
    ///
    /// # Errors
    /// [`VaultError::KeyringUnavailable`]; for a key file [`VaultError::Io`], and [`VaultError::KeyWrong`] where it holds
    /// something else than a key.
    pub fn establish(&self, vault: Uuid) -> Result<DeviceKey, VaultError> {
        let new = Secret::random()?;
        match self {
            Self::Keyring => store_in_keyring(vault, &new).map(|()| new),
            Self::File(path) => match path.metadata() {
                // Made and never filled: it holds nothing that could be lost.
                Ok(there) if there.len() == 0 => durable::write_durably(path, new.expose()).map(|()| new),
                Ok(_) => self.load(vault),
                Err(_) => durable::write_new_private(path, new.expose()).map(|()| new),
            },
        }
    }

    /// The device key that a recovered vault is wrapped for: the one that is there, even where it opened nothing, because a
    /// key file may be another vault's too; or a new one in the place of one that is gone or is no key.
    /// `true`: it is new, and [`KeyPlace::replace`] has to store it.
    ///
    /// # Errors
    /// [`VaultError::KeyringUnavailable`], [`VaultError::Unreadable`]: nobody can tell what is there.
    pub fn for_recovery(&self, vault: Uuid) -> Result<(DeviceKey, bool), VaultError> {
        match self.load(vault) {
            Ok(there) => Ok((there, false)),
            Err(VaultError::KeyMissing { .. } | VaultError::KeyWrong { .. }) => Ok((Secret::random()?, true)),
            Err(error) => Err(error),
        }
    }

    /// Puts a new device key in the place of one that is gone or is no key. A key file is replaced in one step.
    ///
    /// # Errors
    /// As [`KeyPlace::establish`].
    pub fn replace(&self, vault: Uuid, key: &DeviceKey) -> Result<(), VaultError> {
        match self {
            Self::Keyring => store_in_keyring(vault, key),
            Self::File(path) => durable::write_durably(path, key.expose()),
        }
    }
}

/// The name under which people find the key in their keyring's own program.
const SERVICE: &str = "SeekWell Desktop";

fn entry(vault: Uuid) -> Result<keyring::Entry, VaultError> {
    keyring::Entry::new(SERVICE, &vault.to_string())
        .map_err(|source| VaultError::KeyringUnavailable { source })
}

fn store_in_keyring(vault: Uuid, key: &DeviceKey) -> Result<(), VaultError> {
    entry(vault)?
        .set_secret(key.expose())
        .map_err(|source| VaultError::KeyringUnavailable { source })
}
