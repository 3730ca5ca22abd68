//! Two workstations of one clinic, each in a window on a desktop of its own, and the centre between them.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use seekwell_core::{accounts::Caller, clinical::Analysis, store::Conflict, workstation::Workstation};
use seekwell_testkit::webdriver::{Nurse, Window, demo};

use super::centre::Centre;
use super::clinic::{Clinic, PROGRAM, named, pasted, patient_with_photos, photo};
use super::sketch::Sketch;

/// A workstation that was offline tries again after 50 seconds at the latest; the rest is the machine's.
const AGAIN: Duration = Duration::from_secs(90);

/// An urgent case is seen at the clinic's other workstations within this time.
const URGENT: Duration = Duration::from_secs(10);

/// How often two windows are looked at again while they come to agree.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A model that says melanoma of everything.
fn melanoma() -> Vec<u8> {
    Sketch {
        matrix: vec![0.0; 18],
        bias: vec![0.0, 0.0, 6.0, 0.0, 0.0, 0.0],
        ..Sketch::default()
    }
    .onnx()
}

const LABELS: &str = r#"{"id2label":{"0":"ACK","1":"BCC","2":"MEL","3":"NEV","4":"SCC","5":"SEK"}}"#;

async fn signed_in(clinic: &Clinic) -> Window {
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    window
}

/// Sends and fetches everything while no window has the workstation.
async fn in_step(workstation: &Workstation) {
    workstation.join_centre().await.unwrap();
    workstation.sync_once().await.unwrap();
}

