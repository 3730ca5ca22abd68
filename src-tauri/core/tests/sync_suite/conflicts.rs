//! The same record, changed in two places.

use seekwell_core::clinical::PatientDraft;

use crate::centre::Centre;

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
