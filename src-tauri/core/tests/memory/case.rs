//! One patient with one record of each kind, as operations of the port.

use seekwell_core::{
    clock::Clock,
    store::{Fields, RecordKind},
    sync::Operation,
};
use serde_json::{Value, json};
use uuid::Uuid;

const AT: &str = "2026-11-22T02:12:05.120Z";

pub(crate) fn id() -> Uuid {
    Clock::system().new_id()
}

pub(crate) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no record"),
    }
}

/// A new record, or a change of one that is known at revision `base`.
pub(crate) fn change(kind: RecordKind, record: Uuid, base: u64, changed: Value) -> Operation {
    Operation {
        operation: id(),
        kind,
        record,
        base,
        fields: fields(changed),
        deleted: false,
    }
}

pub(crate) fn deletion(kind: RecordKind, record: Uuid, base: u64) -> Operation {
    Operation {
        deleted: true,
        ..change(kind, record, base, json!({}))
    }
}

/// Ids only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) person: Uuid,
    pub(crate) patient: Uuid,
    pub(crate) lesion: Uuid,
    pub(crate) photo: Uuid,
    pub(crate) analysis: Uuid,
    pub(crate) note: Uuid,
    pub(crate) acknowledgement: Uuid,
}

impl Case {
    pub(crate) fn new() -> Self {
        Self {
            person: id(),
            patient: id(),
            lesion: id(),
            photo: id(),
            analysis: id(),
            note: id(),
            acknowledgement: id(),
        }
    }

    pub(crate) fn record(&self, kind: RecordKind) -> Uuid {
        match kind {
            RecordKind::Person => self.person,
            RecordKind::Patient => self.patient,
            RecordKind::Lesion => self.lesion,
            RecordKind::Photo => self.photo,
            RecordKind::Analysis => self.analysis,
            RecordKind::Note => self.note,
            RecordKind::Acknowledgement => self.acknowledgement,
        }
    }

    pub(crate) fn fields(&self, kind: RecordKind) -> Value {
        let Self {
            person,
            patient,
            lesion,
            photo,
            analysis,
            ..
        } = self;
        let image = format!("patients/{patient}/analyses/{analysis}_20261122_021205.jpg");
        match kind {
            RecordKind::Person => {
                json!({"full_name": "Lê Thị Mai (mẫu)", "role": "OFFICIAL", "created_at": AT})
            }
            RecordKind::Patient => json!({
                "full_name": "Nguyễn Đăng Mẫu", "born": "1957-02-03", "sex": "MALE", "phone": "+84 000 000 001",
                "national_id": "000000000001", "address": "Thôn Mẫu", "created_at": AT, "created_by": person,
                "updated_at": AT, "updated_by": person}),
            RecordKind::Lesion => json!({
                "patient": patient, "site": "face", "side": "left", "label": "mẫu", "created_at": AT, "created_by": person}),
            RecordKind::Photo => json!({
                "patient": patient, "lesion": lesion, "kind": "clinical", "format": "JPEG",
                "original_sha256": format!("{0}{0}", photo.simple()), "original_bytes": 3_600_000, "width": 4032,
                "height": 3024, "camera": "mẫu", "pipeline": "1", "taken_at": AT, "kept_at": AT, "kept_by": person,
                "analysis": analysis, "requested_at": AT}),
            RecordKind::Analysis => json!({
                "patient": patient, "photo": photo, "request": 1, "requested_at": AT, "risk": "URGENT",
                "rule": "melanoma_threshold", "top_class": "MEL",
                "probabilities": {"ACK": 0.05, "BCC": 0.05, "MEL": 0.6, "NEV": 0.2, "SCC": 0.05, "SEK": 0.05},
                "confidence": 0.6, "confidence_word": "HIGH", "review": true, "follow_up_days": 1,
                "follow_up_by": "2026-11-23", "model": {"name": "mẫu", "sha256": "00", "demo": true},
                "policy": "2026.1", "pipeline": "1", "made_at": AT, "duration_ms": 109, "image": image}),
            RecordKind::Note => json!({
                "patient": patient, "analysis": analysis, "text": "Ghi chú mẫu", "author": person, "created_at": AT}),
            RecordKind::Acknowledgement => {
                json!({"patient": patient, "analysis": analysis, "by": person, "at": AT})
            }
        }
    }

    /// The operation that makes the record of that kind.
    pub(crate) fn made(&self, kind: RecordKind) -> Operation {
        change(kind, self.record(kind), 0, self.fields(kind))
    }

    /// All of it, in the order in which it has to go.
    pub(crate) fn all(&self) -> Vec<Operation> {
        RecordKind::ALL.iter().map(|kind| self.made(*kind)).collect()
    }
}
