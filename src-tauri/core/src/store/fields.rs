//! Records as they travel: a row as named JSON fields, and back.
//!
//! One list per table says which column is which field; everything else reads the lists. A name with a dot is a field of
//! an object: `model.name`.

use serde_json::{Map, Value};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use super::StoreError;

/// A record's fields by name. What this version does not know is among them and stays as it came.
pub type Fields = Map<String, Value>;

/// How a column's value is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A number without a fraction.
    Whole,
    /// A number.
    Real,
    /// 0 and 1 as false and true.
    Flag,
    /// Sixteen bytes as a UUID.
    Id,
    /// Bytes as lower-case hex.
    Hex,
    /// Any value, in the row as JSON.
    Json,
}

/// One column and the field that it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) field: &'static str,
    pub(super) shape: Shape,
}

const fn column(name: &'static str, field: &'static str, shape: Shape) -> Column {
    Column { name, field, shape }
}

pub(super) const PERSON: &[Column] = &[
    column("full_name", "full_name", Shape::Text),
    column("role", "role", Shape::Text),
    column("created_at", "created_at", Shape::Text),
];

pub(super) const PATIENT: &[Column] = &[
    column("full_name", "full_name", Shape::Text),
    column("born", "born", Shape::Text),
    column("sex", "sex", Shape::Text),
    column("phone", "phone", Shape::Text),
    column("national_id", "national_id", Shape::Text),
    column("address", "address", Shape::Text),
    column("legal_hold", "legal_hold", Shape::Flag),
    column("cloud_consent", "cloud_consent", Shape::Json),
    column("created_at", "created_at", Shape::Text),
    column("created_by", "created_by", Shape::Id),
    column("updated_at", "updated_at", Shape::Text),
    column("updated_by", "updated_by", Shape::Id),
];

pub(super) const LESION: &[Column] = &[
    column("patient_id", "patient", Shape::Id),
    column("site", "site", Shape::Text),
    column("side", "side", Shape::Text),
    column("label", "label", Shape::Text),
    column("created_at", "created_at", Shape::Text),
    column("created_by", "created_by", Shape::Id),
];

pub(super) const PHOTO: &[Column] = &[
    column("patient_id", "patient", Shape::Id),
    column("lesion_id", "lesion", Shape::Id),
    column("kind", "kind", Shape::Text),
    column("polarised", "polarised", Shape::Flag),
    column("contact", "contact", Shape::Flag),
    column("format", "format", Shape::Text),
    column("original_sha256", "original_sha256", Shape::Hex),
    column("original_bytes", "original_bytes", Shape::Whole),
    column("width", "width", Shape::Whole),
    column("height", "height", Shape::Whole),
    column("camera", "camera", Shape::Text),
    column("pipeline", "pipeline", Shape::Text),
    column("taken_at", "taken_at", Shape::Text),
    column("kept_at", "kept_at", Shape::Text),
    column("kept_by", "kept_by", Shape::Id),
    column("quality", "quality", Shape::Json),
    column("kept_anyway", "kept_anyway", Shape::Flag),
];

pub(super) const ANALYSIS: &[Column] = &[
    column("photo_id", "photo", Shape::Id),
    column("patient_id", "patient", Shape::Id),
    column("request", "request", Shape::Whole),
    column("requested_at", "requested_at", Shape::Text),
    column("risk", "risk", Shape::Text),
    column("rule", "rule", Shape::Text),
    column("top_class", "top_class", Shape::Text),
    column("p_ack", "probabilities.ACK", Shape::Real),
    column("p_bcc", "probabilities.BCC", Shape::Real),
    column("p_mel", "probabilities.MEL", Shape::Real),
    column("p_nev", "probabilities.NEV", Shape::Real),
    column("p_scc", "probabilities.SCC", Shape::Real),
    column("p_sek", "probabilities.SEK", Shape::Real),
    column("confidence_word", "confidence_word", Shape::Text),
    column("review", "review", Shape::Flag),
    column("follow_up_days", "follow_up_days", Shape::Whole),
    column("follow_up_by", "follow_up_by", Shape::Text),
    column("model_name", "model.name", Shape::Text),
    column("model_sha256", "model.sha256", Shape::Text),
    column("demo", "model.demo", Shape::Flag),
    column("published_accuracy", "model.published_accuracy", Shape::Real),
    column("policy", "policy", Shape::Text),
    column("pipeline", "pipeline", Shape::Text),
    column("made_at", "made_at", Shape::Text),
    column("duration_ms", "duration_ms", Shape::Whole),
];

pub(super) const NOTE: &[Column] = &[
    column("analysis_id", "analysis", Shape::Id),
    column("text", "text", Shape::Text),
    column("author", "author", Shape::Id),
    column("created_at", "created_at", Shape::Text),
    column("edited_at", "edited_at", Shape::Text),
];

pub(super) const ACKNOWLEDGEMENT: &[Column] = &[
    column("analysis_id", "analysis", Shape::Id),
    column("acknowledged_by", "by", Shape::Id),
    column("acknowledged_at", "at", Shape::Text),
];

/// The row's columns as fields. A column without a value gives no field.
pub(super) fn read(row: &SqliteRow, columns: &[Column]) -> Result<Fields, StoreError> {
    let mut fields = Fields::new();
    for column in columns {
        if let Some(value) = in_row(row, *column)? {
            put(&mut fields, column.field, value);
        }
    }
    Ok(fields)
}

