//! What only the store itself can see: query plans, the outbox, and what the tables refuse.

mod answers;
mod outbox;
mod upgrade;

use tempfile::TempDir;
use uuid::Uuid;

use super::{
    NewPhoto, Open, Row, Setting, Store,
    photo::{TOTALS, WITHOUT_ROW},
    unsent::{DELIVERY, IMAGES, RECORDS},
};
use crate::{
    clinical::{
        AnalysisId, BodySite, Dermoscopy, Finding, Lesion, LesionId, PatientDraft, PatientId, PendingReason,
        Person, PersonId, PhotoId, PhotoKind, Role, Side,
    },
    clock::{Clock, rfc3339},
};

pub(super) struct Bench {
    folder: TempDir,
    pub(super) store: Store,
    pub(super) nurse: PersonId,
    pub(super) lesion: Lesion,
}

impl Bench {
    pub(super) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::system();
        let store = Store::open(folder.path(), &[7; 32], Open::Create, clock.clone())
            .await
            .unwrap();
        let nurse = Person {
            id: PersonId(clock.new_id()),
            full_name: "Lê Thị Mai (mẫu)".into(),
            email: "mai@example.test".into(),
            role: Role::Admin,
        };
        let draft = PatientDraft {
            full_name: "Nguyễn Văn Hòa (mẫu)".into(),
            born: None,
            sex: None,
            phone: None,
            national_id: None,
            address: None,
        };
        let lesion = Lesion {
            id: LesionId(clock.new_id()),
            patient_id: PatientId(clock.new_id()),
            site: BodySite::Face,
            side: Side::Left,
            label: None,
            created_at: rfc3339(clock.now()),
        };
        let mut write = store.write().await.unwrap();
        write.add_person(&nurse, "").await.unwrap();
        write
            .add_patient(lesion.patient_id, &draft, nurse.id)
            .await
            .unwrap();
        write.add_lesion(&lesion, nurse.id).await.unwrap();
        write.commit().await.unwrap();
        Self {
            folder,
            store,
            nurse: nurse.id,
            lesion,
        }
    }

    pub(super) fn photo(&self, id: PhotoId) -> NewPhoto {
        let mut sha256 = [0; 32];
        sha256[..16].copy_from_slice(id.0.as_bytes());
        let now = rfc3339(self.store.clock.now());
        NewPhoto {
            id,
            patient: self.lesion.patient_id,
            lesion: self.lesion.id,
            kind: PhotoKind::Clinical,
            dermoscopy: Dermoscopy::default(),
            format: "JPEG".into(),
            original_sha256: sha256,
            original_bytes: 70,
            sealed_bytes: 100,
            width: 50,
            height: 50,
            camera: None,
            pipeline: "2026.1".into(),
            taken_at: now.clone(),
            kept_at: now,
            kept_by: self.nurse,
            wrapped_key: vec![1; 72],
            quality: None,
            kept_anyway: false,
            measured: None,
        }
    }
}

#[tokio::test]
async fn another_label_keeps_the_old_one_and_is_queued() {
    let bench = Bench::new().await;
    let (store, id) = (&bench.store, bench.lesion.id);
    let queued = async || -> i64 {
        let row = sqlx::query("SELECT version FROM outbox WHERE kind = 'lesion' AND record = ?")
            .bind(id.0)
            .fetch_one(&store.readers)
            .await
            .unwrap();
        row.get("version")
    };
    let label = async |label| {
        let mut write = store.write().await.unwrap();
        write.label_lesion(id, label, bench.nurse).await.unwrap();
        write.commit().await.unwrap();
    };
    assert_eq!(queued().await, 1);
    for (label_now, versions) in [(Some("A"), 1), (Some("B"), 2), (Some("B"), 2), (None, 3)] {
        label(label_now).await;
        assert_eq!(store.lesion_versions(id).await.unwrap().len(), versions);
        assert_eq!(queued().await, 1 + i64::try_from(versions).unwrap());
    }
    let before: Vec<_> = store.lesion_versions(id).await.unwrap();
    let said: Vec<_> = before
        .iter()
        .map(|one| (one.revision, one.label.as_deref()))
        .collect();
    assert_eq!(said, [(3, Some("B")), (2, Some("A")), (1, None)]);
    assert_eq!(before[0].replaced_by, "Lê Thị Mai (mẫu)");
    store.close().await;
}

