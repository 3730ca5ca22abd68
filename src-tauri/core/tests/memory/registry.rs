//! The centre's records in memory: the rules of `migrations/central` for one clinic, held to PostgreSQL's by `registry_suite`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use seekwell_core::{
    clock::{Clock, rfc3339},
    store::{Fields, Incoming, RecordKind, Unfinished},
    sync::{Answer, Hello, LARGEST_PUSH, Later, Numbered, Operation, Outcome, Page, Registry, RegistryError},
};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use super::rules::{broken_rule, is_id};

/// A page ends after so many bytes of fields.
const PAGE_BYTES: usize = 4_194_304;
/// No operation's fields and no record's are longer as text.
const LARGEST_FIELDS: usize = 262_144;

/// The centre of one clinic.
pub(crate) struct MemoryCentre {
    state: Mutex<State>,
    clock: Clock,
    changed: Notify,
}

/// The centre as one workstation meets it.
pub(crate) struct MemoryRegistry {
    centre: Arc<MemoryCentre>,
    workstation: Uuid,
}

/// A record as the centre has it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) kind: RecordKind,
    pub(crate) id: Uuid,
    pub(crate) patient: Option<Uuid>,
    pub(crate) central_id: Option<i64>,
    pub(crate) revision: u64,
    pub(crate) fields: Fields,
    pub(crate) deleted: bool,
    /// Field → the revision that set it last.
    field_revision: BTreeMap<String, u64>,
    changed_by: Uuid,
}

#[derive(Debug, Clone)]
struct Conflict {
    fields: Fields,
    settled: bool,
}

#[derive(Default)]
struct State {
    records: BTreeMap<(RecordKind, Uuid), Record>,
    operations: HashMap<Uuid, Answer>,
    /// Who made which revision.
    made_by: HashMap<(RecordKind, Uuid, u64), Uuid>,
    conflicts: BTreeMap<Uuid, Conflict>,
    /// Kind and record, first and last: the feed's number.
    places: HashMap<(String, Uuid, bool), u64>,
    feed: BTreeMap<u64, (String, Uuid)>,
    sequence: u64,
    patients: i64,
}

/// Why an operation is not taken: a code and a reason.
type Refused = (&'static str, String);

fn refused<T>(code: &'static str, reason: &str) -> Result<T, Refused> {
    Err((code, reason.to_owned()))
}

impl MemoryCentre {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            clock,
            changed: Notify::new(),
        })
    }

    pub(crate) fn registry(self: &Arc<Self>, workstation: Uuid) -> MemoryRegistry {
        MemoryRegistry {
            centre: Arc::clone(self),
            workstation,
        }
    }

    /// Every record there is.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.state.lock().unwrap().records.values().cloned().collect()
    }

    /// Every conflict, as its fields travel.
    pub(crate) fn conflicts(&self) -> BTreeMap<Uuid, Fields> {
        let state = self.state.lock().unwrap();
        let conflicts = state.conflicts.iter();
        conflicts
            .map(|(id, conflict)| (*id, conflict.fields.clone()))
            .collect()
    }

    fn push(&self, by: Uuid, operations: &[Operation]) -> Vec<Answer> {
        let mut state = self.state.lock().unwrap();
        let mut touched = Vec::new();
        let answers = operations
            .iter()
            .map(|operation| state.apply(by, operation, &self.clock, &mut touched))
            .collect();
        state.publish(&touched);
        drop(state);
        if !touched.is_empty() {
            self.changed.notify_waiters();
        }
        answers
    }
}

impl State {
    fn apply(
        &mut self,
        by: Uuid,
        operation: &Operation,
        clock: &Clock,
        touched: &mut Vec<(String, Uuid)>,
    ) -> Answer {
        if let Some(answer) = self.operations.get(&operation.operation) {
            return answer.clone();
        }
        let answer = |outcome| Answer {
            operation: operation.operation,
            outcome,
        };
        let (was, now, lost) = match self.decide(by, operation) {
            Ok(decided) => decided,
            Err((code, reason)) => {
                return answer(Outcome::Refused {
                    code: code.to_owned(),
                    reason: Some(reason),
                });
            }
        };
        let whole = was
            .as_ref()
            .filter(|was| {
                !operation.deleted && (operation.base != was.revision || operation.kind == RecordKind::Photo)
            })
            .map(|_| now.fields.clone());
        let answer = answer(Outcome::Applied {
            revision: now.revision,
            central_id: now.central_id,
            fields: whole,
            conflicts: lost.iter().map(field_of).collect(),
        });
        self.operations.insert(operation.operation, answer.clone());
        if was.is_none_or(|was| was.revision != now.revision) {
            let key = (operation.kind, operation.record);
            self.made_by
                .insert((operation.kind, operation.record, now.revision), by);
            touched.push((operation.kind.as_word().to_owned(), operation.record));
            for mut fields in lost {
                fields.insert("at".to_owned(), rfc3339(clock.now()).into());
                let id = clock.new_id();
                touched.push(("conflict".to_owned(), id));
                let settled = false;
                self.conflicts.insert(id, Conflict { fields, settled });
            }
            self.records.insert(key, now);
        }
        answer
    }

