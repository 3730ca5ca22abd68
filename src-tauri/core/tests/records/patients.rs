//! Registering, recognising and editing patients; calling a lesion something else.

use seekwell_core::{
    accounts::Caller,
    clinical::{BodySite, PatientDraft, Sex},
    error::Code,
};

use crate::clinic::{Clinic, code, draft};

fn born(name: &str, born: &str) -> PatientDraft {
    PatientDraft {
        born: Some(born.parse().unwrap()),
        ..draft(name)
    }
}

async fn duplicates(clinic: &Clinic, of: PatientDraft) -> Vec<String> {
    let found = clinic
        .workstation
        .likely_duplicates(&clinic.mai, of)
        .await
        .unwrap();
    found.into_iter().map(|patient| patient.draft.full_name).collect()
}

#[tokio::test]
async fn a_likely_duplicate_has_the_name_and_the_year_or_one_of_the_numbers() {
    let clinic = Clinic::new().await;
    clinic
        .register(PatientDraft {
            phone: Some("090 123 4567".into()),
            national_id: Some("001-061-000001".into()),
            ..born("Đặng Thị Hòa", "1961-03-12")
        })
        .await;
    clinic.register(draft("Võ Văn Nở")).await;

    for (year, likely) in [
        ("1959", false),
        ("1960-12-31", true),
        ("1961", true),
        ("1962", true),
        ("1963", false),
    ] {
        let found = duplicates(&clinic, born("ĐẶNG THỊ HÒA", year)).await;
        assert_eq!(!found.is_empty(), likely, "born in {year}");
    }
    // Accents, letter case, white space, and the same letters with their marks apart.
    for name in [
        "dang thi hoa",
        " Đặng  Thị\tHoà ",
        "Đa\u{323}\u{306}ng Thi\u{323} Ho\u{300}a",
    ] {
        assert_eq!(duplicates(&clinic, draft(name)).await, ["Đặng Thị Hòa"], "{name}");
    }
    assert_eq!(duplicates(&clinic, draft("Đặng Thị Hò")).await, [""; 0]);
    // Whose year nobody knows may be anybody of that name.
    assert_eq!(
        duplicates(&clinic, born("vo van no", "1990")).await,
        ["Võ Văn Nở"]
    );

    for phone in ["0901234567", "+84 90 123 4567", "84-901-234-567"] {
        let found = duplicates(
            &clinic,
            PatientDraft {
                phone: Some(phone.into()),
                ..born("Somebody Else", "2001")
            },
        );
        assert_eq!(found.await, ["Đặng Thị Hòa"], "{phone}");
    }
    let same_id = PatientDraft {
        national_id: Some("001061000001".into()),
        ..born("Somebody Else", "2001")
    };
    assert_eq!(duplicates(&clinic, same_id).await, ["Đặng Thị Hòa"]);
    let other_numbers = PatientDraft {
        phone: Some("0901234568".into()),
        national_id: Some("001061000002".into()),
        ..draft("Somebody Else")
    };
    assert_eq!(duplicates(&clinic, other_numbers).await, [""; 0]);

    // Never refused.
    clinic.register(born("Đặng Thị Hòa", "1961")).await;
    assert_eq!(duplicates(&clinic, draft("Đặng Thị Hòa")).await.len(), 2);
    clinic.workstation.close().await;
}

#[tokio::test]
async fn a_phone_is_found_with_and_without_its_country_code() {
    let clinic = Clinic::new().await;
    let with = |phone: &str| PatientDraft {
        phone: Some(phone.into()),
        ..draft(phone)
    };
    for phone in ["+84 90 123 4567", "0901234568"] {
        clinic.register(with(phone)).await;
    }
    for (text, count) in [
        ("090123456", 2),
        ("+84 90 123", 2),
        ("+84901234567", 1),
        ("84901234568", 1),
        ("0901234567", 1),
        // As it was written.
        ("8490", 1),
        ("+84 91", 0),
    ] {
        let page = clinic.workstation.find_patients(&clinic.mai, text).await.unwrap();
        assert_eq!(page.patients.len(), count, "{text}");
    }
    clinic.workstation.close().await;
}

