//! The main job, verb by verb, with every document that scripts rely on.

use seekwell_testkit::process::{Clinic, INIT, PASSWORD, picture};
use serde_json::{Value, json};

use super::{MODEL, PROGRAM, keys};

const ANALYSIS: [&str; 9] = [
    "confidence",
    "follow_up_days",
    "id",
    "model",
    "policy",
    "probabilities",
    "risk",
    "state",
    "top_class",
];

#[test]
fn init_shows_the_recovery_key_once_or_writes_it_down() {
    let clinic = Clinic::bare(PROGRAM);
    let answer = clinic.ask_with(&INIT, PASSWORD).json();
    assert_eq!(
        keys(&answer),
        ["clinic", "person", "recovery_key", "recovery_key_file"]
    );
    assert_eq!(answer["clinic"], "Trạm y tế Mẫu");
    assert_eq!(answer["person"]["email"], "mai@example.test");
    assert_eq!(answer["recovery_key_file"], Value::Null);
    let key = answer["recovery_key"].as_str().unwrap();
    assert_eq!(key.split('-').map(str::len).collect::<Vec<_>>(), [4; 8]);
    assert_eq!(clinic.ask_with(&INIT, PASSWORD).refusal(), "already_set_up");

    let other = Clinic::found(PROGRAM);
    let file = std::fs::read_to_string(other.path("recovery-key")).unwrap();
    assert_eq!(
        file.trim_end().split('-').map(str::len).collect::<Vec<_>>(),
        [4; 8]
    );
    assert_eq!(std::fs::read(other.key_file()).unwrap().len(), 32);
    #[cfg(unix)]
    for private in ["recovery-key", "device-key", "data/vault.json"] {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&other.path(private).metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{private}");
    }
}

#[test]
fn init_that_is_refused_leaves_nothing_and_can_be_done_again() {
    let clinic = Clinic::bare(PROGRAM);
    let recovery_key = clinic.path("recovery-key");
    let mut init = INIT.to_vec();
    init.extend(["--recovery-key-out", recovery_key.to_str().unwrap()]);
    assert_eq!(clinic.ask_with(&init, "kurz\n").refusal(), "password_too_short");
    assert_eq!(clinic.ask_with(&init, "").refusal(), "password_too_short");
    let mut nobody = init.clone();
    nobody[4] = "nobody";
    assert_eq!(clinic.ask_with(&nobody, PASSWORD).refusal(), "email_invalid");
    let mut nameless = init.clone();
    nameless[2] = "  ";
    assert_eq!(clinic.ask_with(&nameless, PASSWORD).refusal(), "name_missing");
    assert!(!recovery_key.exists() && !clinic.data_dir().join("seekwell.db").exists());
    // The key file of a set-up that was cut short is no obstacle, and what is no key is not overwritten.
    clinic.put("device-key", b"not a key");
    assert_eq!(clinic.ask_with(&init, PASSWORD).refusal(), "key_wrong");
    assert_eq!(std::fs::read(clinic.key_file()).unwrap(), b"not a key");
    clinic.put("device-key", &[7; 32]);
    clinic.ask_with(&init, PASSWORD).json();
    assert_eq!(std::fs::read(clinic.key_file()).unwrap(), [7; 32]);
    assert_eq!(clinic.ask(&["check"]).json()["ok"], true);
}

#[test]
fn patients_are_added_and_found() {
    let clinic = Clinic::found(PROGRAM);
    let added = clinic
        .ask(&[
            "patient",
            "add",
            "--name",
            " Nguyễn Đăng Khoa (mẫu) ",
            "--born",
            "1961-03-12",
            "--sex",
            "male",
            "--phone",
            "090 123-45",
            "--national-id",
            "001061 000000",
            "--address",
            "Xã Mẫu",
        ])
        .json();
    assert_eq!(keys(&added), ["id"]);
    let expected = json!({"patients": [{
        "id": added["id"], "full_name": "Nguyễn Đăng Khoa (mẫu)", "born": "1961-03-12", "sex": "MALE", "phone": "090 123-45"
    }]});
    for text in ["dang nguyen", "ĐĂNG", "k", "09012345", "0610 0000", ""] {
        assert_eq!(clinic.ask(&["patient", "find", text]).json(), expected, "{text}");
    }
    clinic.register("Trần Thị Nở (mẫu)");
    let bare = clinic.ask(&["patient", "find", "nở"]).json();
    assert_eq!(bare["patients"][0]["born"], Value::Null);
    assert_eq!(
        clinic.ask(&["patient", "find", "không có ai"]).json(),
        json!({"patients": []})
    );
    for (arguments, code) in [
        (["patient", "add", "--name", " "].as_slice(), "name_missing"),
        (
            &["patient", "add", "--name", "x", "--born", "1961-02-30"],
            "born_invalid",
        ),
        (&["patient", "add", "--name", &"x".repeat(201)], "text_too_long"),
        (
            &["patient", "add", "--name", "x", "--as", "nobody@example.test"],
            "sign_in_refused",
        ),
    ] {
        assert_eq!(clinic.ask(arguments).refusal(), code, "{arguments:?}");
    }
}

