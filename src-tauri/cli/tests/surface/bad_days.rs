//! Lost keys, other people's keys, full and read-only disks, damage, newer programs: each is told by its name, and nothing
//! is made anew, shortened or lost.

use std::{path::Path, process::Command};

use seekwell_core::vault::{Envelope, KeyPlace};
use seekwell_testkit::{
    power::{Tree, tree},
    process::{Clinic, INIT, PASSWORD, picture},
};
use serde_json::json;

use super::PROGRAM;

/// A workstation with one photo, the patient's id and the photo's.
fn with_a_photo() -> (Clinic, String, String) {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let photo = clinic.keep(&patient, &clinic.put("one.bmp", &picture(1)));
    (clinic, patient, photo)
}

/// What is kept, without the holder's words that every start writes anew.
fn kept(clinic: &Clinic) -> Tree {
    let mut tree = tree(&clinic.data_dir());
    tree.remove(Path::new("lock.holder"));
    tree
}

#[test]
fn a_directory_that_is_no_workstation_stays_as_it_is() {
    let clinic = Clinic::bare(PROGRAM);
    assert_eq!(clinic.ask(&["patient", "find", "x"]).refusal(), "not_found");
    assert_eq!(clinic.ask(&["check"]).refusal(), "not_found");
    assert!(!clinic.data_dir().exists() && !clinic.key_file().exists());
}

#[test]
fn a_key_that_is_gone_or_anothers_opens_nothing_and_the_recovery_key_does() {
    let (clinic, _, photo) = with_a_photo();
    let before = kept(&clinic);
    let key = std::fs::read(clinic.key_file()).unwrap();
    std::fs::remove_file(clinic.key_file()).unwrap();
    for verb in [["check"].as_slice(), &["patient", "find", "x"]] {
        assert_eq!(clinic.ask(verb).refusal(), "key_missing");
    }
    assert_eq!(clinic.ask_with(&INIT, PASSWORD).refusal(), "already_set_up");
    let other = Clinic::found(PROGRAM);
    for wrong in [
        std::fs::read(other.key_file()).unwrap(),
        key[..31].to_vec(),
        Vec::new(),
    ] {
        clinic.put("device-key", &wrong);
        assert_eq!(clinic.ask(&["check"]).refusal(), "key_wrong");
    }
    assert!(kept(&clinic) == before, "nothing is touched without the key");

    let others = other.path("recovery-key");
    assert_eq!(
        clinic
            .ask(&["recover", "--recovery-key-file", others.to_str().unwrap()])
            .refusal(),
        "recovery_key_wrong"
    );
    assert_eq!(
        clinic
            .ask(&["recover", "--recovery-key-file", "/nowhere"])
            .refusal(),
        "file_unreadable"
    );
    let careless = std::fs::read_to_string(clinic.path("recovery-key"))
        .unwrap()
        .to_lowercase()
        .replace('-', " ");
    let careless = clinic.put("typed", careless.as_bytes());
    let recovered = clinic
        .ask(&["recover", "--recovery-key-file", careless.to_str().unwrap()])
        .json();
    assert_eq!(recovered, json!({"recovered": true}));
    let out = clinic.path("out");
    clinic
        .ask(&["export", &photo, "--original", "-o", out.to_str().unwrap()])
        .json();
    assert_eq!(std::fs::read(out).unwrap(), picture(1));
    assert_ne!(
        std::fs::read(clinic.key_file()).unwrap(),
        key,
        "the old device key opens nothing any more"
    );
    clinic.put("device-key", &key);
    assert_eq!(clinic.ask(&["check"]).refusal(), "key_wrong");
}

#[test]
fn the_second_process_is_told_who_holds_the_directory() {
    let (clinic, patient, _) = with_a_photo();
    // A file that never ends holds the first process where it has the directory.
    let pipe = clinic.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut first = clinic
        .command(&["open", "--patient", &patient, "--site", "face", "--side", "left"])
        .arg(&pipe)
        .spawn()
        .unwrap();
    // Opening the other end waits until the first process has come to reading.
    let end = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let answer = clinic.ask(&["check"]);
    assert_eq!(answer.refusal(), "held_by_another");
    assert!(
        answer
            .complained
            .contains(&format!("seekwell, process {}, since 20", first.id())),
        "{}",
        answer.complained
    );
    first.kill().unwrap();
    first.wait().unwrap();
    drop(end);
    assert_eq!(clinic.ask(&["check"]).json()["ok"], true);
}