#[tokio::test]
async fn an_edit_keeps_what_the_record_said_and_refuses_one_that_comes_too_late() {
    let clinic = Clinic::new().await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    let edit = async |who: &Caller, id, revision, said: &PatientDraft| {
        clinic.wait(1);
        workstation.edit_patient(who, id, revision, said.clone()).await
    };
    let first = clinic.register(born("Nguyễn Văn Bình (mẫu)", "1970")).await;
    assert_eq!(
        (
            first.revision,
            workstation.patient_versions(mai, first.id).await.unwrap()
        ),
        (1, vec![])
    );

    let second = PatientDraft {
        sex: Some(Sex::Male),
        phone: Some("0900000001".into()),
        ..first.draft.clone()
    };
    let edited = edit(tam, first.id, 1, &second).await.unwrap();
    assert_eq!((edited.revision, &edited.draft), (2, &second));
    assert!(edited.updated_at > first.updated_at && edited.created_at == first.created_at);
    // The same again is no edit.
    assert_eq!(edit(mai, first.id, 2, &second).await.unwrap(), edited);

    // Somebody who still sees the first revision.
    let late = edit(mai, first.id, 1, &draft("Nguyễn Văn Anh (mẫu)"))
        .await
        .unwrap_err();
    assert_eq!(code(&late), Code::ChangedMeanwhile);
    assert_eq!(workstation.patient(mai, first.id).await.unwrap(), edited);

    let third = draft("Nguyễn Văn Yên (mẫu)");
    assert_eq!(edit(mai, first.id, 2, &third).await.unwrap().revision, 3);
    let versions = workstation.patient_versions(mai, first.id).await.unwrap();
    let said: Vec<_> = versions
        .iter()
        .map(|old| (old.revision, &old.draft, old.replaced_by.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (2, &second, "Lê Thị Mai (mẫu)"),
            (1, &first.draft, "Phạm Văn Tâm (mẫu)")
        ]
    );
    assert!(versions[0].replaced_at > versions[1].replaced_at);

    // Found by what the record says now, and by nothing that it said.
    for (text, count) in [("yen", 1), ("binh", 0), ("0900000001", 0)] {
        let page = workstation.find_patients(mai, text).await.unwrap();
        assert_eq!(page.patients.len(), count, "{text}");
    }
    let nobody = seekwell_core::clinical::PatientId(uuid::Uuid::nil());
    assert_eq!(
        code(&edit(mai, nobody, 1, &third).await.unwrap_err()),
        Code::NotFound
    );
    workstation.close().await;
}

#[tokio::test]
async fn who_was_seen_last_comes_first() {
    let clinic = Clinic::new().await;
    let mut ids = Vec::new();
    for name in ["An (mẫu)", "Bình (mẫu)", "Chi (mẫu)"] {
        ids.push(clinic.register(draft(name)).await.id);
    }
    let order = async |text: &str| -> Vec<usize> {
        let page = clinic.workstation.find_patients(&clinic.mai, text).await.unwrap();
        let place = |id| ids.iter().position(|known| *known == id).unwrap();
        page.patients.iter().map(|row| place(row.patient.id)).collect()
    };
    assert_eq!(order("mau").await, [2, 1, 0]);
    // A photo is a visit; a second one of the same visit changes nothing.
    for seed in [1, 2] {
        clinic.keep(ids[0], seed, BodySite::Face, None).await;
        assert_eq!(
            (order("mau").await, order("").await),
            (vec![0, 2, 1], vec![0, 2, 1])
        );
    }
    let recent = clinic.workstation.recent_patients(&clinic.mai).await.unwrap();
    assert_eq!((recent.patients[0].photos, recent.more), (2, false));
    let edited = draft("Bình An (mẫu)");
    clinic
        .workstation
        .edit_patient(&clinic.mai, ids[1], 1, edited)
        .await
        .unwrap();
    assert_eq!(order("mau").await, [1, 0, 2]);
    assert_eq!(order("an").await, [1, 0]);
    clinic.workstation.close().await;
}

#[tokio::test]
async fn a_lesion_that_is_called_something_else_keeps_its_old_names() {
    let clinic = Clinic::new().await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let (_, lesion) = clinic.keep(patient, 1, BodySite::Face, None).await;
    let label = async |who: &Caller, text: &str| {
        clinic.wait(1);
        workstation.label_lesion(who, lesion, Some(text.to_owned())).await
    };
    for (who, text) in [(mai, "Nốt 1"), (tam, " Nốt 2 "), (tam, "Nốt 2"), (mai, " ")] {
        label(who, text).await.unwrap();
    }
    let versions = workstation.lesion_versions(mai, lesion).await.unwrap();
    let said: Vec<_> = versions
        .iter()
        .map(|old| (old.revision, old.label.as_deref(), old.replaced_by.as_str()))
        .collect();
    let (mai_name, tam_name) = ("Lê Thị Mai (mẫu)", "Phạm Văn Tâm (mẫu)");
    assert_eq!(
        said,
        [
            (3, Some("Nốt 2"), mai_name),
            (2, Some("Nốt 1"), tam_name),
            (1, None, mai_name)
        ]
    );
    assert_eq!(
        workstation.lesions(mai, patient).await.unwrap()[0].lesion.label,
        None
    );
    assert_eq!(
        code(&label(mai, &"x".repeat(201)).await.unwrap_err()),
        Code::TextTooLong
    );
    workstation.close().await;
}
