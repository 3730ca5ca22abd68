//! What the port promises, over every implementation.

use std::{net::Ipv4Addr, time::Duration};

use seekwell_core::{
    clock::Clock,
    store::RecordKind::{self, Acknowledgement, Analysis, Lesion, Note, Patient, Person, Photo},
    sync::{Answer, Numbered, Operation, Outcome, PostgresRegistry, Registry, RegistryError},
};
use seekwell_testkit::cutter::{Cutter, Way};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case::{Case, change, deletion, id},
    postgres::RealCentre,
    registry::MemoryCentre,
};

/// Two workstations of one clinic.
struct Pair<'a> {
    one: &'a dyn Registry,
    other: &'a dyn Registry,
}

async fn holds(pair: &Pair<'_>) {
    each_is_itself(pair).await;
    a_replay_changes_nothing(pair).await;
    the_same_at_once_is_done_once(pair).await;
    edits_of_different_fields_merge(pair).await;
    on_the_same_field_the_later_wins_and_the_loser_is_kept(pair).await;
    a_deletion_wins_only_over_what_it_has_seen(pair).await;
    a_legal_hold_keeps_everything(pair).await;
    a_person_is_changed_only_where_they_were_entered(pair).await;
    a_base_that_was_never_given_is_refused(pair).await;
    what_a_record_refers_to_is_there(pair).await;
    what_never_changes_does_not(pair).await;
    images_join(pair).await;
    of_a_photo_the_outline_is_edited(pair).await;
    values_make_sense(pair).await;
    one_that_is_refused_holds_up_none(pair).await;
    what_a_newer_version_says_comes_through(pair).await;
    a_feed_has_no_gap(pair).await;
    a_record_stays_where_it_came_first(pair).await;
    a_page_of_big_records_ends_early(pair).await;
    a_change_is_hinted(pair).await;
}

async fn push(registry: &dyn Registry, operations: &[Operation]) -> Vec<Outcome> {
    let answers = registry.push(operations).await.unwrap();
    let ids = |operation: &Operation| operation.operation;
    let answered = answers.iter().map(|answer: &Answer| answer.operation);
    assert!(answered.eq(operations.iter().map(ids)));
    answers.into_iter().map(|answer| answer.outcome).collect()
}

async fn one(registry: &dyn Registry, operation: Operation) -> Outcome {
    push(registry, &[operation]).await.remove(0)
}

/// Revision, whole record where it is said, conflicts.
async fn taken(registry: &dyn Registry, operation: Operation) -> (u64, Option<Value>, Vec<String>) {
    match one(registry, operation.clone()).await {
        Outcome::Applied {
            revision,
            fields,
            conflicts,
            ..
        } => (revision, fields.map(Value::Object), conflicts),
        refused @ Outcome::Refused { .. } => panic!("{operation:?}: {refused:?}"),
    }
}

async fn refused(registry: &dyn Registry, operation: Operation) -> (String, String) {
    match one(registry, operation.clone()).await {
        Outcome::Refused { code, reason } => (code, reason.unwrap_or_default()),
        applied @ Outcome::Applied { .. } => panic!("{operation:?}: {applied:?}"),
    }
}

fn because(code: &str, reason: &str) -> (String, String) {
    (code.to_owned(), reason.to_owned())
}

async fn everything(registry: &dyn Registry, case: &Case) {
    let outcomes = push(registry, &case.all()).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Applied { revision: 1, .. })),
        "{outcomes:?}"
    );
}

async fn head(registry: &dyn Registry) -> u64 {
    let mut last = 0;
    loop {
        let page = registry.pull(last, 1000).await.unwrap();
        last = page.last;
        if !page.more {
            return last;
        }
    }
}

async fn since(registry: &dyn Registry, after: u64) -> Vec<Numbered> {
    let page = registry.pull(after, 1000).await.unwrap();
    assert!(!page.more);
    page.changes
}