    /// What the record was, what it is now, and the conflicts between the two. Changes nothing but the count of patients.
    fn decide(
        &mut self,
        by: Uuid,
        operation: &Operation,
    ) -> Result<(Option<Record>, Record, Vec<Fields>), Refused> {
        if length(&operation.fields) > LARGEST_FIELDS {
            return refused("too_large", "fields");
        }
        let was = self.records.get(&(operation.kind, operation.record)).cloned();
        let (now, lost) = match &was {
            Some(was) => self.change(by, was, operation)?,
            None if operation.base > 0 => return refused("unknown", "record"),
            None => (self.add(by, operation)?, Vec::new()),
        };
        if length(&now.fields) > LARGEST_FIELDS {
            return refused("too_large", "fields");
        }
        Ok((was, now, lost))
    }

    fn add(&mut self, by: Uuid, operation: &Operation) -> Result<Record, Refused> {
        use RecordKind::{Acknowledgement, Analysis, Lesion, Note, Patient, Person, Photo};
        let kind = operation.kind;
        let fields = match operation.deleted {
            true => Fields::new(),
            false => operation.fields.clone(),
        };
        let mut patient = None;
        if !operation.deleted && !matches!(kind, Person | Patient) {
            patient = Some(self.refers(&fields, "patient", Patient, None)?);
            match kind {
                Photo => drop(self.refers(&fields, "lesion", Lesion, patient)?),
                Analysis => drop(self.refers(&fields, "photo", Photo, patient)?),
                Note | Acknowledgement => drop(self.refers(&fields, "analysis", Analysis, patient)?),
                Person | Patient | Lesion => {}
            }
        }
        let mut record = Record {
            kind,
            id: operation.record,
            patient,
            central_id: None,
            revision: 1,
            field_revision: fields.keys().map(|field| (field.clone(), 1)).collect(),
            fields,
            deleted: operation.deleted,
            changed_by: by,
        };
        // As there: a photo's names before everything else, an analysis' after it.
        if kind == Photo {
            self.names_its_patient(&record)?;
        }
        if let Some(rule) = broken_rule(&record) {
            return refused("check", rule);
        }
        if kind == Analysis && !record.deleted {
            self.names_its_patient(&record)?;
        }
        if kind == Patient && !record.deleted {
            self.patients += 1;
            record.central_id = Some(self.patients);
        }
        Ok(record)
    }

    /// The web backend opens what an analysis names, and whoever lets a photo go deletes what that names: each object must be that
    /// patient's.
    fn names_its_patient(&self, record: &Record) -> Result<(), Refused> {
        let (rule, names) = match (record.kind, record.fields.get("images")) {
            (RecordKind::Analysis, _) => ("analysis_image", vec![record.fields.get("image")]),
            (RecordKind::Photo, Some(Value::Object(images))) => {
                let names = images.values().map(|facts| facts.get("name"));
                ("photo_images", names.collect())
            }
            _ => return Ok(()),
        };
        let of = record.patient.unwrap_or_default();
        let central = self.records.get(&(RecordKind::Patient, of));
        let central = central.and_then(|patient| patient.central_id).unwrap_or_default();
        let folders = [format!("patients/{of}/"), format!("patients/{central}/")];
        let mut said = names.into_iter().map(|name| name.and_then(Value::as_str));
        let its = |name: &str| folders.iter().any(|folder| name.starts_with(folder));
        match said.all(|name| name.is_some_and(its)) {
            true => Ok(()),
            false => refused("check", rule),
        }
    }

