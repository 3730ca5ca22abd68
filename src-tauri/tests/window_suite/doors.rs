//! Before anybody works: the first run, signing in, and every reason why the records do not open.

use std::path::Path;

use seekwell_testkit::webdriver::{Nurse, Window, demo};

use super::clinic::{Clinic, PROGRAM};

/// Waits for the failure that is shown, and gives its sentence.
async fn told(window: &Window, code: &str) -> String {
    let sentence = window
        .wait_for_script(
            &format!("the failure {code}"),
            &format!(
                "return ['failure', 'blocked']
                    .map((id) => document.querySelector(`[data-testid=${{id}}][data-code={code}]`))
                    .find(Boolean)?.innerText"
            ),
        )
        .await
        .unwrap();
    sentence.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_recovery_key_is_typed_back_and_a_password_is_asked_for() {
    let clinic = Clinic::bare();
    let window = clinic.window_with_keyring().await;
    let nurse = Nurse::at(&window);
    let groups = nurse.set_up().await.unwrap();

    window.click("recovery-key-written").await.unwrap();
    for field in ["recovery-key-typed-0", "recovery-key-typed-1"] {
        window.type_into(field, "0000").await.unwrap();
    }
    window.click("recovery-key-confirm").await.unwrap();
    told(&window, "recovery_key_wrong").await;
    window.click("recovery-key-show-again").await.unwrap();
    nurse.confirm_recovery_key(&groups).await.unwrap();

    window.click("person-menu").await.unwrap();
    window.click("sign-out").await.unwrap();
    window.wait_for("sign-in").await.unwrap();
    window.type_into("sign-in-email", demo::EMAIL).await.unwrap();
    window
        .type_into("sign-in-password", "not-the-password")
        .await
        .unwrap();
    window.click("sign-in-submit").await.unwrap();
    told(&window, "sign_in_refused").await;
    nurse.sign_in().await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_keyring_without_the_key_asks_for_the_recovery_key() {
    let clinic = Clinic::bare();
    let window = clinic.window_with_keyring().await;
    let nurse = Nurse::at(&window);
    let groups = nurse.set_up().await.unwrap();
    nurse.confirm_recovery_key(&groups).await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    window.close().await.unwrap();

    let cleared = clinic
        .desktop
        .command("secret-tool")
        .args(["clear", "service", "SeekWell Desktop"])
        .status()
        .unwrap();
    assert!(cleared.success());

    let window = clinic.window_with_keyring().await;
    window.wait_for("recovery").await.unwrap();
    window
        .type_into("recovery-input", &"0000-".repeat(8))
        .await
        .unwrap();
    window.click("recovery-submit").await.unwrap();
    told(&window, "recovery_key_wrong").await;
    window
        .type_into("recovery-input", &groups.join(" ").to_lowercase())
        .await
        .unwrap();
    window.click("recovery-submit").await.unwrap();
    Nurse::at(&window).sign_in().await.unwrap();
    Nurse::at(&window).find("hoa", demo::HOA).await.unwrap();
    window.close().await.unwrap();

    // The new device key is in the keyring: nobody is asked again.
    let window = clinic.window_with_keyring().await;
    window.wait_for("sign-in").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_damaged_database_is_told_and_left_alone() {
    let clinic = Clinic::founded().await;
    let database = clinic.data_dir.join("seekwell.db");
    let whole = std::fs::read(&database).unwrap();
    let torn: Vec<u8> = whole.iter().map(|byte| byte ^ 0x55).collect();
    clinic.put("seekwell/seekwell.db", &torn);

    let window = clinic.window().await;
    window.wait_for("blocked").await.unwrap();
    told(&window, "database_damaged").await;
    assert_eq!(
        std::fs::read(&database).unwrap(),
        torn,
        "a damaged database was written to"
    );

    // Somebody brings the whole one back, and tries again in the same window.
    clinic.put("seekwell/seekwell.db", &whole);
    window.click("blocked-retry").await.unwrap();
    window.wait_for("sign-in").await.unwrap();
    window.close().await.unwrap();
}

/// What the window remembers of itself is not worth a start.
#[tokio::test]
async fn damaged_preferences_keep_nobody_out() {
    let clinic = Clinic::founded().await;
    clinic.put("seekwell/preferences.db", b"This is no database, and long enough to be read as one by its first hundred bytes, which say nothing.");
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    window.click("nav-settings").await.unwrap();
    window.click("settings-theme-dark").await.unwrap();
    window.close().await.unwrap();
    // From then on it remembers again.
    let window = clinic.window().await;
    Nurse::at(&window).sign_in().await.unwrap();
    window.wait_for("settings-theme-dark").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_second_program_is_told_who_holds_the_records() {
    let clinic = Clinic::founded().await;
    let window = clinic
        .behind_the_window(async |_, _| {
            let window = clinic.window().await;
            window.wait_for("blocked").await.unwrap();
            let sentence = told(&window, "held_by_another").await;
            assert!(sentence.contains("window test, process"), "{sentence}");
            window
        })
        .await;
    window.click("blocked-retry").await.unwrap();
    window.wait_for("sign-in").await.unwrap();

    // A second window of the same program shows the first one and ends.
    let arguments = ["--data-dir".as_ref(), clinic.data_dir.as_os_str()];
    let second = clinic
        .desktop
        .command(Path::new(PROGRAM))
        .args(arguments)
        .status()
        .unwrap();
    assert!(second.success());
    window.wait_for("sign-in").await.unwrap();
    window.close().await.unwrap();
}