async fn each_is_itself(pair: &Pair<'_>) {
    let (one, other) = (pair.one.hello().await.unwrap(), pair.other.hello().await.unwrap());
    assert_eq!(one.clinic_id, other.clinic_id);
    assert_ne!(one.workstation_id, other.workstation_id);
    assert_eq!(
        (one.clinic.as_str(), one.bucket.as_str()),
        ("Trạm y tế Mẫu", "images")
    );
}

async fn a_replay_changes_nothing(pair: &Pair<'_>) {
    let case = Case::new();
    let mut operations = case.all();
    operations.push(change(Note, case.note, 1, json!({"text": "sửa"})));
    operations.push(change(Note, case.note, 1, json!({"text": "tranh chấp"})));
    operations.push(deletion(Acknowledgement, case.acknowledgement, 1));
    let first = push(pair.one, &operations).await;
    assert!(matches!(&first[8], Outcome::Applied { conflicts, .. } if conflicts == &["text"]));
    let before = since(pair.one, 0).await;
    for _ in 0..2 {
        operations.reverse();
        let mut again = push(pair.one, &operations).await;
        if operations[0].kind != Person {
            again.reverse();
        }
        assert_eq!(again, first);
    }
    // Whatever it holds: an operation is known by its id, whoever sends it.
    let mut forged = operations[0].clone();
    forged.fields = super::case::fields(json!({"full_name": "Ai đó khác"}));
    one(pair.other, forged).await;
    assert_eq!(since(pair.one, 0).await, before);
}

async fn the_same_at_once_is_done_once(pair: &Pair<'_>) {
    for _ in 0..5 {
        let case = Case::new();
        let made = case.all();
        let (first, second) = tokio::join!(push(pair.one, &made), push(pair.other, &made));
        assert_eq!(first, second);
        let edit = change(Note, case.note, 1, json!({"text": "sửa"}));
        let (first, second) = tokio::join!(one(pair.one, edit.clone()), one(pair.other, edit));
        assert_eq!(first, second);
        assert!(matches!(first, Outcome::Applied { revision: 2, conflicts, .. } if conflicts.is_empty()));
    }
}

async fn edits_of_different_fields_merge(pair: &Pair<'_>) {
    let case = Case::new();
    let numbered = one(pair.one, case.made(Patient)).await;
    assert!(matches!(
        numbered,
        Outcome::Applied {
            central_id: Some(_),
            fields: None,
            ..
        }
    ));
    let phone = json!({"phone": "9", "updated_at": "2026-11-23T00:00:00.000Z", "updated_by": id()});
    assert_eq!(
        taken(pair.one, change(Patient, case.patient, 1, phone)).await,
        (2, None, vec![])
    );
    let address =
        json!({"address": "Thôn khác", "updated_at": "2026-11-24T00:00:00.000Z", "updated_by": id()});
    let (revision, whole, conflicts) = taken(pair.other, change(Patient, case.patient, 1, address)).await;
    let whole = whole.unwrap();
    assert_eq!((revision, conflicts), (3, vec![]));
    assert_eq!(
        (&whole["phone"], &whole["address"]),
        (&json!("9"), &json!("Thôn khác"))
    );
    // What it says already is not said again.
    let same = change(Patient, case.patient, 3, json!({"phone": "9"}));
    assert_eq!(taken(pair.other, same).await, (3, None, vec![]));
}

