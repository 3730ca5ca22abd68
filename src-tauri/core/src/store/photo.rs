//! The table `photo`.

use serde::Serialize;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, Write, outbox::RecordKind};
use crate::clinical::{
    AnalysisId, Dermoscopy, Finding, LesionId, Measured, PatientId, PendingReason, PersonId, PhotoId,
    PhotoKind, PhotoQuality, Quality,
};

/// A sealed photo that gets its row.
pub struct NewPhoto {
    /// The sealed file's id.
    pub id: PhotoId,
    /// Whose skin.
    pub patient: PatientId,
    /// Which spot.
    pub lesion: LesionId,
    /// How it was taken.
    pub kind: PhotoKind,
    /// More of that.
    pub dermoscopy: Dermoscopy,
    /// The original's format.
    pub format: String,
    /// The original's SHA-256.
    pub original_sha256: [u8; 32],
    /// The original's length.
    pub original_bytes: u64,
    /// The sealed file's length, near enough for sums.
    pub sealed_bytes: u64,
    /// Upright, in pixels.
    pub width: u32,
    /// Upright, in pixels.
    pub height: u32,
    /// Make and model, where the original names them.
    pub camera: Option<String>,
    /// Version of the image pipeline.
    pub pipeline: String,
    /// RFC 3339; when the original does not say, the time of keeping.
    pub taken_at: String,
    /// RFC 3339.
    pub kept_at: String,
    /// Who kept it.
    pub kept_by: PersonId,
    /// The photo's key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Whether it is good enough to look at, where that was judged.
    pub quality: Option<Judged<Quality>>,
    /// Whoever kept it had seen what is wrong with it.
    pub kept_anyway: bool,
    /// The lesion that was found in it, where one was.
    pub measured: Option<Judged<Measured>>,
}

/// What was said of a photo without a model, and by which version of the rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged<T> {
    /// The rules'.
    pub version: &'static str,
    /// What they say.
    #[serde(flatten)]
    pub said: T,
}

/// What is needed to open a photo.
pub struct StoredPhoto {
    /// Which.
    pub id: PhotoId,
    /// Whose skin.
    pub patient: PatientId,
    /// The photo's key, wrapped.
    pub wrapped_key: Vec<u8>,
}

/// Where the same original was kept before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOriginal {
    /// As that photo.
    pub photo: PhotoId,
    /// Of that patient.
    pub patient: PatientId,
    /// RFC 3339.
    pub kept_at: String,
}

/// What only the photo's own screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoFacts {
    /// Full name of who kept it.
    pub kept_by: String,
    /// Make and model, where the original names them.
    pub camera: Option<String>,
    /// The original's, upright, in pixels.
    pub width: u32,
    /// The original's, upright, in pixels.
    pub height: u32,
    /// The original's length.
    pub original_bytes: u32,
    /// The original's format.
    pub format: String,
    /// How a dermatoscope looked at the skin.
    pub dermoscopy: Dermoscopy,
    /// Whether it is good enough to look at; `None` where that was never judged.
    pub quality: Option<PhotoQuality>,
}

/// Takes every id of the index `photo_sizes` from the list, and what is gone on purpose; it reads nothing else.
pub(super) const WITHOUT_ROW: &str = "SELECT unhex(value) AS id FROM json_each(?) EXCEPT SELECT id FROM photo INDEXED BY photo_sizes EXCEPT SELECT record FROM gone";

/// Reads the index `photo_sizes` alone.
pub(super) const TOTALS: &str = "SELECT count(*) AS photos, ifnull(sum(sealed_bytes), 0) AS bytes FROM photo";

