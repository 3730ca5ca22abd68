//! `vault.json`: the data key wrapped twice, the database key wrapped by it. Holds no secret in the clear.

use std::path::{Path, PathBuf};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{DeviceKey, RecoveryKey, Secret, VaultError, durable, write_durably};
use crate::clinical::PhotoId;

/// The newest format of `vault.json` that this program writes and reads.
const FORMAT: u32 = 1;
const NONCE: usize = 24;

/// What is in `vault.json`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Envelope {
    format: u32,
    /// Names the vault in the keyring.
    pub vault: Uuid,
    /// Set last at set-up: from here on a missing or unreadable database is a loss, never a first run.
    pub complete: bool,
    device: Wrapped,
    recovery: Wrapped,
    /// A new recovery key that was shown and not typed back yet; the old one holds until then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    next_recovery: Option<Wrapped>,
    database: Wrapped,
}

/// The keys of an open vault.
pub struct Unlocked {
    vault: Uuid,
    data: Secret,
    database: Secret,
}

/// Nonce and ciphertext, in hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Wrapped(String);

impl Envelope {
    /// New keys for a new vault, not on disk yet.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn create(
        vault: Uuid,
        device: &DeviceKey,
        recovery: &RecoveryKey,
    ) -> Result<(Self, Unlocked), VaultError> {
        let keys = Unlocked {
            vault,
            data: Secret::random()?,
            database: Secret::random()?,
        };
        let envelope = Self {
            format: FORMAT,
            vault,
            complete: false,
            device: wrap(device, &keys.data, &purpose("device", vault))?,
            recovery: wrap(&recovery.wrapping_key(), &keys.data, &purpose("recovery", vault))?,
            next_recovery: None,
            database: wrap(&keys.data, &keys.database, &purpose("database", vault))?,
        };
        Ok((envelope, keys))
    }

    /// Reads `vault.json` of a data directory; `None` where there is none.
    ///
    /// # Errors
    /// [`VaultError::EnvelopeDamaged`], [`VaultError::EnvelopeNewer`], [`VaultError::Io`].
    pub fn read(data_dir: &Path) -> Result<Option<Self>, VaultError> {
        #[derive(Deserialize)]
        struct Header {
            format: u32,
        }
        let path = file(data_dir);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(VaultError::io("read", &path)(source)),
        };
        let header: Header = serde_json::from_slice(&bytes).map_err(|_| VaultError::EnvelopeDamaged)?;
        if header.format > FORMAT {
            return Err(VaultError::EnvelopeNewer {
                format: header.format,
            });
        }
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| VaultError::EnvelopeDamaged)
    }

    /// Writes `vault.json`, durably and in one step.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn write(&self, data_dir: &Path) -> Result<(), VaultError> {
        durable::create_directory(data_dir)?;
        let json = serde_json::to_vec_pretty(self).map_err(|_| VaultError::EnvelopeDamaged)?;
        write_durably(&file(data_dir), &json)
    }

    /// Opens the vault with this machine's key.
    ///
    /// # Errors
    /// [`VaultError::KeyWrong`].
    pub fn unlock(&self, device: &DeviceKey) -> Result<Unlocked, VaultError> {
        let data = unwrap(device, &self.device, &purpose("device", self.vault))
            .ok_or(VaultError::KeyWrong { vault: self.vault })?;
        self.unlocked(data)
    }

    /// Opens the vault with the recovery key and wraps the data key for a new device key.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyWrong`].
    pub fn recover(&mut self, recovery: &RecoveryKey, device: &DeviceKey) -> Result<Unlocked, VaultError> {
        let key = recovery.wrapping_key();
        let data = [Some(&self.recovery), self.next_recovery.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|wrapped| unwrap(&key, wrapped, &purpose("recovery", self.vault)))
            .ok_or(VaultError::RecoveryKeyWrong)?;
        self.device = wrap(device, &data, &purpose("device", self.vault))?;
        self.unlocked(data)
    }

    /// Wraps the data key for a new recovery key beside the old one, until it was typed back.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn offer_recovery(&mut self, keys: &Unlocked, recovery: &RecoveryKey) -> Result<(), VaultError> {
        self.next_recovery = Some(wrap(
            &recovery.wrapping_key(),
            &keys.data,
            &purpose("recovery", self.vault),
        )?);
        Ok(())
    }

    /// Lets the offered recovery key take the old one's place. Without an offer nothing changes.
    pub fn accept_recovery(&mut self) {
        if let Some(next) = self.next_recovery.take() {
            self.recovery = next;
        }
    }

    fn unlocked(&self, data: Secret) -> Result<Unlocked, VaultError> {
        let database = unwrap(&data, &self.database, &purpose("database", self.vault))
            .ok_or(VaultError::EnvelopeDamaged)?;
        Ok(Unlocked {
            vault: self.vault,
            data,
            database,
        })
    }
}

impl Unlocked {
    /// The raw key of the database, for the store.
    pub fn database_key(&self) -> &Secret {
        &self.database
    }

    pub(super) fn wrap_photo_key(&self, photo: PhotoId, key: &Secret) -> Result<Vec<u8>, VaultError> {
        encrypt(&self.data, key.expose(), &self.photo_purpose(photo))
    }

    pub(super) fn unwrap_photo_key(&self, photo: PhotoId, wrapped: &[u8]) -> Result<Secret, VaultError> {
        decrypt(&self.data, wrapped, &self.photo_purpose(photo))
            .and_then(|bytes| Secret::from_slice(&bytes))
            .ok_or(VaultError::PhotoDamaged {
                photo,
                what: "its key does not open",
            })
    }

    fn photo_purpose(&self, photo: PhotoId) -> Vec<u8> {
        let mut purpose = purpose("photo", self.vault);
        purpose.extend_from_slice(photo.0.as_bytes());
        purpose
    }
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("vault.json")
}

/// Associated data: a key wrapped for one purpose and vault opens for no other.
fn purpose(word: &str, vault: Uuid) -> Vec<u8> {
    let mut purpose = format!("seekwell {word} key v1 ").into_bytes();
    purpose.extend_from_slice(vault.as_bytes());
    purpose
}

fn wrap(by: &Secret, key: &Secret, purpose: &[u8]) -> Result<Wrapped, VaultError> {
    let bytes = encrypt(by, key.expose(), purpose)?;
    Ok(Wrapped(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn unwrap(by: &Secret, wrapped: &Wrapped, purpose: &[u8]) -> Option<Secret> {
    let text = wrapped.0.as_bytes();
    let bytes = text
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<_>>>()?;
    decrypt(by, &bytes, purpose).and_then(|key| Secret::from_slice(&key))
}

/// Nonce, then ciphertext and tag.
fn encrypt(by: &Secret, plain: &[u8], purpose: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut out = vec![0; NONCE];
    getrandom::fill(&mut out).map_err(|what| VaultError::NoRandomness { what })?;
    let sealed = XChaCha20Poly1305::new(by.expose().into())
        .encrypt(
            XNonce::from_slice(&out),
            Payload {
                msg: plain,
                aad: purpose,
            },
        )
        .map_err(|_| VaultError::EnvelopeDamaged)?;
    out.extend_from_slice(&sealed);
    Ok(out)
}

fn decrypt(by: &Secret, sealed: &[u8], purpose: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    XChaCha20Poly1305::new(by.expose().into())
        .decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: sealed,
                aad: purpose,
            },
        )
        .ok()
        .map(Zeroizing::new)
}
