//! What a person does wrong with photos, and what is wrong with photos.

use seekwell_testkit::webdriver::{Nurse, demo};
use serde_json::json;

use super::clinic::{Clinic, pasted, photo};

#[tokio::test]
async fn a_bad_file_names_itself_and_the_others_go_on() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    window.click("new-photo").await.unwrap();
    window.wait_for("drop-zone").await.unwrap();

    let (good, other) = (photo(1), photo(2));
    let page = b"<!doctype html><title>Not a photo</title>".repeat(30);
    let files = [
        pasted("good.jpg", &good),
        pasted("page.jpg", &page),
        pasted("nothing.jpg", b""),
        pasted("half.jpg", &other[..other.len() / 2]),
        pasted("other.jpg", &other),
    ];
    window.paste(None, &files).await.unwrap();
    window.wait_for_state("staged-card", "ready", 2).await.unwrap();
    window.wait_for_state("staged-card", "refused", 3).await.unwrap();
    let refused = window
        .run(
            "return [...document.querySelectorAll('[data-testid=staged-card][data-state=refused]')]
                .map((card) => [card.dataset.file, card.querySelector('[role=alert]').innerText])",
            &[],
        )
        .await
        .unwrap();
    let sentences: Vec<(String, String)> = serde_json::from_value(refused).unwrap();
    let names: Vec<&str> = sentences.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["page.jpg", "nothing.jpg", "half.jpg"]);
    let distinct: std::collections::BTreeSet<&str> =
        sentences.iter().map(|(_, sentence)| sentence.as_str()).collect();
    assert_eq!(distinct.len(), 3, "each has its own reason: {sentences:?}");

    nurse.keep("hands", "right", 2).await.unwrap();
    window.wait_for_state("staged-card", "refused", 3).await.unwrap();
    window.close().await.unwrap();
    let photos = clinic
        .behind_the_window(async |workstation, caller| {
            workstation.storage_summary(caller).await.unwrap().photos
        })
        .await;
    assert_eq!(photos, 2);
}

#[tokio::test]
async fn a_double_click_and_the_same_file_twice_keep_one_photo() {
    let clinic = Clinic::founded().await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.register(demo::HOA).await.unwrap();
    let same = photo(1);
    nurse.show_photos(&[pasted("first.jpg", &same)]).await.unwrap();
    window.click("site-back").await.unwrap();
    window.click("side-left").await.unwrap();
    // Both clicks before the window could draw anything between them.
    window
        .run(
            "const keep = document.querySelector('[data-testid=keep-photos]'); keep.click(); keep.click();",
            &[],
        )
        .await
        .unwrap();
    window.wait_for_state("staged-card", "kept", 1).await.unwrap();

    window
        .paste(None, &[pasted("the-same-again.jpg", &same)])
        .await
        .unwrap();
    window.wait_for_state("staged-card", "already", 1).await.unwrap();
    let there = "return document.querySelector('[data-state=already] [data-testid=staged-open]').getAttribute('href')";
    let first =
        "return document.querySelector('[data-state=kept] [data-testid=staged-open]').getAttribute('href')";
    let (there, first) = (
        window.run(there, &[]).await.unwrap(),
        window.run(first, &[]).await.unwrap(),
    );
    assert_eq!(there, first, "the link leads to the photo that was kept");
    window
        .run(
            "document.querySelector('[data-state=already] [data-testid=staged-open]').click()",
            &[],
        )
        .await
        .unwrap();
    window.wait_for("photo-viewer").await.unwrap();
    let address = window.run("return location.hash", &[]).await.unwrap();
    assert!(json!(address).as_str().unwrap().starts_with("#/photos/"));
    window.close().await.unwrap();
    let (photos, damaged) = clinic
        .behind_the_window(async |workstation, caller| {
            let report = workstation.check(caller, |_| ()).await.unwrap();
            (report.photos, report.damaged)
        })
        .await;
    assert_eq!((photos, damaged.len()), (1, 0), "{damaged:?}");
}

#[tokio::test]
async fn a_damaged_photo_is_told_and_never_shown() {
    let clinic = Clinic::founded().await;
    let photo = clinic
        .behind_the_window(async |workstation, caller| {
            let draft = super::clinic::named(demo::HOA.name);
            super::clinic::patient_with_photos(workstation, caller, draft, 1)
                .await
                .1[0]
        })
        .await;
    let id = photo.to_string();
    let sealed = format!("seekwell/photos/{}/{id}.sealed", &id[id.len() - 2..]);
    let mut bytes = std::fs::read(clinic.desktop.home().join(&sealed)).unwrap();
    for at in (200..bytes.len()).step_by(4096) {
        bytes[at] ^= 1;
    }
    clinic.put(&sealed, &bytes);

    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.find("hoa", demo::HOA).await.unwrap();
    window.click("history-entry").await.unwrap();
    window
        .wait_for_script(
            "the sentence about the damaged photo",
            "return !!document.querySelector('[data-testid=failure][data-code=photo_damaged]')",
        )
        .await
        .unwrap();
    let drawn = "return [...document.querySelectorAll('[data-testid=photo-viewer] img')].some((one) => one.naturalWidth > 0)";
    assert_eq!(window.run(drawn, &[]).await.unwrap(), json!(false));

    window.click("nav-settings").await.unwrap();
    window.click("check-integrity").await.unwrap();
    let report = window.wait_for_text("check-result", &id[..8]).await.unwrap();
    assert!(!report.is_empty());
    window.close().await.unwrap();
}
