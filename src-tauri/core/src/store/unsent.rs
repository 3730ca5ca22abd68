//! What waits for the centre, for people to read: records and images by one list.

use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Attempts, Failure, ImagePart, RecordKind, Store, StoreError, outbox::attempts};
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
    /// One of its analyses is urgent.
    pub urgent: bool,
    /// Somebody has to look at a conflict about it.
    pub conflict: bool,
}

/// Looks only at as much as is shown, however much waits.
pub(super) const RECORDS: &str = "SELECT outbox.*, NULL AS part, patient.full_name, queued_at AS since, CASE kind
        WHEN 'photo' THEN record
        WHEN 'analysis' THEN (SELECT photo_id FROM analysis WHERE id = record)
        WHEN 'note' THEN (SELECT photo_id FROM analysis
            WHERE id = (SELECT analysis_id FROM note WHERE note.id = record))
        WHEN 'acknowledgement' THEN (SELECT photo_id FROM analysis
            WHERE id = (SELECT analysis_id FROM acknowledgement WHERE acknowledgement.id = record))
        END AS photo_id
     FROM (SELECT * FROM (SELECT * FROM outbox WHERE failure = 'refused' ORDER BY urgent DESC, queued_at LIMIT ?1)
        UNION ALL
        SELECT * FROM (SELECT * FROM outbox WHERE failure IS NOT 'refused' ORDER BY urgent DESC, queued_at LIMIT ?1)) AS outbox
     LEFT JOIN patient ON patient.id = outbox.patient_id";

/// As [`RECORDS`]: those that were refused, those of the newest urgent cases, and the oldest, as a photo's id begins with
/// its time.
pub(super) const IMAGES: &str = "WITH some (photo_id, part) AS MATERIALIZED (
        SELECT * FROM (SELECT photo_id, part FROM image WHERE generation IS NULL AND failure = 'refused'
            ORDER BY photo_id LIMIT ?1)
        UNION
        SELECT image.photo_id, image.part
        FROM (SELECT photo_id FROM worklist WHERE urgent ORDER BY arrived DESC LIMIT ?1) AS urgent
        CROSS JOIN image ON image.photo_id = urgent.photo_id WHERE generation IS NULL AND part <> 'original'
        UNION
        SELECT * FROM (SELECT photo_id, part FROM image WHERE generation IS NULL ORDER BY photo_id LIMIT ?1))
     SELECT image.*, 'photo' AS kind, image.photo_id AS record, photo.patient_id, patient.full_name, kept_at AS since,
        EXISTS (SELECT 1 FROM analysis AS urgent WHERE urgent.patient_id = photo.patient_id
            AND urgent.photo_id = photo.id AND urgent.risk = 'URGENT') AND image.part <> 'original' AS urgent
     FROM some CROSS JOIN image ON image.photo_id = some.photo_id AND image.part = some.part
     CROSS JOIN photo ON photo.id = image.photo_id JOIN patient ON patient.id = photo.patient_id";

/// By keys alone: it is asked with every photo that somebody opens.
pub(super) const DELIVERY: &str = "WITH said (id, urgent) AS MATERIALIZED (
        SELECT analysis.id, risk IS 'URGENT' FROM photo
        CROSS JOIN analysis ON analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id WHERE photo.id = ?1),
     about (kind, record) AS MATERIALIZED (
        SELECT 'photo', ?1 UNION ALL SELECT 'analysis', id FROM said
        UNION ALL SELECT 'note', note.id FROM said CROSS JOIN note ON note.analysis_id = said.id
        UNION ALL SELECT 'acknowledgement', acknowledgement.id FROM said
            CROSS JOIN acknowledgement ON acknowledgement.analysis_id = said.id),
     left_over (refused) AS MATERIALIZED (
        SELECT failure IS 'refused' FROM image WHERE photo_id = ?1 AND generation IS NULL
        UNION ALL
        SELECT failure IS 'refused' FROM about
            CROSS JOIN outbox ON outbox.kind = about.kind AND outbox.record = about.record)
     SELECT EXISTS (SELECT 1 FROM left_over) AS waits, EXISTS (SELECT 1 FROM left_over WHERE refused) AS refused,
        EXISTS (SELECT 1 FROM said WHERE urgent) AS urgent,
        EXISTS (SELECT 1 FROM conflict WHERE settled_at IS NULL AND record IN (SELECT record FROM about)) AS conflict";

impl Store {
    /// What waits: first what waits for a person, then what is urgent, then the oldest; at most `limit`.
    ///
    /// # Errors
    /// As every read.
    pub async fn unsent(&self, limit: u32) -> Result<Vec<Waits>, StoreError> {
        let mut all = Vec::new();
        for some in [RECORDS, IMAGES] {
            let rows = sqlx::query(some).bind(limit).fetch_all(&self.readers).await?;
            for row in &rows {
                all.push(waits(row)?);
            }
        }
        all.sort_by_cached_key(|waits| {
            (
                waits.attempts.failure != Some(Failure::Refused),
                !waits.urgent,
                waits.since.clone(),
            )
        });
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
    }

    /// How far a photo with its images, analyses, notes and acknowledgements has come.
    ///
    /// # Errors
    /// As every read.
    pub async fn delivery(&self, photo: PhotoId) -> Result<Delivery, StoreError> {
        let row = sqlx::query(DELIVERY)
            .bind(photo.0)
            .fetch_one(&self.readers)
            .await?;
        Ok(Delivery {
            waits: row.try_get("waits")?,
            refused: row.try_get("refused")?,
            urgent: row.try_get("urgent")?,
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
