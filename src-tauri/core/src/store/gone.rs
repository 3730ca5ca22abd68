//! The table `gone`: records whose deletion the centre confirmed. Their rows leave their tables in the same transaction,
//! so no list, count or search can show them, and a photo's key goes with its row.
//!
//! What the centre never had of such a record, an edit or a photo that was still to be sent, is kept apart until a person lets
//! it go, and stays in the outbox as refused with the code `deleted`.

mod leftovers;
mod rows;

use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;

use super::{
    Store, StoreError, Write,
    fields::{Fields, id},
    outbox::RecordKind,
    travel::{Incoming, confirmed},
};
use crate::clinical::{PatientId, PhotoId};
pub use leftovers::{Leftover, MET_A_DELETION};
use rows::{TRACES, hanging_on, rows_of};

impl Store {
    /// Photos whose sealed files are to be removed now. Files of an erasure that is under way wait for its end.
    ///
    /// # Errors
    /// As every read.
    pub async fn files_to_remove(&self) -> Result<Vec<PhotoId>, StoreError> {
        let rows = sqlx::query(
            "SELECT record FROM gone WHERE file AND NOT EXISTS (SELECT 1 FROM erasure_record
                JOIN erasure ON erasure.record = erasure WHERE erasure_record.record = gone.record AND erased_at IS NULL)
             ORDER BY record LIMIT 500",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok(PhotoId(row.try_get("record")?)))
            .collect()
    }
}

