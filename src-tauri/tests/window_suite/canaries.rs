//! After a day at the window, no name, note, key or pixel is readable in anything that the program and its webview
//! left on the disk.

use seekwell_core::vault::{Envelope, KeyPlace};
use seekwell_testkit::{
    canary::Canaries,
    webdriver::{DemoPatient, Nurse, demo},
};

use super::clinic::{Clinic, pasted, photo};

const NOTE: &str = "Bệnh nhân kể về con chim hoàng yến";
const LABEL: &str = "vết hoàng yến bên trái";
const SEARCHES: [&str; 2] = ["hoang yen mot", "khong ai ten nay"];

#[tokio::test]
async fn thirty_canaries_are_found_nowhere_after_a_day_at_the_window() {
    let clinic = Clinic::bare();
    let mut canaries = Canaries::default();
    let window = clinic.window_with_keyring().await;
    let nurse = Nurse::at(&window);
    let groups = nurse.set_up().await.unwrap();
    nurse.confirm_recovery_key(&groups).await.unwrap();
    canaries.add("the recovery key", groups.concat().as_bytes());
    canaries.add("the recovery key as it is printed", groups.join("-").as_bytes());
    canaries.add("half of the recovery key", groups[..4].join(" ").as_bytes());

    let names = [
        ("Chim Hoàng Yến Một (mẫu)", "chim hoang yen mot"),
        ("Chim Hoàng Yến Hai (mẫu)", "chim hoang yen hai"),
        ("Chim Hoàng Yến Ba (mẫu)", "chim hoang yen ba"),
    ];
    for (number, (name, folded)) in (0_u64..).zip(names) {
        let patient = DemoPatient { name, ..demo::HOA };
        let phone = format!("0987 65{number} 321");
        let national_id = format!("0{number}9087654321{number}");
        let address = format!("Ngõ Hoàng Yến số {number}, Xã Mẫu");
        window.click("nav-patients").await.unwrap();
        window.click("register-patient").await.unwrap();
        for (field, text) in [
            ("patient-name", name),
            ("patient-born", patient.born),
            ("patient-phone", &phone),
            ("patient-national-id", &national_id),
            ("patient-address", &address),
        ] {
            window.type_into(field, text).await.unwrap();
        }
        window.click("save-patient").await.unwrap();
        window.wait_for_text("patient-banner", name).await.unwrap();
        let original = photo(20 + number);
        nurse
            .show_photos(&[pasted("IMG_canary.jpg", &original)])
            .await
            .unwrap();
        window.type_into("lesion-label", LABEL).await.unwrap();
        window.type_into("keep-note", NOTE).await.unwrap();
        nurse.keep("face", "left", 1).await.unwrap();
        window.click("staged-open").await.unwrap();
        window.wait_for_pictures("photo-viewer", 1).await.unwrap();
        nurse.zoom_to_original().await.unwrap();
        for (what, text) in [
            ("a name", name),
            ("a folded name", folded),
            ("a phone", &phone),
            ("a national id", &national_id),
            ("an address", &address),
        ] {
            canaries.add(format!("{what} ({text})"), text.as_bytes());
        }
        for at in [original.len() / 3, original.len() / 2] {
            canaries.add(format!("pixels of original {number}"), &original[at..at + 30]);
        }
    }
    for searched in SEARCHES {
        window.click("nav-patients").await.unwrap();
        window.type_into("patient-search", searched).await.unwrap();
        canaries.add(format!("a search ({searched})"), searched.as_bytes());
    }
    window.click("nav-settings").await.unwrap();
    window.click("check-integrity").await.unwrap();
    window.wait_for("check-result").await.unwrap();
    for (what, text) in [
        ("a note", NOTE),
        ("a lesion's label", LABEL),
        ("the clinic", demo::CLINIC),
        ("the person", demo::PERSON),
        ("the person's address", demo::EMAIL),
        ("the password", demo::PASSWORD),
    ] {
        canaries.add(what, text.as_bytes());
    }

    // While the program lives: what a stolen machine would hold.
    search(&canaries, &clinic);
    window.close().await.unwrap();

    // The keys themselves, and the images as they were prepared, are known only from behind the window.
    clinic.recover(&groups).await;
    let envelope = Envelope::read(&clinic.data_dir).unwrap().unwrap();
    let device = KeyPlace::File(clinic.key_file.clone())
        .load(envelope.vault)
        .unwrap();
    let keys = envelope.unlock(&device).unwrap();
    canaries.add("the database key", keys.database_key().expose());
    canaries.add("a new device key", device.expose());
    std::fs::remove_file(&clinic.key_file).unwrap();
    assert!(canaries.count() >= 30, "{}", canaries.count());
    search(&canaries, &clinic);
}

/// Everything below the desktop: data directory, home with the webview's profile, temporary files, logs. The keyring's
/// own file is sealed by its password and is searched as well.
fn search(canaries: &Canaries, clinic: &Clinic) {
    let (found, read) = canaries.search(clinic.desktop.folder());
    assert_eq!(found, Vec::<String>::new());
    assert!(read > 100_000, "only {read} bytes were there to search");
}
