//! What the workstation says about itself: where data is, how much, and whether all of it is whole.

use std::{path::Path, sync::Arc};

use serde::Serialize;

use super::{Error, Workstation, blocking};
use crate::{
    accounts::Caller,
    clinical::PhotoId,
    error::Failure,
    store::{Store, StoreError},
    vault::{KeyPlace, Standing},
};

/// Where data is and how much there is.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct StorageSummary {
    /// The data directory.
    pub data_dir: String,
    /// How many photos.
    pub photos: u32,
    /// Database with its log, in bytes.
    pub database_bytes: f64,
    /// Sealed photos, in bytes.
    pub photo_bytes: f64,
    /// Installed models, in bytes.
    pub model_bytes: f64,
    /// Room on that disk, in bytes, where the system tells.
    pub free_bytes: Option<f64>,
    /// How many photos wait for their analysis.
    pub pending_analyses: u32,
    /// Whether the recovery key was typed back.
    pub recovery_key_confirmed: bool,
    /// Where the device key is.
    pub key_place: KeyPlaceWord,
}

/// Where the device key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlaceWord {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file.
    KeyFile,
}

/// What a check of everything found.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct CheckReport {
    /// Whether everything is whole.
    pub ok: bool,
    /// What is not.
    pub damaged: Vec<Damage>,
    /// How many photos were read.
    pub photos: u32,
    /// How many bytes of sealed photos were read.
    pub bytes: f64,
}

/// One thing that is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Damage {
    /// What kind of thing.
    pub what: DamagedThing,
    /// Its id, or its name.
    pub id: String,
    /// What does not fit.
    pub message: String,
}

/// What kind of thing is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum DamagedThing {
    /// The database.
    Database,
    /// A photo that has a row.
    Photo,
    /// A sealed file without a row.
    File,
}

impl Workstation {
    /// Where data is and how much there is.
    ///
    /// # Errors
    /// As every read.
    pub async fn storage_summary(&self, _caller: &Caller) -> Result<StorageSummary, Error> {
        let (photos, photo_bytes) = self.store().photo_totals().await?;
        let data_dir = self.place.data_dir.clone();
        let (database, models, free) = blocking(move || {
            let database: u64 = ["", "-wal"]
                .iter()
                .map(|suffix| size_of_file(&data_dir.join(format!("{}{suffix}", Store::FILE))))
                .sum();
            (
                database,
                size_of_directory(&data_dir.join("models")),
                free_bytes(&data_dir),
            )
        })
        .await?;
        Ok(StorageSummary {
            data_dir: self.place.data_dir.display().to_string(),
            photos,
            database_bytes: as_number(database),
            photo_bytes: as_number(photo_bytes),
            model_bytes: as_number(models),
            free_bytes: free.map(as_number),
            pending_analyses: self.store().pending_count().await?,
            recovery_key_confirmed: self.recovery_key_confirmed().await?,
            key_place: match self.place.keys {
                KeyPlace::Keyring => KeyPlaceWord::Keyring,
                KeyPlace::File(_) => KeyPlaceWord::KeyFile,
            },
        })
    }

    /// Reads everything: every page of the database, every byte of every photo, rows against files. `progress` is told
    /// after each photo how many were read.
    ///
    /// # Errors
    /// Where the database stops answering; damage is not an error but in the report.
    pub async fn check(&self, _caller: &Caller, mut progress: impl FnMut(u32)) -> Result<CheckReport, Error> {
        let mut damaged: Vec<Damage> = self
            .store()
            .integrity()
            .await?
            .into_iter()
            .map(|page| in_database(page.0))
            .collect();
        let (mut photos, mut bytes, mut after) = (0, 0, None::<PhotoId>);
        loop {
            let read = self.store().stored_photos_after(after, 200).await;
            // Behind a page that can't be read there may be more photos: the files below are looked at all the same.
            let Some(batch) = or_damage(read, &mut damaged)? else {
                break;
            };
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for stored in batch {
                let vault = Arc::clone(&self.keeper.vault);
                let id = stored.id;
                match blocking(move || vault.verify(id, &stored.wrapped_key)).await? {
                    Ok(length) => bytes += length,
                    Err(error) => damaged.push(Damage {
                        what: DamagedThing::Photo,
                        id: id.to_string(),
                        message: error.to_string(),
                    }),
                }
                photos += 1;
                progress(photos);
            }
        }
        self.check_files(&mut damaged).await?;
        Ok(CheckReport {
            ok: damaged.is_empty(),
            damaged,
            photos,
            bytes: as_number(bytes),
        })
    }

    /// Sealed files against rows.
    async fn check_files(&self, damaged: &mut Vec<Damage>) -> Result<(), Error> {
        let vault = Arc::clone(&self.keeper.vault);
        // One that is being kept this moment has no row yet, and its name says so.
        let lasting: Vec<PhotoId> = blocking(move || vault.sealed_photos())
            .await??
            .into_iter()
            .filter(|(_, standing)| *standing != Standing::Keeping)
            .map(|(id, _)| id)
            .collect();
        let orphans = or_damage(self.store().without_row(&lasting).await, damaged)?;
        damaged.extend(orphans.unwrap_or_default().into_iter().map(|orphan| Damage {
            what: DamagedThing::File,
            id: orphan.to_string(),
            message: "a sealed photo has no row: the database may be an older one".to_owned(),
        }));
        Ok(())
    }
}

/// What was read; `None`, and an entry of the report, where the database is damaged there.
fn or_damage<T>(read: Result<T, StoreError>, damaged: &mut Vec<Damage>) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error @ (StoreError::Damaged { .. } | StoreError::Unreadable { .. })) => {
            damaged.push(in_database(Failure::from(&Error::from(error)).message));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn in_database(message: String) -> Damage {
    Damage {
        what: DamagedThing::Database,
        id: Store::FILE.to_owned(),
        message,
    }
}

/// Bytes for the window, whose numbers are doubles: exact up to 9 petabytes.
#[expect(clippy::cast_precision_loss, reason = "no disk of a clinic holds 9 petabytes")]
pub(super) fn as_number(bytes: u64) -> f64 {
    bytes as f64
}

fn size_of_file(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

fn size_of_directory(path: &Path) -> u64 {
    std::fs::read_dir(path).map_or(0, |entries| {
        entries
            .flatten()
            .map(|entry| {
                if entry.path().is_dir() {
                    size_of_directory(&entry.path())
                } else {
                    size_of_file(&entry.path())
                }
            })
            .sum()
    })
}

#[cfg(unix)]
fn free_bytes(directory: &Path) -> Option<u64> {
    rustix::fs::statvfs(directory)
        .ok()
        .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_directory: &Path) -> Option<u64> {
    None
}
