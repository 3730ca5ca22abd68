//! What a record may hold: one that breaks a rule is refused by the rule's name while the others go through, and what the centre does
//! not know comes through untouched.

use serde_json::{Value, json};

use crate::centre::{Case, Centre, KINDS, OURS, Station, change, deletion, id, with};

/// A text that must not come back in a refusal.
const CANARY: &str = "KHÔNG-ĐƯỢC-THẤY";

#[tokio::test]
async fn a_poisoned_record_is_refused_by_name_and_holds_up_nobody() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let good = Case::new();
    one.push(&good.all()).await;

    let long = |length: usize| json!(CANARY.chars().cycle().take(length).collect::<String>());
    let stranger = id();
    let poisons: Vec<(&str, &str, Value, &str)> = vec![
        ("person", "full_name", Value::Null, "person_full_name"),
        ("person", "full_name", json!(""), "person_full_name"),
        ("person", "full_name", long(201), "person_full_name"),
        ("person", "role", json!(7), "person_role"),
        ("patient", "full_name", json!([CANARY]), "patient_full_name"),
        ("patient", "full_name", long(201), "patient_full_name"),
        ("patient", "born", json!(CANARY), "patient_born"),
        ("patient", "born", json!("2026-02-31"), "22008"),
        ("patient", "sex", json!(true), "patient_sex"),
        ("patient", "phone", json!({"a": CANARY}), "patient_phone"),
        ("patient", "legal_hold", json!("true"), "patient_legal_hold"),
        ("patient", "created_at", json!(CANARY), "patient_created_at"),
        ("patient", "updated_by", json!(CANARY), "patient_updated_by"),
        ("lesion", "patient", Value::Null, "patient"),
        ("lesion", "patient", json!(CANARY), "patient"),
        ("lesion", "patient", json!(stranger), "patient"),
        ("lesion", "site", json!(""), "lesion_site"),
        ("lesion", "label", long(201), "lesion_label"),
        ("photo", "lesion", json!(stranger), "lesion"),
        ("photo", "original_sha256", json!(CANARY), "photo_original_sha256"),
        ("photo", "original_bytes", json!(0), "photo_original_bytes"),
        ("photo", "width", json!(CANARY), "photo_width"),
        (
            "photo",
            "taken_at",
            json!("2026-13-01T00:00:00Z"),
            "photo_taken_at",
        ),
        (
            "photo",
            "images",
            json!({"original": {"bytes": 1}}),
            "photo_images",
        ),
        (
            "photo",
            "images",
            json!({"original": {"name": CANARY}}),
            "photo_images",
        ),
        ("photo", "images", json!([CANARY]), "photo_images"),
        ("photo", "quality", json!([CANARY]), "photo_quality"),
        ("photo", "kept_anyway", json!(CANARY), "photo_kept_anyway"),
        ("photo", "measured", json!(CANARY), "photo_measured"),
        ("photo", "outline", json!([CANARY]), "photo_outline"),
        ("photo", "analysis", json!(CANARY), "photo_analysis"),
        ("photo", "requested_at", json!(CANARY), "photo_requested_at"),
        ("analysis", "image", Value::Null, "analysis_image"),
        ("analysis", "image", json!(""), "analysis_image"),
        (
            "analysis",
            "image",
            json!("patients/999999/analyses/x.jpg"),
            "analysis_image",
        ),
        ("analysis", "risk", long(21), "analysis_risk"),
        (
            "analysis",
            "probabilities",
            json!({"MEL": 1.01}),
            "analysis_probabilities",
        ),
        (
            "analysis",
            "probabilities",
            json!({"MEL": -0.01}),
            "analysis_probabilities",
        ),
        ("analysis", "probabilities", json!({}), "analysis_probabilities"),
        (
            "analysis",
            "probabilities",
            json!({"MEL": CANARY}),
            "analysis_probabilities",
        ),
        ("analysis", "confidence", json!(1.5), "analysis_confidence"),
        ("analysis", "photo", json!(stranger), "photo"),
        ("analysis", "made_at", json!("yesterday"), "analysis_made_at"),
        ("note", "text", json!(""), "note_text"),
        ("note", "text", long(4001), "note_text"),
        ("note", "analysis", json!(stranger), "analysis"),
        ("note", "author", json!(CANARY), "note_author"),
        ("acknowledgement", "by", Value::Null, "acknowledgement_by"),
        ("acknowledgement", "at", json!(CANARY), "acknowledgement_at"),
    ];
    let before = centre.psql("SELECT count(*) FROM seekwell.record");
    let mut operations = Vec::new();
    for (kind, key, value, _) in &poisons {
        operations.push(change(kind, id(), 0, with(good.fields(kind), key, value.clone())));
        operations.push(Case::new().made("person"));
    }
    let answers = one.push(&operations).await;
    for ((kind, key, _, expected), pair) in poisons.iter().zip(answers.chunks(2)) {
        assert_eq!(pair[0]["outcome"], "refused", "{kind}.{key}: {}", pair[0]);
        assert_eq!(pair[0]["reason"], *expected, "{kind}.{key}: {}", pair[0]);
        assert_eq!(pair[1]["outcome"], "applied");
        assert!(!pair[0].to_string().contains("ĐƯỢC"), "{}", pair[0]);
    }
    let grown = before.parse::<usize>().unwrap() + poisons.len();
    assert_eq!(
        centre.psql("SELECT count(*) FROM seekwell.record"),
        grown.to_string()
    );
    assert!(
        !crate::centre::cluster().log().contains("ĐƯỢC"),
        "the server has logged a value"
    );

    // Mended, it goes through, with the same id.
    let mut mended = operations[0].clone();
    mended["fields"] = good.fields("person");
    one.put(mended).await;
}

