//! What an older program left.

use tempfile::TempDir;

use super::Bench;
use crate::{
    clock::Clock,
    store::{Open, Row, Store},
};

/// Rows in every table that the first version has.
const OF_THE_FIRST: &str = "
    INSERT INTO setting VALUES ('clinic', 'Trạm y tế Mẫu');
    INSERT INTO person VALUES (x'00000000000000000000000000000001', 'Lê Thị Mai (mẫu)', 'mai@example.test', 'ADMIN', '', '2026-01-01T00:00:00.000Z');
    INSERT INTO patient (seen, id, revision, full_name, name_key, search_key, created_at, created_by, updated_at, updated_by)
        SELECT 1, x'00000000000000000000000000000002', 2, 'Nguyễn Văn Hòa (mẫu)', 'nguyen van hoa (mau)', 'nguyen van hoa (mau)',
            '2026-01-01T00:00:00.000Z', id, '2026-01-01T00:00:00.000Z', id FROM person;
    INSERT INTO patient_search (rowid, runs) VALUES (1, '6e');
    INSERT INTO patient_version (patient_id, revision, full_name, replaced_at, replaced_by)
        SELECT patient.id, 1, 'Nguyễn Văn Hoà (mẫu)', '2026-01-01T00:00:00.000Z', created_by FROM patient;
    INSERT INTO lesion SELECT x'00000000000000000000000000000003', id, 'face', 'left', 'A', 2, created_at, created_by FROM patient;
    INSERT INTO lesion_version SELECT id, 1, NULL, created_at, created_by FROM lesion;
    INSERT INTO photo SELECT x'00000000000000000000000000000004', patient_id, id, 'clinical', 'JPEG', zeroblob(32), 70, 100, 50, 50, NULL,
        '2026.1', created_at, created_at, created_by, zeroblob(72) FROM lesion;
    INSERT INTO analysis (id, photo_id, patient_id, requested_at, state, pending_reason)
        SELECT x'00000000000000000000000000000005', id, patient_id, kept_at, 'AI_PENDING', 'queued' FROM photo;
    INSERT INTO note SELECT x'00000000000000000000000000000006', analysis.id, 'Ghi chú mẫu', person.id, requested_at, NULL, 2 FROM analysis, person;
    INSERT INTO note_version SELECT id, 1, 'Ghi chú', created_at FROM note;
    INSERT INTO outbox SELECT 'note', id, 1, x'00000000000000000000000000000007', 0, created_at FROM note;
    INSERT INTO outbox SELECT 'patient', id, 1, x'00000000000000000000000000000008', 0, created_at FROM patient;
";

/// And in those that came with the second.
const OF_THE_SECOND: &str = "
    INSERT INTO acknowledgement SELECT x'00000000000000000000000000000009', analysis.id, person.id, requested_at FROM analysis, person;
    INSERT INTO confirmed SELECT 'lesion', id, 1, '{}', 0 FROM lesion;
    INSERT INTO conflict VALUES (x'0000000000000000000000000000000a', 'note', zeroblob(16), NULL, 'text', '1', '2', '2026-01-01T00:00:00.000Z', NULL);
    INSERT INTO parked VALUES ('link', zeroblob(16), '{}', 'a kind that this version does not know');
";

/// How many rows each table of our own has.
async fn census(pool: &sqlx::SqlitePool) -> std::collections::BTreeMap<String, i64> {
    let tables = sqlx::query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
            AND name NOT LIKE '_sqlx%' AND name NOT LIKE 'patient_search_%'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut census = std::collections::BTreeMap::new();
    for table in tables {
        let name: String = table.get("name");
        let count = sqlx::query(&format!("SELECT count(*) AS rows FROM {name}"))
            .fetch_one(pool)
            .await
            .unwrap();
        census.insert(name, count.get("rows"));
    }
    census
}

/// A database of the first version, with something in every table, is brought up to date step by step: nothing is lost, and what
/// was there is read.
#[tokio::test]
async fn a_database_of_the_first_version_is_brought_up_to_date() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(Store::FILE);
    let options = crate::store::options(&path, &[7; 32]).create_if_missing(true);
    let old = sqlx::pool::PoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    crate::store::migrate::run_to(&old, 1).await.unwrap();
    sqlx::raw_sql(OF_THE_FIRST).execute(&old).await.unwrap();
    let first = census(&old).await;
    assert!(first.values().all(|rows| *rows > 0), "{first:?}");
    crate::store::migrate::run_to(&old, 2).await.unwrap();
    sqlx::raw_sql(OF_THE_SECOND).execute(&old).await.unwrap();
    let second = census(&old).await;
    assert!(second.values().all(|rows| *rows > 0), "{second:?}");
    old.close().await;

    let store = Store::open(folder.path(), &[7; 32], Open::Existing, Clock::system())
        .await
        .unwrap();
    assert_eq!(store.integrity().await.unwrap(), []);
    let now = census(&store.readers).await;
    for (table, rows) in second {
        assert_eq!(now.get(&table), Some(&rows), "{table}");
    }
    let patients = store.recent_patients().await.unwrap().patients;
    let patient = &patients[0].patient;
    assert!(!patient.legal_hold);
    assert_eq!(store.patient_versions(patient.id).await.unwrap().len(), 1);
    assert!(!store.outbox(10).await.unwrap().records[0].deleted);
    store.close().await;
}

/// An earlier version took a landline with the country code for another number than the same one dialled at home.
#[tokio::test]
async fn a_landline_that_was_folded_by_an_earlier_version_is_found() {
    let bench = Bench::new().await;
    let phone = "phone = '+84 24 3825 1234', phone_key = '842438251234', search_key = 'hoa 842438251234'";
    sqlx::raw_sql(&format!("UPDATE patient SET {phone}"))
        .execute(&bench.store.writer)
        .await
        .unwrap();
    bench.store.close().await;

    let store = Store::open(bench.folder.path(), &[7; 32], Open::Existing, Clock::system())
        .await
        .unwrap();
    let found = store.find_patients("024 3825 1234").await.unwrap();
    assert_eq!(found.patients.len(), 1);
    store.close().await;
}
