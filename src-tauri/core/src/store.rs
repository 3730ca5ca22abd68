//! The encrypted SQLite: one writer that alone writes and checkpoints, read-only readers, one file of queries per table.

/// How worrying a `risk` is, 0 the most: for `min` and for sorting.
macro_rules! severity {
    () => {
        "CASE risk WHEN 'URGENT' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'UNCERTAIN' THEN 2 WHEN 'MEDIUM' THEN 3 ELSE 4 END"
    };
}
use severity;

/// The most worrying of several analyses as one number: twice its severity, and one more unless a demo model said it. Of
/// two that are as worrying the demo's counts, so that no mark of a demo is lost.
macro_rules! worst {
    () => {
        concat!("min((", $crate::store::severity!(), ") * 2 + 1 - demo)")
    };
}
use worst;

mod analysis;
mod conflict;
mod erasure;
mod error;
pub mod fields;
mod fold;
mod gone;
mod history;
mod image;
mod integrity;
mod lesion;
mod migrate;
mod moments;
mod note;
mod opinion;
mod outbox;
mod outline;
mod outstanding;
mod patient;
mod person;
mod photo;
mod purge;
mod search;
mod sending;
mod setting;
#[cfg(test)]
mod tests;
mod travel;
mod unsent;
mod urgent;

use std::{path::Path, time::Duration};

use serde::Serialize;
use sqlx::{
    ConnectOptions, Row, Sqlite, SqlitePool, Transaction,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use zeroize::Zeroizing;

pub use analysis::{Asked, Finished, PendingAnalysis, Speaking};
pub use conflict::{Conflict, Settled};
pub use erasure::{Erasure, UnderWay, Unfinished, UnfinishedPart};
pub use error::StoreError;
pub use fields::Fields;
pub use gone::{Leftover, MET_A_DELETION};
pub use history::{HistoryCounts, HistoryEntry, HistoryFilter, HistoryPage, RiskCount};
pub use image::{ImagePart, ObjectFacts, WaitingImage};
pub use integrity::PageDamage;
pub use lesion::LesionRow;
pub use moments::Moments;
pub use opinion::{FurtherOpinion, Reanalysis};
pub use outbox::{Attempts, Failure, RecordKind, WaitingRecord};
pub use outstanding::{Outbox, Outstanding};
pub use patient::{PatientPage, PatientRow};
pub use person::StoredPerson;
pub use photo::{Judged, NewPhoto, PhotoFacts, StoredOriginal, StoredPhoto};
pub use sending::{Begun, Sending};
pub use setting::Setting;
pub use travel::{Applied, Incoming};
pub use unsent::{Delivery, Waits};
pub use urgent::{
    Acknowledgement, UrgentCase, UrgentMark, UrgentPage, UrgentPatient, UrgentSummary, WhichUrgent,
};

use crate::{
    clinical::RiskLevel,
    clock::{Clock, rfc3339},
};

/// A writer takes its lock at once, so that what it reads is still so when it writes.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// The open database of one data directory.
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Clock,
    moments: Moments,
}

/// Whether the database may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// First run: there must be none yet.
    Create,
    /// Every other time: it must be there. It is never made anew because it would not open.
    Existing,
}

/// Changes that commit together or not at all.
pub struct Write<'a> {
    transaction: Transaction<'a, Sqlite>,
    clock: Clock,
    moments: &'a Moments,
}

