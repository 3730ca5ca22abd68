//! Records on their way: what goes to the centre of one, and what comes from there into the tables.
//!
//! The table `confirmed` holds each record as the centre last had it. What is sent is the difference to it, so that a field
//! of a newer version is never touched; what arrives is laid under whatever was changed here since, so that no local edit
//! is lost.

mod rows;
mod whole;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError, Write,
    fields::{self, ACKNOWLEDGEMENT, ANALYSIS, Column, Fields, LESION, NOTE, PATIENT, PERSON, PHOTO},
    outbox::{RecordKind, WaitingRecord},
};
use crate::clinical::PhotoId;
use whole::own_changes;
pub(super) use whole::{confirmed, whole};

/// A record as the centre confirmed it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Confirmed {
    /// Counts the changes at the centre, from 1.
    pub revision: u64,
    /// Everything that the centre knows of it.
    pub fields: Fields,
}

/// What is sent of a waiting record.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// What the changes were made on; revision 0 and no fields for a record that the centre does not have.
    pub base: Confirmed,
    /// The fields that are not as the centre has them.
    pub changes: Fields,
}

/// A change that comes from the centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// A kind, known to this version or not.
    pub kind: String,
    /// The record.
    pub record: Uuid,
    /// Counts its changes.
    pub revision: u64,
    /// The record is gone.
    #[serde(default)]
    pub deleted: bool,
    /// All that the centre knows of it.
    #[serde(default)]
    pub fields: Fields,
    /// The centre's number of a patient.
    #[serde(default)]
    pub central_id: Option<i64>,
}

/// What became of an incoming change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The tables say it now.
    Taken,
    /// It was here already.
    Known,
    /// It can't be read or refers to something that is not here: it is kept as it came, for later.
    Parked,
}

impl RecordKind {
    const fn table(self) -> &'static str {
        self.as_word()
    }

    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Person => PERSON,
            Self::Patient => PATIENT,
            Self::Lesion => LESION,
            Self::Photo => PHOTO,
            Self::Analysis => ANALYSIS,
            Self::Note => NOTE,
            Self::Acknowledgement => ACKNOWLEDGEMENT,
        }
    }
}

impl Store {
    /// What is to be sent of a waiting record.
    ///
    /// # Errors
    /// As every read.
    pub async fn outgoing(&self, kind: RecordKind, record: Uuid) -> Result<Outgoing, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let confirmed = confirmed(&mut reader, kind.as_word(), record).await?;
        let now = match whole(&mut reader, kind, record).await {
            // It met a deletion, and somebody wants the centre to say so again.
            Err(StoreError::NotFound { what }) => kept(&mut reader, record)
                .await?
                .ok_or(StoreError::NotFound { what })?,
            now => now?,
        };
        Ok(match confirmed {
            None => Outgoing {
                base: Confirmed::default(),
                changes: now,
            },
            Some(base) => Outgoing {
                changes: own_changes(kind, &base.fields, &now),
                base,
            },
        })
    }

    /// What is sent of a record that goes: nothing but what the deletion is based on.
    ///
    /// # Errors
    /// As every read.
    pub async fn outgoing_deletion(&self, kind: RecordKind, record: Uuid) -> Result<Outgoing, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let base = confirmed(&mut reader, kind.as_word(), record).await?;
        Ok(Outgoing {
            base: base.unwrap_or_default(),
            changes: Fields::new(),
        })
    }

    /// How many changes of the centre's wait for something that is not here.
    ///
    /// # Errors
    /// As every read.
    pub async fn parked_count(&self) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT count(*) AS parked FROM parked")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get("parked")?)
    }
}

