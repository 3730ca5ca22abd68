//! Records on their way: what goes to the centre of one, and what comes from there into the tables.
//!
//! The table `confirmed` holds each record as the centre last had it. What is sent is the difference to it, so that a field
//! of a newer version is never touched; what arrives is laid under whatever was changed here since, so that no local edit
//! is lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError, Write,
    fields::{
        self, ACKNOWLEDGEMENT, ANALYSIS, Column, Fields, LESION, NOTE, PATIENT, PERSON, PHOTO, id, text,
    },
    image::images,
    outbox::{RecordKind, WaitingRecord},
    patient::Keys,
};
use crate::clinical::{AnalysisId, Born, PatientDraft, PatientId, PhotoId, Sex};

/// A record as the centre confirmed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    /// Counts the changes at the centre, from 1.
    pub revision: u64,
    /// Everything that the centre knows of it.
    pub fields: Fields,
}

/// What is sent of a waiting record.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The revision that the changes were made on; 0 for a record that the centre does not have.
    pub base: u64,
    /// The fields that are not as the centre has them.
    pub changes: Fields,
}

/// A change that comes from the centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// A kind, known to this version or not.
    pub kind: String,
    /// The record.
    pub record: Uuid,
    /// Counts its changes.
    pub revision: u64,
    /// The record is gone.
    #[serde(default)]
    pub deleted: bool,
    /// All that the centre knows of it.
    #[serde(default)]
    pub fields: Fields,
    /// The centre's number of a patient.
    #[serde(default)]
    pub central_id: Option<i64>,
}

/// What became of an incoming change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The tables say it now.
    Taken,
    /// It was here already.
    Known,
    /// It can't be read or refers to something that is not here: it is kept as it came, for later.
    Parked,
}

impl RecordKind {
    const fn table(self) -> &'static str {
        self.as_word()
    }

    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Person => PERSON,
            Self::Patient => PATIENT,
            Self::Lesion => LESION,
            Self::Photo => PHOTO,
            Self::Analysis => ANALYSIS,
            Self::Note => NOTE,
            Self::Acknowledgement => ACKNOWLEDGEMENT,
        }
    }
}

impl Store {
    /// What is to be sent of a waiting record.
    ///
    /// # Errors
    /// As every read.
    pub async fn outgoing(&self, kind: RecordKind, record: Uuid) -> Result<Outgoing, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let confirmed = confirmed(&mut reader, kind.as_word(), record).await?;
        let now = whole(&mut reader, kind, record).await?;
        Ok(match confirmed {
            None => Outgoing {
                base: 0,
                changes: now,
            },
            Some(confirmed) => Outgoing {
                base: confirmed.revision,
                changes: own_changes(kind, &confirmed.fields, &now),
            },
        })
    }

    /// The record as the centre last had it.
    ///
    /// # Errors
    /// As every read.
    pub async fn confirmed(&self, kind: RecordKind, record: Uuid) -> Result<Option<Confirmed>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        confirmed(&mut reader, kind.as_word(), record).await
    }

    /// Which of those records the centre has.
    ///
    /// # Errors
    /// As every read.
    pub async fn is_confirmed(&self, kind: RecordKind, record: Uuid) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM confirmed WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// How many changes of the centre's wait for something that is not here.
    ///
    /// # Errors
    /// As every read.
    pub async fn parked_count(&self) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT count(*) AS parked FROM parked")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get("parked")?)
    }
}