#[tokio::test]
async fn what_is_no_operation_is_refused_alone() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let good = Case::new().made("person");
    let set = |key: &str, value: Value| with(good.clone(), key, value);
    let wrong = [
        json!(5),
        json!(null),
        json!([]),
        json!({}),
        json!("x"),
        set("operation", json!("x")),
        set("operation", Value::Null),
        set("record", json!("00000000-0000-0000-0000-00000000000g")),
        set("record", json!({"a": 1})),
        set("base", json!(-1)),
        set("base", json!(0.5)),
        set("base", json!("0")),
        set("base", json!(1e30)),
        set("base", Value::Null),
        set("fields", json!([1])),
        set("fields", json!("x")),
        set("deleted", json!("yes")),
        set("kind", json!("conflict")),
        set("kind", json!("clinic")),
        set("kind", json!("record; DROP TABLE seekwell.record")),
        set("kind", json!(["person"])),
        set(
            "fields",
            json!({"full_name": "x", "role": "y", "big": "z".repeat(300_000)}),
        ),
    ];
    let mut operations = wrong.to_vec();
    operations.push(good.clone());
    let answers = one.push(&operations).await;
    for (operation, answer) in wrong.iter().zip(&answers) {
        assert_eq!(answer["outcome"], "refused", "{operation:.200}: {answer}");
        assert!(
            answer["code"].is_string() && answer["reason"].is_string(),
            "{answer}"
        );
    }
    assert_eq!(answers.last().unwrap()["outcome"], "applied");
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.record"), "1");
    assert_eq!(
        answers[9]["operation"], good["operation"],
        "a known operation is named even where the rest makes no sense"
    );
}

#[tokio::test]
async fn fields_and_words_of_a_newer_version_come_through_untouched() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    let later = json!({"nested": [{"a": null, "b": [1, 2.50, 1e-7]}, "chữ", true], "": "", "12345678901234567890": 9_007_199_254_740_993_i64});
    let mut fields = with(case.fields("patient"), "later", later.clone());
    fields["sex"] = json!("UNKNOWN_TO_2026");
    one.put(change("patient", case.patient, 0, fields)).await;
    one.put(change(
        "lesion",
        case.lesion,
        0,
        with(case.fields("lesion"), "site", json!("scalp")),
    ))
    .await;
    one.put(case.made("photo")).await;
    let probabilities = json!({"MEL": 0.3, "DERMATOFIBROMA": 0.7});
    one.put(change(
        "analysis",
        case.analysis,
        0,
        with(case.fields("analysis"), "probabilities", probabilities.clone()),
    ))
    .await;

    // One that knows nothing of it edits the record, and it is still there.
    other
        .put(change("patient", case.patient, 1, json!({"phone": "1"})))
        .await;
    let seen = other.pull_all().await;
    let of = |kind: &str| seen.iter().find(|change| change["kind"] == kind).unwrap()["fields"].clone();
    assert_eq!(of("patient")["later"], later);
    assert_eq!(of("patient")["sex"], "UNKNOWN_TO_2026");
    assert_eq!(of("analysis")["probabilities"], probabilities);
    assert_eq!(of("lesion")["site"], "scalp");
}

