//! What the web backend sees of a workstation's records.

use seekwell_testkit::postgres::Existing;
use serde_json::json;

use crate::centre::{Case, Centre, OURS, THEIRS, change, deletion, id, with};

#[tokio::test]
async fn a_patient_becomes_a_user_who_cannot_sign_in_whatever_the_shape() {
    for shape in Existing::ALL {
        let centre = Centre::of(shape).await;
        let key = if shape == Existing::WebBackend {
            "user_id"
        } else {
            "id"
        };
        let own = "SELECT * FROM users WHERE username NOT LIKE 'patient-%' ORDER BY 1; SELECT * FROM patients WHERE full_name LIKE '%Một%'";
        let before = centre.psql(own);
        let mut one = centre.station(OURS).await;
        let case = Case::new();
        let answer = one.put(case.made("patient")).await;
        let central = answer["central_id"].as_i64().unwrap();
        one.put(change(
            "patient",
            case.patient,
            1,
            json!({"full_name": "Tên đã sửa"}),
        ))
        .await;
        let row = centre.psql(&format!(
            "SELECT username, email, hashed_password, role, users.full_name, patients.full_name
             FROM users JOIN patients ON patient_id = {key} WHERE {key} = {central}"
        ));
        let patient = case.patient;
        assert_eq!(
            row,
            format!("patient-{patient}\t{patient}@patient.invalid\t!\tPATIENT\tTên đã sửa\tTên đã sửa")
        );
        assert_eq!(centre.psql(own), before);
        let seen = one.pull_all().await;
        assert_eq!(seen[0]["central_id"], central);
        if shape == Existing::WebBackend {
            assert_eq!(
                centre.psql(&format!(
                    "SELECT date_of_birth, gender FROM patients WHERE patient_id = {central}"
                )),
                "1957-02-03\tMALE"
            );
        }
        // A year alone, and a name that is longer than the web backend's column.
        let long = "Đ".repeat(200);
        let another = with(
            with(case.fields("patient"), "born", json!("1957")),
            "full_name",
            json!(long),
        );
        one.put(change("patient", id(), 0, another)).await;
    }
}

#[tokio::test]
async fn an_analysis_is_where_the_web_backend_looks_until_it_is_deleted() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    let answers = one.push(&case.all()).await;
    let central = answers[1]["central_id"].as_i64().unwrap();
    let row = || {
        centre.psql(
            "SELECT id, patient_id, image_url, ai_predictions ->> 'MEL', risk_level, confidence, body_region, created_at, photo_id,
                    revision FROM analyses",
        )
    };
    assert_eq!(
        row(),
        format!(
            "{}\t{central}\tgs://bucket-of-ours/{}\t0.6\tURGENT\t0.6\tface\t2026-11-22 02:12:05.12\t{}\t1",
            case.analysis,
            case.image(),
            case.photo
        )
    );
    one.put(change("lesion", case.lesion, 1, json!({"site": "neck"})))
        .await;
    assert!(row().contains("\tneck\t"));

    let second = Case {
        analysis: id(),
        ..case
    };
    let by_number = with(
        second.fields("analysis"),
        "image",
        json!(format!("patients/{central}/analyses/x.jpg")),
    );
    one.put(change("analysis", second.analysis, 0, by_number)).await;
    assert_eq!(centre.psql("SELECT count(*) FROM analyses"), "2");
    one.put(deletion("analysis", case.analysis, 1)).await;
    assert_eq!(
        centre.psql("SELECT id FROM analyses"),
        second.analysis.to_string()
    );
    one.put(deletion("photo", case.photo, 1)).await;
    assert_eq!(row(), "", "no row names an object that is about to go");
}

#[tokio::test]
async fn an_id_that_another_clinic_uses_is_refused_and_nothing_is_told_of_it() {
    let centre = Centre::new().await;
    let (mut ours, mut theirs) = (centre.station(OURS).await, centre.station(THEIRS).await);
    let case = Case::new();
    ours.push(&case.all()).await;
    assert_eq!(
        theirs.refused(case.made("patient")).await,
        ("taken".into(), "record".into())
    );

    let mine = Case {
        analysis: case.analysis,
        ..Case::new()
    };
    for kind in ["patient", "lesion", "photo"] {
        theirs.put(mine.made(kind)).await;
    }
    let answer = theirs.push(&[mine.made("analysis")]).await.remove(0);
    let expected = json!({
        "operation": answer["operation"], "outcome": "refused", "code": "taken", "reason": "record"});
    assert_eq!(answer, expected);
    assert_eq!(centre.psql("SELECT count(*) FROM analyses"), "1");
    // What the web backend does not see may have the same id in every clinic.
    theirs
        .put(change("person", case.person, 0, case.fields("person")))
        .await;
    theirs
        .put(change("lesion", case.lesion, 0, mine.fields("lesion")))
        .await;
}
