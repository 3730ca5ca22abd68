//! What waits for the centre, for people to read: records and images by one list.

use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Attempts, ImagePart, RecordKind, Store, StoreError, outbox::attempts};
use crate::clinical::{PatientId, PhotoId};

/// A record or an image that the centre has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Which kind of record; of an image, that of its photo.
    pub kind: RecordKind,
    /// Which image; `None` for a record.
    pub part: Option<ImagePart>,
    /// The record; of an image, its photo.
    pub record: Uuid,
    /// Whose, where it is one patient's.
    pub patient: Option<(PatientId, String)>,
    /// The photo that it is about.
    pub photo: Option<PhotoId>,
    /// Goes before all that is not.
    pub urgent: bool,
    /// RFC 3339.
    pub since: String,
    /// What became of it so far.
    pub attempts: Attempts,
}

/// How far one photo with all that belongs to it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Some of it is not at the centre.
    pub waits: bool,
    /// Some of it waits for a person.
    pub refused: bool,
    /// Somebody has to look at a conflict about it.
    pub conflict: bool,
}

impl Store {
    /// What waits: first what waits for a person, then what is urgent, then the oldest; at most `limit`.
    ///
    /// # Errors
    /// As every read.
    pub async fn unsent(&self, limit: u32) -> Result<Vec<Waits>, StoreError> {
        let records = sqlx::query(
            "SELECT outbox.*, NULL AS part, patient.full_name, queued_at AS since, CASE kind
                WHEN 'photo' THEN record
                WHEN 'analysis' THEN (SELECT photo_id FROM analysis WHERE id = record)
                WHEN 'note' THEN (SELECT photo_id FROM analysis
                    WHERE id = (SELECT analysis_id FROM note WHERE note.id = record))
                WHEN 'acknowledgement' THEN (SELECT photo_id FROM analysis
                    WHERE id = (SELECT analysis_id FROM acknowledgement WHERE acknowledgement.id = record))
                END AS photo_id
             FROM outbox LEFT JOIN patient ON patient.id = outbox.patient_id
             ORDER BY failure IS 'refused' DESC, urgent DESC, queued_at LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let images = sqlx::query(
            "SELECT image.*, 'photo' AS kind, image.photo_id AS record, photo.patient_id, patient.full_name, kept_at AS since,
                EXISTS (SELECT 1 FROM analysis AS urgent WHERE urgent.patient_id = photo.patient_id
                    AND urgent.photo_id = photo.id AND urgent.risk = 'URGENT') AND part <> 'original' AS urgent
             FROM image JOIN photo ON photo.id = image.photo_id JOIN patient ON patient.id = photo.patient_id
             WHERE generation IS NULL ORDER BY failure IS 'refused' DESC, urgent DESC, kept_at LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let mut all = records
            .iter()
            .chain(&images)
            .map(waits)
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|one, other| {
            let key = |waits: &Waits| {
                (
                    waits.attempts.failure != Some(super::Failure::Refused),
                    !waits.urgent,
                )
            };
            key(one)
                .cmp(&key(other))
                .then_with(|| one.since.cmp(&other.since))
        });
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
    }

    /// How far a photo with its images, analyses, notes and acknowledgements has come.
    ///
    /// # Errors
    /// As every read.
    pub async fn delivery(&self, photo: PhotoId) -> Result<Delivery, StoreError> {
        let row = sqlx::query(
            "WITH about (record) AS (
                SELECT ?1 UNION ALL SELECT id FROM analysis WHERE photo_id = ?1
                UNION ALL SELECT note.id FROM note JOIN analysis ON analysis.id = note.analysis_id WHERE photo_id = ?1
                UNION ALL SELECT acknowledgement.id FROM acknowledgement
                    JOIN analysis ON analysis.id = acknowledgement.analysis_id WHERE photo_id = ?1)
             SELECT EXISTS (SELECT 1 FROM image WHERE photo_id = ?1 AND generation IS NULL)
                    OR EXISTS (SELECT 1 FROM outbox WHERE record IN (SELECT record FROM about)) AS waits,
                EXISTS (SELECT 1 FROM image WHERE photo_id = ?1 AND generation IS NULL AND failure = 'refused')
                    OR EXISTS (SELECT 1 FROM outbox WHERE record IN (SELECT record FROM about) AND failure = 'refused')
                    AS refused,
                EXISTS (SELECT 1 FROM conflict WHERE settled_at IS NULL AND record IN (SELECT record FROM about)) AS conflict",
        )
        .bind(photo.0)
        .fetch_one(&self.readers)
        .await?;
        Ok(Delivery {
            waits: row.try_get("waits")?,
            refused: row.try_get("refused")?,
            conflict: row.try_get("conflict")?,
        })
    }
}

fn waits(row: &SqliteRow) -> Result<Waits, StoreError> {
    let patient = row.try_get::<Option<Uuid>, _>("patient_id")?;
    let name = row.try_get::<Option<String>, _>("full_name")?;
    Ok(Waits {
        kind: super::word(row, "kind", RecordKind::from_word)?,
        part: super::optional_word(row, "part", ImagePart::from_word)?,
        record: row.try_get("record")?,
        patient: patient.map(PatientId).zip(name),
        photo: row.try_get::<Option<Uuid>, _>("photo_id")?.map(PhotoId),
        urgent: row.try_get("urgent")?,
        since: row.try_get("since")?,
        attempts: attempts(row)?,
    })
}
