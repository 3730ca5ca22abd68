//! The table `purging`: originals that leave this machine because the centre has them. First the row says that the original is
//! not here, then it leaves its sealed file; what lies in between is listed.

use sqlx::{Row, sqlite::SqliteRow};

use super::{ImagePart, Store, StoreError, StoredPhoto, Write};
use crate::clinical::{PatientId, PhotoId};

macro_rules! purgeable {
    ($columns:literal, $more:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM image INDEXED BY image_purgeable JOIN photo ON photo.id = photo_id
             WHERE part = 'original' AND here AND generation IS NOT NULL AND crc32c IS NOT NULL AND kept_at < ?1
                AND NOT EXISTS (SELECT 1 FROM outbox WHERE kind = 'photo' AND record = photo.id)
                AND EXISTS (SELECT 1 FROM confirmed WHERE kind = 'photo' AND record = photo.id AND NOT deleted)",
            $more
        )
    };
}

impl Store {
    /// How many originals kept before that time could leave this machine, and their bytes: the bucket has confirmed each,
    /// and the centre the photo's record that names it.
    ///
    /// # Errors
    /// As every read.
    pub async fn purgeable(&self, before: &str) -> Result<(u32, u64), StoreError> {
        let row = sqlx::query(purgeable!(
            "count(*) AS photos, ifnull(sum(image.bytes), 0) AS bytes",
            ""
        ))
        .bind(before)
        .fetch_one(&self.readers)
        .await?;
        let bytes: i64 = row.try_get("bytes")?;
        Ok((row.try_get("photos")?, u64::try_from(bytes).unwrap_or_default()))
    }

    /// Originals whose rows say that they are not here, and which may still lie in their file.
    ///
    /// # Errors
    /// As every read.
    pub async fn purging(&self) -> Result<Vec<StoredPhoto>, StoreError> {
        let rows = sqlx::query(
            "SELECT photo.id, patient_id, wrapped_key FROM purging JOIN photo ON photo.id = purging.photo_id
             JOIN image ON image.photo_id = photo.id AND part = 'original' AND NOT here ORDER BY photo.id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(stored).collect()
    }
}

impl Write<'_> {
    /// Says of the next originals, at most `limit`, that they are not here any more. Gives the bytes of each.
    ///
    /// # Errors
    /// As every write.
    pub async fn mark_purged(&mut self, before: &str, limit: u32) -> Result<Vec<u64>, StoreError> {
        let rows = sqlx::query(purgeable!("photo.id, image.bytes", " ORDER BY photo.id LIMIT ?2"))
            .bind(before)
            .bind(limit)
            .fetch_all(&mut *self.transaction)
            .await?;
        let mut marked = Vec::with_capacity(rows.len());
        for row in rows {
            let photo = PhotoId(row.try_get("id")?);
            let bytes: i64 = row.try_get("bytes")?;
            self.set_here(photo, ImagePart::Original, false).await?;
            sqlx::query("INSERT INTO purging (photo_id) VALUES (?) ON CONFLICT (photo_id) DO NOTHING")
                .bind(photo.0)
                .execute(&mut *self.transaction)
                .await?;
            marked.push(u64::try_from(bytes).unwrap_or_default());
        }
        Ok(marked)
    }

    /// The original has left its file.
    ///
    /// # Errors
    /// As every write.
    pub async fn purged(&mut self, photo: PhotoId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM purging WHERE photo_id = ?")
            .bind(photo.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

fn stored(row: &SqliteRow) -> Result<StoredPhoto, StoreError> {
    Ok(StoredPhoto {
        id: PhotoId(row.try_get("id")?),
        patient: PatientId(row.try_get("patient_id")?),
        wrapped_key: row.try_get("wrapped_key")?,
    })
}