impl Write<'_> {
    /// Records that the centre took what was sent: as which revision, and what the record is there now. A version that was
    /// made meanwhile goes on waiting.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle(
        &mut self,
        sent: &WaitingRecord,
        revision: u64,
        fields: &Fields,
        central_id: Option<i64>,
    ) -> Result<(), StoreError> {
        self.unqueue(sent.kind, sent.record, sent.version).await?;
        if let (RecordKind::Patient, Some(number)) = (sent.kind, central_id) {
            self.set_central_id(sent.record, number).await?;
        }
        let known = confirmed(&mut self.transaction, sent.kind.as_word(), sent.record).await?;
        if known.is_some_and(|known| known.revision >= revision) {
            return Ok(());
        }
        self.lay_under(sent.kind, sent.record, revision, fields, None)
            .await
    }

    /// Takes a record off the list of which the centre has everything already.
    ///
    /// # Errors
    /// As every write.
    pub async fn settle_unchanged(&mut self, waiting: &WaitingRecord) -> Result<(), StoreError> {
        self.unqueue(waiting.kind, waiting.record, waiting.version)
            .await
            .map(drop)
    }

    /// Applies a change of the centre's. `new_key` wraps a key for a photo that is not here yet.
    ///
    /// # Errors
    /// As every write. A change that can't be applied is no error: it is parked.
    pub async fn apply(
        &mut self,
        change: &Incoming,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<Applied, StoreError> {
        let known = confirmed(&mut self.transaction, &change.kind, change.record).await?;
        if known.is_some_and(|known| known.revision >= change.revision) {
            return Ok(Applied::Known);
        }
        if change.kind == "conflict" {
            self.take_conflict(change).await?;
            return Ok(Applied::Taken);
        }
        let Some(kind) = RecordKind::from_word(&change.kind) else {
            self.park(change, "a kind that this version does not know")
                .await?;
            return Ok(Applied::Parked);
        };
        // What can't be applied must leave no trace in the transaction that the others share.
        sqlx::query("SAVEPOINT change")
            .execute(&mut *self.transaction)
            .await?;
        match self.take(kind, change, new_key).await {
            Ok(()) => {
                sqlx::query("RELEASE change")
                    .execute(&mut *self.transaction)
                    .await?;
                self.unpark(change).await?;
                Ok(Applied::Taken)
            }
            Err(error) if error.is_about_the_record() => {
                sqlx::query("ROLLBACK TO change")
                    .execute(&mut *self.transaction)
                    .await?;
                sqlx::query("RELEASE change")
                    .execute(&mut *self.transaction)
                    .await?;
                self.park(change, &error.to_string()).await?;
                Ok(Applied::Parked)
            }
            Err(error) => Err(error),
        }
    }

    /// Tries again what was parked: what it referred to may have come. Gives how many were taken.
    ///
    /// # Errors
    /// As every write.
    pub async fn apply_parked(
        &mut self,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<u32, StoreError> {
        let rows = sqlx::query("SELECT change FROM parked ORDER BY record")
            .fetch_all(&mut *self.transaction)
            .await?;
        let mut parked: BTreeMap<(Option<RecordKind>, Uuid), Incoming> = BTreeMap::new();
        for row in rows {
            let change: Incoming = serde_json::from_str(row.try_get("change")?)
                .map_err(|_| StoreError::Unreadable { column: "change" })?;
            parked.insert((RecordKind::from_word(&change.kind), change.record), change);
        }
        let mut taken = 0;
        for ((kind, _), change) in &parked {
            if kind.is_some() && self.apply(change, new_key).await? == Applied::Taken {
                taken += 1;
            }
        }
        Ok(taken)
    }

    async fn take(
        &mut self,
        kind: RecordKind,
        change: &Incoming,
        new_key: &(dyn Fn(PhotoId) -> Option<Vec<u8>> + Sync),
    ) -> Result<(), StoreError> {
        if change.deleted {
            return self
                .confirm(kind, change.record, change.revision, &change.fields, true)
                .await;
        }
        let wrapped_key = match kind {
            RecordKind::Photo => new_key(PhotoId(change.record)),
            _ => None,
        };
        self.lay_under(kind, change.record, change.revision, &change.fields, wrapped_key)
            .await?;
        if let (RecordKind::Patient, Some(number)) = (kind, change.central_id) {
            self.set_central_id(change.record, number).await?;
        }
        Ok(())
    }

    /// Lays what the centre has under what was changed here since: fields that wait to be sent stay as they are here.
    async fn lay_under(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        revision: u64,
        theirs: &Fields,
        wrapped_key: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let waits = sqlx::query("SELECT 1 FROM outbox WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?
            .is_some();
        let here = match whole(&mut self.transaction, kind, record).await {
            Ok(fields) => Some(fields),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let before = confirmed(&mut self.transaction, kind.as_word(), record).await?;
        let result = match (&here, &before) {
            (Some(here), Some(before)) if waits => {
                fields::changed(theirs, &own_changes(kind, &before.fields, here))
            }
            (Some(here), None) if waits => fields::changed(theirs, here),
            _ => theirs.clone(),
        };
        match here {
            None => self.insert(kind, record, &result, wrapped_key).await?,
            Some(here) => self.update(kind, record, &here, &result).await?,
        }
        if kind == RecordKind::Photo {
            self.take_images(PhotoId(record), theirs).await?;
        }
        self.confirm(kind, record, revision, theirs, false).await
    }

    async fn confirm(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        revision: u64,
        fields: &Fields,
        deleted: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO confirmed (kind, record, revision, fields, deleted) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (kind, record) DO UPDATE SET revision = excluded.revision, fields = excluded.fields,
                deleted = excluded.deleted",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .bind(Value::Object(fields.clone()).to_string())
        .bind(deleted)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn set_central_id(&mut self, patient: Uuid, number: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE patient SET central_id = ? WHERE id = ? AND central_id IS NULL")
            .bind(number)
            .bind(patient)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// A record that another workstation made.
    async fn insert(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        fields: &Fields,
        wrapped_key: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        match kind {
            RecordKind::Person => {
                // Nobody signs in with it: no password has this hash, and no address this domain.
                self.insert_row(kind, record, fields, |insert| {
                    insert.value("email", format!("{record}@elsewhere.invalid"));
                    insert.value("password_hash", String::new());
                    insert.value("elsewhere", true);
                })
                .await
            }
            RecordKind::Patient => {
                let keys = keys(fields)?;
                // Below those who were seen here: the recent ones are this workstation's own.
                let row = sqlx::query("SELECT ifnull(min(seen), 1) - 1 AS seen FROM patient")
                    .fetch_one(&mut *self.transaction)
                    .await?;
                let seen: i64 = row.try_get("seen")?;
                let search = keys.search.clone();
                self.insert_row(kind, record, fields, |insert| {
                    insert.value("seen", seen);
                    insert.value("revision", 1_i64);
                    insert.keys(keys);
                })
                .await?;
                self.index_patient(seen, &search).await
            }
            RecordKind::Photo => self.insert_photo(record, fields, wrapped_key).await,
            RecordKind::Analysis => self.insert_analysis(record, fields).await,
            RecordKind::Note => {
                self.insert_row(kind, record, fields, |insert| insert.value("revision", 1_i64))
                    .await
            }
            RecordKind::Lesion | RecordKind::Acknowledgement => {
                self.insert_row(kind, record, fields, |_| ()).await
            }
        }
    }

    /// The photo, and its first analysis as one that waits: it is made where the photo was.
    async fn insert_photo(
        &mut self,
        record: Uuid,
        fields: &Fields,
        wrapped_key: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let mut fields = fields.clone();
        let twin =
            sqlx::query("SELECT 1 FROM photo WHERE patient_id = ? AND hex(original_sha256) = upper(?)")
                .bind(id(&fields, "patient"))
                .bind(text(&fields, "original_sha256"))
                .fetch_optional(&mut *self.transaction)
                .await?;
        if twin.is_some() {
            // An original is unique here by its hash. The same one kept at two places stays two photos: the second is
            // filed under its own id instead, which is no hash of anything. What the centre has is in `confirmed`.
            let twice = format!("{0}{0}", record.simple());
            fields.insert("original_sha256".to_owned(), Value::from(twice));
        }
        self.insert_row(RecordKind::Photo, record, &fields, |insert| {
            insert.value("sealed_bytes", 0_i64);
            insert.value("wrapped_key", wrapped_key.unwrap_or_default());
            insert.value("elsewhere", true);
        })
        .await?;
        let analysis = id(&fields, "analysis").ok_or(StoreError::Unreadable { column: "analysis" })?;
        sqlx::query(
            "INSERT INTO analysis (id, photo_id, patient_id, requested_at, state, pending_reason)
             SELECT ?, id, patient_id, ?, 'AI_PENDING', 'queued' FROM photo WHERE id = ?",
        )
        .bind(analysis)
        .bind(text(&fields, "requested_at"))
        .bind(record)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Another analysis of a photo, such as a second opinion: its number is the next that is free here.
    async fn insert_analysis(&mut self, record: Uuid, fields: &Fields) -> Result<(), StoreError> {
        let mut fields = fields.clone();
        let row = sqlx::query(
            "SELECT ifnull(max(request), 0) + 1 AS next, ifnull(max(request = ?3), 0) AS taken FROM analysis
             WHERE patient_id = ?1 AND photo_id = ?2",
        )
        .bind(id(&fields, "patient"))
        .bind(id(&fields, "photo"))
        .bind(fields.get("request").and_then(Value::as_i64))
        .fetch_one(&mut *self.transaction)
        .await?;
        if row.try_get::<bool, _>("taken")? {
            fields.insert("request".to_owned(), Value::from(row.try_get::<i64, _>("next")?));
        }
        self.insert_row(RecordKind::Analysis, record, &fields, |insert| {
            insert.value("state", "DONE".to_owned());
        })
        .await
    }

    /// Makes a row that is here say what `after` says. What a person could read of it before stays in its versions.
    async fn update(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        before: &Fields,
        after: &Fields,
    ) -> Result<(), StoreError> {
        let same = |column: &Column| value_of(before, column.field) == value_of(after, column.field);
        let changed: Vec<Column> = kind
            .columns()
            .iter()
            .filter(|column| !same(column))
            .copied()
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        match kind {
            RecordKind::Patient => {
                sqlx::query(
                    "INSERT INTO patient_version SELECT id, revision, full_name, born, sex, phone, national_id, address, ?2,
                        updated_by FROM patient WHERE id = ?1",
                )
                .bind(record)
                .bind(self.now())
                .execute(&mut *self.transaction)
                .await?;
                let keys = keys(after)?;
                let search = keys.search.clone();
                self.update_row(kind, record, after, &changed, |update| {
                    update.push(", revision = revision + 1");
                    keys.assign(update);
                })
                .await?;
                self.reindex_patient(record, &search).await
            }
            RecordKind::Lesion => {
                sqlx::query("INSERT INTO lesion_version SELECT id, revision, label, ?2, created_by FROM lesion WHERE id = ?1")
                    .bind(record)
                    .bind(self.now())
                    .execute(&mut *self.transaction)
                    .await?;
                self.update_row(kind, record, after, &changed, |update| {
                    update.push(", revision = revision + 1");
                })
                .await
            }
            RecordKind::Note => {
                sqlx::query("INSERT INTO note_version SELECT id, revision, text, ?2 FROM note WHERE id = ?1")
                    .bind(record)
                    .bind(self.now())
                    .execute(&mut *self.transaction)
                    .await?;
                self.update_row(kind, record, after, &changed, |update| {
                    update.push(", revision = revision + 1");
                })
                .await
            }
            RecordKind::Analysis => {
                // One that waited here is done elsewhere. One that is done never changes.
                let row = sqlx::query("SELECT state FROM analysis WHERE id = ?")
                    .bind(record)
                    .fetch_one(&mut *self.transaction)
                    .await?;
                if row.try_get::<&str, _>("state")? == "DONE" {
                    return Ok(());
                }
                self.update_row(kind, record, after, &changed, |update| {
                    update.push(", state = 'DONE', pending_reason = NULL");
                })
                .await
            }
            RecordKind::Person => self.update_row(kind, record, after, &changed, |_| ()).await,
            // What they say never changes; a photo's images are in a table of their own.
            RecordKind::Photo | RecordKind::Acknowledgement => Ok(()),
        }
    }

    async fn insert_row(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        fields: &Fields,
        more: impl FnOnce(&mut Insert),
    ) -> Result<(), StoreError> {
        let mut extra = Insert::default();
        more(&mut extra);
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO ");
        query.push(kind.table()).push(" (id");
        for column in kind.columns() {
            query.push(", ").push(column.name);
        }
        for (name, _) in &extra.values {
            query.push(", ").push(*name);
        }
        query.push(") VALUES (").push_bind(record);
        for column in kind.columns() {
            query.push(", ");
            fields::push_bind(&mut query, fields, *column)?;
        }
        for (_, value) in extra.values {
            query.push(", ");
            value.push_to(&mut query);
        }
        query.push(")").build().execute(&mut *self.transaction).await?;
        Ok(())
    }

    async fn update_row(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        fields: &Fields,
        changed: &[Column],
        more: impl FnOnce(&mut QueryBuilder<'_, Sqlite>),
    ) -> Result<(), StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("UPDATE ");
        query.push(kind.table()).push(" SET ");
        for (place, column) in changed.iter().enumerate() {
            query.push(if place == 0 { "" } else { ", " });
            query.push(column.name).push(" = ");
            fields::push_bind(&mut query, fields, *column)?;
        }
        more(&mut query);
        query.push(" WHERE id = ").push_bind(record);
        query.build().execute(&mut *self.transaction).await?;
        Ok(())
    }

    async fn park(&mut self, change: &Incoming, reason: &str) -> Result<(), StoreError> {
        let json = serde_json::to_string(change).map_err(|_| StoreError::Unreadable { column: "change" })?;
        sqlx::query(
            "INSERT INTO parked (kind, record, change, reason) VALUES (?, ?, ?, ?)
             ON CONFLICT (kind, record) DO UPDATE SET change = excluded.change, reason = excluded.reason",
        )
        .bind(&change.kind)
        .bind(change.record)
        .bind(json)
        .bind(reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn unpark(&mut self, change: &Incoming) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM parked WHERE kind = ? AND record = ?")
            .bind(&change.kind)
            .bind(change.record)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

/// More columns of a new row than the record's own.
#[derive(Default)]
struct Insert {
    values: Vec<(&'static str, Bound)>,
}

impl Insert {
    fn value(&mut self, column: &'static str, value: impl Into<Bound>) {
        self.values.push((column, value.into()));
    }

    fn keys(&mut self, keys: Keys) {
        self.value("name_key", keys.name);
        self.value("birth_year", keys.birth_year.map(i64::from));
        self.value("phone_key", keys.phone);
        self.value("national_id_key", keys.national_id);
        self.value("search_key", keys.search);
    }
}

enum Bound {
    Text(Option<String>),
    Whole(Option<i64>),
    Bytes(Vec<u8>),
    Flag(bool),
}

impl Bound {
    fn push_to(self, query: &mut QueryBuilder<'_, Sqlite>) {
        match self {
            Self::Text(text) => query.push_bind(text),
            Self::Whole(number) => query.push_bind(number),
            Self::Bytes(bytes) => query.push_bind(bytes),
            Self::Flag(flag) => query.push_bind(flag),
        };
    }
}

macro_rules! bound {
    ($($from:ty => |$value:ident| $into:expr),+ $(,)?) => {$(
        impl From<$from> for Bound {
            fn from($value: $from) -> Self {
                $into
            }
        }
    )+};
}
bound!(
    String => |text| Self::Text(Some(text)),
    Option<String> => |text| Self::Text(text),
    i64 => |number| Self::Whole(Some(number)),
    Option<i64> => |number| Self::Whole(number),
    Vec<u8> => |bytes| Self::Bytes(bytes),
    bool => |flag| Self::Flag(flag),
);

/// The record with all its fields as this workstation has it.
async fn whole(
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

/// What was changed here of the fields that this workstation may change. A field that only the centre knows is never one
/// of them, nor one that never changes: a photo that came from elsewhere is filed under another hash here.
fn own_changes(kind: RecordKind, confirmed: &Fields, here: &Fields) -> Fields {
    let mut changes = fields::changes(confirmed, here);
    match kind {
        RecordKind::Photo => changes.retain(|name, value| name == "images" && !value.is_null()),
        RecordKind::Analysis | RecordKind::Acknowledgement => changes.clear(),
        _ => changes.retain(|name, _| kind.columns().iter().any(|column| column.field == name)),
    }
    if kind == RecordKind::Photo
        && let (Some(Value::Object(theirs)), Some(Value::Object(ours))) =
            (confirmed.get("images"), changes.get_mut("images"))
    {
        // What another workstation has sent since stays named.
        for (part, facts) in theirs {
            ours.entry(part.clone()).or_insert_with(|| facts.clone());
        }
        if &*ours == theirs {
            changes.clear();
        }
    }
    changes
}

fn value_of<'a>(fields: &'a Fields, field: &str) -> Option<&'a Value> {
    let value = match field.split_once('.') {
        None => fields.get(field),
        Some((object, inner)) => fields.get(object)?.get(inner),
    };
    value.filter(|value| !value.is_null())
}

async fn confirmed(
    connection: &mut SqliteConnection,
    kind: &str,
    record: Uuid,
) -> Result<Option<Confirmed>, StoreError> {
    let row = sqlx::query("SELECT revision, fields FROM confirmed WHERE kind = ? AND record = ?")
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
        })
    })
    .transpose()
}

/// What is compared and searched of a patient's record.
fn keys(fields: &Fields) -> Result<Keys, StoreError> {
    let own = |field: &str| text(fields, field).map(str::to_owned);
    let unreadable = |column| StoreError::Unreadable { column };
    Ok(Keys::of(&PatientDraft {
        full_name: own("full_name").ok_or(unreadable("full_name"))?,
        born: own("born")
            .map(Born::try_from)
            .transpose()
            .map_err(|_| unreadable("born"))?,
        sex: own("sex")
            .map(|word| Sex::from_word(&word).ok_or(unreadable("sex")))
            .transpose()?,
        phone: own("phone"),
        national_id: own("national_id"),
        address: own("address"),
    }))
}
