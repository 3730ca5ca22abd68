//! The process that draws the page is killed: the same screen comes back, twice, and the third time it is said.

use std::path::Path;
use std::time::{Duration, Instant};

use seekwell_testkit::desktop::{Glass, Undriven};
use seekwell_testkit::webdriver::{Nurse, demo};

use super::clinic::{Clinic, PROGRAM, named, patient_with_photos};

/// How long anything may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// The share of pixels in which the same screen may differ: the ring around what has the focus.
const SAME: f64 = 0.02;

/// The share of pixels in which another screen differs at least.
const OTHER: f64 = 0.2;

/// A photo stands on a dark ground; every screen without one is lighter than this.
const LIGHT: f64 = 0.85;

#[tokio::test]
async fn a_killed_web_process_comes_back_to_the_same_screen_twice_and_then_says_so() {
    let clinic = Clinic::founded().await;
    clinic
        .behind_the_window(async |workstation, caller| {
            patient_with_photos(workstation, caller, named(demo::HOA.name), 1).await;
        })
        .await;
    // The screen where somebody left off is the one that a sign-in leads to.
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    Nurse::at(&window).find("hoa", demo::HOA).await.unwrap();
    window.click("history-entry").await.unwrap();
    window.wait_for_pictures("photo-viewer", 1).await.unwrap();
    window.close().await.unwrap();

    let window = clinic
        .desktop
        .start_undriven(Path::new(PROGRAM), &clinic.arguments())
        .unwrap();
    let pid = window.process().unwrap();
    let shown = signed_in(&window);
    for death in 1..=2 {
        let killed = Instant::now();
        assert!(window.kill_web_process());
        // What the dead process drew last may still stand there: only a live page answers the keyboard.
        window
            .watch(&format!("the screen after death {death}"), PATIENCE, |glass| {
                glass.difference(&shown) < SAME && answers_the_keyboard(&window, glass)
            })
            .unwrap();
        eprintln!("death {death}: back after {:?}", killed.elapsed());
        assert_eq!(window.process().unwrap(), pid, "the core went on");
    }
    assert!(window.kill_web_process());
    window
        .watch("the page that says so", PATIENCE, |glass| {
            glass.difference(&shown) > OTHER && answers_the_keyboard(&window, glass)
        })
        .unwrap();
    assert_eq!(window.process().unwrap(), pid, "the core went on");
    window.close().unwrap();
    clinic
        .behind_the_window(async |workstation, caller| {
            assert!(workstation.check(caller, |_| ()).await.unwrap().ok);
        })
        .await;
}

/// Types the password, which has the focus where one person works, and gives the screen that comes when it stands still.
fn signed_in(window: &Undriven) -> Glass {
    window
        .watch("the window", PATIENCE, |glass| glass.brightness() > LIGHT)
        .unwrap();
    let signed_in = (0..5).any(|_| {
        window.type_line(demo::PASSWORD).unwrap();
        // What is typed before the field is there is typed again; a refused half of it is emptied by the window.
        window
            .watch("the photo", Duration::from_secs(5), |glass| {
                glass.brightness() < LIGHT
            })
            .is_ok()
    });
    assert!(signed_in, "nobody could sign in at the keyboard");
    window
        .watch("a screen that stands still", PATIENCE, |glass| {
            let moving = window.watch("a change", Duration::from_millis(700), |later| later != glass);
            moving.is_err()
        })
        .unwrap()
}

/// Tab moves the focus, and the ring around it is drawn: a small change, where a page that goes or comes is a large one.
fn answers_the_keyboard(window: &Undriven, before: &Glass) -> bool {
    window.press_tab().unwrap();
    let changed = window.watch("a change", Duration::from_secs(2), |glass| glass != before);
    changed.is_ok_and(|glass| glass.difference(before) < SAME)
}