async fn on_the_same_field_the_later_wins_and_the_loser_is_kept(pair: &Pair<'_>) {
    let case = Case::new();
    taken(pair.one, case.made(Patient)).await;
    let theirs = json!({"phone": "1", "address": "a", "sex": "MALE"});
    taken(pair.one, change(Patient, case.patient, 1, theirs)).await;
    let at = head(pair.one).await;
    let ours = json!({"phone": "2", "address": "a", "sex": null});
    let (revision, whole, conflicts) = taken(pair.other, change(Patient, case.patient, 1, ours)).await;
    let whole = whole.unwrap();
    assert_eq!((revision, conflicts), (3, vec!["phone".to_owned()]));
    assert_eq!((&whole["phone"], &whole["sex"]), (&json!("2"), &Value::Null));

    let changes = since(pair.one, at).await;
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(
        (changes[0].change.kind.as_str(), changes[0].change.revision),
        ("patient", 3)
    );
    let conflict = &changes[1].change;
    assert_eq!((conflict.kind.as_str(), conflict.revision), ("conflict", 1));
    let by = pair.one.hello().await.unwrap().workstation_id;
    for (key, value) in [
        ("kind", json!("patient")),
        ("record", json!(case.patient)),
        ("patient", json!(case.patient)),
        ("field", json!("phone")),
        ("kept", json!("2")),
        ("lost", json!("1")),
        ("lost_by", json!(by)),
        ("lost_revision", json!(2)),
        ("revision", json!(3)),
        ("settled_at", Value::Null),
    ] {
        assert_eq!(conflict.fields.get(key), Some(&value), "{key}");
    }
    for _ in 0..2 {
        pair.other
            .settle_conflict(conflict.record, case.person)
            .await
            .unwrap();
        let seen = since(pair.one, changes[1].sequence).await;
        assert_eq!(seen.len(), 1, "the second look changes nothing");
        assert_eq!(seen[0].change.revision, 2);
        assert_eq!(seen[0].change.fields["settled_by"], json!(case.person));
    }
    let unknown = pair.other.settle_conflict(id(), case.person).await;
    assert!(
        matches!(unknown, Err(RegistryError::Unknown { .. })),
        "{unknown:?}"
    );
}

async fn a_deletion_wins_only_over_what_it_has_seen(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    taken(pair.one, change(Note, case.note, 1, json!({"text": "sửa"}))).await;
    assert_eq!(
        refused(pair.one, deletion(Note, case.note, 1)).await,
        because("changed", "record")
    );
    assert_eq!(taken(pair.one, deletion(Note, case.note, 2)).await.0, 3);
    assert_eq!(
        taken(pair.one, deletion(Note, case.note, 2)).await.0,
        3,
        "deleted twice is deleted"
    );
    let again = change(Note, case.note, 3, json!({"text": "lại"}));
    assert_eq!(refused(pair.one, again).await, because("deleted", "record"));
    taken(pair.one, deletion(Analysis, case.analysis, 1)).await;
    let late = Case { note: id(), ..case };
    assert_eq!(
        refused(pair.one, late.made(Note)).await,
        because("deleted", "analysis")
    );
    let gone = since(pair.one, 0).await;
    let gone = gone
        .iter()
        .find(|numbered| numbered.change.record == case.note)
        .unwrap();
    assert!(gone.change.deleted && gone.change.revision == 3);

    let unheard = Case::new();
    for kind in RecordKind::ALL {
        let gone = deletion(kind, unheard.record(kind), 0);
        assert_eq!(taken(pair.one, gone).await.0, 1, "{kind:?}");
        assert_eq!(
            refused(pair.one, unheard.made(kind)).await.0,
            "deleted",
            "{kind:?}"
        );
    }
}

async fn a_legal_hold_keeps_everything(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    taken(
        pair.one,
        change(Patient, case.patient, 1, json!({"legal_hold": true})),
    )
    .await;
    for kind in RecordKind::ALL.into_iter().filter(|kind| *kind != Person) {
        let gone = deletion(kind, case.record(kind), if kind == Patient { 2 } else { 1 });
        assert_eq!(
            refused(pair.one, gone).await,
            because("legal_hold", "patient"),
            "{kind:?}"
        );
    }
}

async fn a_person_is_changed_only_where_they_were_entered(pair: &Pair<'_>) {
    let case = Case::new();
    taken(pair.one, case.made(Person)).await;
    let promotion = || change(Person, case.person, 1, json!({"role": "ADMIN"}));
    assert_eq!(
        refused(pair.other, promotion()).await,
        because("not_yours", "record")
    );
    assert_eq!(
        refused(pair.other, deletion(Person, case.person, 1)).await.0,
        "not_yours"
    );
    taken(pair.other, case.made(Person)).await;
    assert_eq!(taken(pair.one, promotion()).await.0, 2);
}

