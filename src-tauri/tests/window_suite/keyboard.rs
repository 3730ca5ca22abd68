//! The main job with the keyboard alone.

use seekwell_testkit::webdriver::{Key, Nurse, Window, demo};

use super::clinic::{Clinic, pasted, photo};

/// Goes to a control by Tab and presses a key on it.
async fn use_key(window: &Window, test_id: &str, key: Key) {
    window.tab_to(test_id).await.unwrap();
    window.press(key).await.unwrap();
}

/// Goes to a field by Tab and types.
async fn fill(window: &Window, test_id: &str, text: &str) {
    window.tab_to(test_id).await.unwrap();
    window.write(text).await.unwrap();
}

#[tokio::test]
async fn everything_of_the_main_job_works_without_a_mouse() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    window.wait_for("sign-in").await.unwrap();
    // One person works here, so that the password has the focus already.
    fill(&window, "sign-in-password", demo::PASSWORD).await;
    window.press(Key::Enter).await.unwrap();

    use_key(&window, "register-patient", Key::Enter).await;
    fill(&window, "patient-name", demo::HOA.name).await;
    fill(&window, "patient-born", demo::HOA.born).await;
    window.press(Key::Enter).await.unwrap();
    window
        .wait_for_text("patient-banner", demo::HOA.name)
        .await
        .unwrap();

    use_key(&window, "new-photo", Key::Enter).await;
    window.wait_for("drop-zone").await.unwrap();
    let file = photo(1);
    window
        .paste(None, &[pasted("IMG_0001.jpg", &file)])
        .await
        .unwrap();
    window.wait_for_state("staged-card", "ready", 1).await.unwrap();
    // The sites are one group: Tab enters it, arrows or Space choose in it.
    use_key(&window, "site-face", Key::Space).await;
    use_key(&window, "side-left", Key::Space).await;
    use_key(&window, "keep-photos", Key::Enter).await;
    window.wait_for_state("staged-card", "kept", 1).await.unwrap();

    use_key(&window, "staged-open", Key::Enter).await;
    window.wait_for("result-risk").await.unwrap();
    // The viewer takes plus, minus and arrows.
    window.tab_to("photo-viewer").await.unwrap();
    for _ in 0..6 {
        window.shortcut(&[], '+').await.unwrap();
    }
    let widths = window.wait_for_pictures("photo-viewer", 2).await.unwrap();
    assert_eq!(widths, [1024, 1600]);

    use_key(&window, "note", Key::Enter).await;
    fill(&window, "note-text", "Chỉ bằng bàn phím.").await;
    use_key(&window, "note-save", Key::Enter).await;
    window.wait_until_gone("note-text").await.unwrap();

    // From anywhere to another patient, and back by name.
    window.shortcut(&[Key::Control], 'k').await.unwrap();
    window.write("hoa").await.unwrap();
    window.wait_for_text("patient-row", demo::HOA.name).await.unwrap();
    use_key(&window, "patient-row", Key::Enter).await;
    window.wait_for_state("history-entry", "done", 1).await.unwrap();
    use_key(&window, "history-entry", Key::Enter).await;
    window.wait_for("photo-viewer").await.unwrap();

    use_key(&window, "nav-settings", Key::Enter).await;
    use_key(&window, "check-integrity", Key::Enter).await;
    window.wait_for("check-result").await.unwrap();
    use_key(&window, "person-menu", Key::Enter).await;
    window.wait_for("sign-out").await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.wait_for("sign-in").await.unwrap();
    Nurse::at(&window).sign_in().await.unwrap();
    window.close().await.unwrap();
}
