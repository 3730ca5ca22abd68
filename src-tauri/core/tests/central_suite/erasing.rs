//! Retention's last step at the centre: fields go, tombstones stay.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::centre::{Case, Centre, KINDS, OURS, THEIRS, change, deletion, id};

const NAME: &str = "Nguyễn Đăng Mẫu";

#[tokio::test]
async fn an_erased_patient_is_gone_from_every_table_and_every_replica_learns_of_it() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    one.push(&case.all()).await;
    // A conflict and a merged answer hold values too.
    one.put(change("patient", case.patient, 1, json!({"phone": "1"})))
        .await;
    other
        .put(change("patient", case.patient, 1, json!({"phone": "2"})))
        .await;

    assert_eq!(one.erase(id(), id()).await["code"], "unknown");
    assert_eq!(one.erase(id(), case.patient).await["code"], "not_deleted");
    one.put(deletion("patient", case.patient, 3)).await;
    let refused = one.erase(id(), case.patient).await;
    assert_eq!(
        (&refused["code"], &refused["reason"]),
        (&json!("not_deleted"), &json!("analyses"))
    );
    one.put(deletion("analysis", case.analysis, 1)).await;
    one.put(deletion("photo", case.photo, 1)).await;

    let head = one.pull(0, 1).await["head"].as_i64().unwrap();
    let operation = id();
    let answer = one.erase(operation, case.patient).await;
    assert_eq!(answer["outcome"], "applied");
    assert_eq!(one.erase(operation, case.patient).await, answer);
    let seen = other.pull(head, 1000).await;
    let changes = seen["changes"].as_array().unwrap();
    let of = |kind: &str| changes.iter().find(|change| change["kind"] == kind);
    for kind in KINDS.into_iter().filter(|kind| *kind != "person") {
        let change = of(kind).unwrap();
        assert_eq!(
            (&change["deleted"], &change["fields"]),
            (&json!(true), &json!({})),
            "{kind}"
        );
    }
    assert_eq!(of("conflict").unwrap()["fields"]["lost"], json!(null));
    assert_eq!(of("person"), None);
    let everything = crate::centre::cluster().dump(&centre.database);
    assert!(!everything.contains(NAME), "the name is still somewhere");
    assert!(!everything.contains("Ghi chú mẫu"));
    assert!(!everything.contains("+84 000 000 001"));
}

#[tokio::test]
async fn an_erased_photo_takes_its_analyses_and_leaves_the_patient() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    let kept = Case {
        photo: id(),
        analysis: id(),
        note: id(),
        acknowledgement: id(),
        ..case
    };
    one.push(&case.all()).await;
    one.push(&[kept.made("photo"), kept.made("analysis"), kept.made("note")])
        .await;
    one.put(deletion("photo", case.photo, 1)).await;
    one.put(deletion("analysis", case.analysis, 1)).await;
    one.erase(id(), case.photo).await;
    let state = centre
        .psql("SELECT kind, fields = '{}' FROM seekwell.record WHERE kind <> 'person' ORDER BY kind, 2");
    assert_eq!(
        state,
        "acknowledgement\tt\nanalysis\tf\nanalysis\tt\nlesion\tf\nnote\tf\nnote\tt\npatient\tf\nphoto\tf\nphoto\tt"
    );
}

#[tokio::test]
async fn another_clinic_erases_nothing() {
    let centre = Centre::new().await;
    let (mut ours, mut theirs) = (centre.station(OURS).await, centre.station(THEIRS).await);
    let case = Case::new();
    ours.push(&case.all()).await;
    ours.put(deletion("patient", case.patient, 1)).await;
    assert_eq!(theirs.erase(id(), case.patient).await["code"], "unknown");
    assert!(centre.psql("SELECT fields FROM seekwell.patient").contains(NAME));
}

#[tokio::test]
async fn what_was_begun_is_listed_until_it_has_ended() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let mut theirs = centre.station(THEIRS).await;
    let case = Case::new();
    one.push(&case.all()).await;
    assert_eq!(other.unfinished(0).await, [] as [Value; 0]);
    let images = case.fields("photo")["images"].clone();
    one.put(deletion("photo", case.photo, 1)).await;

    let part = |kind: &str, record: Uuid, deleted: bool, fields: Value| json!({"kind": kind, "record": record, "deleted": deleted, "fields": fields});
    let photo = part("photo", case.photo, true, json!({"images": images}));
    let of_photo = json!({"kind": "photo", "record": case.photo, "patient": case.patient,
        "parts": [part("analysis", case.analysis, false, json!({})), photo]});
    assert_eq!(other.unfinished(0).await, [of_photo]);
    assert_eq!(other.unfinished(1).await, [] as [Value; 0]);
    assert_eq!(theirs.unfinished(0).await, [] as [Value; 0]);
    one.put(change("patient", case.patient, 1, json!({"legal_hold": true})))
        .await;
    assert_eq!(other.unfinished(0).await, [] as [Value; 0]);
    one.put(change("patient", case.patient, 2, json!({"legal_hold": false})))
        .await;

    // The patient's deletion takes the photo's place.
    one.put(deletion("patient", case.patient, 3)).await;
    let of_patient = json!({"kind": "patient", "record": case.patient, "patient": case.patient,
        "parts": [part("analysis", case.analysis, false, json!({})), part("patient", case.patient, true, json!({})), photo]});
    assert_eq!(other.unfinished(0).await, [of_patient]);
    one.put(deletion("analysis", case.analysis, 1)).await;
    assert_eq!(other.erase(id(), case.patient).await["outcome"], "applied");
    assert_eq!(other.unfinished(0).await, [] as [Value; 0]);
}