async fn a_base_that_was_never_given_is_refused(pair: &Pair<'_>) {
    let case = Case::new();
    let edit = || change(Patient, case.patient, 3, json!({"phone": "1"}));
    assert_eq!(refused(pair.one, edit()).await, because("unknown", "record"));
    taken(pair.one, case.made(Patient)).await;
    assert_eq!(refused(pair.one, edit()).await, because("ahead", "base"));
}

async fn what_a_record_refers_to_is_there(pair: &Pair<'_>) {
    let (case, other) = (Case::new(), Case::new());
    for kind in [Lesion, Photo, Analysis, Note, Acknowledgement] {
        assert_eq!(
            refused(pair.one, case.made(kind)).await,
            because("missing", "patient"),
            "{kind:?}"
        );
    }
    everything(pair.one, &other).await;
    taken(pair.one, case.made(Patient)).await;
    for (kind, field) in [
        (Photo, "lesion"),
        (Analysis, "photo"),
        (Note, "analysis"),
        (Acknowledgement, "analysis"),
    ] {
        assert_eq!(
            refused(pair.one, case.made(kind)).await,
            because("missing", field),
            "{kind:?}"
        );
        // Another patient's is none of this one's.
        let mut wrong = case.made(kind);
        wrong
            .fields
            .insert(field.to_owned(), other.fields(kind)[field].clone());
        assert_eq!(
            refused(pair.one, wrong).await,
            because("missing", field),
            "{kind:?}"
        );
        let mut malformed = case.made(kind);
        malformed.fields.insert(field.to_owned(), json!("x"));
        assert_eq!(
            refused(pair.one, malformed).await,
            because("malformed", field),
            "{kind:?}"
        );
    }
}

async fn what_never_changes_does_not(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    for (kind, field, value) in [
        (Analysis, "risk", json!("LOW")),
        (Analysis, "something_new", json!(1)),
        (Photo, "camera", json!("x")),
        (Lesion, "patient", json!(id())),
        (Note, "analysis", json!(id())),
        (Acknowledgement, "patient", json!(id())),
    ] {
        let edit = change(kind, case.record(kind), 1, json!({ field: value }));
        assert_eq!(
            refused(pair.other, edit).await,
            because("immutable", field),
            "{kind:?}"
        );
    }
    let same = change(Analysis, case.analysis, 1, json!({"risk": "URGENT"}));
    assert_eq!(taken(pair.other, same).await.0, 1);
}

async fn images_join(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    let named = |word: &str| format!("patients/{}/{word}", case.patient);
    let facts = |word: &str| json!({"name": named(word), "bytes": 9, "crc32c": 1, "generation": 1});
    let images = |parts: Value| change(Photo, case.photo, 1, json!({ "images": parts }));
    let (revision, whole, _) = taken(pair.one, images(json!({"derivative": facts("a")}))).await;
    assert_eq!(
        (revision, whole.unwrap()["images"]["derivative"]["name"].clone()),
        (2, json!(named("a")))
    );
    let (revision, whole, conflicts) = taken(pair.other, images(json!({"original": facts("b")}))).await;
    let whole = whole.unwrap();
    assert_eq!((revision, conflicts), (3, vec![]));
    assert_eq!(
        whole["images"],
        json!({"derivative": facts("a"), "original": facts("b")})
    );
    let exchanged = images(json!({"derivative": facts("c")}));
    assert_eq!(refused(pair.one, exchanged).await, because("immutable", "images"));
    let taken_away = images(Value::Null);
    assert_eq!(
        refused(pair.one, taken_away).await,
        because("immutable", "images")
    );
    let of_another = images(json!({"thumbnail": {"name": format!("patients/{}/c", id())}}));
    assert_eq!(
        refused(pair.one, of_another).await,
        because("check", "photo_images")
    );
}

