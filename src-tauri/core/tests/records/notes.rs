//! Notes under analyses, and what a person leaves behind who signs out.

use seekwell_core::{
    accounts::Caller,
    clinical::{AnalysisId, BodySite, NoteId, Person, PersonId, Role},
    error::Code,
    store::Incoming,
    workstation::{ConflictChoice, Rendition},
};
use seekwell_testkit::process::picture;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clinic::{Clinic, code, draft};

async fn an_analysis(clinic: &Clinic) -> AnalysisId {
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let (photo, _) = clinic.keep(patient, 1, BodySite::Face, None).await;
    clinic.analysis(photo).await
}

/// A change of the centre's, the first of that record.
fn incoming(kind: &str, record: Uuid, deleted: bool, fields: Value) -> Incoming {
    Incoming {
        kind: kind.into(),
        record,
        revision: 1,
        deleted,
        fields: fields.as_object().unwrap().clone(),
        central_id: None,
    }
}

/// What the centre says of a note that two people edited.
fn disagreement(note: NoteId) -> Value {
    json!({
        "kind": "note", "record": note, "field": "text", "kept": "Ngứa", "lost": "Đỏ",
        "at": "2026-03-01T09:00:00.000Z",
    })
}

#[tokio::test]
async fn only_its_author_edits_a_note_and_what_it_said_is_kept() {
    let clinic = Clinic::new().await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    let analysis = an_analysis(&clinic).await;
    let note = workstation.add_note(mai, analysis, " Ngứa \n").await.unwrap();
    assert_eq!(
        (note.text.as_str(), note.author.as_str()),
        ("Ngứa", "Lê Thị Mai (mẫu)")
    );
    assert_eq!(
        (note.revision, note.edited_at.as_deref(), note.mine),
        (1, None, true)
    );

    let edit = async |who: &Caller, revision, text: &str| {
        clinic.wait(1);
        workstation.edit_note(who, note.id, revision, text).await
    };
    let anothers = edit(tam, 1, "Không ngứa").await.unwrap_err();
    assert_eq!(code(&anothers), Code::NotFound);
    assert!(!workstation.notes(tam, analysis).await.unwrap()[0].mine);

    let edited = edit(mai, 1, "Ngứa nhiều").await.unwrap();
    assert_eq!((edited.text.as_str(), edited.revision), ("Ngứa nhiều", 2));
    assert!(edited.edited_at.as_ref().is_some_and(|at| *at > note.created_at));
    // The same again is no edit; one from what was read before is refused.
    assert_eq!(edit(mai, 2, " Ngứa nhiều").await.unwrap(), edited);
    assert_eq!(
        code(&edit(mai, 1, "Đỏ").await.unwrap_err()),
        Code::ChangedMeanwhile
    );
    edit(mai, 2, "Đỏ").await.unwrap();

    let versions = workstation.note_versions(mai, note.id).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|old| old.text.as_str()).collect();
    assert_eq!(texts, ["Ngứa nhiều", "Ngứa"]);
    assert!(versions[0].replaced_at > versions[1].replaced_at);

    workstation.add_note(tam, analysis, "Xem lại").await.unwrap();
    let notes = workstation.notes(mai, analysis).await.unwrap();
    let said: Vec<_> = notes.iter().map(|note| (note.text.as_str(), note.mine)).collect();
    assert_eq!(said, [("Đỏ", true), ("Xem lại", false)]);
    workstation.close().await;
}

#[tokio::test]
async fn a_note_has_a_text_and_an_analysis() {
    let clinic = Clinic::new().await;
    let Clinic { workstation, mai, .. } = &clinic;
    let analysis = an_analysis(&clinic).await;
    let add =
        async |analysis, text: &str| code(&workstation.add_note(mai, analysis, text).await.unwrap_err());
    assert_eq!(add(analysis, " \n ").await, Code::TextEmpty);
    assert_eq!(add(analysis, &"ữ".repeat(4_001)).await, Code::TextTooLong);
    assert_eq!(add(AnalysisId(uuid::Uuid::nil()), "Đỏ").await, Code::NotFound);
    workstation
        .add_note(mai, analysis, &"ữ".repeat(4_000))
        .await
        .unwrap();
    let gone = workstation
        .edit_note(mai, NoteId(uuid::Uuid::nil()), 1, "Đỏ")
        .await;
    assert_eq!(code(&gone.unwrap_err()), Code::NotFound);
    assert_eq!(workstation.notes(mai, analysis).await.unwrap().len(), 1);
    workstation.close().await;
}

#[tokio::test]
async fn who_signs_out_leaves_nothing_staged() {
    let clinic = Clinic::new().await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    let staged = workstation.stage(mai, "a.bmp".into(), picture(5)).await.unwrap();
    let preview = |who: &Caller| workstation.staged_image(who, staged.staged.id, Rendition::Thumbnail);
    assert!(preview(mai).is_ok());
    workstation.sign_out(mai.clone());
    assert_eq!(code(&preview(tam).unwrap_err()), Code::StagedGone);
    workstation.close().await;
}

#[tokio::test]
async fn which_of_two_texts_is_right_says_the_author_or_a_doctor() {
    let clinic = Clinic::new().await;
    let analysis = an_analysis(&clinic).await;
    let note = clinic
        .workstation
        .add_note(&clinic.mai, analysis, "Ngứa")
        .await
        .unwrap();
    let conflict = Uuid::from_u128(7);
    let binh = Person {
        id: PersonId(Uuid::from_u128(8)),
        full_name: "Trần Văn Bình (mẫu)".into(),
        email: "binh@example.test".into(),
        role: Role::Official,
    };
    let found = incoming("conflict", conflict, false, disagreement(note.id));
    let clinic = clinic.with_person(&binh).await.received(&[&found]).await;
    let Clinic { workstation, tam, .. } = &clinic;
    let binh = workstation.act_as("binh@example.test").await.unwrap();
    let settle = async |who: &Caller, choice| workstation.settle_conflict(who, conflict, choice).await;
    let refused = settle(&binh, ConflictChoice::Replace).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotAllowed);
    assert_eq!(workstation.conflicts(tam).await.unwrap().len(), 1);
    settle(tam, ConflictChoice::Replace).await.unwrap();
    assert_eq!(workstation.notes(tam, analysis).await.unwrap()[0].text, "Đỏ");
    assert_eq!(workstation.conflicts(tam).await.unwrap(), []);
    workstation.close().await;
}

#[tokio::test]
async fn a_conflict_that_comes_after_a_deletion_keeps_nothing_of_what_is_gone() {
    let clinic = Clinic::new().await;
    let analysis = an_analysis(&clinic).await;
    let note = clinic
        .workstation
        .add_note(&clinic.mai, analysis, "Ngứa")
        .await
        .unwrap();
    let deletion = incoming("note", note.id.0, true, json!({}));
    let conflict = incoming("conflict", Uuid::from_u128(7), false, disagreement(note.id));
    let clinic = clinic
        .received(&[&deletion, &conflict])
        .await
        .stored(async |store| {
            let kept = store.conflict(conflict.record).await.unwrap();
            assert_eq!((kept.stands.as_str(), kept.lost.as_str()), ("null", "null"));
        })
        .await;
    let Clinic { workstation, mai, .. } = &clinic;
    assert_eq!(workstation.conflicts(mai).await.unwrap(), []);
    workstation.close().await;
}
