//! One field of a record that is here, given another value.

use serde_json::Value;
use uuid::Uuid;

use super::whole::whole;
use crate::{
    clinical::{PatientId, PersonId},
    store::{RecordKind, StoreError, Write, fields},
};

impl Write<'_> {
    /// Gives a field another value, null for none, as an edit that is sent like every other.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] for a field that this version does not know, or a value that does not fit it; as every
    /// write.
    pub async fn put_field(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        field: &str,
        value: Value,
        by: PersonId,
    ) -> Result<(), StoreError> {
        if !kind.columns().iter().any(|column| column.field == field) {
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
