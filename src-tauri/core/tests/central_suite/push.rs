//! Pushing: replays, merging, conflicts, tombstones, and what one call may hold.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::postgres::PgListener;

use crate::centre::{Case, Centre, KINDS, OURS, change, deletion, id};

#[tokio::test]
async fn a_replay_gets_the_same_answer_and_changes_nothing() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    let mut operations = case.all();
    operations.push(change("note", case.note, 1, json!({"text": "Ghi chú đã sửa"})));
    operations.push(change(
        "note",
        case.note,
        1,
        json!({"text": "Ghi chú tranh chấp"}),
    ));
    operations.push(deletion("acknowledgement", case.acknowledgement, 1));
    let first = one.push(&operations).await;
    assert!(
        first.iter().all(|answer| answer["outcome"] == "applied"),
        "{first:?}"
    );
    assert_eq!(first[8]["conflicts"], json!(["text"]));

    let state = |centre: &Centre| {
        centre.psql(
            "SELECT * FROM seekwell.record ORDER BY kind, id; SELECT * FROM seekwell.change ORDER BY sequence;
             SELECT * FROM seekwell.conflict ORDER BY id; SELECT * FROM seekwell.operation ORDER BY id; SELECT * FROM users;
             SELECT * FROM patients; SELECT * FROM analyses; SELECT sequence FROM seekwell.clinic ORDER BY id",
        )
    };
    let before = state(&centre);
    // Whoever sends it, whatever it holds now, and in whatever order: an operation is known by its id.
    for _ in 0..3 {
        operations.reverse();
        let mut again = one.push(&operations).await;
        if again[0]["operation"] != first[0]["operation"] {
            again.reverse();
        }
        assert_eq!(again, first);
    }
    let mut forged = operations[0].clone();
    forged["fields"] = json!({"full_name": "Ai đó khác"});
    let forged_answer = other.push(&[forged]).await;
    assert_eq!(forged_answer[0]["operation"], operations[0]["operation"]);
    assert_eq!(state(&centre), before);
}

#[tokio::test]
async fn the_same_operation_over_two_connections_at_once_is_done_once() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    for _ in 0..25 {
        let case = Case::new();
        let made = case.all();
        let (first, second) = tokio::join!(one.push(&made), other.push(&made));
        assert_eq!(first, second);
        let edit = [change("note", case.note, 1, json!({"text": "Sửa"}))];
        let (first, second) = tokio::join!(one.push(&edit), other.push(&edit));
        assert_eq!(first, second);
        assert_eq!(
            (&first[0]["revision"], &first[0]["conflicts"]),
            (&json!(2), &json!([]))
        );
    }
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.conflict"), "0");
    assert_eq!(centre.psql("SELECT count(*) FROM users"), "25");
}

#[tokio::test]
async fn edits_of_different_fields_merge_and_nobody_is_asked() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    one.put(case.made("patient")).await;
    let phone =
        json!({"phone": "+84 000 000 009", "updated_at": "2026-11-23T00:00:00.000Z", "updated_by": id()});
    let answer = one.put(change("patient", case.patient, 1, phone)).await;
    assert_eq!(
        (answer["revision"].as_i64(), answer.get("fields")),
        (Some(2), None)
    );

    let address =
        json!({"address": "Thôn khác", "updated_at": "2026-11-24T00:00:00.000Z", "updated_by": id()});
    let answer = other.put(change("patient", case.patient, 1, address)).await;
    assert_eq!(
        (&answer["revision"], &answer["conflicts"]),
        (&json!(3), &json!([]))
    );
    assert_eq!(answer["fields"]["phone"], "+84 000 000 009");
    assert_eq!(answer["fields"]["address"], "Thôn khác");
    assert_eq!(answer["fields"]["full_name"], "Nguyễn Đăng Mẫu");
    assert_eq!(
        other.pull_all().await.len(),
        2,
        "where it came first, and where it changed last"
    );
}