async fn of_a_photo_the_outline_is_edited(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    let drawn = |by: &str, base| {
        change(
            Photo,
            case.photo,
            base,
            json!({"outline": {"version": "1", "by": by}}),
        )
    };
    let (revision, _, conflicts) = taken(pair.one, drawn("one", 1)).await;
    assert_eq!((revision, conflicts), (2, vec![]));
    // Who drew without knowing of it wins, and what was there is kept.
    let (revision, whole, conflicts) = taken(pair.other, drawn("other", 1)).await;
    assert_eq!((revision, conflicts), (3, vec!["outline".to_owned()]));
    assert_eq!(whole.unwrap()["outline"]["by"], json!("other"));
    // Images come beside it without one.
    let name = format!("patients/{}/a", case.patient);
    let images = json!({"images": {"original": {"name": name, "bytes": 9, "crc32c": 1, "generation": 1}}});
    let (revision, whole, conflicts) = taken(pair.one, change(Photo, case.photo, 2, images)).await;
    assert_eq!((revision, conflicts), (4, vec![]));
    assert_eq!(whole.unwrap()["outline"]["by"], json!("other"));
    let found = change(Photo, case.photo, 4, json!({"measured": {"version": "1"}}));
    assert_eq!(refused(pair.one, found).await, because("immutable", "measured"));
}

async fn values_make_sense(pair: &Pair<'_>) {
    let case = Case::new();
    everything(pair.one, &case).await;
    let long = |length: usize| Value::from("x".repeat(length));
    let bad: Vec<(RecordKind, &str, Value)> = vec![
        (Person, "full_name", long(201)),
        (Person, "role", json!(5)),
        (Patient, "full_name", json!("")),
        (Patient, "born", json!("57")),
        (Patient, "sex", long(41)),
        (Patient, "phone", long(1001)),
        (Patient, "national_id", json!({})),
        (Patient, "address", long(4001)),
        (Patient, "legal_hold", json!("yes")),
        (Patient, "created_at", json!("yesterday")),
        (Patient, "updated_by", json!("mai")),
        (Lesion, "site", long(101)),
        (Lesion, "side", Value::Null),
        (Lesion, "label", json!("")),
        (Lesion, "created_at", json!("2026-13-01T00:00:00Z")),
        (Photo, "kind", json!("")),
        (Photo, "format", Value::Null),
        (Photo, "original_sha256", json!("00")),
        (Photo, "original_bytes", json!(0)),
        (Photo, "width", json!(1_000_001)),
        (Photo, "height", json!("3024")),
        (Photo, "taken_at", json!("2026-11-22T24:00:00Z")),
        (Photo, "images", json!({"derivative": {"bytes": 1}})),
        (
            Photo,
            "images",
            json!({"derivative": {"name": "patients/9999999/analyses/x.jpg"}}),
        ),
        (Photo, "quality", json!("good")),
        (Photo, "kept_anyway", json!("yes")),
        (Photo, "measured", json!([])),
        (Photo, "outline", json!("round")),
        (Analysis, "image", Value::Null),
        (Analysis, "image", json!("patients/9999999/analyses/x.jpg")),
        (Analysis, "risk", long(21)),
        (Analysis, "probabilities", json!({"MEL": 1.1})),
        (Analysis, "probabilities", json!({})),
        (Analysis, "confidence", json!(-0.1)),
        (Analysis, "review", json!(1)),
        (Analysis, "follow_up_days", json!(40_000)),
        (Analysis, "model", json!([])),
        (Analysis, "request", json!(0)),
        (Analysis, "made_at", json!("2026-11-22T02:12:05+07:00")),
        (Note, "text", long(4001)),
        (Note, "author", Value::Null),
        (Note, "edited_at", json!("2026-11-22 02:12:05Z")),
        (Acknowledgement, "by", json!("mai")),
        (Acknowledgement, "at", Value::Null),
    ];
    for (kind, field, value) in bad {
        let fresh = Case {
            person: id(),
            patient: if kind == Patient { id() } else { case.patient },
            lesion: if kind == Lesion { id() } else { case.lesion },
            photo: if kind == Photo { id() } else { case.photo },
            analysis: if kind == Analysis { id() } else { case.analysis },
            note: id(),
            acknowledgement: id(),
        };
        let mut made = fresh.made(kind);
        made.fields.insert(field.to_owned(), value.clone());
        let rule = format!("{}_{field}", kind.as_word());
        assert_eq!(
            refused(pair.one, made).await,
            because("check", &rule),
            "{kind:?} {field}"
        );
        if matches!(kind, Person | Patient | Lesion | Note) {
            let edit = change(kind, case.record(kind), 1, json!({ field: value }));
            assert_eq!(
                refused(pair.one, edit).await,
                because("check", &rule),
                "{kind:?} {field}"
            );
        }
    }
    let huge = change(
        Person,
        id(),
        0,
        json!({"full_name": "x", "role": "DOCTOR", "big": "z".repeat(262_200)}),
    );
    assert_eq!(refused(pair.one, huge).await, because("too_large", "fields"));
}

