//! A photo's way from one workstation to the centre and to the other one.

use seekwell_core::{
    clinical::{Analysis, PatientDraft},
    error::Code,
    error::Failure,
    store::HistoryFilter,
    sync::status::Overall,
    workstation::Rendition,
};

use crate::centre::Centre;
use crate::ward::Opened;

async fn overall(opened: &Opened) -> Overall {
    opened.workstation.sync_status().await.unwrap().overall
}

#[tokio::test]
async fn what_one_keeps_the_other_sees() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;

    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    assert_eq!(overall(&a).await, Overall::OnItsWay);
    a.workstation.sync_once().await.unwrap();
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!(status.overall, Overall::AtCentre, "{status:?}");
    assert_eq!(centre.blobs.names().len(), 3, "{:?}", centre.blobs.names());

    b.workstation.sync_once().await.unwrap();
    let found = b
        .workstation
        .find_patients(&b.caller, "nguyen van hoa")
        .await
        .unwrap();
    assert_eq!(found.patients.len(), 1);
    assert_eq!(found.patients[0].patient.id, patient);
    let page = b
        .workstation
        .history(&b.caller, patient, &HistoryFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(page.entries.len(), 1);
    assert_eq!(page.entries[0].photo_id, photo);
    assert!(matches!(page.entries[0].analysis, Analysis::Pending { .. }));

    for rendition in [Rendition::Thumbnail, Rendition::Derivative, Rendition::Original] {
        let theirs = a.workstation.image(&a.caller, photo, rendition).await.unwrap();
        assert_eq!(
            b.workstation.image(&b.caller, photo, rendition).await.unwrap(),
            theirs,
            "{rendition:?}"
        );
    }
    // Once here, here without the network; and whole by the check's own word.
    centre.blobs.set_broken(true);
    b.workstation
        .image(&b.caller, photo, Rendition::Original)
        .await
        .unwrap();
    assert!(b.workstation.check(&b.caller, |_| ()).await.unwrap().ok);
    // Photos of another workstation are analysed there.
    assert_eq!(b.analyse().await, 0);
}

#[tokio::test]
async fn an_image_that_is_not_here_says_so_without_the_network() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();

    centre.blobs.set_broken(true);
    let error = b
        .workstation
        .image(&b.caller, photo, Rendition::Derivative)
        .await
        .unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::CentreUnreachable);
    // The thumbnail was fetched ahead.
    b.workstation
        .image(&b.caller, photo, Rendition::Thumbnail)
        .await
        .unwrap();
}

/// What is damaged on a workstation's disk and whole at the centre is fetched, and is whole here from then on.
#[tokio::test]
async fn a_photo_that_is_damaged_here_comes_from_the_centre() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    let name = photo.to_string();
    let folder = ward.data_dir().join("photos").join(&name[34..]);
    let file = folder.join(format!("{name}.sealed"));
    let mut bytes = std::fs::read(&file).unwrap();
    // In its last part, the thumbnail.
    *bytes.last_mut().unwrap() ^= 1;
    crate::ward::write(&file, &bytes);

    let look = async |rendition| a.workstation.image(&a.caller, photo, rendition).await;
    centre.blobs.set_broken(true);
    let error = look(Rendition::Thumbnail).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::PhotoDamaged);
    centre.blobs.set_broken(false);
    look(Rendition::Thumbnail).await.unwrap();
    centre.blobs.set_broken(true);
    for rendition in [Rendition::Thumbnail, Rendition::Derivative, Rendition::Original] {
        look(rendition).await.unwrap();
    }
}

/// A bucket that has lost the newest thumbnails still gives the older ones.
#[tokio::test]
async fn what_the_bucket_has_lost_keeps_no_older_thumbnail_from_coming() {
    // As many as are fetched in one round.
    const LOST: usize = 64;
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    let oldest = a.keep(patient, 0).await;
    for seed in (1..).take(LOST) {
        a.keep(patient, seed).await;
    }
    a.workstation.sync_once().await.unwrap();
    let thumbnails = || {
        let names = centre.blobs.names().into_iter();
        names
            .filter(|name| name.ends_with("_thumbnail.jpg"))
            .collect::<Vec<_>>()
    };
    // They begin with the time of their photo's request.
    centre.blobs.lose(&thumbnails()[1..]);
    assert_eq!(thumbnails().len(), 1);

    for _ in 0..2 {
        b.workstation.sync_once().await.unwrap();
    }
    centre.blobs.set_broken(true);
    b.workstation
        .image(&b.caller, oldest, Rendition::Thumbnail)
        .await
        .unwrap();
}

#[tokio::test]
async fn without_the_bucket_records_go_and_images_wait() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    a.keep(patient, 1).await;

    centre.blobs.set_broken(true);
    a.workstation.sync_once().await.unwrap_err();
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!((status.waiting_records, status.waiting_images), (0, 3));
    assert_ne!(status.overall, Overall::AtCentre);

    centre.blobs.set_broken(false);
    a.workstation.sync_once().await.unwrap();
    assert_eq!(overall(&a).await, Overall::AtCentre);
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.photo"), "1");
}

#[tokio::test]
async fn a_record_that_the_centre_refuses_holds_up_nobody() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    centre.psql(
        "ALTER TABLE seekwell.patient ADD CONSTRAINT no_poison CHECK (fields ->> 'full_name' IS DISTINCT FROM 'Poison')",
    );
    let draft = |name: &str| PatientDraft {
        full_name: name.to_owned(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    };
    let poison = a
        .workstation
        .register_patient(&a.caller, draft("Poison"))
        .await
        .unwrap();
    a.workstation
        .register_patient(&a.caller, draft("Nguyễn Văn Mẫu"))
        .await
        .unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.patient"), "1");
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!(
        (status.overall, status.refused, status.waiting_records),
        (Overall::NeedsYou, 1, 1)
    );

    a.workstation
        .edit_patient(&a.caller, poison.id, poison.revision, draft("Mended"))
        .await
        .unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(overall(&a).await, Overall::AtCentre);
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.patient"), "2");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let code = centre.code("B").await;
    a.workstation.connect(&a.caller, &code).await.unwrap();
    let error = a.workstation.connect(&a.caller, &code).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::CentreRefuses);
    let error = a.workstation.connect(&a.caller, "hello").await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::ConnectionCodeInvalid);
}
