//! A centre with two clinics, as the tests meet it: the administrator's connection, and a workstation's own.

use std::{
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use seekwell_core::{
    clock::Clock,
    sync::central::{self, Access, Enrolment},
};
use seekwell_testkit::postgres::{Existing, Postgres};
use serde_json::{Value, json};
use sqlx::{
    Connection, Executor, PgConnection, Row,
    postgres::{PgConnectOptions, PgSslMode},
};
use uuid::Uuid;

/// The clinic that is attacked, copied from and written to.
pub(crate) const OURS: &str = "Trạm y tế Mẫu";

/// Another clinic of the same centre.
pub(crate) const THEIRS: &str = "Trạm y tế Khác";

/// Begins a transaction that nothing ends but the end of its session.
pub(crate) const HOLD_OUT: &str =
    "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; BEGIN";

/// One cluster for all tests that don't count its roles; each test has a database of its own.
pub(crate) fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    CLUSTER.get_or_init(Postgres::start)
}

pub(crate) struct Centre {
    pub(crate) database: String,
    pub(crate) access: Access,
    cluster: &'static Postgres,
}

impl Centre {
    /// A migrated database of that shape with both clinics.
    pub(crate) async fn of(shape: Existing) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let cluster = cluster();
        let database = format!("centre_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster.make_database(&database, shape);
        let access = Access::parse(&cluster.url(&database), Some(cluster.ca_pem())).unwrap();
        central::migrate(&access, false).await.unwrap();
        central::add_clinic(&access, OURS, "bucket-of-ours")
            .await
            .unwrap();
        central::add_clinic(&access, THEIRS, "bucket-of-theirs")
            .await
            .unwrap();
        Self {
            database,
            access,
            cluster,
        }
    }

    pub(crate) async fn new() -> Self {
        Self::of(Existing::Empty).await
    }

    /// Runs SQL as the administrator: rows as lines, columns between tabs.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.cluster.psql(&self.database, sql).trim_end().to_owned()
    }

    pub(crate) async fn admin(&self) -> PgConnection {
        let options = PgConnectOptions::from_str(&self.cluster.url(&self.database)).unwrap();
        PgConnection::connect_with(&trusting(self.cluster, options))
            .await
            .unwrap()
    }

    pub(crate) async fn station(&self, clinic: &str) -> Station {
        let name = format!("{}", id());
        let enrolment = central::enroll(&self.access, &Clock::system(), clinic, &name)
            .await
            .unwrap();
        Station {
            connection: self
                .connect(&enrolment.role, enrolment.password.expose())
                .await
                .unwrap(),
            enrolment,
        }
    }

    /// How that role connects.
    pub(crate) fn options(&self, role: &str, password: &str) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .host("localhost")
            .port(self.cluster.port())
            .database(&self.database)
            .username(role)
            .password(password);
        trusting(self.cluster, options)
    }

    pub(crate) async fn connect(&self, role: &str, password: &str) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options(role, password)).await
    }
}

fn trusting(cluster: &Postgres, options: PgConnectOptions) -> PgConnectOptions {
    options
        .ssl_mode(PgSslMode::VerifyFull)
        .ssl_root_cert_from_pem(cluster.ca_pem().into())
}

/// An enrolled workstation and its session.
pub(crate) struct Station {
    pub(crate) connection: PgConnection,
    pub(crate) enrolment: Enrolment,
}

impl Station {
    pub(crate) async fn push(&mut self, operations: &[Value]) -> Vec<Value> {
        let answers = self.try_push(operations).await.unwrap();
        assert_eq!(answers.len(), operations.len());
        answers
    }

    pub(crate) async fn try_push(&mut self, operations: &[Value]) -> Result<Vec<Value>, sqlx::Error> {
        let answer: Value = sqlx::query_scalar("SELECT api.push($1)")
            .bind(Value::from(operations))
            .fetch_one(&mut self.connection)
            .await?;
        Ok(answer.as_array().unwrap().clone())
    }

    /// Pushes one operation that must go through, and gives the answer.
    pub(crate) async fn put(&mut self, operation: Value) -> Value {
        let answer = self.push(&[operation]).await.remove(0);
        assert_eq!(answer["outcome"], "applied", "{answer}");
        answer
    }

    /// Pushes one operation that must be refused, and gives code and reason.
    pub(crate) async fn refused(&mut self, operation: Value) -> (String, String) {
        let answer = self.push(&[operation]).await.remove(0);
        assert_eq!(answer["outcome"], "refused", "{answer}");
        let word = |key: &str| answer[key].as_str().unwrap().to_owned();
        (word("code"), word("reason"))
    }

    pub(crate) async fn pull(&mut self, after: i64, page: i32) -> Value {
        sqlx::query_scalar("SELECT api.pull($1, $2)")
            .bind(after)
            .bind(page)
            .fetch_one(&mut self.connection)
            .await
            .unwrap()
    }

    pub(crate) async fn pull_all(&mut self) -> Vec<Value> {
        let page = self.pull(0, 1000).await;
        assert_eq!(page["more"], false);
        page["changes"].as_array().unwrap().clone()
    }

    pub(crate) async fn erase(&mut self, operation: Uuid, record: Uuid) -> Value {
        sqlx::query_scalar("SELECT api.erase($1, $2)")
            .bind(operation)
            .bind(record)
            .fetch_one(&mut self.connection)
            .await
            .unwrap()
    }