#[tokio::test]
async fn on_the_same_field_the_later_revision_wins_and_the_loser_is_kept() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    one.put(case.made("patient")).await;
    one.put(change(
        "patient",
        case.patient,
        1,
        json!({"phone": "1", "address": "a"}),
    ))
    .await;
    let answer = other
        .put(change(
            "patient",
            case.patient,
            1,
            json!({"phone": "2", "address": "a", "sex": null}),
        ))
        .await;
    assert_eq!(answer["conflicts"], json!(["phone"]));
    assert_eq!(answer["fields"]["phone"], "2");
    assert_eq!(answer["fields"]["sex"], Value::Null);

    let changes = one.pull_all().await;
    let conflict = changes
        .iter()
        .find(|change| change["kind"] == "conflict")
        .unwrap();
    let expected = [
        ("kind", json!("patient")),
        ("record", json!(case.patient)),
        ("patient", json!(case.patient)),
        ("field", json!("phone")),
        ("kept", json!("2")),
        ("lost", json!("1")),
        ("lost_by", json!(one.enrolment.workstation)),
        ("lost_revision", json!(2)),
        ("revision", json!(3)),
        ("settled_at", Value::Null),
    ];
    for (key, value) in expected {
        assert_eq!(conflict["fields"][key], value, "{key}");
    }

    let settle = format!(
        "SELECT api.settle_conflict('{}', '{}')",
        conflict["record"].as_str().unwrap(),
        case.person
    );
    let sequence = conflict["sequence"].as_i64().unwrap();
    for _ in 0..2 {
        other.any(&settle).await.unwrap();
        let seen = one.pull(sequence, 10).await;
        assert_eq!(
            seen["changes"].as_array().unwrap().len(),
            1,
            "the second look changes nothing"
        );
        assert_eq!(seen["changes"][0]["fields"]["settled_by"], json!(case.person));
        assert_eq!(seen["last"], json!(sequence + 1));
    }
}

#[tokio::test]
async fn a_deletion_wins_only_over_what_it_has_seen_and_is_final() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    one.push(&case.all()).await;
    one.put(change("note", case.note, 1, json!({"text": "Sửa"})))
        .await;
    assert_eq!(one.refused(deletion("note", case.note, 1)).await.0, "changed");
    let answer = one.put(deletion("note", case.note, 2)).await;
    assert_eq!(answer["revision"], 3);
    let answer = one.put(deletion("note", case.note, 2)).await;
    assert_eq!(answer["revision"], 3, "deleted twice is deleted");
    assert_eq!(
        one.refused(change("note", case.note, 3, json!({"text": "Lại"})))
            .await
            .0,
        "deleted"
    );
    let seen = one.pull_all().await;
    let note = seen.iter().find(|change| change["kind"] == "note").unwrap();
    assert_eq!((&note["deleted"], &note["revision"]), (&json!(true), &json!(3)));

    one.put(deletion("analysis", case.analysis, 1)).await;
    let late = Case { note: id(), ..case };
    assert_eq!(
        one.refused(late.made("note")).await,
        ("deleted".into(), "analysis".into())
    );
}

#[tokio::test]
async fn a_legal_hold_keeps_everything_of_the_patient() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    one.push(&case.all()).await;
    one.put(change("patient", case.patient, 1, json!({"legal_hold": true})))
        .await;
    for kind in KINDS.into_iter().filter(|kind| *kind != "person") {
        let base = if kind == "patient" { 2 } else { 1 };
        assert_eq!(
            one.refused(deletion(kind, case.record(kind), base)).await.0,
            "legal_hold",
            "{kind}"
        );
    }
    assert_eq!(one.erase(id(), case.patient).await["code"], "legal_hold");
    assert_eq!(one.erase(id(), case.photo).await["code"], "legal_hold");
    one.put(change("patient", case.patient, 2, json!({"legal_hold": false})))
        .await;
    one.put(deletion("note", case.note, 1)).await;
}