impl Store {
    /// The database's file name in the data directory.
    pub const FILE: &'static str = "seekwell.db";

    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it does not open with the vault's own key, [`StoreError::Newer`] where a newer
    /// program wrote it, [`StoreError::Missing`] and [`StoreError::Emptied`] where it is not there, [`StoreError::Full`] and
    /// [`StoreError::ReadOnly`] for the disk.
    pub async fn open(data_dir: &Path, key: &[u8; 32], open: Open, clock: Clock) -> Result<Self, StoreError> {
        let path = data_dir.join(Self::FILE);
        match (open, path.exists()) {
            (Open::Existing, false) => return Err(StoreError::Missing),
            (Open::Create, true) => return Err(StoreError::AlreadyThere),
            // SQLite takes an empty file for a new database, and would make one of it.
            (Open::Existing, true) if path.metadata().is_ok_and(|file| file.len() == 0) => {
                return Err(StoreError::Emptied);
            }
            _ => {}
        }
        let options = options(&path, key);
        let writer = PoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(
                options
                    .clone()
                    .create_if_missing(open == Open::Create)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full),
            )
            .await
            .map_err(StoreError::from)?;
        match ready(&writer, open, options).await {
            Ok(readers) => {
                let store = Self {
                    writer,
                    readers,
                    clock,
                    moments: Moments::default(),
                };
                match store.fold_landlines_anew().await {
                    Ok(()) => Ok(store),
                    Err(error) => {
                        store.close().await;
                        Err(error)
                    }
                }
            }
            Err(error) => {
                // A pool that is open when the process ends may take it down, and leaves its log behind.
                shut(&writer).await;
                Err(error)
            }
        }
    }

    /// Begins changes. They are lost unless [`Write::commit`] is called.
    ///
    /// # Errors
    /// As every write.
    pub async fn write(&self) -> Result<Write<'_>, StoreError> {
        let transaction = match self.writer.begin_with(BEGIN).await {
            // A full disk makes SQLite take a transaction back by itself, and sqlx goes on believing that the connection is in
            // one. Without a new connection nothing could be written any more, although there is room again.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                tracing::warn!("the database is opened anew for writing");
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(BEGIN).await?
            }
            begun => begun?,
        };
        Ok(Write {
            transaction,
            clock: self.clock.clone(),
            moments: &self.moments,
        })
    }

    /// The moments around each commit, at which the program may die: for tests.
    #[doc(hidden)]
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Lets the database grow no further, as a full disk does, or grow again: for tests.
    ///
    /// # Errors
    /// As every write.
    #[doc(hidden)]
    pub async fn set_full(&self, full: bool) -> Result<(), StoreError> {
        if full {
            // Pages that were freed would go on taking what is written.
            sqlx::raw_sql(
                "CREATE TABLE IF NOT EXISTS ballast (bytes BLOB);
                 INSERT INTO ballast SELECT zeroblob(freelist_count * 4096) FROM pragma_freelist_count",
            )
            .execute(&self.writer)
            .await?;
        }
        // Below the pages that are there, SQLite takes their number; the other is its own default.
        let pages: u32 = if full { 1 } else { 0xffff_fffe };
        sqlx::query(&format!("PRAGMA max_page_count = {pages}"))
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Brings everything from the write-ahead log into the database and closes it. Call it before the process ends.
    pub async fn close(&self) {
        shut(&self.readers).await;
        // A log that could not be folded in is whole and is read at the next start.
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.writer)
            .await
        {
            tracing::warn!(error = %StoreError::from(error), "the write-ahead log stays until the next start");
        }
        shut(&self.writer).await;
    }
}

/// Closes every connection of a pool. Its own `close` leaves one open that was just on its way back from its last use; by
/// the time it returns that one is back, and a second `close` finds it.
async fn shut(pool: &SqlitePool) {
    pool.close().await;
    pool.close().await;
}

impl Write<'_> {
    /// Makes the changes durable: when this returns they survive a power cut.
    ///
    /// # Errors
    /// As every write; nothing was changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.moments.pass().await;
        self.transaction.commit().await?;
        self.moments.pass().await;
        Ok(())
    }
}

impl Write<'_> {
    fn now(&self) -> String {
        rfc3339(self.clock.now())
    }
}

/// Brings the tables up to date and opens the readers.
async fn ready(
    writer: &SqlitePool,
    open: Open,
    options: SqliteConnectOptions,
) -> Result<SqlitePool, StoreError> {
    if open == Open::Existing && !has_tables(writer).await? {
        return Err(StoreError::Emptied);
    }
    migrate::run(writer).await?;
    // A reader that checkpointed would meet the WAL-reset bug of this SQLite (fixed in 3.51.3).
    let readers = PoolOptions::new()
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.read_only(true).pragma("wal_autocheckpoint", "0"));
    readers.await.map_err(StoreError::from)
}

/// Whether it is a database of ours at all, before anything is written to it.
async fn has_tables(writer: &SqlitePool) -> Result<bool, StoreError> {
    let found = sqlx::query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'person'")
        .fetch_optional(writer)
        .await?;
    Ok(found.is_some())
}

/// The most worrying of several analyses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct WorstRisk {
    /// How worrying.
    pub risk: RiskLevel,
    /// Said by a demo model: not medical, and to be marked wherever it is shown.
    pub demo: bool,
}

/// What the column of `worst!` says; `None` where nothing has been analysed.
fn worst_risk(number: Option<i64>) -> Option<WorstRisk> {
    let order = [
        RiskLevel::Urgent,
        RiskLevel::High,
        RiskLevel::Uncertain,
        RiskLevel::Medium,
        RiskLevel::Low,
    ];
    let number = usize::try_from(number?).ok()?;
    let risk = order.get(number / 2).copied()?;
    Some(WorstRisk {
        risk,
        demo: number % 2 == 0,
    })
}

fn word<T>(row: &SqliteRow, column: &'static str, read: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    read(row.try_get(column)?).ok_or(StoreError::Unreadable { column })
}

fn optional_word<T>(
    row: &SqliteRow,
    column: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|word| read(word).ok_or(StoreError::Unreadable { column }))
        .transpose()
}

fn options(path: &Path, key: &[u8; 32]) -> SqliteConnectOptions {
    let hex: Zeroizing<String> = Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect());
    SqliteConnectOptions::new()
        .filename(path)
        .pragma("key", format!("\"x'{}'\"", hex.as_str()))
        // On macOS a sync stops at the disk's own cache unless it is asked to go on. Elsewhere these do nothing.
        .pragma("fullfsync", "1")
        .pragma("checkpoint_fullfsync", "1")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16384")
        // What is deleted is written over: a photo's key is gone with its row.
        .pragma("secure_delete", "ON")
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging()
}
