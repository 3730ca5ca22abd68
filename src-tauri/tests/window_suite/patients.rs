//! Finding, comparing and changing patients.

use seekwell_core::clinical::{Born, PatientDraft, Sex};
use seekwell_testkit::webdriver::{DemoPatient, Nurse, demo};

use super::clinic::{Clinic, named};

#[tokio::test]
async fn a_likely_duplicate_is_shown_beside_and_never_refused() {
    let clinic = Clinic::founded().await;
    clinic
        .behind_the_window(async |workstation, caller| {
            let draft = PatientDraft {
                born: Some(Born::try_from("1960".to_owned()).unwrap()),
                sex: Some(Sex::Male),
                ..named("NGUYỄN VĂN HOÀ (mẫu)")
            };
            workstation.register_patient(caller, draft).await.unwrap();
        })
        .await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();

    // Folded, the name is the same, and the birth year one apart: both records stand side by side.
    nurse.fill_in(demo::HOA).await.unwrap();
    let shown = window
        .wait_for_text("duplicates", "NGUYỄN VĂN HOÀ")
        .await
        .unwrap();
    assert!(
        shown.contains(demo::HOA.name) && shown.contains("1960") && shown.contains("12/03/1961"),
        "{shown}"
    );
    window.click("duplicate-open").await.unwrap();
    window
        .wait_for_text("patient-banner", "NGUYỄN VĂN HOÀ (mẫu)")
        .await
        .unwrap();

    nurse.fill_in(demo::HOA).await.unwrap();
    window.click("register-anyway").await.unwrap();
    window
        .wait_for_text("patient-banner", demo::HOA.name)
        .await
        .unwrap();

    // Ten years apart it is somebody else, and nobody asks.
    let grandson = DemoPatient {
        born: "2009",
        ..demo::HOA
    };
    nurse.register(grandson).await.unwrap();
    window.click("nav-patients").await.unwrap();
    window.type_into("patient-search", "hoa nguyen").await.unwrap();
    window.wait_for_count("patient-row", 3).await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn an_edit_keeps_what_the_record_said() {
    let clinic = Clinic::founded().await;
    clinic
        .behind_the_window(async |workstation, caller| {
            let draft = PatientDraft {
                phone: Some("0900 000 001".into()),
                ..named("Đặng Thị Ửng (mẫu)")
            };
            workstation.register_patient(caller, draft).await.unwrap();
        })
        .await;
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    for typed in ["dang thi ung", "ĐẶNG", "000 001", "0900000001", "ung"] {
        window.click("nav-patients").await.unwrap();
        window.type_into("patient-search", typed).await.unwrap();
        window.wait_for_count("patient-row", 1).await.unwrap();
        window.wait_for_text("patient-row", "Đặng Thị Ửng").await.unwrap();
    }
    window.click("patient-row").await.unwrap();
    window.click("edit-patient").await.unwrap();
    window.type_into("patient-phone", "0900 000 002").await.unwrap();
    window.click("save-patient").await.unwrap();
    window.wait_until_gone("save-patient").await.unwrap();
    window.click("edit-patient").await.unwrap();
    let before = window
        .wait_for_text("patient-versions", "0900 000 001")
        .await
        .unwrap();
    assert!(before.contains(demo::PERSON), "who changed it: {before}");
    window.close().await.unwrap();
}