/// The fields of `now` that are not so in `before`; one that is gone is null.
pub fn changes(before: &Fields, now: &Fields) -> Fields {
    let gone = before
        .iter()
        .filter(|(name, value)| !now.contains_key(*name) && !value.is_null())
        .map(|(name, _)| (name.clone(), Value::Null));
    let new = now
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()));
    gone.chain(new).collect()
}

/// `fields` with `changes` made; null takes a field away.
pub fn changed(fields: &Fields, changes: &Fields) -> Fields {
    let mut fields = fields.clone();
    for (name, value) in changes {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields
}

/// Whether a text in it holds U+0000, which PostgreSQL can't keep: one such record would fail all that are sent with it.
pub fn holds_nul(fields: &Fields) -> bool {
    fn in_value(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(values) => values.iter().any(in_value),
            Value::Object(fields) => holds_nul(fields),
            _ => false,
        }
    }
    fields
        .iter()
        .any(|(name, value)| name.contains('\0') || in_value(value))
}

/// Binds a column's value as the field says it.
///
/// # Errors
/// [`StoreError::Unreadable`] where the field is of another shape.
pub(super) fn push_bind(
    query: &mut QueryBuilder<'_, Sqlite>,
    fields: &Fields,
    column: Column,
) -> Result<(), StoreError> {
    let unreadable = || StoreError::Unreadable { column: column.name };
    let Some(value) = value(fields, column.field) else {
        query.push("NULL");
        return Ok(());
    };
    match column.shape {
        Shape::Text => query.push_bind(value.as_str().ok_or_else(unreadable)?.to_owned()),
        Shape::Whole => query.push_bind(value.as_i64().ok_or_else(unreadable)?),
        Shape::Real => query.push_bind(value.as_f64().ok_or_else(unreadable)?),
        Shape::Flag => query.push_bind(value.as_bool().ok_or_else(unreadable)?),
        Shape::Id => query.push_bind(id(fields, column.field).ok_or_else(unreadable)?),
        Shape::Hex => query.push_bind(value.as_str().and_then(unhex).ok_or_else(unreadable)?),
        Shape::Json => query.push_bind(value.to_string()),
    };
    Ok(())
}

/// The field as a UUID.
pub fn id(fields: &Fields, field: &str) -> Option<Uuid> {
    value(fields, field)?.as_str()?.parse().ok()
}

/// The field as text.
pub fn text<'a>(fields: &'a Fields, field: &str) -> Option<&'a str> {
    value(fields, field)?.as_str()
}

/// The field's value; null is none.
pub(super) fn value<'a>(fields: &'a Fields, field: &str) -> Option<&'a Value> {
    let value = match field.split_once('.') {
        None => fields.get(field),
        Some((object, inner)) => fields.get(object)?.get(inner),
    };
    value.filter(|value| !value.is_null())
}

fn put(fields: &mut Fields, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            fields.insert(field.to_owned(), value);
        }
        Some((object, inner)) => {
            let object = fields
                .entry(object.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(inner.to_owned(), value);
            }
        }
    }
}

fn in_row(row: &SqliteRow, column: Column) -> Result<Option<Value>, StoreError> {
    let name = column.name;
    Ok(match column.shape {
        Shape::Text => row.try_get::<Option<String>, _>(name)?.map(Value::from),
        Shape::Whole => row.try_get::<Option<i64>, _>(name)?.map(Value::from),
        Shape::Real => row.try_get::<Option<f64>, _>(name)?.map(Value::from),
        Shape::Flag => row.try_get::<Option<bool>, _>(name)?.map(Value::from),
        Shape::Id => row
            .try_get::<Option<Uuid>, _>(name)?
            .map(|id| Value::from(id.to_string())),
        Shape::Hex => row
            .try_get::<Option<Vec<u8>>, _>(name)?
            .map(|bytes| Value::from(hex(&bytes))),
        Shape::Json => row
            .try_get::<Option<String>, _>(name)?
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(|_| StoreError::Unreadable { column: name })?,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other} is no record"),
        }
    }

    #[test]
    fn a_difference_made_again_gives_the_same_record() {
        let before = fields(json!({"full_name": "A", "phone": "1", "from_a_newer_version": [1, 2]}));
        let now = fields(json!({"full_name": "B", "address": "C", "from_a_newer_version": [1, 2]}));
        let difference = changes(&before, &now);
        assert_eq!(
            Value::from(difference.clone()),
            json!({"full_name": "B", "address": "C", "phone": null})
        );
        assert_eq!(changed(&before, &difference), now);
        assert!(changes(&now, &now).is_empty());
    }

    #[test]
    fn a_nul_is_found_wherever_it_stands() {
        for bad in [
            json!({"a": "x\0"}),
            json!({"a": ["\0"]}),
            json!({"a": {"b\0": 1}}),
        ] {
            assert!(holds_nul(&fields(bad)));
        }
        assert!(!holds_nul(&fields(
            json!({"a": "\\u0000", "b": [1, null, {"c": ""}]})
        )));
    }

    #[test]
    fn hex_is_read_as_it_is_written() {
        assert_eq!(unhex(&hex(&[0, 15, 255])), Some(vec![0, 15, 255]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(unhex("é"), None);
    }
}