    fn refers(
        &self,
        fields: &Fields,
        field: &str,
        to: RecordKind,
        of: Option<Uuid>,
    ) -> Result<Uuid, Refused> {
        if !is_id(fields.get(field)) {
            return refused("malformed", field);
        }
        let id: Uuid = fields[field].as_str().unwrap().parse().unwrap();
        match self.records.get(&(to, id)) {
            Some(record) if of.is_some() && record.patient != of => refused("missing", field),
            Some(record) if record.deleted => refused("deleted", field),
            Some(_) => Ok(id),
            None => refused("missing", field),
        }
    }

    fn change(
        &self,
        by: Uuid,
        was: &Record,
        operation: &Operation,
    ) -> Result<(Record, Vec<Fields>), Refused> {
        if was.deleted {
            return match operation.deleted {
                true => Ok((was.clone(), Vec::new())),
                false => refused("deleted", "record"),
            };
        }
        if operation.base > was.revision {
            return refused("ahead", "base");
        }
        let mut laid = was.fields.clone();
        laid.extend(operation.fields.clone());
        if was.kind == RecordKind::Person && was.changed_by != by && (operation.deleted || laid != was.fields)
        {
            return refused("not_yours", "record");
        }
        let mut now = Record {
            revision: was.revision + 1,
            changed_by: by,
            ..was.clone()
        };
        if operation.deleted {
            if operation.base != was.revision {
                return refused("changed", "record");
            }
            let patient = self
                .records
                .get(&(RecordKind::Patient, was.patient.unwrap_or(was.id)));
            if patient.is_some_and(|patient| patient.fields.get("legal_hold") == Some(&Value::Bool(true))) {
                return refused("legal_hold", "patient");
            }
            now.deleted = true;
            return Ok((now, Vec::new()));
        }
        let fields = merged(was, &operation.fields)?;
        let mut whole = was.fields.clone();
        whole.extend(fields);
        if whole == was.fields {
            return Ok((was.clone(), Vec::new()));
        }
        let lost = match was.revision == operation.base {
            true => Vec::new(),
            false => self.lost(was, operation),
        };
        for (field, value) in &whole {
            if was.fields.get(field) != Some(value) {
                now.field_revision.insert(field.clone(), now.revision);
            }
        }
        now.fields = whole;
        if now.kind == RecordKind::Photo {
            self.names_its_patient(&now)?;
        }
        match broken_rule(&now) {
            Some(rule) => refused("check", rule),
            None => Ok((now, lost)),
        }
    }

    /// The values that lose against a later revision, as conflicts.
    fn lost(&self, was: &Record, operation: &Operation) -> Vec<Fields> {
        let ordered: BTreeMap<_, _> = operation.fields.iter().collect();
        let mut lost = Vec::new();
        for (field, value) in ordered {
            let set_by = was.field_revision.get(field).copied().unwrap_or_default();
            let about_editing = ["updated_at", "updated_by", "edited_at"].contains(&field.as_str());
            let joined = was.kind == RecordKind::Photo && field == "images";
            if set_by <= operation.base || was.fields.get(field) == Some(value) || about_editing || joined {
                continue;
            }
            let own_patient = (was.kind == RecordKind::Patient).then_some(was.id);
            let conflict = json!({
                "kind": was.kind.as_word(), "record": was.id, "patient": was.patient.or(own_patient), "field": field,
                "kept": value, "lost": was.fields.get(field), "lost_by": self.made_by.get(&(was.kind, was.id, set_by)),
                "lost_revision": set_by, "revision": was.revision + 1, "settled_at": null, "settled_by": null});
            let Value::Object(conflict) = conflict else {
                unreachable!()
            };
            lost.push(conflict);
        }
        lost
    }

    fn publish(&mut self, touched: &[(String, Uuid)]) {
        let mut done = BTreeSet::new();
        for (kind, record) in touched {
            if !done.insert((kind, record)) {
                continue;
            }
            self.sequence += 1;
            let first = (kind.clone(), *record, false);
            let place = match self.places.contains_key(&first) {
                true => (kind.clone(), *record, true),
                false => first,
            };
            if let Some(before) = self.places.insert(place, self.sequence) {
                self.feed.remove(&before);
            }
            self.feed.insert(self.sequence, (kind.clone(), *record));
        }
    }