#[tokio::test]
async fn analyses_never_change_and_a_photo_only_gains_images_and_outlines() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    let central = central_id(&one.push(&case.all()).await);
    for (kind, fields, reason) in [
        ("analysis", json!({"risk": "LOW"}), "risk"),
        ("analysis", json!({"later": 1}), "later"),
        ("photo", json!({"width": 1}), "width"),
        ("photo", json!({"later": 1}), "later"),
        ("photo", json!({"images": null}), "images"),
        (
            "photo",
            json!({"images": {"derivative": {"name": "another"}}}),
            "images",
        ),
        ("lesion", json!({"patient": id()}), "patient"),
        ("note", json!({"analysis": id()}), "analysis"),
        ("acknowledgement", json!({"patient": id()}), "patient"),
    ] {
        let refused = one.refused(change(kind, case.record(kind), 1, fields)).await;
        assert_eq!(refused, ("immutable".into(), reason.into()), "{kind}");
    }
    // The same again is no change, under whatever operation.
    for kind in KINDS {
        let answer = one
            .put(change(kind, case.record(kind), 0, case.fields(kind)))
            .await;
        assert_eq!(
            (&answer["revision"], &answer["conflicts"]),
            (&json!(1), &json!([])),
            "{kind}"
        );
    }

    let named = |part: &str| format!("patients/{central}/analyses/{part}");
    let original = json!({"name": named("original"), "bytes": 1, "crc32c": "BBBBBB==", "generation": "2"});
    let answer = one
        .put(change(
            "photo",
            case.photo,
            1,
            json!({"images": {"original": original}}),
        ))
        .await;
    assert_eq!(answer["revision"], 2);
    assert_eq!(answer["fields"]["images"]["original"], original);
    assert_eq!(
        answer["fields"]["images"]["derivative"],
        case.fields("photo")["images"]["derivative"]
    );
    let answer = one
        .put(change(
            "photo",
            case.photo,
            1,
            json!({"images": {"thumbnail": {"name": named("thumbnail")}}}),
        ))
        .await;
    assert_eq!(
        (&answer["revision"], &answer["conflicts"]),
        (&json!(3), &json!([]))
    );
    assert_eq!(answer["fields"]["images"].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn what_no_workstation_could_read_comes_into_no_feed() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    one.push(&case.all()).await;
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let (large, deeper, deepest) = ("[{\"a\": -1e400}]", deep(64), deep(200));
    let mut neighbours = 0;
    for poison in ["1e400", "1.1e308", large, deeper.as_str(), deepest.as_str()] {
        let made = KINDS.map(|kind| change(kind, id(), 0, with(case.fields(kind), "later", json!("POISON"))));
        let edited = ["person", "patient", "lesion", "note", "acknowledgement"]
            .map(|kind| change(kind, case.record(kind), 1, json!({"later": "POISON"})));
        let drawn = change("photo", case.photo, 1, json!({"outline": {"points": "POISON"}}));
        for operation in made.into_iter().chain(edited).chain([drawn]) {
            let kind = operation["kind"].clone();
            let pair = push_poisoned(&mut one, &[operation, Case::new().made("person")], poison).await;
            assert_eq!(
                (&pair[0]["outcome"], &pair[0]["code"], &pair[0]["reason"]),
                (&json!("refused"), &json!("check"), &json!("record_readable")),
                "{kind} {poison:.20}"
            );
            assert_eq!(pair[1]["outcome"], "applied");
            neighbours += 1;
        }
    }
    assert_eq!(other.pull_all().await.len(), KINDS.len() + neighbours);

    let later = json!({
        "small": 1e-7, "integers": [i64::MIN, i64::MAX, u64::MAX], "digits": "9".repeat(400), "brackets": "[".repeat(200)});
    let mut fields = with(case.fields("patient"), "later", later.clone());
    fields["large"] = json!([1e300, -1e300]);
    fields["deep"] = json!("POISON");
    let answer = push_poisoned(&mut one, &[change("patient", id(), 0, fields)], &deep(63)).await;
    assert_eq!(answer[0]["outcome"], "applied", "{answer:?}");
    let seen = other.pull_all().await.pop().unwrap()["fields"].clone();
    assert_eq!(seen["later"], later);
    assert_eq!(seen["deep"].to_string(), deep(63));
    for (at, large) in [1e300, -1e300].into_iter().enumerate() {
        let ratio = seen["large"][at].as_f64().unwrap() / large;
        assert!((ratio - 1.0).abs() < 1e-12, "{ratio}");
    }
}

