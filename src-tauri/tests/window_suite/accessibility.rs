//! axe finds nothing serious on any screen, in both themes, wide and as narrow as a phone.

use std::path::Path;

use seekwell_testkit::webdriver::{Nurse, Window};

use super::{clinic::Clinic, tour};

const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../ui/node_modules/axe-core/axe.min.js"
);

/// What is wrong on the screen, each with the screen's name.
async fn faults(window: &Window, screen: &str) -> Vec<String> {
    let violations = window.audit(Path::new(AXE)).await.unwrap();
    let serious = violations.iter().filter(|violation| violation.is_serious());
    let mut faults: Vec<String> = serious
        .map(|violation| {
            format!(
                "{screen}: {} ({}): {:?}",
                violation.rule, violation.help, violation.elements
            )
        })
        .collect();
    // Nothing may make the whole page scroll sideways.
    let overflow = window
        .run(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
            &[],
        )
        .await
        .unwrap();
    if overflow.as_i64() != Some(0) {
        faults.push(format!("{screen}: {overflow} px wider than the window"));
    }
    faults.extend(small_targets(window, screen).await);
    faults.extend(nested_scrolling(window, screen).await);
    faults
}

/// Parts of the page that scroll inside another one that scrolls too: a wheel or a finger then moves the wrong one.
async fn nested_scrolling(window: &Window, screen: &str) -> Vec<String> {
    let script = "const scrolls = (one) => !one.matches('textarea')
            && /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1;
        const all = [...document.querySelectorAll('*')].filter(scrolls);
        return all.filter((one) => all.some((other) => other !== one && other.contains(one)))
            .map((one) => one.outerHTML.slice(0, 160))";
    listed(window, screen, "scrolls in what scrolls", script).await
}

/// What a script finds wrong on the screen, each as text.
async fn listed(window: &Window, screen: &str, fault: &str, script: &str) -> Vec<String> {
    let found = window.run(script, &[]).await.unwrap();
    let found = found.as_array().unwrap().iter();
    found.map(|one| format!("{screen}: {fault}: {one}")).collect()
}

/// Controls smaller than 44 px: each must be at least that in both directions, itself or with what it is drawn by.
async fn small_targets(window: &Window, screen: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll('button, a[href], input, select, textarea, [role=button]')]
        .filter((one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== 'hidden' && !one.closest('[aria-hidden=true]'))
        .filter((one) => !(one.matches('a') && getComputedStyle(one).display === 'inline'))
        .map((one) => one.closest('label') ?? one.closest('.MuiInputBase-root') ?? one)
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
        .map(([one, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${one.outerHTML.slice(0, 160)}`)";
    listed(window, screen, "a small target", script).await
}

async fn look_at_everything(theme: &str, size: (u32, u32)) {
    let clinic = tour::clinic().await;
    let window = clinic.window().await;
    window.wait_for("sign-in").await.unwrap();
    window.resize(size.0, size.1).await.unwrap();
    let mut found = faults(&window, "sign in by the system's theme").await;
    Nurse::at(&window).sign_in().await.unwrap();
    window.click("nav-settings").await.unwrap();
    window.click(&format!("settings-theme-{theme}")).await.unwrap();
    window.click("person-menu").await.unwrap();
    window.wait_for("sign-out").await.unwrap();
    found.extend(faults(&window, "the person's menu").await);
    window.click("sign-out").await.unwrap();
    tour::walk(&window, 11, async |screen| {
        found.extend(faults(&window, screen).await)
    })
    .await;
    assert_eq!(found, Vec::<String>::new(), "{theme}, {size:?}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn every_screen_is_accessible_in_light() {
    look_at_everything("light", (1400, 860)).await;
}

#[tokio::test]
async fn every_screen_is_accessible_in_the_dark_on_a_narrow_window() {
    look_at_everything("dark", (360, 720)).await;
}

#[tokio::test]
async fn the_first_run_is_accessible() {
    let clinic = Clinic::bare();
    let window = clinic.window_with_keyring().await;
    window.wait_for("first-run").await.unwrap();
    let mut found = faults(&window, "first run").await;
    Nurse::at(&window).set_up().await.unwrap();
    found.extend(faults(&window, "recovery key").await);
    window.click("recovery-key-written").await.unwrap();
    window.wait_for("recovery-key-typed-0").await.unwrap();
    found.extend(faults(&window, "typed back").await);
    assert_eq!(found, Vec::<String>::new());
    window.close().await.unwrap();
}