#[test]
fn photos_are_kept_analysed_seen_and_exported() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let of = ["--patient", &patient, "--site", "face", "--side", "left"];
    let (one, two) = (
        clinic.put("one.bmp", &picture(1)),
        clinic.put("two.bmp", &picture(2)),
    );
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    let web_page = clinic.put("page.jpg", b"<!doctype html><html></html>");
    let empty = clinic.put("empty.png", b"");

    let opened = clinic.ask(
        &[
            &[
                "open",
                one,
                web_page.to_str().unwrap(),
                empty.to_str().unwrap(),
                "/nowhere/x.jpg",
            ],
            of.as_slice(),
            &["--note", "Ngứa"],
        ]
        .concat(),
    );
    assert_eq!((opened.code, opened.complained.as_str()), (Some(1), ""));
    let photos = opened.document();
    assert_eq!(keys(&photos), ["photos"]);
    let photos = photos["photos"].as_array().unwrap();
    let states: Vec<_> = photos
        .iter()
        .map(|photo| (photo["state"].as_str().unwrap(), photo["code"].as_str()))
        .collect();
    assert_eq!(
        states,
        [
            ("kept", None),
            ("refused", Some("photo_not_an_image")),
            ("refused", Some("photo_empty")),
            ("refused", Some("file_unreadable")),
        ]
    );
    for photo in photos {
        assert_eq!(
            keys(photo),
            ["analysis", "code", "file", "findings", "id", "message", "state"]
        );
        assert_eq!(photo["message"].is_string(), photo["state"] == "refused");
    }
    assert_eq!(photos[0]["file"], one);
    assert_eq!(keys(&photos[0]["analysis"]), ANALYSIS);
    assert_eq!(photos[0]["analysis"]["state"], "pending");
    assert_eq!(photos[0]["analysis"]["probabilities"], Value::Null);
    let first = photos[0]["id"].as_str().unwrap();

    // The photo that waited is analysed once, later.
    let installed = clinic.ask(&["model", "install", MODEL]).json();
    assert_eq!(
        (&installed["demo"], &installed["active"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        clinic.ask(&["analyse", "--pending"]).json(),
        json!({"analysed": 1, "pending": 0})
    );
    assert_eq!(
        clinic.ask(&["analyse", "--pending"]).json(),
        json!({"analysed": 0, "pending": 0})
    );
    let listed = clinic.ask(&["model", "list"]).json();
    assert_eq!(listed["models"], json!([installed]));

    let opened = clinic
        .ask(&[&["open", one, two, "--lesion", "nốt ruồi"], of.as_slice()].concat())
        .json();
    assert_eq!(opened["photos"][0]["state"], "already_stored");
    assert_eq!(
        opened["photos"][0]["id"], first,
        "the same bytes lead to the photo that is there"
    );
    assert_eq!(opened["photos"][1]["state"], "kept");
    let second = opened["photos"][1]["id"].as_str().unwrap();
    assert_analysed(&opened["photos"][1]["analysis"], &installed);

    let history = clinic.ask(&["history", "--patient", &patient]).json();
    assert_eq!(keys(&history), ["entries", "next"]);
    assert_eq!(history["next"], Value::Null);
    let entries = history["entries"].as_array().unwrap();
    for entry in entries {
        assert_eq!(
            keys(entry),
            [
                "analysis",
                "findings",
                "kept_at",
                "lesion",
                "lesion_id",
                "notes",
                "photo",
                "side",
                "site",
                "taken_at"
            ]
        );
        assert_analysed(&entry["analysis"], &installed);
        assert_eq!((&entry["site"], &entry["side"]), (&json!("face"), &json!("left")));
    }
    assert_eq!(
        (&entries[0]["photo"], &entries[1]["photo"]),
        (&json!(second), &json!(first))
    );
    assert_eq!(
        (&entries[0]["lesion"], &entries[1]["lesion"]),
        (&json!("nốt ruồi"), &Value::Null)
    );
    assert_eq!(entries[0]["notes"], json!([]));
    assert_eq!(entries[1]["notes"][0]["text"], "Ngứa");
    assert_eq!(entries[1]["notes"][0]["author"], "Lê Thị Mai (mẫu)");

    let page = clinic
        .ask(&["history", "--patient", &patient, "--limit", "1"])
        .json();
    assert_eq!(page["entries"], json!([entries[0]]));
    let next = clinic
        .ask(&[
            "history",
            "--patient",
            &patient,
            "--before",
            page["next"].as_str().unwrap(),
        ])
        .json();
    assert_eq!(next, json!({"entries": [entries[1]], "next": null}));

    let out = clinic.path("out");
    std::fs::File::create(&out).unwrap();
    for (image, begins) in [
        ("--original", b"BM".as_slice()),
        ("--derivative", b"\xff\xd8"),
        ("--thumbnail", b"\xff\xd8"),
    ] {
        let answer = clinic
            .ask(&["export", first, image, "-o", out.to_str().unwrap(), "--force"])
            .json();
        let written = std::fs::read(&out).unwrap();
        assert_eq!(
            answer,
            json!({"photo": first, "file": out, "bytes": written.len()})
        );
        assert!(written.starts_with(begins), "{image}");
        if image == "--original" {
            assert_eq!(written, picture(1));
        }
    }
    let checked = clinic.ask(&["check"]).json();
    assert_eq!(keys(&checked), ["bytes", "damaged", "ok", "photos"]);
    assert_eq!(
        (&checked["ok"], &checked["damaged"], &checked["photos"]),
        (&json!(true), &json!([]), &json!(2))
    );
    assert!(checked["bytes"].as_u64().unwrap() > 2 * 7_654);
}

fn assert_analysed(analysis: &Value, model: &Value) {
    assert_eq!(keys(analysis), ANALYSIS);
    assert_eq!(analysis["state"], "done");
    assert!(["URGENT", "HIGH", "MEDIUM", "LOW", "UNCERTAIN"].contains(&analysis["risk"].as_str().unwrap()));
    let probabilities = &analysis["probabilities"];
    assert_eq!(keys(probabilities), ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"]);
    let sum: f64 = probabilities
        .as_object()
        .unwrap()
        .values()
        .map(|p| p.as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    assert_eq!(
        analysis["confidence"],
        probabilities[analysis["top_class"].as_str().unwrap()]
    );
    assert_eq!(
        analysis["model"],
        json!({"name": model["name"], "sha256": model["sha256"], "demo": true})
    );
    assert_eq!(analysis["policy"], "2026.1");
    assert!(analysis["follow_up_days"].is_u64());
}

#[test]
fn what_is_not_there_is_not_found_and_mistakes_are_usage() {
    let clinic = Clinic::found(PROGRAM);
    let nobody = "01a20ad3-38ee-7e95-a456-e928d8d02d3c";
    let file = clinic.put("one.bmp", &picture(1));
    let file = file.to_str().unwrap();
    for arguments in [
        ["history", "--patient", nobody].as_slice(),
        &[
            "open",
            file,
            "--patient",
            nobody,
            "--site",
            "face",
            "--side",
            "left",
        ],
        &["export", nobody, "--original", "-o", file],
    ] {
        assert_eq!(clinic.ask(arguments).refusal(), "not_found", "{arguments:?}");
    }
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    assert_eq!(
        clinic
            .ask(&["history", "--patient", &patient, "--before", "x"])
            .refusal(),
        "not_found"
    );
    assert_eq!(
        clinic.ask(&["model", "install", "/nowhere"]).refusal(),
        "model_invalid"
    );
    for arguments in [
        ["history", "--patient", "12"].as_slice(),
        &[
            "open",
            file,
            "--patient",
            &patient,
            "--site",
            "knee",
            "--side",
            "left",
        ],
        &["export", nobody, "-o", file],
        &["export", nobody, "--original", "--thumbnail", "-o", file],
        &["analyse"],
        &["frobnicate"],
    ] {
        let answer = clinic.ask(arguments);
        assert_eq!(answer.refusal(), "usage", "{arguments:?}");
    }
    // For a person: clap's own words, and the code that shells expect of a mistake.
    let plain = clinic.command(&["frobnicate"]).output().unwrap();
    assert_eq!(plain.status.code(), Some(2));
    assert!(
        String::from_utf8(plain.stderr)
            .unwrap()
            .contains("Usage: seekwell")
    );
    // For a person: a sentence on standard error, and what to do.
    let plain = clinic
        .command(&["history", "--patient", nobody])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(plain.stderr).unwrap(),
        "seekwell: there is no patient with that id\n"
    );
}

#[test]
fn photos_of_one_label_are_one_lesion_and_those_of_one_call_too() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let files: Vec<_> = (0..12)
        .map(|seed| clinic.put(&format!("{seed}.bmp"), &picture(seed)))
        .collect();
    let mut open = vec![
        "open",
        "--patient",
        &patient,
        "--site",
        "back",
        "--side",
        "right",
        "--lesion",
        "A",
    ];
    open.extend(files.iter().map(|file| file.to_str().unwrap()));
    let opened = clinic.ask(&open).json();
    let names: Vec<_> = opened["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["file"].as_str().unwrap())
        .collect();
    assert_eq!(names, open[9..], "in the order of the command line");
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    assert_eq!(history["entries"].as_array().unwrap().len(), 12);
    assert!(
        history["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| entry["lesion"] == "A")
    );
}

#[test]
fn years_are_set_and_shown_and_without_a_centre_nothing_goes() {
    let clinic = Clinic::found(PROGRAM);
    let plan = clinic.ask(&["retention", "--dry-run"]).json();
    assert_eq!(
        keys(&plan),
        [
            "connected",
            "floor",
            "held",
            "patients",
            "photos",
            "ran_at",
            "reasons",
            "unconfirmed",
            "under_way",
            "years"
        ]
    );
    assert_eq!(plan["years"], json!({"patient": null, "photo": null}));
    assert_eq!(plan["connected"], false);
    let set = clinic.ask(&["retention", "--patients", "15"]).json();
    assert_eq!(set["years"], json!({"patient": 15, "photo": null}));
    let set = clinic
        .ask(&["retention", "--photos", "10", "--patients", "0"])
        .json();
    assert_eq!(set["years"], json!({"patient": null, "photo": 10}));
    assert_eq!(
        clinic.ask(&["retention", "--photos", "9"]).refusal(),
        "years_not_allowed"
    );
    assert_eq!(clinic.ask(&["retention", "--apply"]).refusal(), "not_connected");
    for mistake in [
        ["retention"].as_slice(),
        &["retention", "--apply", "--dry-run"],
        &["hold"],
    ] {
        assert_eq!(clinic.ask(mistake).refusal(), "usage", "{mistake:?}");
    }
}

#[test]
fn a_patient_is_held_and_nothing_leaves_that_only_this_machine_has() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let held = clinic.ask(&["hold", &patient, "--on"]).json();
    assert_eq!(held, json!({"patient": patient, "legal_hold": true}));
    let held = clinic.ask(&["hold", &patient, "--off"]).json();
    assert_eq!(held["legal_hold"], false);
    let nobody = "01a20ad3-38ee-7e95-a456-e928d8d02d3c";
    assert_eq!(clinic.ask(&["hold", nobody, "--on"]).refusal(), "not_found");

    let file = clinic.put("one.bmp", &picture(1));
    clinic.keep(&patient, &file);
    let freed = clinic.ask(&["purge", "--older-than", "0"]).json();
    assert_eq!(freed, json!({"photos": 0, "bytes": 0}));
    assert_eq!(clinic.ask(&["leftovers"]).json(), json!({"leftovers": []}));
    assert_eq!(
        clinic.ask(&["leftovers", "--let-go", nobody]).refusal(),
        "not_found"
    );
}

#[test]
fn urgent_cases_are_listed_and_only_urgent_ones_acknowledged() {
    let clinic = Clinic::found(PROGRAM);
    let none = json!({ "cases": [], "next": null, "open": 0 });
    assert_eq!(clinic.ask(&["urgent"]).json(), none);
    assert_eq!(clinic.ask(&["urgent", "--acknowledged"]).json(), none);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let file = clinic.put("spot.bmp", &picture(1));
    clinic.keep(&patient, &file);
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    let analysis = history["entries"][0]["analysis"]["id"].as_str().unwrap();
    assert_eq!(clinic.ask(&["acknowledge", analysis]).refusal(), "not_urgent");
    let unknown = "0196f0aa-1111-7000-8000-00000000beef";
    assert_eq!(clinic.ask(&["acknowledge", unknown]).refusal(), "not_found");
    assert_eq!(
        clinic.ask(&["urgent", "--before", "nonsense"]).refusal(),
        "not_found"
    );
}