#[test]
fn a_damaged_database_is_told_and_neither_made_anew_nor_swept() {
    let (clinic, ..) = with_a_photo();
    let path = clinic.data_dir().join("seekwell.db");
    let whole = std::fs::read(&path).unwrap();
    let photos = std::fs::read_dir(clinic.data_dir().join("photos"))
        .unwrap()
        .count();
    let mut first_page = whole.clone();
    first_page[100] ^= 1;
    let mut last_page = whole.clone();
    *last_page.last_mut().unwrap() ^= 1;
    for (what, bytes, opens) in [
        ("its first page", first_page.as_slice(), false),
        ("its last page", &last_page, true),
        ("its end", &whole[..whole.len() / 2], false),
        ("everything", &[], false),
    ] {
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
        let answer = clinic.ask(&["check"]);
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "{what}: it is left as it is"
        );
        assert_eq!(
            (answer.code, answer.complained.as_str()),
            (Some(1), ""),
            "{what}: {}",
            answer.said
        );
        let report = answer.document();
        assert_eq!(
            super::keys(&report),
            ["bytes", "damaged", "ok", "photos"],
            "{what}"
        );
        assert_eq!(
            (&report["ok"], &report["damaged"][0]["what"]),
            (&json!(false), &json!("database")),
            "{what}"
        );
        assert_eq!(super::keys(&report["damaged"][0]), ["id", "message", "what"]);
        if !opens {
            assert_eq!(
                clinic.ask(&["patient", "find", "x"]).refusal(),
                "database_damaged",
                "{what}"
            );
        }
        assert_eq!(
            clinic.ask_with(&INIT, PASSWORD).refusal(),
            "already_set_up",
            "{what}"
        );
    }
    assert_eq!(
        std::fs::read_dir(clinic.data_dir().join("photos"))
            .unwrap()
            .count(),
        photos
    );
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        clinic.ask(&["patient", "find", "x"]).refusal(),
        "database_damaged"
    );
    assert!(!path.exists(), "a database that is gone is not made anew");
    std::fs::File::create(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &whole))
        .unwrap();
    assert_eq!(
        std::fs::read_dir(clinic.data_dir().join("photos"))
            .unwrap()
            .count(),
        photos
    );
    assert_eq!(clinic.ask(&["check"]).json()["ok"], true);
}

