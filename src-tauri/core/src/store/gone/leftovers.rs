//! What the centre never had of a record that is gone: kept apart until a person lets it go.

use serde::Serialize;
use serde_json::json;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use crate::clinical::{PatientId, PhotoId};
use crate::store::{
    ImagePart, ObjectFacts, Store, StoreError, Write,
    fields::Fields,
    outbox::RecordKind,
    outline::DRAWN,
    travel::{confirmed, own_changes, whole},
    word,
};

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

/// What the centre never had of a record.
pub(super) struct NeverSent {
    pub(super) fields: Fields,
    /// It is of a photo that the centre has.
    pub(super) has_photo_at_centre: bool,
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
}

impl Write<'_> {
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
    pub(in crate::store) async fn add_object_of_gone(
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

    /// What was kept of a record that is gone, as never sent, has reached the centre after all.
    pub(in crate::store) async fn was_sent_after_all(&mut self, record: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE gone SET kept = NULL, wrapped_key = NULL, file = max(file, wrapped_key IS NOT NULL) WHERE record = ?",
        )
        .bind(record)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What waits of the record waits for a person from now on.
    pub(super) async fn refuse_as_deleted(
        &mut self,
        kind: RecordKind,
        record: Uuid,
    ) -> Result<(), StoreError> {
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

    /// Of what the centre never had of a photo that it has: images that it does not name there wait for nobody, and go. Gives the rest,
    /// the outline that somebody drew.
    pub(super) async fn go_without_images(
        &mut self,
        photo: Uuid,
        patient: Option<Uuid>,
        mut own: Fields,
    ) -> Result<Option<Fields>, StoreError> {
        if let Some(patient) = patient {
            self.add_unnamed_objects(photo, PatientId(patient), &own).await?;
        }
        own.retain(|name, _| name == DRAWN);
        Ok((!own.is_empty()).then_some(own))
    }

    /// What the centre never had of the record.
    pub(super) async fn never_sent(
        &mut self,
        kind: RecordKind,
        record: Uuid,
    ) -> Result<Option<NeverSent>, StoreError> {
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
            (Ok(fields), Some(known)) if kind == RecordKind::Photo => Ok(Some(NeverSent {
                fields: own_changes(kind, &known.fields, &fields),
                has_photo_at_centre: true,
            })),
            (Ok(fields), _) => Ok(Some(NeverSent {
                fields,
                has_photo_at_centre: false,
            })),
            (Err(StoreError::NotFound { .. }), _) => Ok(None),
            (Err(error), _) => Err(error),
        }
    }
}

fn leftover(row: &SqliteRow) -> Result<Leftover, StoreError> {
    Ok(Leftover {
        kind: word(row, "kind", RecordKind::from_word)?,
        record: row.try_get("record")?,
        patient_id: row.try_get::<Option<Uuid>, _>("patient_id")?.map(PatientId),
        fields: row.try_get("kept")?,
        at: row.try_get("at")?,
    })
}
