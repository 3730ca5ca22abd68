//! The table `outbox`: which records the centre has not confirmed, and in which version.

use sqlx::Row;
use uuid::Uuid;

use super::{Store, StoreError, Write};

/// Which table a waiting record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Patient,
    Lesion,
    Photo,
    Analysis,
    Note,
}

impl Kind {
    const fn as_word(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Lesion => "lesion",
            Self::Photo => "photo",
            Self::Analysis => "analysis",
            Self::Note => "note",
        }
    }
}

impl Store {
    /// How many records the centre has not confirmed.
    ///
    /// # Errors
    /// As every read.
    pub async fn waiting(&self) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT count(*) AS waiting FROM outbox")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get("waiting")?)
    }
}

impl Write<'_> {
    /// Queues the record, in the transaction that changed it. Each change is an operation of its own and raises the version.
    pub(super) async fn queue(&mut self, kind: Kind, record: Uuid, urgent: bool) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outbox (kind, record, version, operation, urgent, queued_at) VALUES (?1, ?2, 1, ?3, ?4, ?5)
             ON CONFLICT (kind, record) DO UPDATE SET version = version + 1, operation = excluded.operation,
                 urgent = max(urgent, excluded.urgent)",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(self.clock.new_id())
        .bind(urgent)
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
