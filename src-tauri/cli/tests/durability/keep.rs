//! One photo, one row, one file: double clicks, the same bytes again, transactions that fail, and what a start sweeps.

use std::{path::Path, sync::Arc};

use seekwell_core::{
    accounts::Caller,
    capture::{KeepRequest, Kept},
    clinical::{BodySite, PatientDraft, PatientId, PhotoId, Side},
    error::{Code, Failure},
    store::HistoryFilter,
    workstation::{DamagedThing, Rendition, Workstation},
};
use seekwell_testkit::process::{Clinic, picture};

use super::{PROGRAM, faults, open};

async fn opened(clinic: &Clinic) -> (Arc<Workstation>, Caller) {
    let (workstation, caller) = open(&clinic.data_dir(), &clinic.key_file()).await.unwrap();
    (Arc::new(workstation), caller)
}

async fn patient(workstation: &Workstation, caller: &Caller, name: &str) -> PatientId {
    let draft = PatientDraft {
        full_name: name.to_owned(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    };
    workstation.register_patient(caller, draft).await.unwrap().id
}

async fn staged(workstation: &Workstation, caller: &Caller, seed: u64) -> PhotoId {
    workstation
        .stage(caller, "a.bmp".to_owned(), picture(seed))
        .await
        .unwrap()
        .staged
        .id
}

fn request(staged_id: PhotoId, patient_id: PatientId) -> KeepRequest {
    KeepRequest::new(staged_id, patient_id, BodySite::Face, Side::Left)
}

/// Rows, and files with a row.
async fn count(
    workstation: &Workstation,
    caller: &Caller,
    patient: PatientId,
    data_dir: &Path,
) -> (usize, usize) {
    let rows = workstation
        .history(caller, patient, &HistoryFilter::default(), None, 500)
        .await
        .unwrap()
        .entries
        .len();
    (rows, files(data_dir).len())
}

fn files(data_dir: &Path) -> Vec<String> {
    let Ok(directories) = std::fs::read_dir(data_dir.join("photos")) else {
        return Vec::new();
    };
    let mut names: Vec<_> = directories
        .flat_map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_double_click_makes_one_row_and_one_file() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    for seed in 0..10 {
        let request = request(staged(&workstation, &caller, seed).await, hoa);
        let (one, other) = tokio::join!(
            workstation.keep_photo(&caller, &request),
            workstation.keep_photo(&caller, &request)
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        let kept = [&one, &other]
            .iter()
            .filter(|kept| matches!(kept, Kept::Kept { .. }))
            .count();
        assert_eq!(kept, 1, "{one:?} {other:?}");
        // A third click, after both.
        let third = workstation.keep_photo(&caller, &request).await.unwrap();
        assert!(matches!(third, Kept::AlreadyStored { photo_id, .. } if photo_id == request.staged_id));
    }
    assert_eq!(
        count(&workstation, &caller, hoa, &clinic.data_dir()).await,
        (10, 10)
    );
    assert!(workstation.check(&caller, |_| {}).await.unwrap().ok);
    workstation.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_click_for_another_patient_leaves_the_first_photo_whole() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    let cuc = patient(&workstation, &caller, "Phạm Thị Cúc (mẫu)").await;
    for seed in 0..10 {
        let id = staged(&workstation, &caller, seed).await;
        let (for_hoa, for_cuc) = (request(id, hoa), request(id, cuc));
        let (one, other) = tokio::join!(
            workstation.keep_photo(&caller, &for_hoa),
            workstation.keep_photo(&caller, &for_cuc)
        );
        assert!(matches!((&one, &other), (Ok(_), Ok(_))), "{one:?} {other:?}");
        assert_eq!(
            workstation.image(&caller, id, Rendition::Original).await.unwrap(),
            picture(seed)
        );
    }
    assert!(workstation.check(&caller, |_| {}).await.unwrap().ok);
    workstation.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_bytes_twice_are_one_photo_of_a_patient_and_another_of_the_next() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    let cuc = patient(&workstation, &caller, "Phạm Thị Cúc (mẫu)").await;
    for seed in 0..5 {
        let first = request(staged(&workstation, &caller, seed).await, hoa);
        let second = request(staged(&workstation, &caller, seed).await, hoa);
        let (one, other) = tokio::join!(
            workstation.keep_photo(&caller, &first),
            workstation.keep_photo(&caller, &second)
        );
        let states = [one.unwrap(), other.unwrap()];
        let kept = states.iter().find_map(|kept| match kept {
            Kept::Kept { photo_id, .. } => Some(*photo_id),
            Kept::AlreadyStored { .. } => None,
        });
        let stored = states.iter().find_map(|kept| match kept {
            Kept::AlreadyStored { photo_id, .. } => Some(*photo_id),
            Kept::Kept { .. } => None,
        });
        assert_eq!(
            (kept.is_some(), kept),
            (true, stored),
            "the second leads to the first"
        );
    }
    assert_eq!(
        count(&workstation, &caller, hoa, &clinic.data_dir()).await,
        (5, 5)
    );
    let again = workstation
        .stage(&caller, "a.bmp".to_owned(), picture(0))
        .await
        .unwrap();
    assert_eq!(again.already.unwrap().patient_id, hoa);
    let kept = workstation
        .keep_photo(&caller, &request(again.staged.id, cuc))
        .await
        .unwrap();
    assert!(
        matches!(kept, Kept::Kept { .. }),
        "another patient may have the same picture"
    );
    assert!(workstation.check(&caller, |_| {}).await.unwrap().ok);
    workstation.close().await;
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_neither_row_nor_file_and_the_photo_can_be_kept_after_it() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    let good = request(staged(&workstation, &caller, 1).await, hoa);
    let unknown = KeepRequest {
        patient_id: PatientId(good.staged_id.0),
        ..good.clone()
    };
    let error = workstation.keep_photo(&caller, &unknown).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::NotFound);
    let long = KeepRequest {
        lesion_label: Some("x".repeat(201)),
        ..good.clone()
    };
    let error = workstation.keep_photo(&caller, &long).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::TextTooLong);
    assert_eq!(
        count(&workstation, &caller, hoa, &clinic.data_dir()).await,
        (0, 0)
    );

    // What passes the façade and the database refuses in the middle of the transaction: a person it does not know.
    let stranger = stranger().await;
    let error = workstation.keep_photo(&stranger, &good).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::StorageFailed);
    assert_eq!(
        count(&workstation, &caller, hoa, &clinic.data_dir()).await,
        (0, 0)
    );
    assert!(matches!(
        workstation.keep_photo(&caller, &good).await,
        Ok(Kept::Kept { .. })
    ));
    assert_eq!(
        count(&workstation, &caller, hoa, &clinic.data_dir()).await,
        (1, 1)
    );
    workstation.close().await;
}

