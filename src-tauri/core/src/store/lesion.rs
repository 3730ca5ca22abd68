//! The tables `lesion` and `lesion_version`.

use serde::Serialize;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, WorstRisk, Write, outbox::RecordKind};
use crate::clinical::{BodySite, Lesion, LesionId, LesionVersion, PatientId, PersonId, PhotoId, Side};

/// A lesion with what its photos amount to.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct LesionRow {
    /// The lesion.
    #[serde(flatten)]
    pub lesion: Lesion,
    /// How many photos.
    pub photos: u32,
    /// The newest.
    pub last_photo_id: Option<PhotoId>,
    /// When it was taken, RFC 3339.
    pub last_photo_at: Option<String>,
    /// The most worrying risk of any of its analyses.
    pub worst: Option<WorstRisk>,
}

impl Store {
    /// A patient's lesions, the last photographed first.
    ///
    /// # Errors
    /// As every read.
    pub async fn lesions(&self, patient: PatientId) -> Result<Vec<LesionRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT lesion.*,
                (SELECT count(*) FROM photo WHERE lesion_id = lesion.id) AS photos,
                (SELECT id FROM photo WHERE lesion_id = lesion.id ORDER BY taken_at DESC LIMIT 1) AS last_photo_id,
                (SELECT max(taken_at) FROM photo WHERE lesion_id = lesion.id) AS last_photo_at,
                (SELECT ", super::worst!(), " FROM photo
                    JOIN analysis ON analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id
                    WHERE photo.lesion_id = lesion.id AND risk IS NOT NULL) AS worst
             FROM lesion WHERE patient_id = ? ORDER BY last_photo_at DESC, created_at DESC"
        ))
        .bind(patient.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(lesion_row).collect()
    }

    /// One lesion of that patient.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for another patient's too.
    pub async fn lesion(&self, patient: PatientId, id: LesionId) -> Result<Lesion, StoreError> {
        let row = sqlx::query("SELECT * FROM lesion WHERE id = ? AND patient_id = ?")
            .bind(id.0)
            .bind(patient.0)
            .fetch_optional(&self.readers)
            .await?
            .ok_or(StoreError::NotFound { what: "lesion" })?;
        lesion(&row)
    }

    /// What the lesion was called before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn lesion_versions(&self, id: LesionId) -> Result<Vec<LesionVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT revision, label, replaced_at, person.full_name AS replaced_by_name FROM lesion_version
             JOIN person ON person.id = replaced_by WHERE lesion_id = ? ORDER BY revision DESC",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(LesionVersion {
                    revision: row.try_get("revision")?,
                    label: row.try_get("label")?,
                    replaced_at: row.try_get("replaced_at")?,
                    replaced_by: row.try_get("replaced_by_name")?,
                })
            })
            .collect()
    }
}

impl Write<'_> {
    /// Adds a lesion.
    ///
    /// # Errors
    /// As every write.
    pub async fn add_lesion(&mut self, lesion: &Lesion, by: PersonId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO lesion (id, patient_id, site, side, label, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(lesion.id.0)
        .bind(lesion.patient_id.0)
        .bind(lesion.site.as_word())
        .bind(lesion.side.as_word())
        .bind(&lesion.label)
        .bind(&lesion.created_at)
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        self.queue(RecordKind::Lesion, lesion.id.0, Some(lesion.patient_id), false)
            .await
    }

    /// Gives a lesion another label, or none, and keeps the one it had. The same label again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn label_lesion(
        &mut self,
        id: LesionId,
        label: Option<&str>,
        by: PersonId,
    ) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT label, patient_id FROM lesion WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "lesion" })?;
        if row.try_get::<Option<&str>, _>("label")? == label {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO lesion_version SELECT id, revision, label, ?2, ?3 FROM lesion WHERE id = ?1",
        )
        .bind(id.0)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("UPDATE lesion SET label = ?, revision = revision + 1 WHERE id = ?")
            .bind(label)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        let patient = PatientId(row.try_get("patient_id")?);
        self.queue(RecordKind::Lesion, id.0, Some(patient), false).await
    }
}

fn lesion(row: &SqliteRow) -> Result<Lesion, StoreError> {
    Ok(Lesion {
        id: LesionId(row.try_get("id")?),
        patient_id: PatientId(row.try_get("patient_id")?),
        site: super::word(row, "site", BodySite::from_word)?,
        side: super::word(row, "side", Side::from_word)?,
        label: row.try_get("label")?,
        created_at: row.try_get("created_at")?,
    })
}

fn lesion_row(row: &SqliteRow) -> Result<LesionRow, StoreError> {
    Ok(LesionRow {
        lesion: lesion(row)?,
        photos: row.try_get("photos")?,
        last_photo_id: row.try_get::<Option<_>, _>("last_photo_id")?.map(PhotoId),
        last_photo_at: row.try_get("last_photo_at")?,
        worst: super::worst_risk(row.try_get("worst")?),
    })
}
