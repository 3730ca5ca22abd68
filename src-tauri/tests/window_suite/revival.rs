//! The process that draws the page is killed: the same screen comes back, twice, and the third time it is said.

use std::time::Instant;

use seekwell_testkit::webdriver::{Nurse, demo};

use super::clinic::{Clinic, named, patient_with_photos};

#[tokio::test]
async fn a_killed_web_process_comes_back_to_the_same_screen_twice_and_then_says_so() {
    let clinic = Clinic::founded().await;
    clinic
        .behind_the_window(async |workstation, caller| {
            patient_with_photos(workstation, caller, named(demo::HOA.name), 1).await;
        })
        .await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.find("hoa", demo::HOA).await.unwrap();
    window.click("history-entry").await.unwrap();
    window.wait_for("result-risk").await.unwrap();
    let pid = window.process().unwrap();

    for death in 1..=2 {
        let killed = Instant::now();
        assert!(window.kill_web_process());
        window.wait_for("result-risk").await.unwrap();
        window.wait_for_pictures("photo-viewer", 1).await.unwrap();
        eprintln!("death {death}: the same screen after {:?}", killed.elapsed());
        assert_eq!(window.process(), Some(pid), "the core went on");
    }
    assert!(window.kill_web_process());
    window.wait_for("stopped-back").await.unwrap();
    window.click("stopped-back").await.unwrap();
    window.wait_for("result-risk").await.unwrap();
    window.close().await.unwrap();
}
