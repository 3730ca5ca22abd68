//! What is not saved is lost only when somebody says so, by the window's cross too.

use seekwell_testkit::webdriver::{Nurse, Window};

use super::clinic::Clinic;

/// A window that asks: somebody has typed a name and then clicked on the cross.
async fn asking(clinic: &Clinic) -> Window {
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    window.click("nav-patients").await.unwrap();
    window.click("register-patient").await.unwrap();
    window.type_into("patient-name", "Nguyễn Văn Mẫu").await.unwrap();
    window.click_cross("confirm-no").await.unwrap();
    window
}

#[tokio::test]
async fn the_cross_asks_before_it_closes_over_what_is_not_saved() {
    let clinic = Clinic::founded().await;
    let window = asking(&clinic).await;
    window.click("confirm-no").await.unwrap();
    window.wait_until_gone("confirm-no").await.unwrap();
    window.click_cross("confirm-yes").await.unwrap();
    // The driver may lose the window before it has heard that the click went well.
    let _ = window.click("confirm-yes").await;
    window.wait_for_end().await.unwrap();
}

/// The page that held something is gone, and the one in its place holds nothing.
#[tokio::test]
async fn a_page_that_is_loaded_anew_holds_no_window() {
    let clinic = Clinic::founded().await;
    let window = asking(&clinic).await;
    window.run("location.reload()", &[]).await.unwrap();
    window.wait_for("nav-patients").await.unwrap();
    window.close().await.unwrap();
}
