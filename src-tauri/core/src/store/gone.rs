//! The table `gone`: records whose deletion the centre confirmed. Their rows leave their tables in the same transaction,
//! so no list, count or search can show them, and a photo's key goes with its row.
//!
//! What the centre never had of such a record, an edit or a photo that was still to be sent, is kept apart until a person lets
//! it go, and stays in the outbox as refused with the code `deleted`.

mod rows;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    ImagePart, ObjectFacts, Store, StoreError, Write,
    fields::{Fields, id},
    outbox::RecordKind,
    outline::DRAWN,
    travel::{Incoming, confirmed, own_changes, whole},
};
use crate::clinical::{PatientId, PhotoId};
use rows::{TRACES, hanging_on, rows_of};

/// What the outbox says of a change that met a deletion.
pub const MET_A_DELETION: &str = "deleted";

/// Something that was never sent and whose record, or what it hangs on, is deleted at the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Leftover {
    /// Which kind of record.
    pub kind: RecordKind,
    /// Which.
    pub record: Uuid,
    /// Whose, where it is one patient's.
    pub patient_id: Option<PatientId>,
    /// What it says, as JSON.
    pub fields: String,
    /// When the deletion arrived, RFC 3339.
    pub at: String,
}

impl Store {
    /// What was never sent of records that are deleted, the newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn leftovers(&self) -> Result<Vec<Leftover>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM gone WHERE kept IS NOT NULL ORDER BY at DESC, record LIMIT 500")
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(leftover).collect()
    }

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

    /// Lets go what was never sent of a deleted record.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where nothing of it is kept.
    pub async fn let_go(&mut self, record: Uuid) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT * FROM gone WHERE record = ? AND kept IS NOT NULL")
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "leftover" })?;
        let one = leftover(&row)?;
        sqlx::query(
            "UPDATE gone SET kept = NULL, wrapped_key = NULL, file = (wrapped_key IS NOT NULL) WHERE record = ?",
        )
        .bind(record)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("DELETE FROM outbox WHERE kind = ? AND record = ?")
            .bind(one.kind.as_word())
            .bind(record)
            .execute(&mut *self.transaction)
            .await?;
        // Its images may have reached the bucket before its record met the deletion.
        let fields: Fields = serde_json::from_str(&one.fields).unwrap_or_default();
        match (one.kind, one.patient_id) {
            (RecordKind::Photo, Some(patient)) => self.add_stray_objects(record, patient, &fields).await,
            _ => Ok(()),
        }
    }

    /// An object that reached the bucket after its photo was deleted at the centre. It goes with what is kept of the photo until a
    /// person lets it go, or at once.
    pub(super) async fn add_object_of_gone(
        &mut self,
        photo: PhotoId,
        patient: PatientId,
        part: ImagePart,
        facts: &ObjectFacts,
    ) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT * FROM gone WHERE record = ? AND kept IS NOT NULL")
            .bind(photo.0)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let arrived = json!({ part.as_word(): facts });
        let Some(row) = row else {
            let fields = Fields::from_iter([("images".to_owned(), arrived)]);
            return self.add_unnamed_objects(photo.0, patient, &fields).await;
        };
        let kept = leftover(&row)?.fields;
        sqlx::query("UPDATE gone SET kept = json_patch(?, json_object('images', json(?))) WHERE record = ?")
            .bind(kept)
            .bind(arrived.to_string())
            .bind(photo.0)
            .execute(&mut *self.transaction)
            .await?;
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

    /// What was kept of a record that is gone, as never sent, has reached the centre after all.
    pub(super) async fn was_sent_after_all(&mut self, record: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE gone SET kept = NULL, wrapped_key = NULL, file = max(file, wrapped_key IS NOT NULL) WHERE record = ?",
        )
        .bind(record)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
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
            kept.push(self.never_sent(*kind, *record).await?);
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

    /// What waits of the record waits for a person from now on.
    async fn refuse_as_deleted(&mut self, kind: RecordKind, record: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET failure = 'refused', reason = ?3, next_try_at = NULL, patient_id = NULL
             WHERE kind = ?1 AND record = ?2",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(MET_A_DELETION)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What the centre never had of the record. Of a photo that it has, that is the outline that somebody drew; images that it does
    /// not name there wait for nobody, and go.
    async fn never_sent(&mut self, kind: RecordKind, record: Uuid) -> Result<Option<Fields>, StoreError> {
        let waits = sqlx::query("SELECT 1 FROM outbox WHERE kind = ? AND record = ? AND NOT deleted")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?;
        if waits.is_none() {
            return Ok(None);
        }
        let known = confirmed(&mut self.transaction, kind.as_word(), record).await?;
        match (whole(&mut self.transaction, kind, record).await, known) {
            (Ok(fields), Some(known)) if kind == RecordKind::Photo => {
                let mut own = own_changes(kind, &known.fields, &fields);
                if let Some(patient) = id(&fields, "patient") {
                    self.add_unnamed_objects(record, PatientId(patient), &own).await?;
                }
                own.retain(|name, _| name == DRAWN);
                Ok((!own.is_empty()).then_some(own))
            }
            (Ok(fields), _) => Ok(Some(fields)),
            (Err(StoreError::NotFound { .. }), _) => Ok(None),
            (Err(error), _) => Err(error),
        }
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

fn leftover(row: &SqliteRow) -> Result<Leftover, StoreError> {
    Ok(Leftover {
        kind: super::word(row, "kind", RecordKind::from_word)?,
        record: row.try_get("record")?,
        patient_id: row.try_get::<Option<Uuid>, _>("patient_id")?.map(PatientId),
        fields: row.try_get("kept")?,
        at: row.try_get("at")?,
    })
}
