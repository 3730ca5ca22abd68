//! The tables `erasure`, `erasure_record` and `erasure_object`: what retention has begun to let go, and how far each is.

mod begin;
mod take_over;

use jiff::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Sending, Store, StoreError, Write, travel::confirmed};
use crate::clinical::{
    PatientId,
    retention::{Contacts, RetainedKind},
};

pub use take_over::{Unfinished, UnfinishedPart};

/// A patient or a photo on its way out, whose tombstones the centre has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Which patient or photo.
    pub record: Uuid,
    /// Which of the two.
    pub kind: RetainedKind,
    /// The id of emptying its rows at the centre.
    pub operation: Uuid,
}

/// Why some of what was begun has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// How many have begun and not ended.
    pub count: u32,
    /// Why the last attempts ended early, each once, in the centre's words.
    pub reasons: Vec<String>,
}

macro_rules! contacts {
    ($which:literal) => {
        concat!(
            "SELECT seen, patient.id, patient.legal_hold, patient.created_at,
                (SELECT max(max(taken_at, kept_at)) FROM photo WHERE patient_id = patient.id) AS photo_at,
                (SELECT max(ifnull(made_at, requested_at)) FROM analysis WHERE patient_id = patient.id) AS analysis_at,
                (SELECT max(ifnull(edited_at, note.created_at)) FROM analysis JOIN note ON note.analysis_id = analysis.id
                    WHERE analysis.patient_id = patient.id) AS note_at,
                (SELECT count(*) FROM photo WHERE patient_id = patient.id) AS photos,
                EXISTS (SELECT 1 FROM confirmed WHERE kind = 'patient' AND record = patient.id AND NOT deleted)
                    AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.patient_id = patient.id)
                    AND NOT EXISTS (SELECT 1 FROM parked WHERE patient.id IN (record, unhex(change ->> '$.fields.patient', '-')))
                    AND NOT EXISTS (SELECT 1 FROM photo WHERE photo.patient_id = patient.id
                        AND (NOT EXISTS (SELECT 1 FROM confirmed WHERE kind = 'photo' AND record = photo.id)
                            OR EXISTS (SELECT 1 FROM image WHERE photo_id = photo.id AND generation IS NULL)))
                    AS at_centre
             FROM patient WHERE ",
            $which
        )
    };
}

/// One patient's.
const ONE: &str = contacts!("patient.id = ?");

impl Store {
    /// Patients whose last contact may lie before `before`, a page of those after `after`, and where the next page begins.
    /// Of whom something is on its way out already are not among them.
    ///
    /// # Errors
    /// As every read.
    pub async fn last_contacts(
        &self,
        before: &str,
        after: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Contacts>, Option<i64>), StoreError> {
        let rows = sqlx::query(contacts!(
            "seen > ?1 AND NOT EXISTS (SELECT 1 FROM photo WHERE patient_id = patient.id AND taken_at >= ?2)
                AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.patient_id = patient.id)
             ORDER BY seen LIMIT ?3"
        ))
        .bind(after.unwrap_or(i64::MIN))
        .bind(before)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let last = rows.last().map(|row| row.try_get("seen")).transpose()?;
        let contacts = rows.iter().map(contacts).collect::<Result<_, _>>()?;
        Ok((contacts, last))
    }

    /// What is to be emptied next: every tombstone is confirmed, the centre's rows are not emptied. Nothing of a patient
    /// under a legal hold.
    ///
    /// # Errors
    /// As every read.
    pub async fn erasures_to_empty(&self) -> Result<Vec<Erasure>, StoreError> {
        let rows = sqlx::query(
            "SELECT record, kind, operation FROM erasure WHERE erased_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM patient WHERE id = erasure.patient_id AND legal_hold)
                AND NOT EXISTS (SELECT 1 FROM erasure_record AS one WHERE one.erasure = erasure.record
                    AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.kind = one.kind
                        AND confirmed.record = one.record AND confirmed.deleted))
             ORDER BY begun_at, record",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Erasure {
                    record: row.try_get("record")?,
                    kind: super::word(row, "kind", kind_of)?,
                    operation: row.try_get("operation")?,
                })
            })
            .collect()
    }

    /// Its objects that are not known to be deleted: name and generation.
    ///
    /// # Errors
    /// As every read.
    pub async fn objects_to_delete(&self, erasure: &Erasure) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT object, generation FROM erasure_object WHERE erasure = ? AND deleted_at IS NULL ORDER BY object",
        )
        .bind(erasure.record)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("object")?, row.try_get("generation")?)))
            .collect()
    }

    /// How many have begun and not ended, and why.
    ///
    /// # Errors
    /// As every read.
    pub async fn erasures_under_way(&self) -> Result<UnderWay, StoreError> {
        let rows =
            sqlx::query("SELECT reason, count(*) AS count FROM erasure GROUP BY reason ORDER BY reason")
                .fetch_all(&self.readers)
                .await?;
        let mut under_way = UnderWay::default();
        for row in rows {
            under_way.count += row.try_get::<u32, _>("count")?;
            under_way
                .reasons
                .extend(row.try_get::<Option<String>, _>("reason")?);
        }
        Ok(under_way)
    }
}