#[tokio::test]
async fn files_without_a_row_are_told_from_thousands_with_one() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let id = |number: u128| {
        PhotoId(Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0000 + number,
        ))
    };
    let mut write = store.write().await.unwrap();
    for number in (0..1_300).filter(|number| number % 100 != 7) {
        let photo = bench.photo(id(number));
        let request = AnalysisId(store.clock.new_id());
        assert!(
            write
                .add_photo(&photo, request, PendingReason::NoModel)
                .await
                .unwrap()
        );
    }
    write.commit().await.unwrap();
    let sealed: Vec<_> = (0..1_300).rev().map(id).collect();
    let mut orphans = store.without_row(&sealed).await.unwrap();
    orphans.sort_unstable_by_key(|id| id.0);
    let expected: Vec<_> = (0..13).map(|hundred| id(hundred * 100 + 7)).collect();
    assert_eq!(orphans, expected);
    assert_eq!(store.without_row(&[]).await.unwrap(), []);
    assert_eq!(store.photo_totals().await.unwrap(), (1_287, 128_700));
    store.close().await;
}

/// A start asks both of every photo there is: neither may read the rows themselves, nor ask for one after the other.
#[tokio::test]
async fn what_is_asked_of_every_photo_reads_an_index() {
    let bench = Bench::new().await;
    for question in [TOTALS, WITHOUT_ROW] {
        let plan = sqlx::query(&format!("EXPLAIN QUERY PLAN {question}"))
            .fetch_all(&bench.store.readers)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
        let of_photos: Vec<_> = steps.iter().filter(|step| step.contains("photo")).collect();
        assert_eq!(
            of_photos,
            ["SCAN photo USING COVERING INDEX photo_sizes"],
            "{steps:?}"
        );
    }
    bench.store.close().await;
}

/// A workstation that was never connected has everything in its outbox: what people see of it must not cost more for that.
#[tokio::test]
async fn what_waits_is_shown_without_reading_all_of_it() {
    let bench = Bench::new().await;
    for question in [RECORDS, IMAGES, DELIVERY] {
        let plan = sqlx::query(&format!("EXPLAIN QUERY PLAN {question}"))
            .fetch_all(&bench.store.readers)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
        assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{steps:?}");
        let read_along: Vec<_> = ["analysis", "outbox", "image", "photo", "note", "patient"]
            .iter()
            .flat_map(|table| {
                steps
                    .iter()
                    .filter(move |step| step.starts_with(&format!("SCAN {table}")))
            })
            // In its order, and no further than the limit.
            .filter(|step| {
                ![
                    "outbox_order",
                    "outbox_refused",
                    "image_waiting",
                    "image_refused",
                    "worklist_urgent",
                ]
                .iter()
                .any(|index| step.ends_with(index))
            })
            .collect();
        assert!(read_along.is_empty(), "{read_along:?} of {steps:?}");
        assert!(
            question != DELIVERY || !steps.iter().any(|step| step.contains("outbox_")),
            "{steps:?}"
        );
    }
    bench.store.close().await;
}

/// A later version may have a word more, and an earlier one had none.
#[tokio::test]
async fn what_a_later_version_says_of_a_photo_is_left_alone() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let id = PhotoId(store.clock.new_id());
    let mut write = store.write().await.unwrap();
    let analysis = AnalysisId(store.clock.new_id());
    assert!(
        write
            .add_photo(&bench.photo(id), analysis, PendingReason::Queued)
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
    assert_eq!(store.photo_facts(id).await.unwrap().quality, None);
    assert_eq!(store.history_entry(id).await.unwrap().findings, []);
    assert_eq!(store.measured(id).await.unwrap(), None);

    sqlx::raw_sql(
        r#"UPDATE photo SET quality = '{"version":"2031.1","findings":["tattooed","dark"],"depth":[1]}';
           INSERT INTO outline SELECT id, 'found', '{"version":"2031.1","circle":[0.5,0.5,0.1]}' FROM photo"#,
    )
    .execute(&store.writer)
    .await
    .unwrap();
    let quality = store.photo_facts(id).await.unwrap().quality.unwrap();
    assert_eq!((quality.version.as_str(), quality.kept_anyway), ("2031.1", false));
    assert_eq!(quality.findings, [Finding::Dark]);
    assert_eq!(store.history_entry(id).await.unwrap().findings, [Finding::Dark]);
    assert_eq!(store.measured(id).await.unwrap(), None);
    store.close().await;
}

