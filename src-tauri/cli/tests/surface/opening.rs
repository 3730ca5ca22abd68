//! `open`: what is refused leaves nothing, what was there before is told, and only this call's photos are waited for.

use std::collections::BTreeSet;

use seekwell_testkit::{
    hostile,
    process::{Clinic, picture},
};
use serde_json::{Value, json};

use super::{MODEL, PROGRAM};

/// Every sealed file, whole or in the making.
fn sealed(clinic: &Clinic) -> usize {
    let Ok(folders) = std::fs::read_dir(clinic.data_dir().join("photos")) else {
        return 0;
    };
    folders
        .map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count())
        .sum()
}

#[test]
fn hostile_files_are_each_refused_by_name_and_leave_nothing() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let files = hostile::files();
    let mut open = vec![
        "open",
        "--patient",
        &patient,
        "--site",
        "face",
        "--side",
        "left",
        "--lesion",
        "A",
    ];
    let paths: Vec<_> = files
        .iter()
        .map(|file| clinic.put(file.name, &file.bytes))
        .collect();
    open.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let answer = clinic.ask(&open);
    assert_eq!((answer.code, answer.complained.as_str()), (Some(1), ""));
    let document = answer.document();
    let photos = document["photos"].as_array().unwrap();
    assert_eq!(photos.len(), files.len());
    for (photo, file) in photos.iter().zip(&files) {
        let (state, code) = (&photo["state"], photo["code"].as_str().unwrap());
        assert_eq!(
            (state, code),
            (&json!("refused"), format!("photo_{}", file.refusal).as_str()),
            "{}",
            file.name
        );
        assert!(
            photo["message"]
                .as_str()
                .is_some_and(|sentence| sentence.len() > 10),
            "{photo}"
        );
        assert_eq!((&photo["id"], &photo["analysis"]), (&Value::Null, &Value::Null));
    }
    let codes: BTreeSet<_> = photos
        .iter()
        .map(|photo| photo["code"].as_str().unwrap())
        .collect();
    let refusals: BTreeSet<_> = files.iter().map(|file| file.refusal).collect();
    assert_eq!(codes.len(), refusals.len());

    assert_eq!(sealed(&clinic), 0);
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    assert_eq!(history, json!({"entries": [], "next": null}));
    let checked = clinic.ask(&["check"]).json();
    assert_eq!(
        checked,
        json!({"ok": true, "damaged": [], "photos": 0, "bytes": 0})
    );
    // And the process beside them is unharmed.
    clinic.keep(&patient, &clinic.put("good.bmp", &picture(1)));
    assert_ne!(sealed(&clinic), 0);
}

#[test]
fn only_this_calls_photos_are_analysed() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let old = clinic.put("old.bmp", &picture(1));
    let waiting = clinic.keep(&patient, &clinic.put("waiting.bmp", &picture(2)));
    let before = clinic.keep(&patient, &old);
    clinic.ask(&["model", "install", MODEL]).json();

    let new = clinic.put("new.bmp", &picture(3));
    let opened = clinic
        .ask(&[
            "open",
            old.to_str().unwrap(),
            new.to_str().unwrap(),
            "--patient",
            &patient,
            "--site",
            "face",
            "--side",
            "left",
            "--note",
            "Ngứa",
        ])
        .json();
    let photos = &opened["photos"];
    assert_eq!(
        (&photos[0]["state"], &photos[0]["id"]),
        (&json!("already_stored"), &json!(before))
    );
    assert_eq!(photos[1]["state"], "kept");
    for photo in [&photos[0], &photos[1]] {
        assert_eq!(photo["analysis"]["state"], "done", "{photo}");
        assert_eq!(photo["code"], Value::Null);
    }
    // The note went under the new photo only, and that is said.
    assert_eq!(
        photos[0]["message"],
        "stored before; the note was not added to it"
    );
    assert_eq!(photos[1]["message"], Value::Null);
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    for entry in history["entries"].as_array().unwrap() {
        let is = |id: &Value| entry["photo"] == *id;
        let state = if is(&json!(waiting)) { "pending" } else { "done" };
        assert_eq!(entry["analysis"]["state"], state);
        assert_eq!(
            entry["notes"].as_array().unwrap().len(),
            usize::from(is(&photos[1]["id"]))
        );
    }
    assert_eq!(
        clinic.ask(&["analyse", "--pending"]).json(),
        json!({"analysed": 1, "pending": 0})
    );
}

#[test]
fn unlabelled_lesions_are_told_apart_by_their_ids() {
    let clinic = Clinic::found(PROGRAM);
    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let files: Vec<_> = (0..3)
        .map(|seed| clinic.put(&format!("{seed}.bmp"), &picture(seed)))
        .collect();
    let open = |names: &[usize]| {
        let mut open = vec!["open", "--patient", &patient, "--site", "face", "--side", "left"];
        open.extend(names.iter().map(|name| files[*name].to_str().unwrap()));
        clinic.ask(&open).json();
    };
    open(&[0, 1]);
    open(&[2]);
    let history = clinic.ask(&["history", "--patient", &patient]).json();
    let lesions: Vec<_> = (0..3).map(|at| &history["entries"][at]["lesion_id"]).collect();
    assert!(
        lesions[1] == lesions[2] && lesions[0] != lesions[1],
        "{lesions:?}"
    );
    assert!((0..3).all(|at| history["entries"][at]["lesion"] == Value::Null));
}
