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
use crate::clinical::PatientId;

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
    /// The field's name.
    pub field: String,
    /// The value that stands, as JSON.
    pub stands: String,
    /// The value that was lost, as JSON.
    pub lost: String,
    /// RFC 3339, by the centre's clock.
    pub at: String,
}

impl Store {
    /// The conflicts that nobody has looked at yet, the newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, StoreError> {
        let rows = sqlx::query("SELECT * FROM conflict WHERE settled_at IS NULL ORDER BY at DESC LIMIT 500")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(conflict).collect()
    }

    /// How many there are.
    ///
    /// # Errors
    /// As every read.
    pub async fn conflict_count(&self) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT count(*) AS open FROM conflict WHERE settled_at IS NULL")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get("open")?)
    }
}

impl Write<'_> {
    pub(super) async fn take_conflict(&mut self, change: &Incoming) -> Result<(), StoreError> {
        let fields = &change.fields;
        let json = |field: &str| fields.get(field).unwrap_or(&Value::Null).to_string();
        sqlx::query(
            "INSERT INTO conflict (id, kind, record, patient_id, field, stands, lost, at, settled_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET settled_at = excluded.settled_at",
        )
        .bind(change.record)
        .bind(text(fields, "kind"))
        .bind(id(fields, "record"))
        .bind(id(fields, "patient"))
        .bind(text(fields, "field"))
        .bind(json("kept"))
        .bind(json("lost"))
        .bind(text(fields, "at").unwrap_or_default())
        .bind(text(fields, "settled_at"))
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
        field: row.try_get("field")?,
        stands: row.try_get("stands")?,
        lost: row.try_get("lost")?,
        at: row.try_get("at")?,
    })
}
