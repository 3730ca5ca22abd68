//! What a script gets: always an answer that it can read, or an exit code that says there is none.
#![cfg(unix)]

use std::{
    ffi::OsStr,
    fs::File,
    os::unix::ffi::OsStrExt,
    process::{Command, Stdio},
};

use seekwell_testkit::process::{Clinic, INIT, PASSWORD, picture};
use serde_json::{Value, json};

use super::PROGRAM;

/// `ảnh` as an old Windows program would have written it.
const NO_UNICODE: &[u8] = b"\xe2\xcc\x9fnh.bmp";
const READABLE: &str = "\u{fffd}\u{31f}nh.bmp";

fn document(command: &mut Command, code: i32) -> Value {
    let output = command.arg("--json").output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{complained}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no document: {complained}"))
}

#[test]
fn a_name_that_is_no_unicode_empties_no_document() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let odd = clinic.path("tmp").join(OsStr::from_bytes(NO_UNICODE));
    std::io::Write::write_all(&mut File::create(&odd).unwrap(), &picture(1)).unwrap();
    let said = json!(clinic.path("tmp").join(READABLE));

    let mut open = clinic.command(&["open", "--patient", &patient, "--site", "face", "--side", "left"]);
    let opened = document(open.arg(&odd), 0);
    assert_eq!(
        (&opened["photos"][0]["state"], &opened["photos"][0]["file"]),
        (&json!("kept"), &said)
    );
    let mut open = clinic.command(&["open", "--patient", &patient, "--site", "face", "--side", "left"]);
    let missing = document(open.arg(OsStr::from_bytes(b"/nowhere/\xff")), 1);
    assert_eq!(missing["photos"][0]["file"], "/nowhere/\u{fffd}");
    assert_eq!(missing["photos"][0]["code"], "file_unreadable");

    let photo = opened["photos"][0]["id"].as_str().unwrap();
    let mut export = clinic.command(&["export", photo, "--original", "--force", "-o"]);
    assert_eq!(document(export.arg(&odd), 0)["file"], said);

    let other = Clinic::bare(PROGRAM);
    let key = other.path("tmp").join(OsStr::from_bytes(NO_UNICODE));
    let mut init = other.command(&INIT);
    init.arg("--recovery-key-out").arg(&key).arg("--json");
    init.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut init = init.spawn().unwrap();
    std::io::Write::write_all(&mut init.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    let answer: Value = serde_json::from_slice(&init.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(
        answer["recovery_key_file"],
        json!(other.path("tmp").join(READABLE))
    );
    assert!(key.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_nobody_can_have_is_an_error() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let photo = clinic.put("one.bmp", &picture(1));
    let open = [
        "open",
        photo.to_str().unwrap(),
        "--patient",
        &patient,
        "--site",
        "face",
        "--side",
        "left",
    ];
    for verb in [
        ["patient", "find", "x"].as_slice(),
        &["model", "list"],
        &["check"],
        &open,
        &["--help"],
    ] {
        for json in [true, false] {
            let mut command = clinic.command(verb);
            if json {
                command.arg("--json");
            } else if verb.len() == 3 || verb[0] == "model" {
                // Nobody found and nothing installed is no line at all.
                continue;
            }
            let full = File::options().write(true).open("/dev/full").unwrap();
            let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
            let complained = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{verb:?} {json}: {complained}");
            if json && verb[0] != "--help" {
                let error: Value = serde_json::from_str(&complained).unwrap();
                assert_eq!(error["error"]["code"], "disk_full", "{verb:?}");
            }
        }
    }
    // It was kept all the same, and said so in the history.
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    assert_eq!(history["entries"].as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let photo = clinic.keep(&patient, &clinic.put("one.bmp", &picture(1)));
    let there = clinic.put("there", b"of somebody else");
    let export = ["export", &photo, "--original", "-o", there.to_str().unwrap()];
    assert_eq!(clinic.ask(&export).refusal(), "file_exists");
    let plain = clinic.command(&export).output().unwrap();
    let sentence = String::from_utf8(plain.stderr).unwrap();
    assert!(
        sentence.ends_with("is there already; it is replaced only with --force\n"),
        "{sentence}"
    );
    assert_eq!(std::fs::read(&there).unwrap(), b"of somebody else");
    clinic.ask(&[export.as_slice(), &["--force"]].concat()).json();
    assert_eq!(std::fs::read(&there).unwrap(), picture(1));

    // A link is somebody's too, wherever it leads; a device is written to.
    let link = clinic.path("link");
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    let to_link = ["export", &photo, "--original", "-o", link.to_str().unwrap()];
    assert_eq!(clinic.ask(&to_link).refusal(), "file_exists");
    clinic
        .ask(&["export", &photo, "--original", "-o", "/dev/null"])
        .json();
}

#[test]
fn after_two_dashes_there_are_only_names() {
    let clinic = Clinic::bare(PROGRAM);
    let output = clinic.command(&["open", "--", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(serde_json::from_slice::<Value>(&output.stderr).is_err());
}
