//! The table `image`: which of a photo's images are sealed here, and which object of the bucket each is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, Write,
    fields::Fields,
    outbox::{Attempts, Failure, RecordKind, attempts},
};
use crate::{
    clinical::{AnalysisId, PatientId, PhotoId},
    clock::rfc3339,
};

/// One of a photo's images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ImagePart {
    /// JPEG within 1024 px: what an analysis speaks of.
    Derivative,
    /// JPEG within 256 px.
    Thumbnail,
    /// As it came, byte for byte.
    Original,
}

impl ImagePart {
    /// In the order in which they are sent.
    pub const ALL: [Self; 3] = [Self::Derivative, Self::Thumbnail, Self::Original];

    /// As it is stored and sent.
    pub const fn as_word(self) -> &'static str {
        match self {
            Self::Derivative => "derivative",
            Self::Thumbnail => "thumbnail",
            Self::Original => "original",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_word() == word)
    }
}

/// What the centre holds of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectFacts {
    /// The object's name in the bucket.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Of its bytes (Castagnoli).
    pub crc32c: u32,
    /// The bucket's own number of this object.
    pub generation: i64,
}

/// An image that waits for the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingImage {
    /// Of this photo.
    pub photo: PhotoId,
    /// Which.
    pub part: ImagePart,
    /// Whose skin.
    pub patient: PatientId,
    /// The centre's number of the patient; without it the object has no name yet.
    pub patient_at_centre: Option<i64>,
    /// The photo's first analysis, which names the object.
    pub analysis: AnalysisId,
    /// When it was requested, RFC 3339, UTC.
    pub requested_at: String,
    /// The original's format, as `JPEG`.
    pub format: String,
    /// Goes before all that is not: the photo of an urgent analysis.
    pub urgent: bool,
    /// What became of it so far.
    pub attempts: Attempts,
}

impl Store {
    /// Where an image is: sealed here, and as which object at the centre.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the photo has no such image.
    pub async fn whereabouts(
        &self,
        photo: PhotoId,
        part: ImagePart,
    ) -> Result<(bool, Option<ObjectFacts>), StoreError> {
        let row = sqlx::query(
            "SELECT here, object, bytes, crc32c, generation FROM image WHERE photo_id = ?1 AND part = ?2
             UNION ALL SELECT 1, NULL, NULL, NULL, NULL FROM gone WHERE record = ?1 AND wrapped_key IS NOT NULL",
        )
        .bind(photo.0)
        .bind(part.as_word())
        .fetch_optional(&self.readers)
        .await?
        .ok_or(StoreError::NotFound { what: "image" })?;
        Ok((row.try_get("here")?, object(&row)?))
    }

    /// Thumbnails of at most so many bytes that are at the centre and not here, the newest photos first.
    ///
    /// # Errors
    /// As every read.
    pub async fn thumbnails_elsewhere(
        &self,
        at_most: u64,
        limit: u32,
    ) -> Result<Vec<(PhotoId, ObjectFacts)>, StoreError> {
        let rows = sqlx::query(
            "SELECT photo_id, object, bytes, crc32c, generation FROM image
             WHERE part = 'thumbnail' AND NOT here AND bytes <= ? ORDER BY photo_id DESC LIMIT ?",
        )
        .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .filter_map(|row| match (row.try_get("photo_id"), object(row)) {
                (Ok(photo), Ok(Some(object))) => Some(Ok((PhotoId(photo), object))),
                (Ok(_), Ok(None)) => None,
                (Err(error), _) => Some(Err(error.into())),
                (_, Err(error)) => Some(Err(error)),
            })
            .collect()
    }
}