/// A long check is no reason to lose a photo: whoever has the writer in hand keeps it while the structure is read.
#[tokio::test]
async fn the_structure_is_checked_beside_the_writer() {
    let bench = Bench::new().await;
    assert_eq!(bench.store.integrity().await.unwrap(), []);
    let mut damage = Vec::new();
    let _writing = bench.store.write().await.unwrap();
    for pragma in ["integrity_check", "foreign_key_check"] {
        super::integrity::examine(&bench.store.readers, pragma, &mut damage).await;
    }
    assert_eq!(damage, []);
}

#[tokio::test]
async fn a_row_that_points_nowhere_is_an_entry_and_the_rest_is_read() {
    let bench = Bench::new().await;
    let store = &bench.store;
    for statement in [
        "PRAGMA foreign_keys = OFF",
        "UPDATE lesion SET created_by = zeroblob(16)",
        "PRAGMA foreign_keys = ON",
    ] {
        sqlx::query(statement).execute(&store.writer).await.unwrap();
    }
    let damage = store.integrity().await.unwrap();
    assert_eq!(damage.len(), 1, "{damage:?}");
    assert_eq!(damage[0].0, "foreign_key_check: lesion");
    store.close().await;
}

#[tokio::test]
async fn a_word_that_the_program_does_not_write_is_refused() {
    let bench = Bench::new().await;
    let mut photo = bench.photo(PhotoId(bench.store.clock.new_id()));
    photo.format = "HEIC".into();
    let mut write = bench.store.write().await.unwrap();
    let request = AnalysisId(bench.store.clock.new_id());
    let added = write.add_photo(&photo, request, PendingReason::NoModel).await;
    assert!(added.is_err());
    drop(write);
    bench.store.close().await;
}

/// A connection that is left open keeps the database locked for whoever comes next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_closed_holds_nothing() {
    let folder = TempDir::new().unwrap();
    let key = [7; 32];
    let mut how = Open::Create;
    for _ in 0..60 {
        let store = Store::open(folder.path(), &key, how, Clock::system())
            .await
            .unwrap();
        how = Open::Existing;
        store.outstanding().await.unwrap();
        let mut write = store.write().await.unwrap();
        write.set(Setting::Clinic, "Trạm y tế Mẫu").await.unwrap();
        write.commit().await.unwrap();
        store.close().await;
        assert_eq!((store.readers.size(), store.writer.size()), (0, 0));
    }
}

/// SQLite takes a transaction back by itself where a statement finds no room, and says so to nobody.
#[tokio::test]
async fn a_disk_that_has_room_again_is_written_again() {
    let bench = Bench::new().await;
    for kibibytes in [1, 100, 20_000] {
        bench.store.set_full(true).await.unwrap();
        let text = "x".repeat(kibibytes * 1024);
        loop {
            let mut write = bench.store.write().await.unwrap();
            // As many rows as there are tables and indexes.
            let added = sqlx::query("INSERT INTO setting SELECT hex(randomblob(16)), ? FROM sqlite_master")
                .bind(&text)
                .execute(&mut *write.transaction)
                .await;
            if added.is_err() {
                break;
            }
            write.commit().await.unwrap();
        }
        bench.store.set_full(false).await.unwrap();
        let mut write = bench.store.write().await.unwrap();
        write.set(super::Setting::Clinic, "Trạm y tế Mẫu").await.unwrap();
        write.commit().await.unwrap();
    }
}
