//! The table `conflict`: fields that were changed in two places, as the centre found them.

use serde::Serialize;
use serde_json::Value;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError, Write,
    fields::{id, text},
    travel::Incoming,
};
use crate::clinical::{PatientId, PersonId};

/// The same field, changed in two places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Conflict {
    /// Its own id.
    pub id: Uuid,
    /// Which kind of record.
    pub kind: String,
    /// Which record.
    pub record: Uuid,
    /// Whose, where it is one patient's.
    pub patient_id: Option<PatientId>,
    /// The patient's full name.
    pub patient_name: Option<String>,
    /// The field's name.
    pub field: String,
    /// The value that stands, as JSON.
    pub stands: String,
    /// The value that was lost, as JSON.
    pub lost: String,
    /// RFC 3339, by the centre's clock.
    pub at: String,
}

/// A conflict somebody has looked at, of which the centre does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The conflict.
    pub id: Uuid,
    /// Who looked.
    pub by: PersonId,
}

/// The columns of a conflict.
macro_rules! one {
    () => {
        "SELECT conflict.*, full_name FROM conflict LEFT JOIN patient ON patient.id = conflict.patient_id"
    };
}

impl Store {
    /// One conflict, whether somebody has looked at it or not.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; as every read.
    pub async fn conflict(&self, id: Uuid) -> Result<Conflict, StoreError> {
        let row = sqlx::query(concat!(one!(), " WHERE conflict.id = ?"))
            .bind(id)
            .fetch_optional(&self.readers)
            .await?
            .ok_or(StoreError::NotFound { what: "conflict" })?;
        conflict(&row)
    }

    /// The conflicts that were settled here and of which the centre is still to be told.
    ///
    /// # Errors
    /// As every read.
    pub async fn settled_conflicts(&self) -> Result<Vec<Settled>, StoreError> {
        let rows = sqlx::query("SELECT id, settled_by FROM conflict WHERE settled_by IS NOT NULL")
            .fetch_all(&self.readers)
            .await?;
        let settled = |row: &SqliteRow| {
            Ok(Settled {
                id: row.try_get("id")?,
                by: PersonId(row.try_get("settled_by")?),
            })
        };
        rows.iter().map(settled).collect()
    }

    /// The conflicts that nobody has looked at yet, the newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, StoreError> {
        let rows = sqlx::query(concat!(
            one!(),
            " WHERE settled_at IS NULL ORDER BY at DESC LIMIT 500"
        ))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(conflict).collect()
    }
}

impl Write<'_> {
    /// Notes that somebody has looked at a conflict; the centre is told later. Gives whether it is
    /// the first look; another changes nothing.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle_conflict(&mut self, id: Uuid, by: PersonId) -> Result<bool, StoreError> {
        let settled = sqlx::query(
            "UPDATE conflict SET settled_at = ?2, settled_by = ?3 WHERE id = ?1 AND settled_at IS NULL",
        )
        .bind(id)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(settled.rows_affected() > 0)
    }

    /// Notes that the centre knows that a conflict is settled.
    ///
    /// # Errors
    /// As every write.
    pub async fn settling_told(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("UPDATE conflict SET settled_by = NULL WHERE id = ?")
            .bind(id)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    pub(super) async fn take_conflict(&mut self, change: &Incoming) -> Result<(), StoreError> {
        let fields = &change.fields;
        let record = id(fields, "record");
        // Of what is gone nobody keeps what it said, nor is there anything left to settle.
        let is_gone = match record {
            Some(record) => self.is_gone(record).await?,
            None => false,
        };
        let json = |field: &str| match fields.get(field) {
            Some(value) if !is_gone => value.to_string(),
            _ => Value::Null.to_string(),
        };
        let at = text(fields, "at").unwrap_or_default();
        sqlx::query(
            "INSERT INTO conflict (id, kind, record, patient_id, field, stands, lost, at, settled_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
             SET settled_at = ifnull(excluded.settled_at, settled_at)",
        )
        .bind(change.record)
        .bind(text(fields, "kind"))
        .bind(record)
        .bind(id(fields, "patient"))
        .bind(text(fields, "field"))
        .bind(json("kept"))
        .bind(json("lost"))
        .bind(at)
        .bind(text(fields, "settled_at").or(is_gone.then_some(at)))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

fn conflict(row: &SqliteRow) -> Result<Conflict, StoreError> {
    Ok(Conflict {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        record: row.try_get("record")?,
        patient_id: row.try_get::<Option<Uuid>, _>("patient_id")?.map(PatientId),
        patient_name: row.try_get("full_name")?,
        field: row.try_get("field")?,
        stands: row.try_get("stands")?,
        lost: row.try_get("lost")?,
        at: row.try_get("at")?,
    })
}