/// Pushes operations in which the text `POISON` stands for a value that serde_json does not write.
async fn push_poisoned(station: &mut Station, operations: &[Value], poison: &str) -> Vec<Value> {
    let text = Value::from(operations).to_string().replace("\"POISON\"", poison);
    let answers: Value = sqlx::query_scalar("SELECT api.push($1::text::jsonb)")
        .bind(text)
        .fetch_one(&mut station.connection)
        .await
        .unwrap();
    answers.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_photo_names_its_own_patients_objects_only() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let (case, another) = (Case::new(), Case::new());
    let own = central_id(&one.push(&case.all()).await);
    let theirs = central_id(&one.push(&another.all()).await);
    let original = |name: &str| json!({"original": {"name": name, "bytes": 1}});
    let fresh = |of: &Case, name: &str| {
        change(
            "photo",
            id(),
            0,
            with(of.fields("photo"), "images", original(name)),
        )
    };
    let added = |base, name: &str| change("photo", case.photo, base, json!({"images": original(name)}));
    let refused = ("check".to_owned(), "photo_images".to_owned());
    for name in [
        another.image(),
        format!("patients/{theirs}/analyses/x.jpg"),
        format!("patients/{own}0/analyses/x.jpg"),
        format!("patients/{own}"),
        format!("/patients/{own}/x.jpg"),
        "patients//x.jpg".to_owned(),
        "x.jpg".to_owned(),
    ] {
        assert_eq!(one.refused(fresh(&case, &name)).await, refused, "{name}");
        assert_eq!(one.refused(added(1, &name)).await, refused, "{name}");
    }
    let by_number = format!("patients/{own}/analyses/x.jpg");
    one.put(fresh(&case, &by_number)).await;
    one.put(fresh(&case, &case.image())).await;
    one.put(added(1, &by_number)).await;

    // One from before this was checked: retention would delete what it names once its tombstone stands.
    centre.psql(&format!(
        "ALTER TABLE seekwell.photo DISABLE TRIGGER photo_images;
         UPDATE seekwell.photo SET fields = jsonb_set(fields, '{{images,thumbnail}}', '{{\"name\": \"patients/{theirs}/x.jpg\"}}')
         WHERE id = '{}';
         ALTER TABLE seekwell.photo ENABLE TRIGGER photo_images",
        case.photo
    ));
    assert_eq!(one.refused(deletion("photo", case.photo, 2)).await, refused);
}

#[tokio::test]
async fn images_join_a_photo_whatever_became_of_its_patient() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    let central = central_id(&one.push(&case.all()).await);
    let image =
        |part: &str, folder: String| json!({"images": {part: {"name": format!("patients/{folder}/{part}")}}});
    let elsewhere = image("thumbnail", (central + 1).to_string());
    one.put(deletion("patient", case.patient, 1)).await;
    one.put(change(
        "photo",
        case.photo,
        1,
        image("original", case.patient.to_string()),
    ))
    .await;
    assert_eq!(
        one.refused(change("photo", case.photo, 2, elsewhere.clone()))
            .await
            .1,
        "photo_images"
    );
    // None is without a number, save by hand.
    centre.psql("UPDATE seekwell.patient SET central_id = NULL");
    assert_eq!(
        one.refused(change("photo", case.photo, 2, elsewhere)).await.1,
        "photo_images"
    );
    one.put(change(
        "photo",
        case.photo,
        2,
        image("thumbnail", case.patient.to_string()),
    ))
    .await;
    for (kind, base) in [("photo", 3), ("analysis", 1)] {
        one.put(deletion(kind, case.record(kind), base)).await;
    }
    assert_eq!(one.erase(id(), case.patient).await["outcome"], "applied");
    assert_eq!(centre.psql("SELECT fields FROM seekwell.photo"), "{}");
}

#[tokio::test]
async fn a_record_refers_to_its_own_patients_records_only() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let (case, another) = (Case::new(), Case::new());
    one.push(&case.all()).await;
    one.push(&another.all()).await;
    for (kind, key, value) in [
        ("photo", "lesion", another.lesion),
        ("analysis", "photo", another.photo),
        ("note", "analysis", another.analysis),
        ("acknowledgement", "analysis", another.analysis),
    ] {
        let crossed = change(kind, id(), 0, with(case.fields(kind), key, json!(value)));
        assert_eq!(one.refused(crossed).await, ("missing".into(), key.into()));
    }
    let link = |same_as| {
        change(
            "link",
            id(),
            0,
            json!({"patient": case.patient, "same_as": same_as, "by": case.person, "at": "2026-11-22T02:12:05Z"}),
        )
    };
    assert_eq!(one.refused(link(case.patient)).await.1, "link_same_as");
    assert_eq!(
        one.refused(link(id())).await,
        ("missing".into(), "same_as".into())
    );
    one.put(link(another.patient)).await;
}

/// The number that the centre has given to the patient of a case that was pushed as a whole.
fn central_id(answers: &[Value]) -> i64 {
    answers[1]["central_id"].as_i64().unwrap()
}
