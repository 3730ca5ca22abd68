//! Further requests in the table `analysis`: second opinions that somebody asked for, beside the photo's own.

use serde::Serialize;
use sqlx::Row;

use super::{Asked, Store, StoreError, Write, analysis::analysis};
use crate::clinical::{Analysis, AnalysisId, PhotoId};

/// Requests that are added in one transaction, so that nobody else who writes waits long.
const TOGETHER: u32 = 500;

/// A second opinion, or that it waits.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct FurtherOpinion {
    /// What was said.
    pub analysis: Analysis,
    /// When it was asked for, RFC 3339.
    pub requested_at: String,
    /// Of whom, where it was asked here.
    pub asked_of: Option<Asked>,
}

/// How far the photos are that another model has analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, specta::Type)]
pub struct Reanalysis {
    /// Analysed by others only, and not asked of this model yet.
    pub possible: u32,
    /// Asked of it and waiting.
    pub waiting: u32,
    /// Asked of it and done.
    pub done: u32,
}

/// Photos that another model has analysed and that one, ?1, neither has nor is asked to. Whose derivative is not here is not
/// among them.
macro_rules! not_by {
    () => {
        "photo WHERE EXISTS (SELECT 1 FROM image WHERE image.photo_id = photo.id AND part = 'derivative' AND here)
            AND EXISTS (SELECT 1 FROM analysis WHERE analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id
                AND state = 'DONE')
            AND NOT EXISTS (SELECT 1 FROM analysis WHERE analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id
                AND (model_sha256 = ?1 OR asked_of = ?1))"
    };
}

impl Store {
    /// The photo's second opinions, in the order in which they were asked for.
    ///
    /// # Errors
    /// As every read.
    pub async fn further_opinions(&self, photo: PhotoId) -> Result<Vec<FurtherOpinion>, StoreError> {
        let rows = sqlx::query(
            "SELECT analysis.*, id AS analysis_id, pipeline AS analysis_pipeline FROM analysis
             WHERE patient_id = (SELECT patient_id FROM photo WHERE id = ?1) AND photo_id = ?1 AND request > 1
             ORDER BY request",
        )
        .bind(photo.0)
        .fetch_all(&self.readers)
        .await?;
        let one = |row: &sqlx::sqlite::SqliteRow| {
            Ok(FurtherOpinion {
                analysis: analysis(row)?,
                requested_at: row.try_get("requested_at")?,
                asked_of: row
                    .try_get::<Option<String>, _>("asked_of")?
                    .map(Asked::from_word),
            })
        };
        rows.iter().map(one).collect()
    }

    /// Whether somebody spoke of that photo or was asked to already: a model says the same again, so only the Space is worth
    /// another question, once its answer is there.
    ///
    /// # Errors
    /// As every read.
    pub async fn is_asked(&self, photo: PhotoId, of: &Asked) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM analysis WHERE photo_id = ?1
                AND (model_sha256 = ?2 OR asked_of = ?2 AND state = 'AI_PENDING')) AS asked",
        )
        .bind(photo.0)
        .bind(of.as_word())
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get("asked")?)
    }

    /// How far the photos are that others have analysed, asked of the model with that hash.
    ///
    /// # Errors
    /// As every read.
    pub async fn reanalysis(&self, sha256: &str) -> Result<Reanalysis, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT (SELECT count(*) FROM ",
            not_by!(),
            ") AS possible, (SELECT count(*) FROM analysis WHERE state = 'AI_PENDING' AND asked_of = ?1) AS waiting,
             (SELECT count(*) FROM analysis WHERE state = 'DONE' AND asked_of = ?1) AS done"
        ))
        .bind(sha256)
        .fetch_one(&self.readers)
        .await?;
        Ok(Reanalysis {
            possible: row.try_get("possible")?,
            waiting: row.try_get("waiting")?,
            done: row.try_get("done")?,
        })
    }
}

impl Write<'_> {
    /// Asks for another opinion about a photo.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn ask_opinion(&mut self, photo: PhotoId, of: &Asked) -> Result<AnalysisId, StoreError> {
        let id = AnalysisId(self.clock.new_id());
        let asked = sqlx::query(
            "INSERT INTO analysis (id, photo_id, patient_id, request, requested_at, state, pending_reason, asked_of)
             SELECT ?1, photo.id, photo.patient_id, (SELECT max(request) + 1 FROM analysis
                WHERE analysis.patient_id = photo.patient_id AND photo_id = photo.id), ?3, 'AI_PENDING', 'queued', ?4
             FROM photo WHERE photo.id = ?2",
        )
        .bind(id.0)
        .bind(photo.0)
        .bind(self.now())
        .bind(of.as_word())
        .execute(&mut *self.transaction)
        .await?;
        match asked.rows_affected() {
            0 => Err(StoreError::NotFound { what: "photo" }),
            _ => Ok(id),
        }
    }

    /// Takes back a second opinion that nobody has given yet. `false` where there is none to take back.
    ///
    /// # Errors
    /// As every write.
    pub async fn withdraw_opinion(&mut self, id: AnalysisId) -> Result<bool, StoreError> {
        let gone = sqlx::query("DELETE FROM analysis WHERE id = ? AND request > 1 AND state = 'AI_PENDING'")
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(gone.rows_affected() > 0)
    }

    /// Asks a model about the next photos that others have analysed, the newest first. Gives how many; 0 once all are asked.
    ///
    /// # Errors
    /// As every write.
    pub async fn ask_about_all(&mut self, sha256: &str) -> Result<u32, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT id FROM ",
            not_by!(),
            " ORDER BY photo.taken_at DESC LIMIT ?2"
        ))
        .bind(sha256)
        .bind(TOGETHER)
        .fetch_all(&mut *self.transaction)
        .await?;
        let of = Asked::Model(sha256.to_owned());
        for row in &rows {
            self.ask_opinion(PhotoId(row.try_get("id")?), &of).await?;
        }
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    /// Takes back all that a model was asked and has not said. Gives how many.
    ///
    /// # Errors
    /// As every write.
    pub async fn withdraw_all(&mut self, sha256: &str) -> Result<u32, StoreError> {
        let gone =
            sqlx::query("DELETE FROM analysis WHERE state = 'AI_PENDING' AND request > 1 AND asked_of = ?")
                .bind(sha256)
                .execute(&mut *self.transaction)
                .await?;
        Ok(u32::try_from(gone.rows_affected()).unwrap_or(u32::MAX))
    }
}
