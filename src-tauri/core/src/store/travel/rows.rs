//! What arrives, written into the tables: a new row, or a row that says something else from now on.

use serde_json::Value;
use sqlx::{QueryBuilder, Row, Sqlite};
use uuid::Uuid;

use crate::clinical::{Born, PatientDraft, PhotoId, Sex};
use crate::store::{
    StoreError, Write,
    fields::{self, Column, Fields, id, text},
    outbox::RecordKind,
    patient::Keys,
};

impl Write<'_> {
    /// A record that another workstation made.
    pub(super) async fn insert(
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
        self.take_outlines(PhotoId(record), &Fields::new(), &fields)
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
    pub(super) async fn update(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        before: &Fields,
        after: &Fields,
    ) -> Result<(), StoreError> {
        let same =
            |column: &Column| fields::value(before, column.field) == fields::value(after, column.field);
        let changed: Vec<Column> = kind
            .columns()
            .iter()
            .filter(|column| !same(column))
            .copied()
            .collect();
        if changed.is_empty() && kind != RecordKind::Photo {
            return Ok(());
        }
        match kind {
            RecordKind::Patient => {
                self.keep_version(kind, record).await?;
                let keys = keys(after)?;
                let search = keys.search.clone();
                self.update_row(kind, record, after, &changed, |update| {
                    update.push(", revision = revision + 1");
                    keys.assign(update);
                })
                .await?;
                self.reindex_patient(record, &search).await
            }
            RecordKind::Lesion | RecordKind::Note => {
                self.keep_version(kind, record).await?;
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
            // Of a photo only what has tables of its own changes: its outline here, its images where they are taken.
            RecordKind::Photo => self.take_outlines(PhotoId(record), before, after).await,
            RecordKind::Acknowledgement => Ok(()),
        }
    }

    /// Keeps what the record says until now beside its earlier versions, for the kinds whose edits people read.
    async fn keep_version(&mut self, kind: RecordKind, record: Uuid) -> Result<(), StoreError> {
        let keep = match kind {
            RecordKind::Patient => {
                "INSERT INTO patient_version SELECT id, revision, full_name, born, sex, phone, national_id, address, ?2,
                    updated_by, legal_hold, cloud_consent FROM patient WHERE id = ?1"
            }
            RecordKind::Lesion => {
                "INSERT INTO lesion_version SELECT id, revision, label, ?2, created_by FROM lesion WHERE id = ?1"
            }
            RecordKind::Note => "INSERT INTO note_version SELECT id, revision, text, ?2 FROM note WHERE id = ?1",
            RecordKind::Person | RecordKind::Photo | RecordKind::Analysis | RecordKind::Acknowledgement => return Ok(()),
        };
        sqlx::query(keep)
            .bind(record)
            .bind(self.now())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
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