impl Write<'_> {
    /// Records that the centre took what was sent: as which revision, and what the record is there now. A version that was
    /// made meanwhile goes on waiting.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle(
        &mut self,
        sent: &WaitingRecord,
        revision: u64,
        fields: &Fields,
        central_id: Option<i64>,
    ) -> Result<(), StoreError> {
        self.unqueue(sent).await?;
        if let (RecordKind::Patient, Some(number)) = (sent.kind, central_id) {
            self.set_central_id(sent.record, number).await?;
        }
        let known = confirmed(&mut self.transaction, sent.kind.as_word(), sent.record).await?;
        if known.is_some_and(|known| known.revision >= revision) {
            return Ok(());
        }
        if self.was_sent_after_all(sent.record).await? {
            return self
                .confirm(sent.kind, sent.record, revision, &Fields::new(), false)
                .await;
        }
        self.lay_under(sent.kind, sent.record, revision, fields, None)
            .await
    }

    /// Applies a change of the centre's. `new_key` wraps a key for a photo that is not here yet.
    ///
    /// # Errors
    /// As every write. A change that can't be applied is no error: it is parked.
    pub async fn apply(
        &mut self,
        change: &Incoming,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<Applied, StoreError> {
        let known = confirmed(&mut self.transaction, &change.kind, change.record).await?;
        if known.is_some_and(|known| known.revision >= change.revision) {
            return Ok(Applied::Known);
        }
        if change.kind == "conflict" {
            self.take_conflict(change).await?;
            return Ok(Applied::Taken);
        }
        let Some(kind) = RecordKind::from_word(&change.kind) else {
            self.park(change, "a kind that this version does not know")
                .await?;
            return Ok(Applied::Parked);
        };
        // What can't be applied must leave no trace in the transaction that the others share.
        sqlx::query("SAVEPOINT change")
            .execute(&mut *self.transaction)
            .await?;
        match self.take(kind, change, new_key).await {
            Ok(()) => {
                sqlx::query("RELEASE change")
                    .execute(&mut *self.transaction)
                    .await?;
                self.unpark(change).await?;
                Ok(Applied::Taken)
            }
            Err(error) if error.is_about_the_record() => {
                sqlx::query("ROLLBACK TO change")
                    .execute(&mut *self.transaction)
                    .await?;
                sqlx::query("RELEASE change")
                    .execute(&mut *self.transaction)
                    .await?;
                self.park(change, &error.to_string()).await?;
                Ok(Applied::Parked)
            }
            Err(error) => Err(error),
        }
    }

    /// Tries again what was parked: what it referred to may have come. Gives how many were taken.
    ///
    /// # Errors
    /// As every write.
    pub async fn apply_parked(
        &mut self,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<u32, StoreError> {
        let rows = sqlx::query("SELECT change FROM parked ORDER BY record")
            .fetch_all(&mut *self.transaction)
            .await?;
        let mut parked: BTreeMap<(Option<RecordKind>, Uuid), Incoming> = BTreeMap::new();
        for row in rows {
            let change: Incoming = serde_json::from_str(row.try_get("change")?)
                .map_err(|_| StoreError::Unreadable { column: "change" })?;
            parked.insert((RecordKind::from_word(&change.kind), change.record), change);
        }
        let mut taken = 0;
        for ((kind, _), change) in &parked {
            if kind.is_some() && self.apply(change, new_key).await? == Applied::Taken {
                taken += 1;
            }
        }
        Ok(taken)
    }

    async fn take(
        &mut self,
        kind: RecordKind,
        change: &Incoming,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<(), StoreError> {
        if change.deleted {
            return self
                .bury(kind, change.record, change.revision, &change.fields)
                .await;
        }
        if self.is_about_what_is_gone(kind, change).await? {
            self.add_late_comer(kind, change).await?;
            self.note_gone(kind, change).await?;
            return self
                .confirm(kind, change.record, change.revision, &Fields::new(), false)
                .await;
        }
        let wrapped_key = match kind {
            RecordKind::Photo => new_key(PhotoId(change.record)),
            _ => None,
        };
        self.lay_under(kind, change.record, change.revision, &change.fields, wrapped_key)
            .await?;
        if let (RecordKind::Patient, Some(number)) = (kind, change.central_id) {
            self.set_central_id(change.record, number).await?;
        }
        Ok(())
    }

    /// Lays what the centre has under what was changed here since: fields that wait to be sent stay as they are here.
    async fn lay_under(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        revision: u64,
        theirs: &Fields,
        wrapped_key: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let waits = sqlx::query("SELECT 1 FROM outbox WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?
            .is_some();
        let here = match whole(&mut self.transaction, kind, record).await {
            Ok(fields) => Some(fields),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let before = confirmed(&mut self.transaction, kind.as_word(), record).await?;
        let result = match (&here, &before) {
            (Some(here), Some(before)) if waits => {
                fields::changed(theirs, &own_changes(kind, &before.fields, here))
            }
            (Some(here), None) if waits => fields::changed(theirs, here),
            _ => theirs.clone(),
        };
        match here {
            None => self.insert(kind, record, &result, wrapped_key).await?,
            Some(here) => self.update(kind, record, &here, &result).await?,
        }
        if kind == RecordKind::Photo {
            self.take_images(PhotoId(record), theirs).await?;
        }
        self.confirm(kind, record, revision, theirs, false).await
    }

    pub(super) async fn confirm(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        revision: u64,
        fields: &Fields,
        deleted: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO confirmed (kind, record, revision, fields, deleted) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (kind, record) DO UPDATE SET revision = excluded.revision, fields = excluded.fields,
                deleted = excluded.deleted",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .bind(Value::Object(fields.clone()).to_string())
        .bind(deleted)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn set_central_id(&mut self, patient: Uuid, number: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE patient SET central_id = ? WHERE id = ? AND central_id IS NULL")
            .bind(number)
            .bind(patient)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    async fn park(&mut self, change: &Incoming, reason: &str) -> Result<(), StoreError> {
        let json = serde_json::to_string(change).map_err(|_| StoreError::Unreadable { column: "change" })?;
        sqlx::query(
            "INSERT INTO parked (kind, record, change, reason) VALUES (?, ?, ?, ?)
             ON CONFLICT (kind, record) DO UPDATE SET change = excluded.change, reason = excluded.reason",
        )
        .bind(&change.kind)
        .bind(change.record)
        .bind(json)
        .bind(reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn unpark(&mut self, change: &Incoming) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM parked WHERE kind = ? AND record = ?")
            .bind(&change.kind)
            .bind(change.record)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

/// What was never sent of a record that is deleted at the centre.
async fn kept(connection: &mut SqliteConnection, record: Uuid) -> Result<Option<Fields>, StoreError> {
    let row = sqlx::query("SELECT kept FROM gone WHERE record = ? AND kept IS NOT NULL")
        .bind(record)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        serde_json::from_str(row.try_get("kept")?).map_err(|_| StoreError::Unreadable { column: "kept" })
    })
    .transpose()
}
