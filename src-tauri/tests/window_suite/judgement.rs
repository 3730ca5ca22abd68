//! What the window says of a photo without a model, and what a person does about it.

use seekwell_core::clinical::Finding;
use seekwell_testkit::{
    photograph::{Kind, Photograph},
    webdriver::{Key, Nurse, demo},
};
use serde_json::json;

use super::clinic::{Clinic, pasted, photo};

/// Blurred, and nothing else.
fn blurred() -> Vec<u8> {
    Photograph::new(Kind::Blurred, 10_007).jpeg()
}

/// The `number`th photo that is too dark.
pub(crate) fn dark(number: u64) -> Vec<u8> {
    Photograph::new(Kind::Dark, 10_000 + number).jpeg()
}

#[tokio::test]
async fn a_blurred_photo_is_kept_only_after_somebody_says_so() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    let (good, blurred) = (photo(1), blurred());
    nurse
        .show_photos(&[pasted("good.jpg", &good), pasted("blurred.jpg", &blurred)])
        .await
        .unwrap();
    window.wait_for_count("staged-findings", 1).await.unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    window.wait_for_state("staged-card", "ready", 1).await.unwrap();
    window.click("keep-anyway").await.unwrap();
    window.click("keep-photos").await.unwrap();
    window.wait_for_state("staged-card", "kept", 2).await.unwrap();
    window.click_nth("staged-open", 1).await.unwrap();
    window.wait_for("photo-quality").await.unwrap();
    window.close().await.unwrap();

    let kept = clinic
        .behind_the_window(async |workstation, caller| {
            let patient = workstation.find_patients(caller, "Hòa").await.unwrap().patients[0]
                .patient
                .id;
            let page = workstation
                .history(caller, patient, &Default::default(), None, 10)
                .await
                .unwrap();
            let mut kept = Vec::new();
            for entry in page.entries {
                let quality = workstation
                    .photo(caller, entry.photo_id)
                    .await
                    .unwrap()
                    .quality
                    .unwrap();
                kept.push((quality.findings, quality.kept_anyway));
            }
            kept
        })
        .await;
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&(vec![Finding::Blurred], true)), "{kept:?}");
    assert!(kept.contains(&(vec![], false)), "{kept:?}");
}

#[tokio::test]
async fn an_outline_is_drawn_by_keyboard_and_measured_in_millimetres() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    let good = photo(1);
    nurse.show_photos(&[pasted("good.jpg", &good)]).await.unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    window.click("staged-open").await.unwrap();
    window.wait_for("outline-shape").await.unwrap();
    let shape = "return document.querySelector('[data-testid=outline-shape]').getAttribute('points')
        ?? document.querySelector('[data-testid=outline-shape] [points]').getAttribute('points')";
    let found = window.run(shape, &[]).await.unwrap();

    window.click("outline-adjust").await.unwrap();
    window.wait_for("outline-bar").await.unwrap();
    window.tab_to("outline-handle").await.unwrap();
    for _ in 0..3 {
        window.press(Key::Right).await.unwrap();
    }
    window.click("outline-scale").await.unwrap();
    window.tab_to("outline-handle").await.unwrap();
    window.press(Key::Left).await.unwrap();
    window.type_into("outline-millimetres", "12,5").await.unwrap();
    window.click("outline-save").await.unwrap();
    window.wait_until_gone("outline-bar").await.unwrap();
    let said = window.wait_for_text("measurements", demo::PERSON).await.unwrap();
    assert!(said.contains("mm²"), "{said}");
    assert_ne!(window.run(shape, &[]).await.unwrap(), found);
    let address = window.run("return location.hash", &[]).await.unwrap();
    window.close().await.unwrap();

    let photo = address.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let measured = clinic
        .behind_the_window(async |workstation, caller| {
            workstation
                .photo(caller, photo.parse().unwrap())
                .await
                .unwrap()
                .measured
        })
        .await
        .unwrap();
    assert_eq!(measured.saved_by.as_deref(), Some(demo::PERSON));
    assert!(
        measured
            .measurements
            .diameter_mm
            .is_some_and(|diameter| diameter > 0.0)
    );
    assert_ne!(json!(measured.outline), json!(null));
}
