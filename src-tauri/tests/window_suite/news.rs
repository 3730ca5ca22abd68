//! The banner of an urgent case comes by itself, while somebody reads or is about to press something else.

use seekwell_testkit::webdriver::{Nurse, Window, demo};

use super::clinic::{Clinic, pasted, photo};

/// Where the button to the kept photo is drawn, in CSS pixels from the top of the window.
async fn place_of_the_button(window: &Window) -> i64 {
    let script =
        "return Math.round(document.querySelector('[data-testid=staged-open]').getBoundingClientRect().top)";
    window.run(script, &[]).await.unwrap().as_i64().unwrap()
}

#[tokio::test]
async fn an_urgent_case_moves_nothing_from_under_a_finger() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    // The demo model finds this one urgent.
    let urgent = photo(11);
    // Cards that fill the screen.
    let refused = ["one", "two", "three", "four", "five"].map(|name| pasted(name, b"<!doctype html>"));
    nurse.show_photos(&[pasted("photo.jpg", &urgent)]).await.unwrap();
    window.paste(None, &refused).await.unwrap();
    window
        .wait_for_state("staged-card", "refused", refused.len())
        .await
        .unwrap();
    nurse.keep("legs", "right", 1).await.unwrap();
    window.wait_for("urgent-banner").await.unwrap();

    let beside_the_banner = place_of_the_button(&window).await;
    window.click("urgent-banner-dismiss").await.unwrap();
    window.wait_until_gone("urgent-banner").await.unwrap();
    assert_eq!(place_of_the_button(&window).await, beside_the_banner);
    window.close().await.unwrap();
}

/// In a window as narrow as a phone the banner pushes the screen down, and nothing of the screen lies over it.
#[tokio::test]
async fn in_a_narrow_window_the_banner_of_an_urgent_case_is_seen_whole() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    nurse
        .show_photos(&[pasted("photo.jpg", &photo(11))])
        .await
        .unwrap();
    window.resize(360, 720).await.unwrap();
    nurse.keep("legs", "right", 1).await.unwrap();
    window.wait_for("urgent-banner").await.unwrap();
    window.click("urgent-banner-dismiss").await.unwrap();
    window.wait_until_gone("urgent-banner").await.unwrap();
    window.close().await.unwrap();
}