    fn incoming(&self, kind: &str, record: Uuid) -> Incoming {
        if let Some(kind) = RecordKind::from_word(kind) {
            let record = &self.records[&(kind, record)];
            return Incoming {
                kind: kind.as_word().to_owned(),
                record: record.id,
                revision: record.revision,
                deleted: record.deleted,
                fields: record.fields.clone(),
                central_id: record.central_id,
            };
        }
        let conflict = &self.conflicts[&record];
        Incoming {
            kind: kind.to_owned(),
            record,
            revision: 1 + u64::from(conflict.settled),
            deleted: false,
            fields: conflict.fields.clone(),
            central_id: None,
        }
    }

    fn page(&self, after: u64, amount: usize) -> Page {
        let mut changes = Vec::new();
        let mut bytes = 0;
        for (sequence, (kind, record)) in self.feed.range(after + 1..).take(amount.clamp(1, 1000)) {
            let change = self.incoming(kind, *record);
            if bytes >= PAGE_BYTES {
                break;
            }
            bytes += length(&change.fields);
            changes.push(Numbered {
                sequence: *sequence,
                change,
            });
        }
        let last = changes.last().map_or(after, |change| change.sequence);
        Page {
            changes,
            last,
            more: last < self.sequence,
            head: Some(self.sequence),
        }
    }
}

/// What an edit makes of the fields that it names, or why it may not.
fn merged(was: &Record, fields: &Fields) -> Result<Fields, Refused> {
    let mut fields = fields.clone();
    let before = was.fields.get("images").and_then(Value::as_object);
    if was.kind == RecordKind::Photo
        && let Some(Value::Object(images)) = fields.get_mut("images")
    {
        for (part, facts) in before.into_iter().flatten() {
            if images.entry(part.clone()).or_insert_with(|| facts.clone()) != facts {
                return refused("immutable", "images");
            }
        }
    }
    let fixed: &[&str] = match was.kind {
        RecordKind::Lesion => &["patient"],
        RecordKind::Note | RecordKind::Acknowledgement => &["patient", "analysis"],
        _ => &[],
    };
    for (field, value) in &fields {
        let joined = field == "images" && matches!(value, Value::Object(_));
        let never = match was.kind {
            RecordKind::Analysis => true,
            RecordKind::Photo => !joined && field != "outline",
            _ => fixed.contains(&field.as_str()),
        };
        if never && was.fields.get(field) != Some(value) {
            return refused("immutable", field);
        }
    }
    Ok(fields)
}

fn field_of(conflict: &Fields) -> String {
    conflict["field"].as_str().unwrap().to_owned()
}

fn length(fields: &Fields) -> usize {
    Value::Object(fields.clone()).to_string().len()
}

impl Registry for MemoryRegistry {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        Box::pin(async {
            Ok(Hello {
                clinic_id: Uuid::from_u128(1),
                clinic: "Trạm y tế Mẫu".to_owned(),
                workstation_id: self.workstation,
                workstation: self.workstation.to_string(),
                schema: 5,
                bucket: "images".to_owned(),
                now: rfc3339(self.centre.clock.now()),
            })
        })
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        Box::pin(async move {
            assert!(operations.len() <= LARGEST_PUSH);
            Ok(self.centre.push(self.workstation, operations))
        })
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        Box::pin(async move {
            let state = self.centre.state.lock().unwrap();
            Ok(state.page(after, page.try_into().unwrap()))
        })
    }

    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>> {
        Box::pin(async move {
            let mut state = self.centre.state.lock().unwrap();
            let Some(conflict) = state.conflicts.get_mut(&id) else {
                return Err(RegistryError::Unknown {
                    what: "there is no such conflict".to_owned(),
                });
            };
            if !conflict.settled {
                conflict.settled = true;
                let now = rfc3339(self.centre.clock.now());
                conflict.fields.insert("settled_at".to_owned(), now.into());
                conflict
                    .fields
                    .insert("settled_by".to_owned(), by.to_string().into());
                state.publish(&[("conflict".to_owned(), id)]);
            }
            Ok(())
        })
    }

    fn erase(&self, _operation: Uuid, _record: Uuid) -> Later<'_, Result<Answer, RegistryError>> {
        Box::pin(async {
            Err(RegistryError::NotUnderstood {
                what: "nothing is erased in memory".to_owned(),
            })
        })
    }

    fn unfinished(&self, _days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn hint(&self) -> Later<'_, Result<(), RegistryError>> {
        Box::pin(async {
            self.centre.changed.notified().await;
            Ok(())
        })
    }
}