    pub(crate) async fn unfinished(&mut self, days: i32) -> Vec<Value> {
        let list: Value = sqlx::query_scalar("SELECT api.unfinished($1)")
            .bind(days)
            .fetch_one(&mut self.connection)
            .await
            .unwrap();
        list.as_array().unwrap().clone()
    }

    /// Runs any SQL, and gives everything that came back as text.
    pub(crate) async fn any(&mut self, sql: &str) -> Result<String, sqlx::Error> {
        any(&mut self.connection, sql).await
    }
}

/// Runs any SQL in the simple protocol, in which every value comes as text.
pub(crate) async fn any(connection: &mut PgConnection, sql: &str) -> Result<String, sqlx::Error> {
    let rows = connection.fetch_all(sql).await?;
    let text = |row: &sqlx::postgres::PgRow, at: usize| {
        let value = row.try_get_raw(at).unwrap();
        value.as_str().map(str::to_owned).unwrap_or_default()
    };
    let lines = rows.iter().map(|row| {
        (0..row.len())
            .map(|at| text(row, at))
            .collect::<Vec<_>>()
            .join("\t")
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

pub(crate) fn id() -> Uuid {
    Clock::system().new_id()
}

/// A new record, or a change of one that the workstation knows at revision `base`.
pub(crate) fn change(kind: &str, record: Uuid, base: u64, fields: Value) -> Value {
    json!({"operation": id(), "kind": kind, "record": record, "base": base, "fields": fields, "deleted": false})
}

pub(crate) fn deletion(kind: &str, record: Uuid, base: u64) -> Value {
    json!({"operation": id(), "kind": kind, "record": record, "base": base, "fields": {}, "deleted": true})
}

/// A patient with one lesion, one photo, one analysis, one note and one acknowledgement; ids only.
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

const AT: &str = "2026-11-22T02:12:05.120Z";

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

    pub(crate) fn image(&self) -> String {
        format!(
            "patients/{}/analyses/{}_20261122_021205.jpg",
            self.patient, self.analysis
        )
    }

    pub(crate) fn fields(&self, kind: &str) -> Value {
        let Self {
            patient,
            lesion,
            photo,
            analysis,
            person,
            ..
        } = self;
        match kind {
            "person" => json!({"full_name": "Lê Thị Mai (mẫu)", "role": "OFFICIAL"}),
            "patient" => json!({
                "full_name": "Nguyễn Đăng Mẫu", "born": "1957-02-03", "sex": "MALE", "phone": "+84 000 000 001",
                "national_id": "000000000001", "address": "Thôn Mẫu", "legal_hold": false, "created_at": AT,
                "created_by": person, "updated_at": AT, "updated_by": person}),
            "lesion" => {
                json!({"patient": patient, "site": "face", "side": "left", "label": "mẫu", "created_at": AT,
                "created_by": person})
            }
            "photo" => json!({
                "patient": patient, "lesion": lesion, "kind": "clinical", "format": "JPEG",
                "original_sha256": "0123456789abcdef".repeat(4), "original_bytes": 3_600_000, "width": 4032, "height": 3024,
                "camera": "mẫu", "pipeline": "1", "taken_at": AT, "kept_at": AT, "kept_by": person,
                "analysis": analysis, "requested_at": AT,
                "images": {"derivative": {"name": self.image(), "bytes": 100_000, "crc32c": "AAAAAA==", "generation": "1"}}}),
            "analysis" => json!({
                "patient": patient, "photo": photo, "request": 1, "requested_at": AT, "risk": "URGENT",
                "rule": "melanoma_threshold", "top_class": "MEL",
                "probabilities": {"ACK": 0.05, "BCC": 0.05, "MEL": 0.6, "NEV": 0.2, "SCC": 0.05, "SEK": 0.05},
                "confidence": 0.6, "confidence_word": "HIGH", "review": true, "follow_up_days": 1,
                "follow_up_by": "2026-11-23", "model": {"name": "mẫu", "sha256": "00", "demo": true, "published_accuracy": 0.69},
                "policy": "2026.1", "pipeline": "1", "made_at": AT, "duration_ms": 109, "image": self.image()}),
            "note" => {
                json!({"patient": patient, "analysis": analysis, "text": "Ghi chú mẫu", "author": person, "created_at": AT})
            }
            "acknowledgement" => json!({"patient": patient, "analysis": analysis, "by": person, "at": AT}),
            kind => panic!("no fields for {kind}"),
        }
    }

    pub(crate) fn record(&self, kind: &str) -> Uuid {
        match kind {
            "person" => self.person,
            "patient" => self.patient,
            "lesion" => self.lesion,
            "photo" => self.photo,
            "analysis" => self.analysis,
            "note" => self.note,
            "acknowledgement" => self.acknowledgement,
            kind => panic!("no record for {kind}"),
        }
    }

    /// The operation that makes the record of that kind.
    pub(crate) fn made(&self, kind: &str) -> Value {
        change(kind, self.record(kind), 0, self.fields(kind))
    }

    /// All of it, in the order in which it has to go.
    pub(crate) fn all(&self) -> Vec<Value> {
        KINDS.iter().map(|kind| self.made(kind)).collect()
    }
}

/// The kinds of a [`Case`], each after what it refers to.
pub(crate) const KINDS: [&str; 7] = [
    "person",
    "patient",
    "lesion",
    "photo",
    "analysis",
    "note",
    "acknowledgement",
];

/// `{"a": 1}` with one key set to something else; `null` takes the key away.
pub(crate) fn with(mut fields: Value, key: &str, value: Value) -> Value {
    let object = fields.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(key);
    } else {
        object.insert(key.into(), value);
    }
    fields
}
