//! Originals that leave a machine because the centre has them, and come back when somebody looks.

use seekwell_core::{
    clock::{Clock, rfc3339},
    error::{Code, Failure},
    store::{Open, Store},
    workstation::{Purged, Rendition},
};
use seekwell_testkit::process::picture;

use crate::centre::Centre;
use crate::retention::database_key;
use crate::ward::{Opened, Ward};

async fn purge(opened: &Opened, keep_days: u16) -> Purged {
    let Opened { workstation, caller } = opened;
    let could = workstation.purgeable_originals(caller, keep_days).await.unwrap();
    let did = workstation.purge_originals(caller, keep_days).await.unwrap();
    assert_eq!(could, did);
    did
}

fn sealed_bytes(ward: &Ward) -> u64 {
    let folders = std::fs::read_dir(ward.data_dir().join("photos")).unwrap();
    folders
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

#[tokio::test]
async fn only_what_the_centre_has_leaves_and_it_comes_back() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    let nothing = Purged {
        photos: 0,
        bytes: 0.0,
    };
    // Neither what was never sent, nor what the bucket has and the centre's record does not name yet.
    assert_eq!(purge(&a, 0).await, nothing);
    centre.blobs.set_broken(true);
    a.workstation.sync_once().await.unwrap_err();
    assert_eq!(purge(&a, 0).await, nothing);
    centre.blobs.set_broken(false);
    a.workstation.sync_once().await.unwrap();
    assert_eq!(purge(&a, 30).await, nothing);

    let before = sealed_bytes(&ward);
    let summary = a.workstation.storage_summary(&a.caller).await.unwrap();
    let freed = purge(&a, 0).await;
    let length = picture(1).len() as u64;
    let bytes = f64::from(u32::try_from(length).unwrap());
    assert_eq!(freed, Purged { photos: 1, bytes });
    assert!(sealed_bytes(&ward) <= before - length);
    let less = a.workstation.storage_summary(&a.caller).await.unwrap();
    let less = Purged {
        photos: 1,
        bytes: summary.photo_bytes - less.photo_bytes,
    };
    assert_eq!(less, freed);
    assert!(a.workstation.check(&a.caller, |_| ()).await.unwrap().ok);
    assert_eq!(purge(&a, 0).await, nothing);

    // What is looked at every day stays here.
    centre.blobs.set_broken(true);
    let image = async |rendition| a.workstation.image(&a.caller, photo, rendition).await;
    image(Rendition::Thumbnail).await.unwrap();
    image(Rendition::Derivative).await.unwrap();
    let error = image(Rendition::Original).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::CentreUnreachable);
    centre.blobs.set_broken(false);
    assert_eq!(image(Rendition::Original).await.unwrap(), picture(1));
    centre.blobs.set_broken(true);
    assert_eq!(image(Rendition::Original).await.unwrap(), picture(1));
    assert_eq!(sealed_bytes(&ward), before);
    assert!(a.workstation.check(&a.caller, |_| ()).await.unwrap().ok);
    assert_eq!(purge(&a, 0).await.photos, 1);
}

/// The power goes after the row said that the original is not here, before it has left its file.
#[tokio::test]
async fn a_purge_that_was_cut_short_is_ended_by_the_next_start() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    let before = sealed_bytes(&ward);
    a.close().await;

    let clock = Clock::system();
    let store = Store::open(
        &ward.data_dir(),
        &database_key(&ward),
        Open::Existing,
        clock.clone(),
    )
    .await
    .unwrap();
    let mut write = store.write().await.unwrap();
    let marked = write.mark_purged(&rfc3339(clock.now()), 10).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(marked, [picture(1).len() as u64]);
    store.close().await;
    drop(store);
    assert_eq!(sealed_bytes(&ward), before);

    let a = ward.open().await.unwrap();
    assert!(sealed_bytes(&ward) <= before - marked[0]);
    assert!(a.workstation.check(&a.caller, |_| ()).await.unwrap().ok);
    centre.join(&a).await;
    let original = a.workstation.image(&a.caller, photo, Rendition::Original).await;
    assert_eq!(original.unwrap(), picture(1));
}
