//! The main job, from the first run to the next year.

use seekwell_testkit::webdriver::{Nurse, demo};

use super::clinic::{Clinic, DEMO_MODEL, pasted, photo};

#[tokio::test]
async fn a_photo_is_kept_analysed_and_found_again() {
    let clinic = Clinic::bare();
    let window = clinic.window_with_keyring().await;
    let nurse = Nurse::at(&window);
    let groups = nurse.set_up().await.unwrap();
    assert_eq!(groups.len(), 8);
    nurse.confirm_recovery_key(&groups).await.unwrap();
    window.wait_for("nav-patients").await.unwrap();

    // Without a model the photo is kept all the same, and says what it waits for.
    nurse.register(demo::HOA).await.unwrap();
    let files = [photo(1), photo(2)];
    nurse
        .show_photos(&[pasted("IMG_0001.jpg", &files[0])])
        .await
        .unwrap();
    nurse.keep("back", "left", 1).await.unwrap();
    window.click("staged-open").await.unwrap();
    window.wait_for("result-pending").await.unwrap();
    assert_eq!(window.count("probability").await.unwrap(), 0);
    window.close().await.unwrap();

    // A model comes; what waited is analysed once, without anybody asking.
    clinic.recover(&groups).await;
    clinic
        .behind_the_window(async |workstation, caller| {
            workstation
                .install_model(caller, DEMO_MODEL.into())
                .await
                .unwrap();
        })
        .await;
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.find("nguyen van hoa", demo::HOA).await.unwrap();
    window.wait_for_state("history-entry", "done", 1).await.unwrap();
    window.click("history-entry").await.unwrap();
    for shown in ["result-risk", "demo-mark", "disclaimer"] {
        window.wait_for(shown).await.unwrap();
    }
    window.wait_for_count("probability", 6).await.unwrap();

    // A note under it, changed once: the old words stay.
    for (open, text) in [
        ("note", "Tái khám sau một tuần."),
        ("note-edit", "Tái khám sau hai tuần."),
    ] {
        window.click(open).await.unwrap();
        window.type_into("note-text", text).await.unwrap();
        window.click("note-save").await.unwrap();
        window.wait_until_gone("note-text").await.unwrap();
        window
            .wait_for_script(
                &format!("the note “{text}”"),
                &format!("return document.body.innerText.includes('{text}')"),
            )
            .await
            .unwrap();
    }
    window.click("note-versions").await.unwrap();
    window
        .wait_for_script(
            "the note's old words",
            "return document.body.innerText.includes('Tái khám sau một tuần.')",
        )
        .await
        .unwrap();

    // Closer than 1024 pixels it is the original itself.
    let widths = nurse.zoom_to_original().await.unwrap();
    assert_eq!(widths, [1024, 1600]);

    // Another photo of the same patient is analysed while nobody looks.
    window.click("nav-new-photo").await.unwrap();
    window.wait_for("drop-zone").await.unwrap();
    window
        .paste(None, &[pasted("IMG_0002.jpg", &files[1])])
        .await
        .unwrap();
    window.wait_for_state("staged-card", "ready", 1).await.unwrap();
    nurse.keep("face", "right", 1).await.unwrap();
    window.close().await.unwrap();

    // Next year: everything is there.
    let window = clinic.window().await;
    let nurse = Nurse::at(&window);
    nurse.sign_in().await.unwrap();
    nurse.find("HÒA", demo::HOA).await.unwrap();
    window.wait_for_state("history-entry", "done", 2).await.unwrap();
    window.wait_for_pictures("history-entry", 2).await.unwrap();
    window.close().await.unwrap();
    clinic
        .behind_the_window(async |workstation, caller| {
            let report = workstation.check(caller, |_| ()).await.unwrap();
            assert!(report.ok && report.photos == 2, "{report:?}");
        })
        .await;
}