async fn one_that_is_refused_holds_up_none(pair: &Pair<'_>) {
    let (good, bad) = (Case::new(), Case::new());
    let mut operations = good.all();
    operations.insert(2, bad.made(Lesion));
    operations.insert(5, change(Patient, good.patient, 7, json!({"phone": "1"})));
    let outcomes = push(pair.one, &operations).await;
    for (place, outcome) in outcomes.iter().enumerate() {
        let is_refused = matches!(outcome, Outcome::Refused { .. });
        assert_eq!(is_refused, [2, 5].contains(&place), "{outcome:?}");
    }
    // A refusal is not remembered: what was refused may come again.
    taken(pair.one, bad.made(Patient)).await;
    taken(pair.one, operations[2].clone()).await;
    assert!(push(pair.one, &[]).await.is_empty());
}

async fn what_a_newer_version_says_comes_through(pair: &Pair<'_>) {
    let case = Case::new();
    let mut made = case.made(Patient);
    made.fields
        .insert("tribe".to_owned(), json!(["x", 1, {"y": null}]));
    taken(pair.one, made).await;
    let at = head(pair.one).await;
    taken(
        pair.other,
        change(Patient, case.patient, 1, json!({"phone": "7"})),
    )
    .await;
    let seen = since(pair.one, at).await;
    assert_eq!(seen[0].change.fields["tribe"], json!(["x", 1, {"y": null}]));
    assert_eq!(seen[0].change.fields["phone"], "7");
}

async fn a_feed_has_no_gap(pair: &Pair<'_>) {
    let at = head(pair.one).await;
    let cases: Vec<Case> = (0..5).map(|_| Case::new()).collect();
    for case in &cases {
        everything(pair.one, case).await;
    }
    let mut last = at;
    let mut seen = Vec::new();
    loop {
        let page = pair.other.pull(last, 4).await.unwrap();
        assert!(page.changes.len() <= 4);
        for change in page.changes {
            assert_eq!(change.sequence, last + 1);
            last = change.sequence;
            seen.push(change.change.record);
        }
        assert_eq!(page.last, last);
        if !page.more {
            break;
        }
    }
    let made = cases
        .iter()
        .flat_map(|case| RecordKind::ALL.map(|kind| case.record(kind)));
    assert!(made.eq(seen));
    for after in [last, last + 5, 1 << 40] {
        let page = pair.one.pull(after, 10).await.unwrap();
        assert_eq!((page.changes.len(), page.last, page.more), (0, after, false));
    }
    assert_eq!(pair.one.pull(at, 0).await.unwrap().changes.len(), 1);
}

async fn a_record_stays_where_it_came_first(pair: &Pair<'_>) {
    let at = head(pair.one).await;
    let cases: Vec<Case> = (0..3).map(|_| Case::new()).collect();
    let made: Vec<_> = cases.iter().map(|case| case.made(Patient)).collect();
    push(pair.one, &made).await;
    for base in 1..4 {
        let phone = json!({"phone": base.to_string()});
        taken(pair.one, change(Patient, cases[0].patient, base, phone)).await;
    }
    let seen = since(pair.other, at).await;
    let seen: Vec<_> = seen
        .iter()
        .map(|numbered| {
            (
                numbered.change.record,
                numbered.sequence - at,
                numbered.change.revision,
            )
        })
        .collect();
    let expected = [(0, 1, 4), (1, 2, 1), (2, 3, 1), (0, 6, 4)]
        .map(|(case, sequence, revision): (usize, u64, u64)| (cases[case].patient, sequence, revision));
    assert_eq!(seen, expected, "its present state in both places");
}