impl Write<'_> {
    /// The sealed files of these photos are no longer there.
    ///
    /// # Errors
    /// As every write.
    pub async fn files_removed(&mut self, photos: &[PhotoId]) -> Result<(), StoreError> {
        for photo in photos {
            sqlx::query("UPDATE gone SET file = 0 WHERE record = ?")
                .bind(photo.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// The centre has deleted the record: it is hidden here at once, with all that hangs on it. Of a patient under a legal hold
    /// nothing is removed here, whoever deleted it before the hold was known there.
    pub(super) async fn bury(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        revision: u64,
        fields: &Fields,
    ) -> Result<(), StoreError> {
        if kind == RecordKind::Photo {
            self.add_objects_to_erase(record, fields).await?;
        }
        if self.is_held(kind, record).await? {
            let known = confirmed(&mut self.transaction, kind.as_word(), record).await?;
            let fields = known.map_or_else(|| fields.clone(), |known| known.fields);
            return self.confirm(kind, record, revision, &fields, true).await;
        }
        // What was never sent of it is told by what the centre had.
        self.hide(kind, record).await?;
        self.confirm(kind, record, revision, &Fields::new(), true).await
    }

    /// Applies the deletions that a legal hold kept from being applied.
    pub(super) async fn hide_what_was_held(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT kind, record FROM confirmed WHERE deleted AND (kind = 'patient' AND record = ?1
                OR kind = 'lesion' AND record IN (SELECT id FROM lesion WHERE patient_id = ?1)
                OR kind = 'photo' AND record IN (SELECT id FROM photo WHERE patient_id = ?1)
                OR kind = 'analysis' AND record IN (SELECT id FROM analysis WHERE patient_id = ?1)
                OR kind = 'note' AND record IN (SELECT note.id FROM note JOIN analysis ON analysis.id = analysis_id
                    WHERE patient_id = ?1)
                OR kind = 'acknowledgement' AND record IN (SELECT acknowledgement.id FROM acknowledgement
                    JOIN analysis ON analysis.id = analysis_id WHERE patient_id = ?1))",
        )
        .bind(patient.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        for row in rows {
            let kind = super::word(&row, "kind", RecordKind::from_word)?;
            self.hide(kind, row.try_get("record")?).await?;
        }
        Ok(())
    }

    /// Whether the change is about something that is gone here, itself or by what it hangs on. Only what the centre has of it is
    /// noted then; what it says is not kept.
    pub(super) async fn is_about_what_is_gone(
        &mut self,
        kind: RecordKind,
        change: &Incoming,
    ) -> Result<bool, StoreError> {
        // A photo names its first analysis, which does not carry it.
        let analysis = id(&change.fields, "analysis").filter(|_| kind != RecordKind::Photo);
        let gone = sqlx::query("SELECT 1 FROM gone WHERE record IN (?, ?, ?, ?, ?) LIMIT 1")
            .bind(change.record)
            .bind(id(&change.fields, "patient"))
            .bind(id(&change.fields, "lesion"))
            .bind(id(&change.fields, "photo"))
            .bind(analysis)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(gone.is_some())
    }

    /// Notes a record that came to the centre after what it hangs on was deleted there.
    pub(super) async fn note_gone(&mut self, kind: RecordKind, change: &Incoming) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO gone (record, kind, patient_id, at) VALUES (?, ?, ?, ?) ON CONFLICT (record) DO NOTHING",
        )
        .bind(change.record)
        .bind(kind.as_word())
        .bind(id(&change.fields, "patient"))
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Whether the record is gone here.
    pub(super) async fn is_gone(&mut self, record: Uuid) -> Result<bool, StoreError> {
        let gone = sqlx::query("SELECT 1 FROM gone WHERE record = ?")
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(gone.is_some())
    }

    /// Takes the record out of its table, and before it all that hangs on it.
    async fn hide(&mut self, kind: RecordKind, record: Uuid) -> Result<(), StoreError> {
        // People are named by what they did, and stay.
        if kind == RecordKind::Person || self.is_gone(record).await? {
            return Ok(());
        }
        let patient = self.patient_of(kind, record).await?;
        let mut going = Vec::new();
        for (hanging, question) in hanging_on(kind) {
            let rows = sqlx::query(question)
                .bind(record)
                .fetch_all(&mut *self.transaction)
                .await?;
            for row in rows {
                going.push((*hanging, row.try_get::<Uuid, _>("id")?));
            }
        }
        going.push((kind, record));
        // Before the first goes: a photo's fields name its analysis, a note's those of its patient.
        let mut kept = Vec::with_capacity(going.len());
        for (kind, record) in &going {
            let own = self.never_sent(*kind, *record).await?;
            kept.push(match own {
                Some(own) if own.has_photo_at_centre => {
                    self.go_without_images(*record, patient, own.fields).await?
                }
                own => own.map(|own| own.fields),
            });
        }
        for ((kind, record), kept) in going.into_iter().zip(kept) {
            self.take_out(kind, record, patient, kept).await?;
        }
        Ok(())
    }

    async fn take_out(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        patient: Option<Uuid>,
        kept: Option<Fields>,
    ) -> Result<(), StoreError> {
        let key = match kind {
            RecordKind::Photo => self.wrapped_key(record).await?,
            _ => None,
        };
        let has_file = key.is_some();
        // Of a photo that the centre had, a line that was drawn over it may be left, but no image.
        let keeps_images = has_file
            && kept.is_some()
            && confirmed(&mut self.transaction, kind.as_word(), record)
                .await?
                .is_none();
        sqlx::query(
            "INSERT INTO gone (record, kind, patient_id, at, kept, wrapped_key, file) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (record) DO NOTHING",
        )
        .bind(record)
        .bind(kind.as_word())
        .bind(patient)
        .bind(self.now())
        .bind(kept.as_ref().map(|fields| Value::Object(fields.clone()).to_string()))
        .bind(key.filter(|_| keeps_images))
        .bind(has_file && !keeps_images)
        .execute(&mut *self.transaction)
        .await?;
        if kept.is_some() {
            self.refuse_as_deleted(kind, record).await?;
        } else {
            sqlx::query("DELETE FROM outbox WHERE kind = ? AND record = ? AND NOT deleted")
                .bind(kind.as_word())
                .bind(record)
                .execute(&mut *self.transaction)
                .await?;
        }
        for statement in TRACES {
            sqlx::query(statement)
                .bind(record)
                .bind(kind.as_word())
                .execute(&mut *self.transaction)
                .await?;
        }
        for statement in rows_of(kind) {
            sqlx::query(statement)
                .bind(record)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn wrapped_key(&mut self, photo: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT wrapped_key FROM photo WHERE id = ?")
            .bind(photo)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(row.map(|row| row.try_get("wrapped_key")).transpose()?)
    }

    async fn is_held(&mut self, kind: RecordKind, record: Uuid) -> Result<bool, StoreError> {
        let Some(patient) = self.patient_of(kind, record).await? else {
            return Ok(false);
        };
        let held = sqlx::query("SELECT 1 FROM patient WHERE id = ? AND legal_hold")
            .bind(patient)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(held.is_some())
    }

    /// Whose the record is; `None` where it is not here, or nobody's.
    async fn patient_of(&mut self, kind: RecordKind, record: Uuid) -> Result<Option<Uuid>, StoreError> {
        let question = match kind {
            RecordKind::Person => return Ok(None),
            RecordKind::Patient => "SELECT id AS patient_id FROM patient WHERE id = ?",
            RecordKind::Lesion => "SELECT patient_id FROM lesion WHERE id = ?",
            RecordKind::Photo => "SELECT patient_id FROM photo WHERE id = ?",
            RecordKind::Analysis => "SELECT patient_id FROM analysis WHERE id = ?",
            RecordKind::Note => {
                "SELECT patient_id FROM analysis WHERE id = (SELECT analysis_id FROM note WHERE note.id = ?)"
            }
            RecordKind::Acknowledgement => {
                "SELECT patient_id FROM analysis WHERE id = (SELECT analysis_id FROM acknowledgement
                    WHERE acknowledgement.id = ?)"
            }
        };
        let row = sqlx::query(question)
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(row.map(|row| row.try_get("patient_id")).transpose()?)
    }
}
