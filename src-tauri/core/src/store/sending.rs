//! The table `sending`: what was sent of a record and has no answer yet, word for word.
//!
//! While a row is here nobody knows whether the centre has the change. So the record here is three layers: what the centre
//! confirmed, over it what was sent, over that what was changed since. An answer, or another's change that arrives, takes
//! away or exchanges a lower layer and leaves the upper ones.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    StoreError, Write,
    fields::{self, Fields},
    outbox::{RecordKind, WaitingRecord},
    travel::{confirmed, own_changes, whole},
};

/// A change on its way to the centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// Which kind of record.
    pub kind: RecordKind,
    /// Which record.
    pub record: Uuid,
    /// The version of the outbox entry that it settles; 0 for a part of the change, which settles none.
    pub version: u32,
    /// The same for every attempt.
    pub operation: Uuid,
    /// The centre's revision that it was made on; 0 for a record that the centre did not have.
    pub base: u64,
    /// The fields that changed; null for one that is gone.
    pub fields: Fields,
    /// The record goes.
    pub deleted: bool,
}

/// What there is to send of a waiting record.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// This, and the same again until there is an answer.
    Sending(Sending),
    /// Nothing: the centre has it all. It does not wait any more.
    NothingNew,
    /// A text with U+0000, which the centre can't keep.
    Unfit,
}

impl Write<'_> {
    /// Everything that was sent and has no answer yet.
    ///
    /// # Errors
    /// As every read.
    pub async fn sendings(&mut self) -> Result<HashMap<(RecordKind, Uuid), Sending>, StoreError> {
        let rows = sqlx::query("SELECT * FROM sending")
            .fetch_all(&mut *self.transaction)
            .await?;
        let sendings = rows.iter().map(|row| {
            let sending = read(row)?;
            Ok(((sending.kind, sending.record), sending))
        });
        sendings.collect()
    }

    /// Remembers what is about to be sent of a record of which nothing is on its way. Send it only after a commit.
    ///
    /// # Errors
    /// As every write.
    pub async fn begin_sending(&mut self, waiting: &WaitingRecord) -> Result<Begun, StoreError> {
        let (kind, record) = (waiting.kind, waiting.record);
        let now = whole(&mut self.transaction, kind, record).await?;
        let (base, changes) = match confirmed(&mut self.transaction, kind.as_word(), record).await? {
            None => (0, now),
            Some(base) => (base.revision, own_changes(kind, &base.fields, &now)),
        };
        if base > 0 && changes.is_empty() {
            self.unqueue(kind, record, waiting.version).await?;
            if !self.is_waiting(kind, record).await? {
                self.forget_unseen(kind, record, None).await?;
            }
            return Ok(Begun::NothingNew);
        }
        if fields::holds_nul(&changes) {
            return Ok(Begun::Unfit);
        }
        let mut sending = Sending {
            kind,
            record,
            version: waiting.version,
            operation: waiting.operation,
            base,
            fields: changes,
            deleted: false,
        };
        if let Some((base, fields)) = self.unseen_of(kind, record, &sending.fields).await? {
            // A part by itself, which settles no version: the rest follows on the revision that this one makes.
            sending = Sending {
                version: 0,
                operation: self.clock.new_id(),
                base,
                fields,
                ..sending
            };
        }
        self.remember(&sending).await?;
        Ok(Begun::Sending(sending))
    }

    /// Forgets what was sent: the centre did not take it. What it said waits as a change that was never sent.
    ///
    /// # Errors
    /// As every write.
    pub async fn end_sending(&mut self, kind: RecordKind, record: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sending WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// What was sent of that record and has no answer yet.
    pub(super) async fn sent(
        &mut self,
        kind: RecordKind,
        record: Uuid,
    ) -> Result<Option<Sending>, StoreError> {
        sqlx::query("SELECT * FROM sending WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    async fn remember(&mut self, sending: &Sending) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sending (kind, record, version, operation, base, fields, deleted) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(sending.kind.as_word())
        .bind(sending.record)
        .bind(sending.version)
        .bind(sending.operation)
        .bind(i64::try_from(sending.base).unwrap_or(i64::MAX))
        .bind(Value::Object(sending.fields.clone()).to_string())
        .bind(sending.deleted)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

fn read(row: &SqliteRow) -> Result<Sending, StoreError> {
    let base: i64 = row.try_get("base")?;
    Ok(Sending {
        kind: super::word(row, "kind", RecordKind::from_word)?,
        record: row.try_get("record")?,
        version: row.try_get("version")?,
        operation: row.try_get("operation")?,
        base: u64::try_from(base).unwrap_or_default(),
        fields: serde_json::from_str(row.try_get("fields")?)
            .map_err(|_| StoreError::Unreadable { column: "fields" })?,
        deleted: row.try_get("deleted")?,
    })
}
