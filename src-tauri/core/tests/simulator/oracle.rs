//! What everybody wrote, and over what: the judge of whether anything was lost, and of whether a conflict is one.

use std::collections::{BTreeMap, HashSet};

use seekwell_core::store::{Fields, RecordKind};
use serde_json::Value;
use uuid::Uuid;

use super::registry::Record;

/// A field of a record.
pub(crate) type Place = (RecordKind, Uuid, &'static str);

/// One value that somebody wrote. No two are the same.
#[derive(Debug, Clone)]
struct Written {
    place: Place,
    by: usize,
    /// What stood there before the eyes of whoever wrote.
    over: Option<String>,
    /// Whoever wrote was told that it is kept.
    reported: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    written: BTreeMap<String, Written>,
    /// What was kept of records that are deleted, until somebody let it go.
    let_go: HashSet<String>,
}

impl Oracle {
    /// Somebody is about to write.
    pub(crate) fn writes(&mut self, value: &str, place: Place, by: usize, over: Option<&str>) {
        let written = Written {
            place,
            by,
            over: over.map(str::to_owned),
            reported: false,
        };
        let before = self.written.insert(value.to_owned(), written);
        assert!(before.is_none(), "{value} is written twice");
    }

    /// The write failed, or the program died before it was durable.
    pub(crate) fn did_not(&mut self, value: &str) {
        self.written.remove(value);
    }

    /// The write is durable.
    pub(crate) fn reported(&mut self, value: &str) {
        self.written.get_mut(value).unwrap().reported = true;
    }

    /// Somebody has seen what was kept of a deleted record, and does not want it.
    pub(crate) fn let_go(&mut self, fields: &str) {
        let fields: Fields = serde_json::from_str(fields).unwrap();
        let texts = fields.values().filter_map(said).map(str::to_owned);
        self.let_go.extend(texts);
    }

    /// Every value that was reported as kept is what the record says, or somebody wrote over it who saw it, or it is kept
    /// as what lost a conflict, or was kept until somebody let it go. `by` one workstation, or by all.
    pub(crate) fn lost(
        &self,
        by: Option<usize>,
        records: &[Record],
        conflicts: &BTreeMap<Uuid, Fields>,
    ) -> Vec<String> {
        let stands: BTreeMap<_, _> = records
            .iter()
            .map(|record| ((record.kind, record.id), &record.fields))
            .collect();
        let seen: HashSet<&str> = self
            .written
            .values()
            .filter_map(|written| written.over.as_deref())
            .collect();
        let beaten: HashSet<&str> = conflicts
            .values()
            .filter_map(|fields| text_of(fields, "lost"))
            .collect();
        self.written
            .iter()
            .filter(|(_, written)| written.reported && by.is_none_or(|by| by == written.by))
            .filter(|(value, written)| {
                let (kind, record, field) = written.place;
                let there = stands
                    .get(&(kind, record))
                    .and_then(|fields| text_of(fields, field));
                there != Some(value)
                    && !seen.contains(value.as_str())
                    && !beaten.contains(value.as_str())
                    && !self.let_go.contains(*value)
            })
            .map(|(value, written)| format!("{value}: {written:?}"))
            .collect()
    }

    /// A conflict is between two, neither of whom had seen what the other wrote.
    pub(crate) fn false_conflicts(&self, conflicts: &BTreeMap<Uuid, Fields>) -> Vec<String> {
        conflicts
            .values()
            .filter(|fields| {
                let (Some(kept), Some(lost)) = (text_of(fields, "kept"), text_of(fields, "lost")) else {
                    return true;
                };
                let (Some(kept), Some(by)) = (self.written.get(kept), self.written.get(lost)) else {
                    return true;
                };
                kept.by == by.by || self.descends(kept, lost)
            })
            .map(|fields| format!("{fields:?}"))
            .collect()
    }

    fn descends(&self, written: &Written, from: &str) -> bool {
        let mut over = written.over.as_deref();
        while let Some(value) = over {
            if value == from {
                return true;
            }
            over = self
                .written
                .get(value)
                .and_then(|written| written.over.as_deref());
        }
        false
    }
}

/// The value that is followed: a text, or the version of an outline.
fn said(value: &Value) -> Option<&str> {
    match value {
        Value::Object(outline) => outline.get("version")?.as_str(),
        value => value.as_str(),
    }
}

fn text_of<'a>(fields: &'a Fields, field: &str) -> Option<&'a str> {
    said(fields.get(field)?)
}
