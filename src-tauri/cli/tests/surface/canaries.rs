//! Names, notes, keys and pixels are nowhere to be read after a session: not in the data directory, not in the temp directory.

use std::path::Path;

use seekwell_core::vault::{Envelope, KeyPlace};
use seekwell_testkit::{
    canary::Canaries,
    process::{Clinic, Dice, picture},
};

use super::{MODEL, PROGRAM};

#[test]
fn thirty_canaries_are_found_nowhere() {
    let clinic = Clinic::found(PROGRAM);
    let canaries = session(&clinic);
    assert!(canaries.count() >= 30, "{}", canaries.count());
    // After the last word, and in the middle: what a killed process leaves is looked at too.
    let patient = clinic.register("Chim Vàng Anh Ba Mươi (mẫu)");
    let file = clinic.put("killed.bmp", &picture(77));
    let mut child = clinic
        .command(&[
            "open",
            file.to_str().unwrap(),
            "--patient",
            &patient,
            "--site",
            "face",
            "--side",
            "left",
            "--note",
            NOTE,
        ])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut said, &mut String::new()).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        clinic.data_dir().join("seekwell.db-wal").exists(),
        "a killed process leaves its log"
    );
    let mut searched = 0;
    for directory in [clinic.data_dir(), clinic.path("tmp")] {
        let (found, read) = canaries.search(&directory);
        assert_eq!(found, Vec::<String>::new());
        searched += read;
    }
    eprintln!("{} canaries in {searched} bytes", canaries.count());
}

const NOTE: &str = "Ghi chú của con chim hoàng yến bị giết";

/// Works with the CLI, and gives everything that may be nowhere, with what it is.
fn session(clinic: &Clinic) -> Canaries {
    let mut canaries = Canaries::default();
    let mut add = |what: String, bytes: &[u8]| canaries.add(what, bytes);
    add("a note".into(), NOTE.as_bytes());
    clinic.ask(&["model", "install", MODEL]).json();
    for number in 0..4 {
        let texts = [
            format!("Chim Hoàng Yến {number}{number}{number} (mẫu)"),
            format!("0987{number}54321{number}"),
            format!("0010{number}1098765{number}"),
            format!("Ngõ Hoàng Yến số {number}, Xã Mẫu"),
            format!("vết hoàng yến thứ {number}"),
            format!("Bệnh nhân kể về chim hoàng yến {number}"),
        ];
        let [name, phone, national_id, address, lesion, note] = texts.each_ref().map(String::as_str);
        let added = clinic.ask(&[
            "patient",
            "add",
            "--name",
            name,
            "--phone",
            phone,
            "--national-id",
            national_id,
            "--address",
            address,
        ]);
        let patient = added.json()["id"].as_str().unwrap().to_owned();
        let original = picture(number);
        let file = clinic.put("photo.bmp", &original);
        let opened = clinic.ask(&[
            "open",
            file.to_str().unwrap(),
            "--patient",
            &patient,
            "--site",
            "face",
            "--side",
            "left",
            "--lesion",
            lesion,
            "--note",
            note,
        ]);
        let photo = opened.json()["photos"][0]["id"].as_str().unwrap().to_owned();
        texts
            .iter()
            .for_each(|text| add(format!("the text {text:?}"), text.as_bytes()));
        add(
            "a folded name".into(),
            format!("chim hoang yen {number}{number}{number}").as_bytes(),
        );
        let mut dice = Dice::new(number);
        let somewhere = 54 + dice.below(original.len() - 100);
        add(
            "pixels of an original".into(),
            &original[somewhere..somewhere + 24],
        );
        let out = clinic.path("out");
        for image in ["--derivative", "--thumbnail"] {
            clinic
                .ask(&["export", &photo, image, "-o", out.to_str().unwrap(), "--force"])
                .json();
            let image_bytes = std::fs::read(&out).unwrap();
            add(
                format!("{image} of a photo"),
                &image_bytes[image_bytes.len() - 40..image_bytes.len() - 8],
            );
        }
    }
    add("the person's name".into(), "Lê Thị Mai".as_bytes());
    add("the person's address".into(), b"mai@example.test");
    add("the clinic".into(), "Trạm y tế Mẫu".as_bytes());
    add("the password".into(), "một mật khẩu dài".as_bytes());
    add(
        "the device key".into(),
        &std::fs::read(clinic.key_file()).unwrap(),
    );
    add(
        "the recovery key".into(),
        std::fs::read_to_string(clinic.path("recovery-key"))
            .unwrap()
            .trim_end()
            .as_bytes(),
    );
    add(
        "the database key".into(),
        &database_key(&clinic.data_dir(), &clinic.key_file()),
    );
    canaries
}

fn database_key(data_dir: &Path, key_file: &Path) -> [u8; 32] {
    let envelope = Envelope::read(data_dir).unwrap().unwrap();
    let keys = envelope
        .unlock(&KeyPlace::File(key_file.to_owned()).load(envelope.vault).unwrap())
        .unwrap();
    *keys.database_key().expose()
}
