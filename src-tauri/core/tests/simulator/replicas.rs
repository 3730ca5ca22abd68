//! A workstation's tables, read beside it, and compared with the others' and with the centre's.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use seekwell_core::{
    store::{RecordKind, Store},
    sync::{Registry, status::Overall},
};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::{
    registry::{MemoryCentre, Record},
    station::Station,
};

/// What travels of each table. Two things do not: an original's hash and a request's number are filed otherwise where they
/// would be there twice.
const TABLES: [(&str, &str); 10] = [
    ("person", "hex(id), full_name, role, created_at"),
    (
        "patient",
        "hex(id), central_id, full_name, born, sex, phone, national_id, address, created_at, hex(created_by), updated_at,
         hex(updated_by), search_key",
    ),
    ("lesion", "hex(id), hex(patient_id), site, side, label, created_at, hex(created_by)"),
    (
        "photo",
        "hex(id), hex(patient_id), hex(lesion_id), kind, format, original_bytes, width, height, camera, pipeline, taken_at,
         kept_at, hex(kept_by)",
    ),
    (
        "analysis",
        "hex(id), hex(photo_id), hex(patient_id), state, risk, rule, top_class, p_mel, p_nev, confidence_word, review,
         follow_up_days, follow_up_by, model_name, demo, policy, pipeline, made_at, duration_ms",
    ),
    ("note", "hex(id), hex(analysis_id), text, hex(author), created_at, edited_at"),
    ("acknowledgement", "hex(id), hex(analysis_id), hex(acknowledged_by), acknowledged_at"),
    ("outline", "hex(photo_id), origin, value"),
    ("image", "hex(photo_id), part, object, bytes, crc32c, generation"),
    (
        "conflict WHERE record NOT IN (SELECT record FROM gone)",
        "hex(id), kind, hex(record), field, stands, lost, at, settled_at",
    ),
];

/// Fields that people edit, as the table and as the centre has them.
const EDITED: [(&str, &str); 5] = [
    ("patient", "full_name"),
    ("patient", "phone"),
    ("patient", "address"),
    ("lesion", "label"),
    ("note", "text"),
];

pub(crate) async fn open(station: &Station) -> SqliteConnection {
    let key: String = station
        .database_key()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    SqliteConnectOptions::new()
        .filename(station.disk.path().join(Store::FILE))
        .pragma("key", format!("\"x'{key}'\""))
        .read_only(true)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging()
        .connect()
        .await
        .unwrap()
}

pub(crate) async fn ids(disk: &mut SqliteConnection, query: &str) -> Vec<Uuid> {
    let rows = sqlx::query(query).fetch_all(disk).await.unwrap();
    rows.iter().map(|row| row.get("id")).collect()
}

pub(crate) async fn ids_of(disk: &mut SqliteConnection, query: &str, of: Uuid) -> Vec<Uuid> {
    let rows = sqlx::query(query).bind(of).fetch_all(disk).await.unwrap();
    rows.iter().map(|row| row.get("id")).collect()
}

pub(crate) async fn label(disk: &mut SqliteConnection, lesion: Uuid) -> Option<String> {
    let row = sqlx::query("SELECT label FROM lesion WHERE id = ?").bind(lesion);
    row.fetch_one(disk).await.unwrap().get("label")
}

async fn count(disk: &mut SqliteConnection, query: &str) -> i64 {
    sqlx::query(query).fetch_one(disk).await.unwrap().get(0)
}

async fn rows(disk: &mut SqliteConnection, table: &str, columns: &str) -> Vec<String> {
    let query = format!("SELECT json_array({columns}) AS line FROM {table} ORDER BY line");
    let rows = sqlx::query(&query).fetch_all(disk).await.unwrap();
    rows.iter().map(|row| row.get("line")).collect()
}

/// What the centre had of each record when it was last heard.
async fn confirmed(disk: &mut SqliteConnection) -> BTreeMap<(String, Uuid), Value> {
    let rows = sqlx::query("SELECT kind, record, revision, fields, deleted FROM confirmed").fetch_all(disk);
    let rows = rows.await.unwrap();
    let each = rows.iter().map(|row| {
        let (kind, record): (String, Uuid) = (row.get("kind"), row.get("record"));
        let (revision, deleted): (i64, bool) = (row.get("revision"), row.get("deleted"));
        let fields: Value = serde_json::from_str(row.get("fields")).unwrap();
        ((kind, record), json!([revision, deleted, fields]))
    });
    each.collect()
}

