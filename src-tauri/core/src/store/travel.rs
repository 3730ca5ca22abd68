//! Records on their way: what goes to the centre of one, and what comes from there into the tables.
//!
//! The table `confirmed` holds each record as the centre last had it. What is sent is the difference to it, so that a field
//! of a newer version is never touched; what arrives is laid under whatever was changed here since, so that no local edit
//! is lost.

mod edit;
mod rows;
mod unseen;
mod whole;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{
    StoreError, Write,
    fields::{self, ACKNOWLEDGEMENT, ANALYSIS, Column, Fields, LESION, NOTE, PATIENT, PERSON, PHOTO},
    outbox::RecordKind,
    sending::Sending,
};
use crate::clinical::PhotoId;
use unseen::Layers;
use whole::laid;
pub(super) use whole::{confirmed, own_changes, whole};

/// A record as the centre confirmed it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Confirmed {
    /// Counts the changes at the centre, from 1.
    pub(super) revision: u64,
    /// Everything that the centre knows of it.
    pub(super) fields: Fields,
    /// It is gone there.
    pub(super) deleted: bool,
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

impl Write<'_> {
    /// Records that the centre took what was sent: as which revision, and what the record is there now, where it is not just
    /// what was sent laid over the base. A version that was made meanwhile goes on waiting. `false` where what others
    /// changed refers to something that is not here yet: everything stays as it was, and the same answer is good later.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle(
        &mut self,
        sent: &Sending,
        revision: u64,
        answered: Option<Fields>,
        central_id: Option<i64>,
    ) -> Result<bool, StoreError> {
        self.execute("SAVEPOINT change").await?;
        match self.settle_now(sent, revision, answered, central_id).await {
            Ok(()) => {
                self.execute("RELEASE change").await?;
                Ok(true)
            }
            Err(error) if error.is_about_the_record() => {
                tracing::warn!(kind = sent.kind.as_word(), record = %sent.record, %error, "an answer waits");
                self.execute("ROLLBACK TO change").await?;
                self.execute("RELEASE change").await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn settle_now(
        &mut self,
        sent: &Sending,
        revision: u64,
        answered: Option<Fields>,
        central_id: Option<i64>,
    ) -> Result<(), StoreError> {
        let (kind, record) = (sent.kind, sent.record);
        let known = confirmed(&mut self.transaction, kind.as_word(), record).await?;
        let before = known.clone().unwrap_or_default();
        if self.is_gone(record).await? {
            return self.settle_gone(sent, before.revision, revision).await;
        }
        let here = whole(&mut self.transaction, kind, record).await?;
        let layers = Layers {
            kind,
            confirmed: known.as_ref().map(|known| &known.fields),
            sent: Some(&sent.fields),
            here: &here,
        };
        let own = layers.own();
        self.end_sending(kind, record).await?;
        self.unqueue(kind, record, sent.version).await?;
        if let (RecordKind::Patient, Some(number)) = (kind, central_id) {
            self.set_central_id(record, number).await?;
        }
        // The feed may have been faster, perhaps with what somebody changed after it.
        let is_new = before.revision < revision;
        let now = match is_new {
            false => before.clone(),
            true => Confirmed {
                revision,
                fields: answered.unwrap_or_else(|| laid(kind, &before.fields, &sent.fields)),
                deleted: sent.deleted,
            },
        };
        let waits = self.is_waiting(kind, record).await?;
        if !now.deleted {
            let result = match waits {
                true => fields::changed(&now.fields, &own),
                false => now.fields.clone(),
            };
            self.update(kind, record, &here, &result).await?;
            if kind == RecordKind::Photo {
                self.take_images(PhotoId(record), &now.fields).await?;
            }
        }
        if is_new {
            self.confirm(kind, record, now.revision, &now.fields, now.deleted)
                .await?;
        }
        if !waits {
            return self.forget_unseen(kind, record, None).await;
        }
        self.seen_until(kind, record, &sent.fields, revision).await?;
        if is_new {
            self.note_unseen(record, before.revision, &layers, &own, &now.fields)
                .await?;
        }
        // What was sent stands over nothing any more: whoever edits it from now on sees what others said.
        self.forget_unseen_but(kind, record, &own).await
    }

    /// The answer to something that was sent of a record before it was deleted.
    async fn settle_gone(&mut self, sent: &Sending, known: u64, revision: u64) -> Result<(), StoreError> {
        let (kind, record) = (sent.kind, sent.record);
        self.end_sending(kind, record).await?;
        self.unqueue(kind, record, sent.version).await?;
        if !self.is_waiting(kind, record).await? {
            self.was_sent_after_all(record).await?;
        }
        if known < revision {
            self.confirm(kind, record, revision, &Fields::new(), false)
                .await?;
        }
        Ok(())
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
        self.execute("SAVEPOINT change").await?;
        match self.take(kind, change, new_key).await {
            Ok(()) => {
                self.execute("RELEASE change").await?;
                self.unpark(change).await?;
                Ok(Applied::Taken)
            }
            Err(error) if error.is_about_the_record() => {
                self.execute("ROLLBACK TO change").await?;
                self.execute("RELEASE change").await?;
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
            if kind.is_none() {
                continue;
            }
            match self.apply(change, new_key).await? {
                Applied::Taken => taken += 1,
                // An answer was faster and said more.
                Applied::Known => self.unpark(change).await?,
                Applied::Parked => {}
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
        let here = match whole(&mut self.transaction, kind, record).await {
            Ok(fields) => Some(fields),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let result = match &here {
            Some(here) if self.is_waiting(kind, record).await? => {
                let before = confirmed(&mut self.transaction, kind.as_word(), record).await?;
                let sent = self.sent(kind, record).await?;
                let layers = Layers {
                    kind,
                    confirmed: before.as_ref().map(|before| &before.fields),
                    sent: sent.as_ref().map(|sent| &sent.fields),
                    here,
                };
                let own = layers.own();
                let on = before.as_ref().map_or(0, |before| before.revision);
                self.note_unseen(record, on, &layers, &own, theirs).await?;
                // Whether what was sent is among theirs already is known only when its answer comes.
                let with_sent = layers
                    .sent
                    .map_or_else(|| theirs.clone(), |sent| laid(kind, theirs, sent));
                fields::changed(&with_sent, &own)
            }
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

    async fn execute(&mut self, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement).execute(&mut *self.transaction).await?;
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
pub(super) async fn kept(
    connection: &mut SqliteConnection,
    record: Uuid,
) -> Result<Option<Fields>, StoreError> {
    let row = sqlx::query("SELECT kept FROM gone WHERE record = ? AND kept IS NOT NULL")
        .bind(record)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        serde_json::from_str(row.try_get("kept")?).map_err(|_| StoreError::Unreadable { column: "kept" })
    })
    .transpose()
}
