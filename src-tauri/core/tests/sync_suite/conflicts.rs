//! The same record, changed in two places.

use seekwell_core::clinical::{PatientDraft, PatientId};
use seekwell_core::sync::status::{ItemState, Overall};
use seekwell_core::workstation::ConflictChoice;

use crate::centre::Centre;
use crate::ward::Opened;

/// Writes another address.
async fn move_to(of: &Opened, id: PatientId, address: &str) {
    let patient = of.workstation.patient(&of.caller, id).await.unwrap();
    let draft = PatientDraft {
        address: Some(address.to_owned()),
        ..patient.draft
    };
    of.workstation
        .edit_patient(&of.caller, id, patient.revision, draft)
        .await
        .unwrap();
}

async fn address(of: &Opened, id: PatientId) -> Option<String> {
    of.workstation
        .patient(&of.caller, id)
        .await
        .unwrap()
        .draft
        .address
}

#[tokio::test]
async fn fields_that_do_not_overlap_merge_and_the_same_field_is_shown() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let id = a.patient().await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();

    let edit = async |of: &crate::ward::Opened, change: &dyn Fn(&mut PatientDraft)| {
        let patient = of.workstation.patient(&of.caller, id).await.unwrap();
        let mut draft = patient.draft.clone();
        change(&mut draft);
        of.workstation
            .edit_patient(&of.caller, id, patient.revision, draft)
            .await
            .unwrap();
    };
    edit(&a, &|draft| {
        draft.phone = Some("0900 000 001".to_owned());
        draft.address = Some("Thôn Một".to_owned());
    })
    .await;
    edit(&b, &|draft| {
        draft.address = Some("Thôn Hai".to_owned());
        draft.national_id = Some("000000000001".to_owned());
    })
    .await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();
    a.workstation.sync_once().await.unwrap();

    for one in [&a, &b] {
        let patient = one.workstation.patient(&one.caller, id).await.unwrap();
        let draft = patient.draft;
        assert_eq!(
            (
                draft.phone.as_deref(),
                draft.address.as_deref(),
                draft.national_id.as_deref()
            ),
            (Some("0900 000 001"), Some("Thôn Hai"), Some("000000000001"))
        );
        let conflicts = one.workstation.conflicts(&one.caller).await.unwrap();
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert_eq!(
            (
                conflicts[0].field.as_str(),
                conflicts[0].lost.as_str(),
                conflicts[0].stands.as_str()
            ),
            ("address", "\"Thôn Một\"", "\"Thôn Hai\"")
        );
    }
}

#[tokio::test]
async fn a_field_of_a_newer_version_comes_through_untouched() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let id = a.patient().await;
    a.workstation.sync_once().await.unwrap();
    centre.psql(&format!(
        "UPDATE seekwell.patient SET fields = fields || '{{\"tribe\": [\"x\", 1]}}', revision = revision + 1 WHERE id = '{id}';
         WITH next AS (UPDATE seekwell.clinic SET sequence = sequence + 1 RETURNING id, sequence)
         INSERT INTO seekwell.change (clinic_id, sequence, kind, record, latest) SELECT id, sequence, 'patient', '{id}', true FROM next"
    ));
    a.workstation.sync_once().await.unwrap();
    let patient = a.workstation.patient(&a.caller, id).await.unwrap();
    let mut draft = patient.draft.clone();
    draft.phone = Some("0900 000 002".to_owned());
    a.workstation
        .edit_patient(&a.caller, id, patient.revision, draft)
        .await
        .unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(
        centre.psql(&format!(
            "SELECT fields -> 'tribe', fields ->> 'phone' FROM seekwell.patient WHERE id = '{id}'"
        )),
        "[\"x\", 1]\t0900 000 002"
    );
}

#[tokio::test]
async fn a_conflict_is_settled_once_for_the_whole_clinic() {
    let centre = Centre::new().await;
    let (a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let id = a.patient().await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();
    move_to(&a, id, "Thôn Một").await;
    move_to(&b, id, "Thôn Hai").await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(
        a.workstation.sync_status().await.unwrap().overall,
        Overall::NeedsYou
    );

    // What was lost is right after all. It is kept through a restart that the centre is still to be told.
    let conflict = a.workstation.conflicts(&a.caller).await.unwrap().remove(0);
    assert_eq!(conflict.patient_name.as_deref(), Some("Nguyễn Văn Hòa (mẫu)"));
    for _ in 0..2 {
        a.workstation
            .settle_conflict(&a.caller, conflict.id, ConflictChoice::Replace)
            .await
            .unwrap();
    }
    assert_eq!(address(&a, id).await.as_deref(), Some("Thôn Một"));
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!((status.conflicts, status.waiting_records), (0, 2), "{status:?}");
    a.close().await;
    let a = a_ward.open().await.unwrap();
    centre.join(&a).await;
    a.workstation.sync_once().await.unwrap();
    assert_eq!(
        a.workstation.sync_status().await.unwrap().overall,
        Overall::AtCentre
    );
    assert_eq!(
        centre.psql("SELECT count(*) FROM seekwell.conflict WHERE settled_at IS NULL"),
        "0"
    );

    b.workstation.sync_once().await.unwrap();
    assert_eq!(address(&b, id).await.as_deref(), Some("Thôn Một"));
    assert!(b.workstation.conflicts(&b.caller).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waits_is_listed_with_its_reason_and_a_report_names_nobody() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    centre.blobs.set_broken(true);
    a.workstation.sync_once().await.unwrap_err();

    let detail = a.workstation.photo(&a.caller, photo).await.unwrap();
    assert_eq!(detail.delivery, ItemState::OnItsWay);
    let unsent = a.workstation.unsent(&a.caller, 2).await.unwrap();
    assert_eq!((unsent.items.len(), unsent.more), (2, 1), "{unsent:?}");
    for item in &unsent.items {
        assert!(item.part.is_some(), "the records went: {item:?}");
        assert_eq!(item.patient_id, Some(patient));
        assert_eq!(item.patient_name.as_deref(), Some("Nguyễn Văn Hòa (mẫu)"));
        assert_eq!(item.photo_id, Some(photo));
    }
    let report = a.workstation.sync_report(&a.caller).await.unwrap();
    assert!(report.contains(&photo.to_string()));
    let secret = a.workstation.link().await.unwrap().unwrap().secret;
    for private in ["Nguyễn", "Hòa", &secret] {
        assert!(!report.contains(private), "{private}");
    }

    centre.blobs.set_broken(false);
    a.workstation.retry_sync(&a.caller).await.unwrap();
    a.workstation.sync_once().await.unwrap();
    let detail = a.workstation.photo(&a.caller, photo).await.unwrap();
    assert_eq!(detail.delivery, ItemState::AtCentre);
    assert!(
        a.workstation
            .unsent(&a.caller, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}
