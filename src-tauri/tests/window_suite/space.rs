//! The Space, as it is met in the window: named in Settings, asked nothing without the patient's consent, and waited for while
//! it wakes up.

use seekwell_testkit::{
    space::{FakeSpace, SpaceFault, Step},
    webdriver::{Nurse, demo},
};

use super::clinic::{Clinic, pasted, photo};

const SAYS: &str =
    "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";

#[tokio::test]
async fn a_photo_waits_for_consent_then_for_a_cold_space_and_is_analysed() {
    let space = FakeSpace::start(|_| SAYS.to_owned());
    let clinic = Clinic::without_model().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    window.click("nav-settings").await.unwrap();
    // Only this machine may be spoken to without TLS.
    window
        .type_into("space-address", "http://space.example.test")
        .await
        .unwrap();
    window.click("space-save").await.unwrap();
    window
        .wait_for_script(
            "the address to be refused",
            "return document.querySelector('[data-testid=space-address]').getAttribute('aria-invalid') === 'true'",
        )
        .await
        .unwrap();
    window.type_into("space-address", &space.url()).await.unwrap();
    window.click("space-save").await.unwrap();
    window
        .wait_for_script(
            "the address to be kept",
            "return document.querySelector('[data-testid=space-saved]').textContent !== ''",
        )
        .await
        .unwrap();

    window.click("nav-patients").await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    let good = photo(1);
    nurse.show_photos(&[pasted("good.jpg", &good)]).await.unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    window.click("staged-open").await.unwrap();
    window
        .wait_for_script(
            "the photo to wait for consent",
            "return document.querySelector('[data-testid=result-pending]')?.dataset.reason === 'no_consent'",
        )
        .await
        .unwrap();
    assert_eq!(Step::ALL.map(|step| space.asked(step)), [0; 5]);

    // The Space sleeps when it is asked first.
    space.fail(Step::Config, SpaceFault::Status(503), 1);
    window.click("consent").await.unwrap();
    window.click("confirm-yes").await.unwrap();
    window.wait_for("result-risk").await.unwrap();
    let said = window.wait_for_text("probability", "50").await.unwrap();
    assert!(said.contains('%'), "{said}");
    let page = window.page().await.unwrap();
    assert!(page.contains(FakeSpace::ID), "who spoke is named");
    assert_eq!(space.uploads().len(), 1);
    assert!(space.asked(Step::Config) >= 2);
    let sent = String::from_utf8_lossy(&space.uploads()[0]).into_owned();
    assert!(
        !sent.contains("Hòa") && !sent.contains("Exif"),
        "nothing of the patient leaves"
    );
    window.close().await.unwrap();
}