/// Somebody of another clinic.
async fn stranger() -> Caller {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    workstation.close().await;
    caller
}

#[tokio::test]
async fn a_start_sweeps_what_has_no_row_and_nothing_else() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    for seed in 0..3 {
        let staged = staged(&workstation, &caller, seed).await;
        workstation
            .keep_photo(&caller, &request(staged, hoa))
            .await
            .unwrap();
    }
    let orphan = staged(&workstation, &caller, 3).await;
    workstation.close().await;
    drop(workstation);

    let kept = files(&clinic.data_dir());
    let directory = clinic.data_dir().join("photos").join(&orphan.to_string()[34..]);
    std::fs::create_dir_all(&directory).unwrap();
    for name in [
        format!("{orphan}.sealed.keeping"),
        format!("{}.unfinished", kept[0]),
        "a note of IT.txt".to_owned(),
    ] {
        std::fs::File::create(directory.join(name)).unwrap();
    }
    // What a process leaves that dies between the commit and the lasting name.
    let settled = clinic.data_dir().join("photos").join(&kept[1][34..36]);
    std::fs::rename(
        settled.join(&kept[1]),
        settled.join(format!("{}.keeping", kept[1])),
    )
    .unwrap();
    let (workstation, caller) = opened(&clinic).await;
    let mut expected = kept.clone();
    expected.push("a note of IT.txt".to_owned());
    expected.sort();
    assert_eq!(files(&clinic.data_dir()), expected);
    assert!(workstation.check(&caller, |_| {}).await.unwrap().ok);
    workstation.close().await;
}