/// The records that are deleted, and what hangs on them.
pub(crate) fn gone(records: &[Record]) -> HashSet<Uuid> {
    let mut gone: HashSet<Uuid> = records
        .iter()
        .filter(|record| record.deleted)
        .map(|record| record.id)
        .collect();
    loop {
        let hangs = |record: &&Record| {
            ["patient", "lesion", "photo", "analysis"]
                .into_iter()
                // A photo names its first analysis, which does not carry it.
                .filter(|field| (record.kind, *field) != (RecordKind::Photo, "analysis"))
                .filter_map(|field| record.fields.get(field)?.as_str()?.parse().ok())
                .any(|of: Uuid| gone.contains(&of))
        };
        let more: Vec<Uuid> = records
            .iter()
            .filter(hangs)
            .map(|record| record.id)
            .filter(|id| !gone.contains(id))
            .collect();
        if more.is_empty() {
            return gone;
        }
        gone.extend(more);
    }
}

/// Every replica says what the centre says, nothing waits, and everybody is told so.
pub(crate) async fn compare(stations: &[Station], centre: &MemoryCentre) {
    let records = centre.records();
    let gone = gone(&records);
    let truth: BTreeMap<_, _> = records
        .iter()
        .cloned()
        .map(|record| {
            let key = (record.kind.as_word().to_owned(), record.id);
            // A field that is gone is one that is not there.
            let mut fields = record.fields;
            fields.retain(|_, value| !value.is_null());
            (key, json!([record.revision, record.deleted, fields]))
        })
        .collect();
    let mut first: Option<Vec<Vec<String>>> = None;
    for (number, station) in stations.iter().enumerate() {
        let mut disk = open(station).await;
        for table in ["outbox", "sending", "unseen", "parked"] {
            let left = count(&mut disk, &format!("SELECT count(*) FROM {table}")).await;
            assert_eq!(left, 0, "{table} of {number}");
        }
        let (word, waiting) = station.status().await;
        assert_eq!(word, Overall::AtCentre, "{number}: {waiting:?}");
        let mut here = confirmed(&mut disk).await;
        for known in here.values_mut() {
            let fields = known[2].as_object_mut().unwrap();
            fields.retain(|_, value| !value.is_null());
        }
        for (key, record) in &truth {
            let known = here.get(key);
            if gone.contains(&key.1) {
                // Of what is gone nobody keeps what it said.
                let known = known.map(|known| (&known[0], &known[1]));
                assert_eq!(known, Some((&record[0], &record[1])), "{number} {key:?}");
            } else {
                assert_eq!(known, Some(record), "{number} {key:?}");
            }
        }
        for kind in RecordKind::ALL {
            let there = records.iter().filter(|record| record.kind == kind);
            let there = there.filter(|record| kind == RecordKind::Person || !gone.contains(&record.id));
            let table = kind.as_word();
            // A photo of another workstation's waits here for the analysis that is made there.
            let done = match kind {
                RecordKind::Analysis => " WHERE state = 'DONE'",
                _ => "",
            };
            let shown = count(&mut disk, &format!("SELECT count(*) FROM {table}{done}")).await;
            assert_eq!(
                usize::try_from(shown).unwrap(),
                there.count(),
                "{table} of {number}"
            );
        }
        for kept in [
            "SELECT count(*) FROM gone WHERE kept IS NOT NULL",
            "SELECT count(*) FROM conflict JOIN gone USING (record) WHERE stands <> 'null' OR lost <> 'null'",
        ] {
            assert_eq!(count(&mut disk, kept).await, 0, "{number}: {kept}");
        }
        assert_eq!(
            here.len(),
            truth.len(),
            "{number} knows records that the centre does not"
        );
        for (table, field) in EDITED {
            let other = format!(
                "SELECT count(*) FROM {table} JOIN confirmed ON confirmed.kind = '{table}' AND confirmed.record = {table}.id
                 WHERE {field} IS NOT json_extract(fields, '$.{field}')"
            );
            assert_eq!(
                count(&mut disk, &other).await,
                0,
                "{table}.{field} of {number} is not the centre's"
            );
        }
        let drawn = "SELECT count(*) FROM outline JOIN confirmed ON kind = 'photo' AND record = photo_id
            WHERE json(value) IS NOT json_extract(fields, '$.outline')";
        assert_eq!(
            count(&mut disk, drawn).await,
            0,
            "an outline of {number} is not the centre's"
        );
        let dark = "SELECT count(*) FROM image WHERE part = 'thumbnail' AND NOT here";
        assert_eq!(count(&mut disk, dark).await, 0, "thumbnails of {number}");
        let mut all = Vec::new();
        for (table, columns) in TABLES {
            all.push(rows(&mut disk, table, columns).await);
        }
        match &first {
            None => first = Some(all),
            Some(first) => {
                for ((table, _), (one, other)) in TABLES.iter().zip(first.iter().zip(&all)) {
                    assert_eq!(one, other, "{table} of 0 and of {number}");
                }
            }
        }
        station.line.registry.hello().await.unwrap();
        assert!(
            RecordKind::ALL.len() + 3 == TABLES.len(),
            "every kind is compared"
        );
    }
}
