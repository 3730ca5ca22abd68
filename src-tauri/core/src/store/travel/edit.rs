//! One field of a record that is here, given another value.

use serde_json::Value;
use uuid::Uuid;

use super::whole::{is_edited, whole};
use crate::{
    clinical::{PatientId, PersonId},
    store::{Conflict, RecordKind, Store, StoreError, Write, fields},
};

impl Store {
    /// The value that the field of a conflict has now; `None` where nobody edits it in this version, or the record is not here.
    ///
    /// # Errors
    /// As every read.
    pub async fn field_now(&self, of: &Conflict) -> Result<Option<Value>, StoreError> {
        let Some(kind) = RecordKind::from_word(&of.kind) else {
            return Ok(None);
        };
        let mut reader = self.readers.acquire().await?;
        match whole(&mut reader, kind, of.record).await {
            _ if !is_edited(kind, &of.field) => Ok(None),
            Err(StoreError::NotFound { .. }) => Ok(None),
            record => Ok(Some(
                fields::value(&record?, &of.field).cloned().unwrap_or_default(),
            )),
        }
    }
}

impl Write<'_> {
    /// Gives a field another value, null for none, as an edit that is sent like every other.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] for a field that nobody edits in this version, or a value that does not fit it; as every
    /// write.
    pub async fn put_field(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        field: &str,
        value: Value,
        by: PersonId,
    ) -> Result<(), StoreError> {
        if !is_edited(kind, field) {
            return Err(StoreError::Unreadable { column: "field" });
        }
        let before = whole(&mut self.transaction, kind, record).await?;
        let mut after = before.clone();
        after.insert(field.to_owned(), value);
        let now = Value::from(self.now());
        match kind {
            RecordKind::Patient => {
                after.insert("updated_at".to_owned(), now);
                after.insert("updated_by".to_owned(), Value::from(by.to_string()));
            }
            RecordKind::Note => {
                after.insert("edited_at".to_owned(), now);
            }
            _ => {}
        }
        self.update(kind, record, &before, &after).await?;
        let patient = match kind {
            RecordKind::Patient => Some(PatientId(record)),
            _ => fields::id(&after, "patient").map(PatientId),
        };
        self.queue(kind, record, patient, false).await
    }
}
