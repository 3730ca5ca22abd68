//! The process that draws the page is killed: the same screen comes back, twice, and the third time it is said.

use std::time::{Duration, Instant};

use seekwell_testkit::webdriver::{Nurse, demo};

use super::clinic::{Clinic, named, patient_with_photos};

/// How long the screen may be gone.
const GONE: Duration = Duration::from_secs(5);

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
        let drawn = clinic.desktop.screen_until(GONE, |screen| screen.shows_more_than_ground());
        assert!(drawn, "death {death}: nothing was drawn within {GONE:?}");
        assert!(killed.elapsed() <= GONE);
        assert_eq!(window.process(), Some(pid), "the core went on");
    }
    window.close().await.unwrap();
}
