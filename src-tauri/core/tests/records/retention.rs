//! Legal holds and the years: who may decide, what is kept of it, and what may not be set.

use seekwell_core::{clinical::retention::RetentionYears, error::Code};

use crate::clinic::{Clinic, code, draft};

#[tokio::test]
async fn a_hold_is_a_version_of_the_record_and_an_edit_leaves_it_alone() {
    let clinic = Clinic::new().await;
    let workstation = &clinic.workstation;
    let patient = clinic.register(draft("Nguyễn Văn Hòa (mẫu)")).await;
    assert!(!patient.legal_hold);
    clinic.wait(1);
    let held = workstation
        .set_legal_hold(&clinic.tam, patient.id, true)
        .await
        .unwrap();
    assert!(held.legal_hold);
    assert_eq!((held.revision, &held.draft), (2, &patient.draft));
    // Once more says nothing new.
    let again = workstation
        .set_legal_hold(&clinic.mai, patient.id, true)
        .await
        .unwrap();
    assert_eq!(again, held);

    let edited = workstation
        .edit_patient(&clinic.mai, patient.id, 2, draft("Nguyễn Văn Hoà (mẫu)"))
        .await
        .unwrap();
    assert!(edited.legal_hold);
    let ended = workstation
        .set_legal_hold(&clinic.mai, patient.id, false)
        .await
        .unwrap();
    assert!(!ended.legal_hold);
    let versions = workstation
        .patient_versions(&clinic.mai, patient.id)
        .await
        .unwrap();
    let said: Vec<_> = versions
        .iter()
        .map(|version| (version.revision, version.legal_hold, version.replaced_by.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (3, true, "Lê Thị Mai (mẫu)"),
            (2, true, "Lê Thị Mai (mẫu)"),
            (1, false, "Phạm Văn Tâm (mẫu)")
        ]
    );
    workstation.close().await;
}

#[tokio::test]
async fn years_are_an_administrators_and_never_fewer_than_the_floor() {
    let clinic = Clinic::new().await;
    let workstation = &clinic.workstation;
    let years = |patient, photo| RetentionYears { patient, photo };
    let set = async |who, to| workstation.set_retention_years(who, to).await;
    assert_eq!(
        workstation.retention_years(&clinic.tam).await.unwrap(),
        years(None, None)
    );
    let refused = set(&clinic.tam, years(Some(20), None)).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotAllowed);
    for below in [years(Some(9), None), years(Some(10), Some(0))] {
        let refused = set(&clinic.mai, below).await.unwrap_err();
        assert_eq!(code(&refused), Code::YearsNotAllowed);
    }
    set(&clinic.mai, years(Some(10), Some(12))).await.unwrap();
    let plan = workstation.retention_plan(&clinic.tam).await.unwrap();
    assert_eq!(plan.years, years(Some(10), Some(12)));
    assert_eq!((plan.floor.patient, plan.floor.photo), (10, 10));
    let refused = workstation.apply_retention(&clinic.tam).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotAllowed);
    workstation.close().await;
}
