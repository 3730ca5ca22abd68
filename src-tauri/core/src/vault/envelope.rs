//! `vault.json`: the data key wrapped twice, the database key wrapped by it. Holds no secret in the clear.
//!
//! Its loss is everything's, so there are two files of the same bytes: `vault.json` is written first and counts,
//! `vault.json.copy` after it, and is read where the first is missing or damaged. Each says its own checksum: a changed
//! bit in a wrapped key would otherwise show when that key is needed, years later.

use std::path::{Path, PathBuf};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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
    /// SHA-256 over everything else in the file (see [`checksum`]).
    #[serde(default)]
    check: Option<String>,
}

/// What one of the two files holds.
enum Twin {
    Missing,
    Damaged,
    /// A newer program's, by its format.
    Newer(u32),
    Whole(Box<Envelope>),
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
            check: None,
        };
        Ok((envelope, keys))
    }

    /// Reads `vault.json` of a data directory, or its copy where that is missing, damaged or not to be read; `None` where there is
    /// neither.
    ///
    /// # Errors
    /// [`VaultError::EnvelopeDamaged`], [`VaultError::EnvelopeNewer`], [`VaultError::Unreadable`].
    pub fn read(data_dir: &Path) -> Result<Option<Self>, VaultError> {
        let first = Twin::read(&file(data_dir));
        match first {
            Ok(Twin::Whole(envelope)) => return Ok(Some(*envelope)),
            Ok(Twin::Newer(format)) => return Err(VaultError::EnvelopeNewer { format }),
            Ok(Twin::Missing | Twin::Damaged) | Err(_) => {}
        }
        match Twin::read(&copy(data_dir))? {
            Twin::Whole(envelope) => Ok(Some(*envelope)),
            Twin::Newer(format) => Err(VaultError::EnvelopeNewer { format }),
            second => match (first?, second) {
                (Twin::Missing, Twin::Missing) => Ok(None),
                _ => Err(VaultError::EnvelopeDamaged),
            },
        }
    }

    /// Writes `vault.json`, durably and in one step, and its copy after it.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn write(&self, data_dir: &Path) -> Result<(), VaultError> {
        durable::create_directory(data_dir)?;
        let json = self.encode()?;
        write_durably(&file(data_dir), &json)?;
        write_durably(&copy(data_dir), &json)
    }

    /// Writes whichever of the two files does not hold this envelope. Only for one that has opened the vault.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn mend(&self, data_dir: &Path) -> Result<(), VaultError> {
        let json = self.encode()?;
        for path in [file(data_dir), copy(data_dir)] {
            if std::fs::read(&path).ok().as_deref() != Some(&json) {
                tracing::warn!(file = %path.display(), "a copy of the vault's keys is written anew");
                write_durably(&path, &json)?;
            }
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, VaultError> {
        let damaged = |_| VaultError::EnvelopeDamaged;
        let value = serde_json::to_value(self).map_err(damaged)?;
        let checked = Self {
            check: Some(checksum(&value)),
            ..self.clone()
        };
        serde_json::to_vec_pretty(&checked).map_err(damaged)
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

    /// Lets the offered recovery key take the old one's place, if it opens the vault. Without an offer it has to be the one
    /// that holds already, and nothing changes.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyWrong`]; nothing changes then.
    pub fn accept_recovery(&mut self, key: &RecoveryKey) -> Result<(), VaultError> {
        let wrapped = self.next_recovery.as_ref().unwrap_or(&self.recovery);
        if unwrap(&key.wrapping_key(), wrapped, &purpose("recovery", self.vault)).is_none() {
            return Err(VaultError::RecoveryKeyWrong);
        }
        if let Some(next) = self.next_recovery.take() {
            self.recovery = next;
        }
        Ok(())
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

impl Twin {
    fn read(path: &Path) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct Header {
            format: u32,
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::Missing),
            Err(source) => return Err(VaultError::reading("read", path)(source)),
        };
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
            return Ok(Self::Damaged);
        };
        // One without a checksum is let pass: an earlier program wrote it, or the word itself was damaged.
        if value.get("check").is_some_and(|check| *check != checksum(&value)) {
            return Ok(Self::Damaged);
        }
        match Header::deserialize(&value) {
            Ok(header) if header.format > FORMAT => return Ok(Self::Newer(header.format)),
            Ok(_) => {}
            Err(_) => return Ok(Self::Damaged),
        }
        Ok(Envelope::deserialize(value).map_or(Self::Damaged, |envelope| Self::Whole(Box::new(envelope))))
    }
}

/// SHA-256, in hexadecimal, over the names and values of a file in the order of their names, without the checksum itself.
/// It is the same for every format, so that a damaged number is not taken for a newer one.
fn checksum(file: &serde_json::Value) -> String {
    let mut entries: Vec<(&String, String)> = file
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "check")
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    entries.sort();
    let mut hasher = Sha256::new();
    for (name, value) in entries {
        hasher.update(format!("{name}={value}\n"));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("vault.json")
}

fn copy(data_dir: &Path) -> PathBuf {
    data_dir.join("vault.json.copy")
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
