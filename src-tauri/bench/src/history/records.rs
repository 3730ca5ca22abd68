//! Analyses in bulk. People, patients and lesions are written by the store; photos and analyses are made by two statements
//! inside SQLite, since a million of them through the store would take most of an hour.

use seekwell_core::clinical::{BodySite, Lesion, LesionId, PatientId, PersonId, Side};
use seekwell_core::clock::Clock;
use seekwell_core::store::{Open, Store};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::clinic::{self, Clinic};
use crate::program::Outcome;

/// 2026-01-01, in milliseconds.
const BEGIN: u64 = 1_767_225_600_000;
/// The analyses of all patients together cover three years, whoever's they are.
const SPAN: u64 = 3 * 365 * 86_400_000;
const LESIONS_EACH: u32 = 20;

/// Which table an id is of; part of the id.
#[derive(Clone, Copy)]
enum Table {
    Patient = 1,
    Lesion = 2,
    Photo = 3,
    Analysis = 4,
}

/// Sets a workstation up and fills its database with `patients` of `each` analyses. One visit follows the other as in a
/// clinic: a patient's photos lie scattered among everybody else's.
pub(super) async fn fill(clinic: &Clinic, patients: u32, each: u32) -> Outcome<Vec<PatientId>> {
    let (workstation, caller) = clinic.set_up().await?;
    workstation.close().await;
    drop(workstation);
    let key = clinic.database_key()?;
    let store = Store::open(&clinic.data_dir(), &key, Open::Existing, Clock::system()).await?;
    let ids = write_patients(&store, patients, caller.id()).await?;
    store.close().await;
    write_analyses(clinic, patients, each, caller.id()).await?;
    Ok(ids)
}

async fn write_patients(store: &Store, count: u32, by: PersonId) -> Outcome<Vec<PatientId>> {
    let mut write = store.write().await?;
    let mut ids = Vec::new();
    for number in 0..count {
        let patient = PatientId(id(Table::Patient, number));
        write
            .add_patient(patient, &clinic::draft(&format!("Nguyễn Văn {number} (mẫu)")), by)
            .await?;
        for place in 0..LESIONS_EACH {
            let lesion = Lesion {
                id: LesionId(id(Table::Lesion, number * LESIONS_EACH + place)),
                patient_id: patient,
                site: BodySite::Back,
                side: Side::Left,
                label: None,
                created_at: "2026-01-01T00:00:00.000Z".into(),
            };
            write.add_lesion(&lesion, by).await?;
        }
        ids.push(patient);
    }
    write.commit().await?;
    Ok(ids)
}