impl Write<'_> {
    /// Records that the centre confirmed a deletion: from now on the record is hidden here as well.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle_deletion(&mut self, sent: &Sending, revision: u64) -> Result<(), StoreError> {
        self.end_sending(sent.kind, sent.record).await?;
        // By its operation: an edit may have taken the deletion's place.
        sqlx::query("DELETE FROM outbox WHERE operation = ?")
            .bind(sent.operation)
            .execute(&mut *self.transaction)
            .await?;
        let known = confirmed(&mut self.transaction, sent.kind.as_word(), sent.record).await?;
        match known {
            Some(known) if known.revision >= revision => Ok(()),
            known => {
                let fields = known.map(|known| known.fields).unwrap_or_default();
                self.bury(sent.kind, sent.record, revision, &fields).await
            }
        }
    }

    /// Takes back what the record's deletion begins, where it is a patient's or a photo's that retention lets go, with what of it was
    /// sent and has no answer. `false` for any other deletion.
    ///
    /// # Errors
    /// As every write.
    pub async fn withdraw_erasure(&mut self, record: Uuid) -> Result<bool, StoreError> {
        let begun = sqlx::query("SELECT 1 FROM erasure WHERE record = ?")
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?;
        if begun.is_none() {
            return Ok(false);
        }
        for statement in [
            "DELETE FROM outbox WHERE deleted AND record IN (SELECT record FROM erasure_record WHERE erasure = ?)",
            "DELETE FROM sending WHERE deleted AND record IN (SELECT record FROM erasure_record WHERE erasure = ?)",
            "DELETE FROM erasure_object WHERE erasure = ?",
            "DELETE FROM erasure_record WHERE erasure = ?",
            "DELETE FROM erasure WHERE record = ?",
        ] {
            sqlx::query(statement)
                .bind(record)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(true)
    }

    /// Takes back what was begun of a patient and is not deleted at the centre yet.
    pub(super) async fn withdraw_erasures_of(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT record FROM erasure WHERE patient_id = ? AND NOT EXISTS (SELECT 1 FROM confirmed
                WHERE confirmed.kind = erasure.kind AND confirmed.record = erasure.record AND confirmed.deleted)",
        )
        .bind(patient.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        for row in rows {
            self.withdraw_erasure(row.try_get("record")?).await?;
        }
        Ok(())
    }

    /// The object is no longer in the bucket.
    ///
    /// # Errors
    /// As every write.
    pub async fn object_deleted(&mut self, object: &str, generation: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE erasure_object SET deleted_at = ? WHERE object = ? AND generation = ?")
            .bind(self.now())
            .bind(object)
            .bind(generation)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// The centre has emptied its rows.
    ///
    /// # Errors
    /// As every write.
    pub async fn erased(&mut self, erasure: &Erasure) -> Result<(), StoreError> {
        sqlx::query("UPDATE erasure SET erased_at = ?, reason = NULL WHERE record = ?")
            .bind(self.now())
            .bind(erasure.record)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Why an attempt did not come to its end.
    ///
    /// # Errors
    /// As every write.
    pub async fn note_erasure(&mut self, erasure: &Erasure, reason: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE erasure SET reason = ? WHERE record = ?")
            .bind(reason)
            .bind(erasure.record)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets those whose rows the centre has emptied and whose files are removed. Gives how many patients and photos.
    ///
    /// # Errors
    /// As every write.
    pub async fn finish_erasures(&mut self) -> Result<(u32, u32), StoreError> {
        let rows = sqlx::query(
            "SELECT record, (SELECT count(*) FROM erasure_record WHERE erasure = erasure.record AND kind = 'photo') AS photos,
                kind = 'patient' AS patient
             FROM erasure WHERE erased_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM erasure_record AS one
                JOIN gone ON gone.record = one.record WHERE one.erasure = erasure.record AND gone.file)",
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let (mut patients, mut photos) = (0, 0);
        for row in rows {
            patients += row.try_get::<u32, _>("patient")?;
            photos += row.try_get::<u32, _>("photos")?;
            self.withdraw_erasure(row.try_get("record")?).await?;
        }
        Ok((patients, photos))
    }
}

fn kind_of(word: &str) -> Option<RetainedKind> {
    match word {
        "patient" => Some(RetainedKind::Patient),
        "photo" => Some(RetainedKind::Photo),
        _ => None,
    }
}

fn contacts(row: &SqliteRow) -> Result<Contacts, StoreError> {
    // A time that can't be read proves no age: whoever has one is kept.
    let time = |text: &str| text.parse().unwrap_or(Timestamp::MAX);
    let mut last = time(row.try_get("created_at")?);
    for column in ["photo_at", "analysis_at", "note_at"] {
        if let Some(text) = row.try_get::<Option<&str>, _>(column)? {
            last = last.max(time(text));
        }
    }
    Ok(Contacts {
        patient: PatientId(row.try_get("id")?),
        last,
        photos: row.try_get("photos")?,
        legal_hold: row.try_get::<Option<bool>, _>("legal_hold")?.unwrap_or_default(),
        confirmed: row.try_get("at_centre")?,
    })
}