impl Store {
    /// The key of a photo, of one too that was never sent and met a deletion.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn stored_photo(&self, id: PhotoId) -> Result<StoredPhoto, StoreError> {
        let row = sqlx::query(
            "SELECT id, patient_id, wrapped_key FROM photo WHERE id = ?1
             UNION ALL SELECT record, patient_id, wrapped_key FROM gone WHERE record = ?1 AND wrapped_key IS NOT NULL",
        )
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        stored(&row.ok_or(StoreError::NotFound { what: "photo" })?)
    }

    /// The keys of the next photos in the order of ids, at most `limit`, without those of which nothing is sealed here.
    ///
    /// # Errors
    /// As every read.
    pub async fn stored_photos_after(
        &self,
        after: Option<PhotoId>,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, patient_id, wrapped_key FROM photo WHERE id > ? AND (NOT elsewhere
                    OR EXISTS (SELECT 1 FROM image WHERE photo_id = photo.id AND here)) ORDER BY id LIMIT ?",
        )
        .bind(after.map_or(uuid::Uuid::nil(), |id| id.0))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(stored).collect()
    }

    /// Which of these ids have no row. One question whatever their number, as a start asks for every photo there is; it reads
    /// an index and no photo's row, and so answers where a page of rows is damaged.
    ///
    /// # Errors
    /// As every read.
    pub async fn without_row(&self, sealed: &[PhotoId]) -> Result<Vec<PhotoId>, StoreError> {
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = sealed.iter().map(|id| format!("\"{}\"", id.0.simple())).collect();
        let rows = sqlx::query(WITHOUT_ROW)
            .bind(format!("[{}]", ids.join(",")))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok(PhotoId(row.try_get("id")?))).collect()
    }

    /// The same original, of this patient first.
    ///
    /// # Errors
    /// As every read.
    pub async fn stored_original(
        &self,
        sha256: &[u8; 32],
        patient: Option<PatientId>,
    ) -> Result<Option<StoredOriginal>, StoreError> {
        let row = sqlx::query(
            "SELECT id, patient_id, kept_at FROM photo WHERE original_sha256 = ?1 AND (?2 IS NULL OR patient_id = ?2)
             ORDER BY id LIMIT 1",
        )
        .bind(sha256.as_slice())
        .bind(patient.map(|id| id.0))
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(StoredOriginal {
                photo: PhotoId(row.try_get("id")?),
                patient: PatientId(row.try_get("patient_id")?),
                kept_at: row.try_get("kept_at")?,
            })
        })
        .transpose()
    }

    /// The facts of the photo that only its own screen shows: who kept it, camera, size, bytes, format.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn photo_facts(&self, photo: PhotoId) -> Result<PhotoFacts, StoreError> {
        let row = sqlx::query(
            "SELECT person.full_name, camera, width, height, original_bytes, format, polarised, contact,
                quality ->> 'version' AS quality_version, quality -> 'findings' AS findings, kept_anyway FROM photo
             JOIN person ON person.id = kept_by WHERE photo.id = ?",
        )
        .bind(photo.0)
        .fetch_optional(&self.readers)
        .await?
        .ok_or(StoreError::NotFound { what: "photo" })?;
        Ok(PhotoFacts {
            kept_by: row.try_get("full_name")?,
            camera: row.try_get("camera")?,
            width: row.try_get("width")?,
            height: row.try_get("height")?,
            original_bytes: row.try_get("original_bytes")?,
            format: row.try_get("format")?,
            dermoscopy: Dermoscopy {
                polarised: row.try_get("polarised")?,
                contact: row.try_get("contact")?,
            },
            quality: match row.try_get("quality_version")? {
                Some(version) => Some(PhotoQuality {
                    version,
                    findings: findings(&row)?,
                    kept_anyway: row.try_get::<Option<bool>, _>("kept_anyway")?.unwrap_or_default(),
                }),
                None => None,
            },
        })
    }

    /// How many photos, and the bytes of their sealed files.
    ///
    /// # Errors
    /// As every read.
    pub async fn photo_totals(&self) -> Result<(u32, u64), StoreError> {
        let row = sqlx::query(TOTALS).fetch_one(&self.readers).await?;
        let bytes: i64 = row.try_get("bytes")?;
        Ok((row.try_get("photos")?, u64::try_from(bytes).unwrap_or_default()))
    }
}

impl Write<'_> {
    /// Adds the photo, its request for an analysis and both outbox rows. `false` where this patient has the same
    /// original already; nothing is added then.
    ///
    /// # Errors
    /// As every write.
    pub async fn add_photo(
        &mut self,
        photo: &NewPhoto,
        analysis: AnalysisId,
        waits_for: PendingReason,
    ) -> Result<bool, StoreError> {
        let quality = photo.quality.as_ref().map(serde_json::to_string).transpose();
        let quality = quality.map_err(|_| StoreError::Unreadable { column: "quality" })?;
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let added = sqlx::query(
            "INSERT INTO photo (id, patient_id, lesion_id, kind, format, original_sha256, original_bytes, sealed_bytes, width,
                height, camera, pipeline, taken_at, kept_at, kept_by, wrapped_key, polarised, contact,
                quality, kept_anyway)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (patient_id, original_sha256) DO NOTHING",
        )
        .bind(photo.id.0)
        .bind(photo.patient.0)
        .bind(photo.lesion.0)
        .bind(photo.kind.as_word())
        .bind(&photo.format)
        .bind(photo.original_sha256.as_slice())
        .bind(number(photo.original_bytes))
        .bind(number(photo.sealed_bytes))
        .bind(photo.width)
        .bind(photo.height)
        .bind(&photo.camera)
        .bind(&photo.pipeline)
        .bind(&photo.taken_at)
        .bind(&photo.kept_at)
        .bind(photo.kept_by.0)
        .bind(&photo.wrapped_key)
        .bind(photo.dermoscopy.polarised)
        .bind(photo.dermoscopy.contact)
        .bind(quality)
        .bind(photo.kept_anyway)
        .execute(&mut *self.transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        self.add_images(photo.id).await?;
        if let Some(found) = &photo.measured {
            self.add_found(photo.id, found, &photo.kept_at).await?;
        }
        self.queue(RecordKind::Photo, photo.id.0, Some(photo.patient), false)
            .await?;
        self.request_analysis(analysis, photo, waits_for).await?;
        self.patient_seen(photo.patient).await?;
        Ok(true)
    }
}

/// What is wrong with a photo, of the column `findings`: a list of words, of which a later version may have more.
pub(super) fn findings(row: &SqliteRow) -> Result<Vec<Finding>, StoreError> {
    let words = row
        .try_get::<Option<&str>, _>("findings")?
        .map(serde_json::from_str::<Vec<String>>)
        .transpose()
        .map_err(|_| StoreError::Unreadable { column: "quality" })?;
    Ok(words
        .unwrap_or_default()
        .iter()
        .filter_map(|word| Finding::from_word(word))
        .collect())
}

fn stored(row: &SqliteRow) -> Result<StoredPhoto, StoreError> {
    Ok(StoredPhoto {
        id: PhotoId(row.try_get("id")?),
        patient: PatientId(row.try_get("patient_id")?),
        wrapped_key: row.try_get("wrapped_key")?,
    })
}