#[tokio::test]
async fn a_person_is_changed_only_where_they_were_entered() {
    let centre = Centre::new().await;
    let (mut one, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let case = Case::new();
    one.put(case.made("person")).await;
    let promotion = |base| change("person", case.person, base, json!({"role": "ADMIN"}));
    assert_eq!(
        other.refused(promotion(1)).await,
        ("not_yours".into(), "record".into())
    );
    assert_eq!(
        other.refused(deletion("person", case.person, 1)).await.0,
        "not_yours"
    );
    other.put(case.made("person")).await;
    one.put(promotion(1)).await;
    let demotion = change("person", case.person, 2, json!({"role": "PATIENT"}));
    assert_eq!(other.refused(demotion).await.0, "not_yours");
    one.put(deletion("person", case.person, 2)).await;
}

#[tokio::test]
async fn a_record_that_was_deleted_before_anybody_heard_of_it_leaves_a_tombstone() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    for kind in KINDS {
        assert_eq!(
            one.put(deletion(kind, case.record(kind), 0)).await["revision"],
            1,
            "{kind}"
        );
        assert_eq!(one.refused(case.made(kind)).await.0, "deleted", "{kind}");
    }
    let tombstones = "SELECT count(*) FROM seekwell.record WHERE deleted_at IS NOT NULL AND fields = '{}'";
    assert_eq!(centre.psql(tombstones), "7");
    assert_eq!(centre.psql("SELECT count(*) FROM users"), "0");
}

#[tokio::test]
async fn a_base_that_the_centre_never_gave_is_refused() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let case = Case::new();
    assert_eq!(
        one.refused(change("patient", case.patient, 3, json!({"phone": "1"})))
            .await
            .0,
        "unknown"
    );
    one.put(case.made("patient")).await;
    assert_eq!(
        one.refused(change("patient", case.patient, 3, json!({"phone": "1"})))
            .await
            .0,
        "ahead"
    );
}

#[tokio::test]
async fn a_call_takes_an_array_of_at_most_500_in_read_committed() {
    let centre = Centre::new().await;
    let mut one = centre.station(OURS).await;
    let many = |count: usize| (0..count).map(|_| Case::new().made("person")).collect::<Vec<_>>();
    assert_eq!(one.push(&many(500)).await.len(), 500);
    assert!(one.try_push(&many(501)).await.is_err());
    assert_eq!(one.push(&[]).await.len(), 0);
    for wrong in ["'{}'", "'5'", "NULL", "'null'", "'\"x\"'"] {
        assert!(
            one.any(&format!("SELECT api.push({wrong})")).await.is_err(),
            "{wrong}"
        );
    }
    for isolation in ["REPEATABLE READ", "SERIALIZABLE"] {
        one.any(&format!("BEGIN ISOLATION LEVEL {isolation}"))
            .await
            .unwrap();
        let error = one.any("SELECT api.hello()").await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "SW003");
        one.any("ROLLBACK").await.unwrap();
    }
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.person"), "500");
}

#[tokio::test]
async fn whoever_listens_is_woken_with_the_number_of_the_last_change() {
    let centre = Centre::new().await;
    let (mut one, other) = (centre.station(OURS).await, centre.station(OURS).await);
    let hello: Value = sqlx::query_scalar("SELECT api.hello()")
        .fetch_one(&mut one.connection)
        .await
        .unwrap();
    let channel = format!(
        "seekwell_{}",
        hello["clinic_id"].as_str().unwrap().replace('-', "")
    );
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect_with(centre.options(&other.enrolment.role, other.enrolment.password.expose()))
        .await
        .unwrap();
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen(&channel).await.unwrap();
    one.put(Case::new().made("patient")).await;
    let woken = tokio::time::timeout(Duration::from_secs(5), listener.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(woken.payload(), "1");
}