#[tokio::test]
async fn a_photo_kept_without_the_network_is_seen_in_the_other_window_when_it_is_back() {
    let centre = Centre::new().await;
    let (a, b) = (Clinic::founded().await, Clinic::founded().await);
    let line = centre.connect(&a, "A").await;
    let _line_of_b = centre.connect(&b, "B").await;

    line.cut();
    let at_a = signed_in(&a).await;
    let nurse = Nurse::at(&at_a);
    nurse.register(demo::HOA).await.unwrap();
    let bytes = photo(1);
    nurse
        .show_photos(&[pasted("IMG_0001.jpg", &bytes)])
        .await
        .unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    at_a.click("staged-open").await.unwrap();
    at_a.wait_for("result-risk").await.unwrap();

    let mut at_b = signed_in(&b).await;
    at_b.wait_for("register-patient").await.unwrap();
    assert_eq!(at_b.count("patient-row").await.unwrap(), 0);
    assert_eq!(centre.images(), 0);

    line.mend();
    at_b.set_patience(AGAIN);
    at_b.wait_for_text("patient-row", demo::HOA.name).await.unwrap();
    at_b.click("patient-row").await.unwrap();
    at_b.wait_for_state("history-entry", "done", 1).await.unwrap();
    at_b.wait_for_pictures("history-entry", 1).await.unwrap();
    at_b.click("history-entry").await.unwrap();
    let widths = at_b.wait_for_pictures("photo-viewer", 1).await.unwrap();
    assert_eq!(widths, [1024]);
    let risk = at_a.text("result-risk").await.unwrap();
    assert_eq!(at_b.text("result-risk").await.unwrap(), risk);

    at_a.close().await.unwrap();
    at_b.close().await.unwrap();
    b.behind_the_window(async |workstation, caller| {
        assert!(workstation.check(caller, |_| ()).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn an_urgent_case_is_seen_in_the_other_window_within_ten_seconds() {
    let centre = Centre::new().await;
    let (a, b) = (Clinic::founded().await, Clinic::founded().await);
    let _lines = (centre.connect(&a, "A").await, centre.connect(&b, "B").await);
    let model = a.desktop.home().join("melanoma");
    std::fs::create_dir(&model).unwrap();
    a.put("melanoma/model.onnx", &melanoma());
    a.put("melanoma/config.json", LABELS.as_bytes());
    a.behind_the_window(async |workstation, caller| {
        workstation.install_model(caller, model).await.unwrap();
        workstation
            .register_patient(caller, named(demo::HOA.name))
            .await
            .unwrap();
        in_step(workstation).await;
    })
    .await;
    b.behind_the_window(async |workstation, _| in_step(workstation).await)
        .await;

    let (at_a, mut at_b) = (signed_in(&a).await, signed_in(&b).await);
    let nurse = Nurse::at(&at_a);
    nurse.find("hoa", demo::HOA).await.unwrap();
    Nurse::at(&at_b).find("hoa", demo::HOA).await.unwrap();
    let bytes = photo(1);
    nurse
        .show_photos(&[pasted("IMG_0001.jpg", &bytes)])
        .await
        .unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    let kept = Instant::now();
    at_b.set_patience(URGENT);
    is_warned(&at_b).await;
    let took = kept.elapsed();
    eprintln!("seen after {took:?}");
    assert!(took <= URGENT, "{took:?}");
    at_b.wait_for_state("history-entry", "done", 1).await.unwrap();
    at_b.wait_for_pictures("history-entry", 1).await.unwrap();
    assert_eq!(centre.psql("SELECT risk_level FROM public.analyses"), "URGENT");
    at_a.close().await.unwrap();
    at_b.close().await.unwrap();
}

/// Somebody at the window can't miss that a case is urgent.
async fn is_warned(window: &Window) {
    window.wait_for("urgent-banner").await.unwrap();
}

#[tokio::test]
async fn a_note_edited_in_both_windows_without_the_network_is_one_note_and_a_conflict() {
    let centre = Centre::new().await;
    let a = Clinic::founded().await;
    // The same nurse works at both: the second machine began as a copy of the first.
    let b = a.copied();
    let (line_of_a, line_of_b) = (centre.connect(&a, "A").await, centre.connect(&b, "B").await);
    a.behind_the_window(async |workstation, caller| {
        let (_, photos) = patient_with_photos(workstation, caller, named(demo::HOA.name), 1).await;
        let Analysis::Done(analysis) = workstation.photo(caller, photos[0]).await.unwrap().entry.analysis
        else {
            panic!("no analysis");
        };
        workstation
            .add_note(caller, analysis.id, "Tái khám sau một tuần.")
            .await
            .unwrap();
        in_step(workstation).await;
    })
    .await;
    b.behind_the_window(async |workstation, _| in_step(workstation).await)
        .await;

    let windows = [signed_in(&a).await, signed_in(&b).await];
    let words = ["Hẹn thứ hai.", "Hẹn thứ ba."];
    line_of_a.cut();
    line_of_b.cut();
    for (window, text) in windows.iter().zip(words) {
        Nurse::at(window).find("hoa", demo::HOA).await.unwrap();
        window.click("history-entry").await.unwrap();
        window.click("note-edit").await.unwrap();
        window.type_into("note-text", text).await.unwrap();
        window.click("note-save").await.unwrap();
        window.wait_until_gone("note-text").await.unwrap();
        assert_eq!(shown(window, &words).await, [text]);
    }
    line_of_a.mend();
    line_of_b.mend();

    let begun = Instant::now();
    let stands = loop {
        let (at_a, at_b) = (shown(&windows[0], &words).await, shown(&windows[1], &words).await);
        if at_a == at_b && at_a.len() == 1 {
            break at_a[0];
        }
        assert!(begun.elapsed() < AGAIN, "A shows {at_a:?}, B shows {at_b:?}");
        tokio::time::sleep(LOOK_AGAIN).await;
    };
    let lost = words.into_iter().find(|text| *text != stands).unwrap();
    for mut window in windows {
        window.set_patience(AGAIN);
        window.click("saved-here").await.unwrap();
        window.wait_for_text("conflict-stands", stands).await.unwrap();
        window.wait_for_text("conflict-lost", lost).await.unwrap();
        window.close().await.unwrap();
    }
    for clinic in [&a, &b] {
        let conflicts = clinic
            .behind_the_window(async |workstation, caller| {
                in_step(workstation).await;
                conflicts(workstation, caller).await
            })
            .await;
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        let one = &conflicts[0];
        assert_eq!(
            (one.field.as_str(), &one.stands, &one.lost),
            ("text", &format!("{stands:?}"), &format!("{lost:?}"))
        );
    }
}

#[tokio::test]
async fn closing_the_window_leaves_sync_running_until_everything_is_sent() {
    let centre = Centre::new().await;
    let a = Clinic::founded().await;
    let line = centre.connect(&a, "A").await;
    a.behind_the_window(async |workstation, caller| {
        patient_with_photos(workstation, caller, named(demo::HOA.name), 2).await;
    })
    .await;
    line.stall();
    let before = line.connections();
    let program = a
        .desktop
        .start_undriven(Path::new(PROGRAM), &a.arguments())
        .unwrap();
    line.until_connected(before + 1).await;
    program.close_window().unwrap();
    assert_eq!(centre.images(), 0);

    line.flow();
    program.wait_for_end(AGAIN).unwrap();
    assert_eq!(centre.images(), 6, "three images of each photo");
    assert_eq!(centre.psql("SELECT count(*) FROM public.analyses"), "2");
    a.behind_the_window(async |workstation, _| {
        let status = workstation.sync_status().await.unwrap();
        assert_eq!((status.waiting_records, status.waiting_images), (0, 0));
    })
    .await;
}

async fn conflicts(workstation: &Workstation, caller: &Caller) -> Vec<Conflict> {
    workstation.conflicts(caller).await.unwrap()
}

/// Which of these texts the window shows.
async fn shown<'t>(window: &Window, texts: &[&'t str]) -> Vec<&'t str> {
    let page = window.page().await.unwrap();
    texts.iter().copied().filter(|text| page.contains(text)).collect()
}