#[tokio::test]
async fn an_older_database_costs_no_newer_photo() {
    let clinic = Clinic::found(PROGRAM);
    let database = clinic.data_dir().join("seekwell.db");
    let (workstation, caller) = opened(&clinic).await;
    let hoa = patient(&workstation, &caller, "Nguyễn Văn Hòa (mẫu)").await;
    workstation.close().await;
    drop(workstation);
    let older = std::fs::read(&database).unwrap();
    let (workstation, caller) = opened(&clinic).await;
    let mut photos = Vec::new();
    for seed in 0..5 {
        let staged = staged(&workstation, &caller, seed).await;
        workstation
            .keep_photo(&caller, &request(staged, hoa))
            .await
            .unwrap();
        photos.push((staged, picture(seed)));
    }
    workstation.close().await;
    drop(workstation);
    let newer = std::fs::read(&database).unwrap();
    let reported = files(&clinic.data_dir());

    let put = |bytes: &[u8]| {
        std::io::Write::write_all(&mut std::fs::File::create(&database).unwrap(), bytes).unwrap()
    };
    put(&older);
    // Twice: a start that has set them apart leaves them to the next one.
    for _ in 0..2 {
        let (workstation, caller) = opened(&clinic).await;
        let report = workstation.check(&caller, |_| {}).await.unwrap();
        let mut named: Vec<_> = report
            .damaged
            .iter()
            .map(|damage| (damage.what, damage.id.clone()))
            .collect();
        named.sort_by(|(_, one), (_, other)| one.cmp(other));
        let expected: Vec<_> = photos
            .iter()
            .map(|(id, _)| (DamagedThing::File, id.to_string()))
            .collect();
        assert_eq!((report.ok, named), (false, expected));
        workstation.close().await;
    }
    let apart: Vec<_> = reported.iter().map(|name| format!("{name}.orphan")).collect();
    assert_eq!(files(&clinic.data_dir()), apart);

    put(&newer);
    let faults = faults(&clinic.data_dir(), &clinic.key_file(), &photos).await;
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(files(&clinic.data_dir()), reported);
}

/// The database's log can't grow past the limit, the sealed file fits below it: what fails is the commit itself.
#[cfg(unix)]
#[tokio::test]
async fn a_commit_that_fails_leaves_the_file_to_the_next_start() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let photo = clinic.put("photo.bmp", &picture(1));
    let kept = clinic.command(&["open", "--patient", &patient, "--site", "face", "--side", "left"]);
    let mut limited = std::process::Command::new("/bin/sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 80; exec \"$@\"", "sh"])
        .arg(kept.get_program())
        .args(kept.get_args())
        .arg(&photo);
    let answer = limited.output().unwrap();
    assert!(!answer.status.success(), "{answer:?}");
    let left = files(&clinic.data_dir());
    assert!(
        matches!(left.as_slice(), [one] if one.ends_with(".sealed.keeping")),
        "{left:?} {answer:?}"
    );
    let faults = faults(&clinic.data_dir(), &clinic.key_file(), &[]).await;
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(files(&clinic.data_dir()), [""; 0]);
    clinic.keep(&patient, &photo);
}

#[tokio::test]
async fn one_process_at_a_time_and_the_second_is_told_who() {
    let clinic = Clinic::found(PROGRAM);
    let (workstation, _) = opened(&clinic).await;
    let Err(error) = open(&clinic.data_dir(), &clinic.key_file()).await else {
        panic!("a second one opened")
    };
    let failure = Failure::from(&error);
    assert_eq!(failure.code, Code::HeldByAnother);
    let holder = failure.subject.unwrap();
    assert!(
        holder.starts_with(&format!("test, process {}, since 20", std::process::id())),
        "{holder}"
    );
    workstation.close().await;
    drop(workstation);
    open(&clinic.data_dir(), &clinic.key_file())
        .await
        .unwrap()
        .0
        .close()
        .await;
}