impl Write<'_> {
    /// Says that all three images of a new photo are sealed here.
    pub(super) async fn add_images(&mut self, photo: PhotoId) -> Result<(), StoreError> {
        for part in ImagePart::ALL {
            sqlx::query("INSERT INTO image (photo_id, part, here) VALUES (?, ?, 1)")
                .bind(photo.0)
                .bind(part.as_word())
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Records that the bucket confirmed the image, and queues the photo's record, which names it.
    ///
    /// # Errors
    /// As every write.
    pub async fn confirm_image(
        &mut self,
        sent: &WaitingImage,
        facts: &ObjectFacts,
    ) -> Result<(), StoreError> {
        let confirmed = sqlx::query(
            "UPDATE image SET object = ?3, bytes = ?4, crc32c = ?5, generation = ?6, tries = 0, next_try_at = NULL,
                failure = NULL, reason = NULL WHERE photo_id = ?1 AND part = ?2",
        )
        .bind(sent.photo.0)
        .bind(sent.part.as_word())
        .bind(&facts.name)
        .bind(i64::try_from(facts.bytes).unwrap_or(i64::MAX))
        .bind(facts.crc32c)
        .bind(facts.generation)
        .execute(&mut *self.transaction)
        .await?;
        // The photo was deleted at the centre meanwhile.
        if confirmed.rows_affected() == 0 {
            return self
                .add_object_of_gone(sent.photo, sent.patient, sent.part, facts)
                .await;
        }
        self.queue(RecordKind::Photo, sent.photo.0, Some(sent.patient), sent.urgent)
            .await
    }

    /// Notes what became of sending an image.
    ///
    /// # Errors
    /// As every write.
    pub async fn note_image_attempt(
        &mut self,
        sent: &WaitingImage,
        attempts: &Attempts,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE image SET tries = ?3, next_try_at = ?4, failure = ?5, reason = ?6
             WHERE photo_id = ?1 AND part = ?2 AND generation IS NULL",
        )
        .bind(sent.photo.0)
        .bind(sent.part.as_word())
        .bind(attempts.tries)
        .bind(&attempts.next_try_at)
        .bind(attempts.failure.map(Failure::as_word))
        .bind(&attempts.reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Lets a photo's images be sent that were refused, since they can be read again.
    ///
    /// # Errors
    /// As every write.
    pub async fn retry_images(&mut self, photo: PhotoId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE image SET next_try_at = NULL, failure = NULL, tries = 0 WHERE photo_id = ? AND generation IS NULL",
        )
        .bind(photo.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Records that the image is sealed here now, or is not any more. `false` where the photo is not here at all.
    ///
    /// # Errors
    /// As every write.
    pub async fn set_here(
        &mut self,
        photo: PhotoId,
        part: ImagePart,
        here: bool,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT here, bytes FROM image WHERE photo_id = ? AND part = ?")
            .bind(photo.0)
            .bind(part.as_word())
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some(row) = row else { return Ok(false) };
        if row.try_get::<bool, _>("here")? == here {
            return Ok(true);
        }
        sqlx::query("UPDATE image SET here = ? WHERE photo_id = ? AND part = ?")
            .bind(here)
            .bind(photo.0)
            .bind(part.as_word())
            .execute(&mut *self.transaction)
            .await?;
        let bytes: i64 = row.try_get::<Option<i64>, _>("bytes")?.unwrap_or_default();
        sqlx::query("UPDATE photo SET sealed_bytes = max(0, sealed_bytes + ?) WHERE id = ?")
            .bind(if here { bytes } else { -bytes })
            .bind(photo.0)
            .execute(&mut *self.transaction)
            .await?;
        if here && part == ImagePart::Original {
            self.purged(photo).await?;
        }
        Ok(true)
    }

    /// The images that a photo's record names at the centre. What is here already stays here.
    pub(super) async fn take_images(&mut self, photo: PhotoId, fields: &Fields) -> Result<(), StoreError> {
        let Some(Value::Object(images)) = fields.get("images") else {
            return Ok(());
        };
        for part in ImagePart::ALL {
            let Some(facts) = images
                .get(part.as_word())
                .and_then(|facts| serde_json::from_value::<ObjectFacts>(facts.clone()).ok())
            else {
                continue;
            };
            sqlx::query(
                "INSERT INTO image (photo_id, part, here, object, bytes, crc32c, generation) VALUES (?, ?, 0, ?, ?, ?, ?)
                 ON CONFLICT (photo_id, part) DO NOTHING",
            )
            .bind(photo.0)
            .bind(part.as_word())
            .bind(&facts.name)
            .bind(i64::try_from(facts.bytes).unwrap_or(i64::MAX))
            .bind(facts.crc32c)
            .bind(facts.generation)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }
}

/// The images of [`super::Outbox`].
pub(super) async fn waiting_images(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<WaitingImage>, StoreError> {
    let rows = sqlx::query(
        "SELECT image.*, photo.patient_id, photo.format, patient.central_id, analysis.id AS analysis_id, requested_at,
            part <> 'original' AND EXISTS (SELECT 1 FROM worklist WHERE worklist.photo_id = photo.id AND urgent) AS urgent
         FROM image JOIN photo ON photo.id = image.photo_id JOIN patient ON patient.id = photo.patient_id
         JOIN analysis ON analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id AND request = 1
         WHERE generation IS NULL AND here AND failure IS NOT 'refused' AND central_id IS NOT NULL
         ORDER BY coalesce(next_try_at > ?, 0), urgent DESC, part = 'original', image.photo_id, part
         LIMIT ?",
    )
    .bind(rfc3339(now))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(waiting_image).collect()
}

/// The field `images` of a photo's record: what the bucket has confirmed.
pub(super) async fn images(
    connection: &mut SqliteConnection,
    photo: PhotoId,
) -> Result<Option<Value>, StoreError> {
    let rows = sqlx::query(
        "SELECT part, object, bytes, crc32c, generation FROM image WHERE photo_id = ? AND generation IS NOT NULL",
    )
    .bind(photo.0)
    .fetch_all(connection)
    .await?;
    let mut images = Fields::new();
    for row in rows {
        if let Some(facts) = object(&row)? {
            images.insert(row.try_get("part")?, json!(facts));
        }
    }
    Ok((!images.is_empty()).then_some(Value::Object(images)))
}

fn object(row: &SqliteRow) -> Result<Option<ObjectFacts>, StoreError> {
    let Some(generation) = row.try_get::<Option<i64>, _>("generation")? else {
        return Ok(None);
    };
    let bytes: i64 = row.try_get("bytes")?;
    Ok(Some(ObjectFacts {
        name: row.try_get("object")?,
        bytes: u64::try_from(bytes).unwrap_or_default(),
        crc32c: row.try_get("crc32c")?,
        generation,
    }))
}

fn waiting_image(row: &SqliteRow) -> Result<WaitingImage, StoreError> {
    Ok(WaitingImage {
        photo: PhotoId(row.try_get("photo_id")?),
        part: super::word(row, "part", ImagePart::from_word)?,
        patient: PatientId(row.try_get("patient_id")?),
        patient_at_centre: row.try_get("central_id")?,
        analysis: AnalysisId(row.try_get("analysis_id")?),
        requested_at: row.try_get("requested_at")?,
        format: row.try_get("format")?,
        urgent: row.try_get("urgent")?,
        attempts: attempts(row)?,
    })
}
