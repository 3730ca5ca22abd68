//! The table `outline`: the outline of a photo's lesion with its numbers, as the program found it and as a person drew it since.
//!
//! Both are fields of the photo's record, `measured` and `outline`. The first never changes. The second is edited like a
//! patient's name: the last edit stands, and one that was made without knowing of it is kept as a conflict.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError, Write, fields::Fields, outbox::RecordKind, photo::Judged};
use crate::clinical::{Measured, PatientId, PersonId, PhotoId, PhotoMeasured, Scale};

/// The field that people edit.
pub(super) const DRAWN: &str = "outline";

/// Each field, and how its row is told from the other's.
const FIELDS: [(&str, &str); 2] = [("measured", "found"), (DRAWN, "drawn")];

/// As it is stored and sent.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: String,
    #[serde(flatten)]
    measured: Measured,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    millimetres_per_pixel: Option<Scale>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<PersonId>,
    at: String,
}

impl Store {
    /// What was drawn over a photo, or else what was found in it. `None` where nothing was, and where a later version wrote
    /// it in words that this one does not know.
    ///
    /// # Errors
    /// As every read.
    pub async fn measured(&self, photo: PhotoId) -> Result<Option<PhotoMeasured>, StoreError> {
        let rows = sqlx::query(
            "SELECT value, full_name FROM outline LEFT JOIN person ON hex(person.id) = replace(upper(value ->> 'by'), '-', '')
             WHERE photo_id = ? ORDER BY origin = 'found'",
        )
        .bind(photo.0)
        .fetch_all(&self.readers)
        .await?;
        let mut readable = Vec::new();
        for row in &rows {
            if let Ok(stored) = serde_json::from_str::<Stored>(row.try_get("value")?) {
                readable.push((stored, row));
            }
        }
        let found = readable.iter().find(|(stored, _)| stored.by.is_none());
        let found = found.map(|(stored, _)| stored.measured.outline.clone());
        if let Some((stored, row)) = readable.into_iter().next() {
            return Ok(Some(PhotoMeasured {
                is_found: found.as_ref() == Some(&stored.measured.outline),
                version: stored.version,
                outline: stored.measured.outline,
                measurements: stored.measured.measurements,
                millimetres_per_pixel: stored.millimetres_per_pixel,
                saved_by: match stored.by {
                    Some(_) => Some(row.try_get::<Option<String>, _>("full_name")?.unwrap_or_default()),
                    None => None,
                },
                at: stored.at,
            }));
        }
        Ok(None)
    }
}

impl Write<'_> {
    /// What the program found when the photo was prepared. Sent with the photo.
    ///
    /// # Errors
    /// As every write.
    pub(super) async fn add_found(
        &mut self,
        photo: PhotoId,
        found: &Judged<Measured>,
        at: &str,
    ) -> Result<(), StoreError> {
        let found = Stored {
            version: found.version.to_owned(),
            measured: found.said.clone(),
            millimetres_per_pixel: None,
            by: None,
            at: at.to_owned(),
        };
        self.put_outline(photo, "found", &json(&found)?).await
    }

    /// What a person drew, in the place of what a person drew before. It is sent like every other edit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; as every write.
    pub async fn draw_outline(
        &mut self,
        photo: PhotoId,
        drawn: &Judged<Measured>,
        scale: Option<Scale>,
        by: PersonId,
    ) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT patient_id FROM photo WHERE id = ?")
            .bind(photo.0)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "photo" })?;
        let drawn = Stored {
            version: drawn.version.to_owned(),
            measured: drawn.said.clone(),
            millimetres_per_pixel: scale,
            by: Some(by),
            at: self.now(),
        };
        self.put_outline(photo, "drawn", &json(&drawn)?).await?;
        let patient = PatientId(row.try_get("patient_id")?);
        self.queue(RecordKind::Photo, photo.0, Some(patient), false).await
    }

    /// Makes the rows, which say what `before` says, say what a photo's record says now.
    pub(super) async fn take_outlines(
        &mut self,
        photo: PhotoId,
        before: &Fields,
        now: &Fields,
    ) -> Result<(), StoreError> {
        for (field, origin) in FIELDS {
            let [was, is] = [before, now].map(|fields| fields.get(field).filter(|value| !value.is_null()));
            if was == is {
                continue;
            }
            match is {
                Some(value) => self.put_outline(photo, origin, value).await?,
                None => {
                    sqlx::query("DELETE FROM outline WHERE photo_id = ? AND origin = ?")
                        .bind(photo.0)
                        .bind(origin)
                        .execute(&mut *self.transaction)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn put_outline(&mut self, photo: PhotoId, origin: &str, value: &Value) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outline (photo_id, origin, value) VALUES (?, ?, ?)
             ON CONFLICT (photo_id, origin) DO UPDATE SET value = excluded.value",
        )
        .bind(photo.0)
        .bind(origin)
        .bind(value.to_string())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

/// The fields of a photo's record that are rows here.
pub(super) async fn outlines(
    connection: &mut SqliteConnection,
    photo: PhotoId,
) -> Result<Fields, StoreError> {
    let rows = sqlx::query("SELECT origin, value FROM outline WHERE photo_id = ?")
        .bind(photo.0)
        .fetch_all(connection)
        .await?;
    let mut fields = Fields::new();
    for row in rows {
        let origin: &str = row.try_get("origin")?;
        let value = serde_json::from_str(row.try_get("value")?)
            .map_err(|_| StoreError::Unreadable { column: "value" })?;
        if let Some((field, _)) = FIELDS.iter().find(|(_, of)| *of == origin) {
            fields.insert((*field).to_owned(), value);
        }
    }
    Ok(fields)
}

/// By way of its text, where a single-precision number keeps its few digits.
fn json(stored: &Stored) -> Result<Value, StoreError> {
    serde_json::to_string(stored)
        .and_then(|text| serde_json::from_str(&text))
        .map_err(|_| StoreError::Unreadable { column: "value" })
}
