//! What waits for the centre, as people see it.

use seekwell_core::{
    clinical::{PatientDraft, PhotoId},
    error::{Code, Failure},
    store::{ImagePart, RecordKind},
    sync::{Line, status::ItemState},
    workstation::{SyncSettings, Unsent, UnsentItem},
};

use crate::background::{run, until};
use crate::centre::Centre;
use crate::ward::{Opened, Ward};

async fn unsent(opened: &Opened, limit: u32) -> Unsent {
    opened.workstation.unsent(&opened.caller, limit).await.unwrap()
}

async fn delivery(opened: &Opened, photo: PhotoId) -> ItemState {
    let photo = opened.workstation.photo(&opened.caller, photo).await;
    photo.unwrap().delivery
}

fn states(unsent: &Unsent) -> Vec<ItemState> {
    let mut states: Vec<_> = unsent.items.iter().map(|item| item.state).collect();
    states.dedup();
    states
}

fn draft(name: &str) -> PatientDraft {
    PatientDraft {
        full_name: name.to_owned(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    }
}

/// A bucket that has too much to do is left alone after a few images, and everything arrives once it has not.
#[tokio::test]
async fn a_bucket_that_is_busy_is_not_asked_for_one_image_after_another() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    for seed in 1..=6 {
        a.keep(patient, seed).await;
    }
    centre.blobs.set_busy(true);
    let error = a.workstation.sync_once().await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::CentreUnreachable);
    let turned_away = centre.blobs.set_busy(false);
    assert!((4..10).contains(&turned_away), "{turned_away} of 18");
    a.workstation.retry_sync(&a.caller).await.unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(centre.blobs.names().len(), 18);
}

#[tokio::test]
async fn without_a_centre_everything_is_kept_here() {
    let (_ward, a, _) = Ward::found().await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    let waits = unsent(&a, 100).await;
    assert_eq!(states(&waits), [ItemState::KeptHere]);
    assert_eq!(delivery(&a, photo).await, ItemState::KeptHere);
    assert!(a.workstation.centre(&a.caller).await.unwrap().is_none());

    let images: Vec<&UnsentItem> = waits.items.iter().filter(|item| item.part.is_some()).collect();
    assert_eq!(images.len(), ImagePart::ALL.len());
    for image in images {
        assert_eq!(
            (
                image.kind,
                image.photo_id,
                image.patient_id,
                image.patient_name.as_deref()
            ),
            (
                RecordKind::Photo,
                Some(photo),
                Some(patient),
                Some("Nguyễn Văn Hòa (mẫu)")
            )
        );
    }
    // A page says how much it leaves out.
    let all = u32::try_from(waits.items.len()).unwrap();
    let page = unsent(&a, 2).await;
    assert_eq!((page.items.len(), page.more), (2, all - 2));
    assert_eq!(page.items, waits.items[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_thing_says_how_far_it_has_come() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    assert_eq!(states(&unsent(&a, 100).await), [ItemState::OnItsWay]);
    assert_eq!(delivery(&a, photo).await, ItemState::OnItsWay);

    centre.blobs.set_broken(true);
    let working = run(&a);
    until(
        &a.workstation,
        "the cable is out and everything is kept",
        || async { delivery(&a, photo).await == ItemState::KeptHere },
    )
    .await;
    assert_eq!(states(&unsent(&a, 100).await), [ItemState::KeptHere]);

    centre.blobs.set_broken(false);
    until(&a.workstation, "all of the photo is at the centre", || async {
        delivery(&a, photo).await == ItemState::AtCentre
    })
    .await;
    until(&a.workstation, "nothing is left", || async {
        unsent(&a, 100).await
            == Unsent {
                items: Vec::new(),
                more: 0,
            }
    })
    .await;
    a.workstation.close().await;
    working.await.unwrap();
}

#[tokio::test]
async fn what_a_thin_line_leaves_here_is_not_called_on_its_way() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let settings = SyncSettings {
        line: Line::RecordsAndUrgent,
        kilobytes_per_second: None,
    };
    a.workstation
        .set_sync_settings(&a.caller, settings)
        .await
        .unwrap();
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    let waits = unsent(&a, 100).await;
    assert_eq!(waits.items.len(), ImagePart::ALL.len(), "{waits:?}");
    assert_eq!(states(&waits), [ItemState::KeptHere]);
    assert_eq!(delivery(&a, photo).await, ItemState::KeptHere);
}

#[tokio::test]
async fn a_refused_record_comes_first_with_its_reason_and_the_report_names_nobody() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    centre.psql(
        "ALTER TABLE seekwell.patient ADD CONSTRAINT no_poison CHECK (fields ->> 'full_name' IS DISTINCT FROM 'Poison')",
    );
    let first = a.patient().await;
    let photo = a.keep(first, 1).await;
    let poison = a
        .workstation
        .register_patient(&a.caller, draft("Poison"))
        .await
        .unwrap();
    centre.blobs.set_broken(true);
    a.workstation.sync_once().await.unwrap_err();

    let waits = unsent(&a, 100).await;
    let refused = &waits.items[0];
    assert_eq!(
        (
            refused.state,
            refused.kind,
            refused.record,
            refused.patient_name.as_deref()
        ),
        (
            ItemState::NeedsYou,
            RecordKind::Patient,
            poison.id.0,
            Some("Poison")
        )
    );
    assert_eq!((refused.tries, refused.next_try_at.as_deref()), (1, None));
    let reason = refused.reason.clone().unwrap();
    assert!(!reason.is_empty() && !reason.contains("Poison"), "{reason}");
    assert!(
        waits.items[1..].iter().all(|item| item.photo_id == Some(photo)),
        "{waits:?}"
    );

    let report = a.workstation.sync_report(&a.caller).await.unwrap();
    let link = a.workstation.link().await.unwrap().unwrap();
    for (hidden, what) in [
        ("Poison", "a name"),
        ("Nguyễn", "a name"),
        ("Hòa", "a name"),
        (link.secret.as_str(), "the secret"),
    ] {
        assert!(!report.contains(hidden), "the report holds {what}");
    }
    let read: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(read["items"].as_array().unwrap().len(), waits.items.len());
    assert_eq!(read["items"][0]["record"], poison.id.0.to_string());
    assert_eq!(read["items"][0]["reason"], reason);
    assert_eq!(read["status"]["refused"], 1);
    assert_eq!(read["centre"]["host"], link.host);

    centre.blobs.set_broken(false);
    a.workstation
        .edit_patient(&a.caller, poison.id, poison.revision, draft("Mended"))
        .await
        .unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(unsent(&a, 100).await.items, []);
    assert_eq!(delivery(&a, photo).await, ItemState::AtCentre);
}