#[test]
fn a_damaged_photo_is_told_and_not_exported() {
    let (clinic, _, photo) = with_a_photo();
    let path = clinic
        .data_dir()
        .join("photos")
        .join(&photo[34..])
        .join(format!("{photo}.sealed"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 1;
    std::fs::File::create(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
        .unwrap();
    let out = clinic.path("out");
    assert_eq!(
        clinic
            .ask(&["export", &photo, "--original", "-o", out.to_str().unwrap()])
            .refusal(),
        "photo_damaged"
    );
    assert!(!out.exists());
    let answer = clinic.ask(&["check"]);
    assert_eq!(answer.code, Some(1));
    let damaged = &answer.document()["damaged"];
    assert_eq!(
        (&damaged[0]["what"], &damaged[0]["id"]),
        (&json!("photo"), &json!(photo))
    );
}

#[tokio::test]
async fn a_newer_database_is_refused_by_name_and_left_alone() {
    let (clinic, ..) = with_a_photo();
    let envelope = Envelope::read(&clinic.data_dir()).unwrap().unwrap();
    let keys = envelope
        .unlock(&KeyPlace::File(clinic.key_file()).load(envelope.vault).unwrap())
        .unwrap();
    let hex: String = keys
        .database_key()
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(clinic.data_dir().join("seekwell.db"))
        .pragma("key", format!("\"x'{hex}'\""));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations VALUES (9999, 'of next year', datetime(), true, x'00', 0)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let before = kept(&clinic);
    let answer = clinic.ask(&["check"]);
    assert_eq!(answer.refusal(), "database_newer");
    assert!(answer.complained.contains("9999"), "{}", answer.complained);
    assert!(kept(&clinic).keys().eq(before.keys()));

    let vault = clinic.data_dir().join("vault.json");
    let copy = clinic.data_dir().join("vault.json.copy");
    let put = |path: &Path, bytes: &[u8]| {
        std::fs::File::create(path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
    };
    let mut newer: serde_json::Value = serde_json::from_slice(&std::fs::read(&vault).unwrap()).unwrap();
    newer["format"] = json!(2);
    newer.as_object_mut().unwrap().remove("check");
    put(&vault, newer.to_string().as_bytes());
    let answer = clinic.ask(&["check"]);
    assert_eq!(answer.refusal(), "database_newer");
    assert!(answer.complained.contains("vault.json"), "{}", answer.complained);
    for file in [&vault, &copy] {
        put(file, b"{\"format\"");
    }
    assert_eq!(clinic.ask(&["check"]).document()["ok"], false);
    assert_eq!(
        clinic.ask(&["patient", "find", "x"]).refusal(),
        "database_damaged"
    );
}

/// A file system of its own below the clinic's directory; it goes with the value.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// `None`, and a line that says so, where this machine does not let the test mount.
    fn new(at: &'a Path, arguments: &[&str]) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(arguments).arg(at).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at));
        }
        eprintln!(
            "skipped: `mount {}` is not allowed here, so there is no such disk to test on",
            arguments.join(" ")
        );
        None
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_what_was_kept_stays() {
    let clinic = Clinic::bare(PROGRAM);
    let data_dir = clinic.data_dir();
    let Some(_disk) = Mounted::new(&data_dir, &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) else {
        return;
    };
    clinic.ask_with(&INIT, PASSWORD).json();
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let (mut kept, mut refused) = (Vec::new(), 0);
    for seed in 0..200 {
        let file = clinic.put("photo.bmp", &picture(seed));
        let answer = clinic.ask(&[
            "open",
            file.to_str().unwrap(),
            "--patient",
            &patient,
            "--site",
            "face",
            "--side",
            "left",
        ]);
        if answer.said.is_empty() {
            // So full that the program could not even open.
            assert_eq!(answer.refusal(), "disk_full");
            refused += 1;
        } else {
            let photo = &answer.document()["photos"][0];
            match photo["state"].as_str().unwrap() {
                "kept" => kept.push((photo["id"].as_str().unwrap().to_owned(), seed)),
                _ => {
                    assert_eq!(photo["code"], "disk_full", "{photo}");
                    refused += 1;
                }
            }
        }
        if refused == 3 {
            break;
        }
    }
    eprintln!("{} photos kept before the disk was full", kept.len());
    assert!(
        kept.len() > 3 && refused == 3,
        "{} kept, {refused} refused",
        kept.len()
    );
    // Somebody makes room: everything that was reported is there, and more can be kept.
    assert!(
        Command::new("mount")
            .args(["-o", "remount,size=8m"])
            .arg(&data_dir)
            .status()
            .unwrap()
            .success()
    );
    let checked = clinic.ask(&["check"]).json();
    assert_eq!(
        (&checked["ok"], checked["photos"].as_u64()),
        (&json!(true), Some(kept.len() as u64))
    );
    let out = clinic.path("out");
    for (id, seed) in &kept {
        clinic
            .ask(&["export", id, "--original", "-o", out.to_str().unwrap(), "--force"])
            .json();
        assert_eq!(std::fs::read(&out).unwrap(), picture(*seed));
    }
    clinic.keep(&patient, &clinic.put("photo.bmp", &picture(1_000)));
}

#[test]
fn a_read_only_directory_is_told() {
    let (clinic, patient, _) = with_a_photo();
    let data_dir = clinic.data_dir();
    let source = data_dir.to_str().unwrap().to_owned();
    let Some(_disk) = Mounted::new(&data_dir, &["--bind", &source]) else {
        return;
    };
    if !Command::new("mount")
        .args(["-o", "remount,ro,bind"])
        .arg(&data_dir)
        .status()
        .is_ok_and(|done| done.success())
    {
        eprintln!("skipped: a directory can't be made read-only here");
        return;
    }
    let file = clinic.path("one.bmp");
    for verb in [
        ["check"].as_slice(),
        &["patient", "add", "--name", "x"],
        &[
            "open",
            file.to_str().unwrap(),
            "--patient",
            &patient,
            "--site",
            "face",
            "--side",
            "left",
        ],
    ] {
        assert_eq!(clinic.ask(verb).refusal(), "read_only", "{verb:?}");
    }
}