async fn a_page_of_big_records_ends_early(pair: &Pair<'_>) {
    let at = head(pair.one).await;
    for _ in 0..20 {
        let big = json!({"full_name": "x", "role": "OFFICIAL", "big": "z".repeat(250_000)});
        taken(pair.one, change(Person, id(), 0, big)).await;
    }
    let (mut last, mut sizes) = (at, Vec::new());
    loop {
        let page = pair.one.pull(last, 1000).await.unwrap();
        last = page.last;
        sizes.push(page.changes.len());
        if !page.more {
            break;
        }
    }
    assert_eq!(sizes, [17, 3]);
}

async fn a_change_is_hinted(pair: &Pair<'_>) {
    let changing = async {
        // Whether it listens already can't be seen from here.
        for _ in 0..100 {
            taken(pair.other, Case::new().made(Person)).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let hinted = async {
        // The first may come for nothing: whoever begins to listen may have missed something.
        for _ in 0..3 {
            pair.one.hint().await.unwrap();
        }
    };
    tokio::select! {
        () = hinted => {}
        () = changing => panic!("too few hints came"),
    }
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    let centre = MemoryCentre::new(Clock::system());
    let (one, other) = (
        centre.registry(Uuid::from_u128(7)),
        centre.registry(Uuid::from_u128(8)),
    );
    holds(&Pair {
        one: &one,
        other: &other,
    })
    .await;
}

#[tokio::test]
async fn postgresql_keeps_the_contract() {
    let centre = RealCentre::new().await;
    let (one, other) = (centre.registry("one").await, centre.registry("other").await);
    holds(&Pair {
        one: &one,
        other: &other,
    })
    .await;
}

/// Nothing tells a workstation that a router has forgotten its silent connection: it asks, and says that the line is gone.
#[tokio::test]
async fn a_line_that_died_silently_is_noticed_by_whoever_listens() {
    let centre = RealCentre::new().await;
    let mut link = centre.link("one").await;
    let line = Cutter::before((Ipv4Addr::LOCALHOST, link.port).into());
    link.port = line.address().port();
    let one = PostgresRegistry::new(&link);
    one.hint().await.unwrap();

    line.lose(Way::ToServer);
    line.lose(Way::ToClient);
    // Minutes pass at once.
    tokio::time::pause();
    let heard = tokio::time::timeout(Duration::from_secs(3600), one.hint()).await;
    let error = heard.expect("it listens for ever").unwrap_err();
    assert!(matches!(error, RegistryError::Unanswered), "{error}");
}

/// PostgreSQL would learn of a workstation that lost its power only from its system, which asks after two hours; and it lets few
/// sessions in at a time.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_centre_asks_soon_whether_a_workstation_is_still_there() {
    let centre = RealCentre::new().await;
    let link = centre.link("A").await;
    PostgresRegistry::new(&link).hello().await.unwrap();
    let registry = PostgresRegistry::new(&link);
    registry.hello().await.unwrap();
    let port: u16 = centre
        .psql(&format!(
            "SELECT max(client_port) FROM pg_stat_activity WHERE usename = '{}'",
            link.role
        ))
        .parse()
        .unwrap();
    // Address and port at either end, state, queues, and which timer fires in so many hundredths of a second, all in hexadecimal.
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ends = (format!(":{:04X}", link.port), format!(":{port:04X}"));
    let row: Vec<&str> = table
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>())
        .find(|row| row[1].ends_with(&ends.0) && row[2].ends_with(&ends.1))
        .unwrap();
    let (timer, fires_in) = row[5].split_once(':').unwrap();
    assert_eq!(timer, "02", "a keepalive: {row:?}");
    assert!(u64::from_str_radix(fires_in, 16).unwrap() <= 60 * 100, "{row:?}");
}
