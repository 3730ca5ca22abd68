//! A walk past every screen, for tests that look at each.

use seekwell_core::clinical::{Born, PatientDraft, Sex};
use seekwell_testkit::webdriver::{Nurse, Window, demo};

use super::clinic::{Clinic, named, pasted, patient_with_photos, photo};
use super::judgement::dark;

/// A clinic with something on every screen.
pub(crate) async fn clinic() -> Clinic {
    let clinic = Clinic::founded().await;
    clinic
        .behind_the_window(async |workstation, caller| {
            let draft = PatientDraft {
                born: Some(Born::try_from("1961-03-12".to_owned()).unwrap()),
                sex: Some(Sex::Male),
                phone: Some("0900 000 001".into()),
                national_id: Some("001061000001".into()),
                address: Some("Thôn Mẫu, Xã Mẫu".into()),
                ..named(demo::HOA.name)
            };
            let (hoa, _) = patient_with_photos(workstation, caller, draft.clone(), 3).await;
            let edited = PatientDraft {
                phone: Some("0900 000 002".into()),
                ..draft
            };
            workstation.edit_patient(caller, hoa, 1, edited).await.unwrap();
        })
        .await;
    clinic
}

/// Walks from the sign-in to the sign-out, and has each screen looked at under its name. `fresh` is the number of a photo
/// that nobody has kept yet.
pub(crate) async fn walk(window: &Window, fresh: u64, mut look: impl AsyncFnMut(&str)) {
    let nurse = Nurse::at(window);
    window.wait_for("sign-in").await.unwrap();
    look("sign in").await;
    nurse.sign_in().await.unwrap();
    // A sign-in leads to where somebody left off.
    window.click("nav-patients").await.unwrap();

    window.wait_for("patient-row").await.unwrap();
    look("patients").await;
    window.type_into("patient-search", "zzz").await.unwrap();
    window.wait_until_gone("patient-row").await.unwrap();
    look("no such patient").await;
    window.type_into("patient-search", "").await.unwrap();

    window.click("register-patient").await.unwrap();
    window.wait_for("patient-name").await.unwrap();
    look("register").await;
    window.click("save-patient").await.unwrap();
    look("register without a name").await;
    window.type_into("patient-name", demo::HOA.name).await.unwrap();
    window.click("save-patient").await.unwrap();
    window.wait_for("duplicates").await.unwrap();
    look("likely duplicate").await;
    window.click("duplicate-open").await.unwrap();

    window.wait_for_pictures("history-entry", 3).await.unwrap();
    look("patient").await;
    window.click("edit-patient").await.unwrap();
    window.wait_for("patient-versions").await.unwrap();
    look("edit").await;

    window.click("nav-new-photo").await.unwrap();
    window.wait_for("drop-zone").await.unwrap();
    look("new photo").await;
    let (good, kept, dark) = (photo(fresh), photo(0), dark(fresh));
    let files = [
        pasted("good.jpg", &good),
        pasted("dark.jpg", &dark),
        pasted("page.jpg", b"<!doctype html>"),
        pasted("kept-before.jpg", &kept),
    ];
    window.paste(None, &files).await.unwrap();
    for (state, count) in [("ready", 2), ("refused", 1), ("already", 1)] {
        window.wait_for_state("staged-card", state, count).await.unwrap();
    }
    window.click("kind-dermoscopic").await.unwrap();
    window.wait_for("dermoscopic-warning").await.unwrap();
    look("photos staged").await;
    window.click("staged-enlarge").await.unwrap();
    window.wait_for("outline-shape").await.unwrap();
    look("a photo large before it is kept").await;
    window.click("staged-shrink").await.unwrap();
    window.wait_until_gone("staged-shrink").await.unwrap();
    window.click("kind-clinical").await.unwrap();
    window.click("keep-anyway").await.unwrap();
    look("a dark photo that is kept anyway").await;
    nurse.keep("legs", "right", 2).await.unwrap();
    window.wait_for("urgent-banner").await.unwrap();
    look("photo kept").await;
    window.click("staged-open").await.unwrap();

    window.wait_for("photo-viewer").await.unwrap();
    window.wait_for("result-risk").await.unwrap();
    look("result").await;
    window.click("outline-adjust").await.unwrap();
    window.wait_for("outline-bar").await.unwrap();
    look("result with its outline being adjusted").await;
    window.click("outline-scale").await.unwrap();
    window.wait_for("outline-millimetres").await.unwrap();
    look("result with a scale being given").await;
    window.click("outline-cancel").await.unwrap();
    window.wait_until_gone("outline-bar").await.unwrap();
    window.click("zoom-in").await.unwrap();
    window.click("note").await.unwrap();
    window.wait_for("note-text").await.unwrap();
    look("result with a note being written").await;

    window.click("nav-urgent").await.unwrap();
    window.wait_for("urgent-show-review").await.unwrap();
    look("urgent cases").await;
    window.click("urgent-show-review").await.unwrap();
    look("what waits for a review").await;

    window.click("nav-settings").await.unwrap();
    window.wait_for("model-card").await.unwrap();
    window.click("check-integrity").await.unwrap();
    window.wait_for("check-result").await.unwrap();
    look("settings").await;
    window.click("renew-recovery-key").await.unwrap();
    window.type_into("renew-password", demo::PASSWORD).await.unwrap();
    window.click("renew-submit").await.unwrap();
    window.wait_for("recovery-key").await.unwrap();
    look("new recovery key").await;
    window.click("recovery-key-written").await.unwrap();
    window.wait_for("recovery-key-typed-0").await.unwrap();
    look("recovery key typed back").await;
}