async fn write_analyses(clinic: &Clinic, patients: u32, each: u32, by: PersonId) -> Outcome {
    // Nobody else has it open, and what a power cut takes can be made again. The store opens it in its own ways later.
    let options = clinic
        .database()?
        .pragma("cache_size", "-3000000")
        .pragma("temp_store", "MEMORY")
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false);
    let mut connection = options.connect().await?;
    let mut transaction = connection.begin().await?;
    let count = u64::from(patients) * u64::from(each);
    for statement in [photos(patients, count, by), analyses(patients, count)] {
        sqlx::query(&statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

/// As keeping a photo writes them. Number `n` is of patient `n % patients`; each of them goes round their lesions.
fn photos(patients: u32, count: u64, by: PersonId) -> String {
    let at = format!(
        "strftime('%Y-%m-%dT%H:%M:%fZ', ({BEGIN} + n * {}) / 1000.0, 'unixepoch')",
        SPAN / count
    );
    let (photo, patient) = (
        sql_id(Table::Photo, "n", count),
        sql_fixed_id(Table::Patient, &format!("n % {patients}")),
    );
    let lesion = format!("n % {patients} * {LESIONS_EACH} + n / {patients} % {LESIONS_EACH}");
    let lesion = sql_fixed_id(Table::Lesion, &lesion);
    let by = by.0.simple();
    format!(
        "WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {count})
         INSERT INTO photo (id, patient_id, lesion_id, kind, format, original_sha256, original_bytes, sealed_bytes, width,
             height, camera, pipeline, taken_at, kept_at, kept_by, wrapped_key)
         SELECT {photo}, {patient}, {lesion}, 'clinical', 'JPEG', randomblob(32), 3600000, 3900000, 4032, 3024,
             'Camera of a phone', '2026.1', {at}, {at}, unhex('{by}'), randomblob(72) FROM number"
    )
}

/// As finishing them writes them.
fn analyses(patients: u32, count: u64) -> String {
    let at = format!(
        "strftime('%Y-%m-%dT%H:%M:%fZ', ({BEGIN} + n * {}) / 1000.0, 'unixepoch')",
        SPAN / count
    );
    let (analysis, photo) = (
        sql_id(Table::Analysis, "n", count),
        sql_id(Table::Photo, "n", count),
    );
    let patient = sql_fixed_id(Table::Patient, &format!("n % {patients}"));
    let model = "0123456789abcdef".repeat(4);
    format!(
        "WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {count})
         INSERT INTO analysis (id, photo_id, patient_id, request, requested_at, state, risk, rule, top_class, p_ack, p_bcc,
             p_mel, p_nev, p_scc, p_sek, confidence_word, review, follow_up_days, follow_up_by, model_name, model_sha256,
             demo, published_accuracy, policy, pipeline, made_at, duration_ms)
         SELECT {analysis}, {photo}, {patient}, 1, {at}, 'DONE',
             CASE n % 7 WHEN 0 THEN 'URGENT' WHEN 1 THEN 'HIGH' WHEN 2 THEN 'MEDIUM' ELSE 'LOW' END,
             'by_class', 'NEV', 0.05, 0.05, 0.05, 0.75, 0.05, 0.05, 'MEDIUM', 0, 90, '2026-04-01', 'SeekWell ViT', '{model}',
             0, 0.69, '2026.1', '2026.1', {at}, 120 FROM number"
    )
}

/// The store's ids begin with their time. Those of patients and lesions, which were there before any photo, do not move.
fn id(table: Table, number: u32) -> Uuid {
    let time = u128::from(BEGIN) << 80;
    Uuid::from_u128(time | 0x7000 << 64 | (0x8000 | table as u128) << 48 | u128::from(number))
}

fn sql_fixed_id(table: Table, number: &str) -> String {
    format!(
        "unhex(printf('{BEGIN:012x}7000{:04x}%012x', {number}))",
        0x8000 | table as u32
    )
}

fn sql_id(table: Table, number: &str, count: u64) -> String {
    let step = SPAN / count;
    format!(
        "unhex(printf('%012x7000{:04x}%012x', {BEGIN} + {number} * {step}, {number}))",
        0x8000 | table as u32
    )
}

#[cfg(test)]
mod tests {
    use seekwell_core::store::HistoryFilter;

    use super::*;

    /// The two statements name every column, so that a migration which adds to them shows here first.
    #[tokio::test]
    async fn what_was_written_in_bulk_is_read_as_if_it_had_been_kept() {
        let clinic = Clinic::new().unwrap();
        let patients = fill(&clinic, 3, 40).await.unwrap();
        let (workstation, caller) = clinic.open().await.unwrap();
        for patient in patients {
            let page = workstation
                .history(&caller, patient, &HistoryFilter::default(), None, 30)
                .await
                .unwrap();
            assert_eq!(page.entries.len(), 30);
            assert!(page.entries.iter().all(|entry| entry.patient_id == patient));
            assert!(
                page.entries
                    .is_sorted_by(|newer, older| newer.taken_at > older.taken_at)
            );
            assert_eq!(
                workstation.history_counts(&caller, patient).await.unwrap().total,
                40
            );
            assert_eq!(workstation.lesions(&caller, patient).await.unwrap().len(), 20);
        }
        workstation.close().await;
    }
}
