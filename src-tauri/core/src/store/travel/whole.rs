//! A record as a whole: as this workstation has it, as the centre last had it, and what was changed here since.

use serde_json::Value;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::Confirmed;
use crate::clinical::{AnalysisId, PatientId, PhotoId};
use crate::store::{
    StoreError,
    fields::{self, Fields, id, text},
    image::images,
    outbox::RecordKind,
    outline::{DRAWN, outlines},
};

/// The record with all its fields as this workstation has it.
pub(in crate::store) async fn whole(
    connection: &mut SqliteConnection,
    kind: RecordKind,
    record: Uuid,
) -> Result<Fields, StoreError> {
    let row = sqlx::query(&format!("SELECT * FROM {} WHERE id = ?", kind.table()))
        .bind(record)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::NotFound { what: kind.as_word() })?;
    let mut fields = fields::read(&row, kind.columns())?;
    match kind {
        RecordKind::Photo => {
            let first = sqlx::query(
                "SELECT id, requested_at FROM analysis WHERE photo_id = ? AND patient_id = ? AND request = 1",
            )
            .bind(record)
            .bind(id(&fields, "patient"))
            .fetch_one(&mut *connection)
            .await?;
            fields.insert(
                "analysis".to_owned(),
                AnalysisId(first.try_get("id")?).to_string().into(),
            );
            fields.insert(
                "requested_at".to_owned(),
                first.try_get::<String, _>("requested_at")?.into(),
            );
            if let Some(images) = images(connection, PhotoId(record)).await? {
                fields.insert("images".to_owned(), images);
            }
            fields.extend(outlines(connection, PhotoId(record)).await?);
        }
        RecordKind::Analysis => {
            let photo = id(&fields, "photo");
            let object = sqlx::query("SELECT object FROM image WHERE photo_id = ? AND part = 'derivative' AND generation IS NOT NULL")
                .bind(photo)
                .fetch_optional(&mut *connection)
                .await?;
            if let Some(object) = object {
                fields.insert("image".to_owned(), object.try_get::<String, _>("object")?.into());
            }
            if let Some(confidence) = confidence(&fields) {
                fields.insert("confidence".to_owned(), confidence);
            }
        }
        RecordKind::Note | RecordKind::Acknowledgement => {
            let analysis = sqlx::query("SELECT patient_id FROM analysis WHERE id = ?")
                .bind(id(&fields, "analysis"))
                .fetch_one(&mut *connection)
                .await?;
            let patient = PatientId(analysis.try_get("patient_id")?);
            fields.insert("patient".to_owned(), patient.to_string().into());
        }
        RecordKind::Person | RecordKind::Patient | RecordKind::Lesion => {}
    }
    Ok(fields)
}

/// The probability of the top class.
fn confidence(fields: &Fields) -> Option<Value> {
    let top = text(fields, "top_class")?;
    fields.get("probabilities")?.get(top).cloned()
}

/// A record with a change laid over it. The images of a photo come one by one, so that they are joined and not exchanged.
pub(super) fn laid(kind: RecordKind, under: &Fields, over: &Fields) -> Fields {
    let mut fields = fields::changed(under, over);
    if kind == RecordKind::Photo
        && let (Some(Value::Object(before)), Some(Value::Object(images))) =
            (under.get("images"), fields.get_mut("images"))
    {
        for (part, facts) in before {
            images.entry(part.clone()).or_insert_with(|| facts.clone());
        }
    }
    fields
}

/// What was changed here since the last sending that has no answer yet, and where there is none since the centre confirmed
/// the record.
pub(super) fn changed_since(
    kind: RecordKind,
    confirmed: Option<&Fields>,
    sent: Option<&Fields>,
    here: &Fields,
) -> Fields {
    match (confirmed, sent) {
        (None, None) => here.clone(),
        (Some(ground), None) | (None, Some(ground)) => own_changes(kind, ground, here),
        (Some(confirmed), Some(sent)) => own_changes(kind, &laid(kind, confirmed, sent), here),
    }
}

/// Whether people edit that field of such a record here. Images are added to a photo, and are not among them.
pub(super) fn is_edited(kind: RecordKind, field: &str) -> bool {
    match kind {
        RecordKind::Photo => field == DRAWN,
        RecordKind::Analysis | RecordKind::Acknowledgement => false,
        RecordKind::Person | RecordKind::Patient | RecordKind::Lesion | RecordKind::Note => {
            kind.columns().iter().any(|column| column.field == field)
        }
    }
}

/// What was changed here of the fields that this workstation may change. A field that only the centre knows is never one
/// of them, nor one that never changes: a photo that came from elsewhere is filed under another hash here.
pub(in crate::store) fn own_changes(kind: RecordKind, confirmed: &Fields, here: &Fields) -> Fields {
    let mut changes = fields::changes(confirmed, here);
    changes.retain(|name, value| match kind {
        RecordKind::Photo => (name == "images" || is_edited(kind, name)) && !value.is_null(),
        _ => is_edited(kind, name),
    });
    if kind == RecordKind::Photo
        && let (Some(Value::Object(theirs)), Some(Value::Object(ours))) =
            (confirmed.get("images"), changes.get_mut("images"))
    {
        // What another workstation has sent since stays named.
        for (part, facts) in theirs {
            ours.entry(part.clone()).or_insert_with(|| facts.clone());
        }
        if &*ours == theirs {
            changes.remove("images");
        }
    }
    changes
}

pub(in crate::store) async fn confirmed(
    connection: &mut SqliteConnection,
    kind: &str,
    record: Uuid,
) -> Result<Option<Confirmed>, StoreError> {
    let row = sqlx::query("SELECT revision, fields, deleted FROM confirmed WHERE kind = ? AND record = ?")
        .bind(kind)
        .bind(record)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let revision: i64 = row.try_get("revision")?;
        Ok(Confirmed {
            revision: u64::try_from(revision).unwrap_or_default(),
            fields: serde_json::from_str(row.try_get("fields")?)
                .map_err(|_| StoreError::Unreadable { column: "fields" })?,
            deleted: row.try_get("deleted")?,
        })
    })
    .transpose()
}
