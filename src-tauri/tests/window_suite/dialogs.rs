//! The system's own dialogs: the photo that was picked and the model's folder that was picked, and nothing else.

use seekwell_testkit::webdriver::{Nurse, demo};
use serde_json::json;

use super::clinic::{Clinic, DEMO_MODEL, photo};

#[tokio::test]
async fn a_photo_and_a_model_are_picked_in_the_systems_dialog() {
    let clinic = Clinic::without_model().await;
    let picked = clinic.put("picked.jpg", &photo(1));
    let other = clinic.put("other.jpg", &photo(2));
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    window.click("new-photo").await.unwrap();
    window.click("pick-files").await.unwrap();
    window.answer_dialog(&picked).unwrap();
    window.wait_for_state("staged-card", "ready", 1).await.unwrap();

    // The page can't have a file read that nobody picked.
    let script = "const done = arguments[arguments.length - 1];
        window.__TAURI_INTERNALS__.invoke('stage_file', { path: arguments[0] }).then(() => done('read'), (error) => done(error.code))";
    let answer = window.run_async(script, &[json!(other)]).await.unwrap();
    assert_eq!(answer, json!("file_unreadable"));
    let answer = window.run_async(script, &[json!("/etc/passwd")]).await.unwrap();
    assert_eq!(answer, json!("file_unreadable"));

    nurse.keep("back", "midline", 1).await.unwrap();
    window.click("nav-settings").await.unwrap();
    window.click("install-model").await.unwrap();
    window.answer_dialog(DEMO_MODEL.as_ref()).unwrap();
    let card = window.wait_for_text("model-card", "MEL").await.unwrap();
    assert!(
        card.contains("sha") || card.contains("SHA"),
        "the hash is shown: {card}"
    );
    // What waited is analysed now.
    nurse.find("hoa", demo::HOA).await.unwrap();
    window.wait_for_state("history-entry", "done", 1).await.unwrap();
    window.close().await.unwrap();
}
