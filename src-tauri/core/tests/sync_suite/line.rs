//! What the line may be used for, and what is known of the centre past the end of the program.

use std::sync::Arc;

use jiff::SignedDuration;
use seekwell_core::{
    clock::Clock,
    error::{Code, Failure},
    sync::{Line, Link, PostgresRegistry, Registry, RegistryError, SLOWEST, status::Overall},
    workstation::{Place, SyncSettings, Workstation},
};

use crate::centre::Centre;

#[tokio::test]
async fn over_a_line_for_records_only_they_go_and_routine_images_wait() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    let settings = SyncSettings {
        line: Line::RecordsAndUrgent,
        kilobytes_per_second: Some(64),
    };
    a.workstation
        .set_sync_settings(&a.caller, settings)
        .await
        .unwrap();
    let patient = a.patient().await;
    a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.patient"), "1");
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.photo"), "1");
    assert_eq!(centre.blobs.names(), Vec::<String>::new());
    // Nothing more goes by itself, and nobody is told that all is well.
    assert!(!a.workstation.has_work_for_centre().await.unwrap());
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!((status.overall, status.waiting_images), (Overall::KeptHere, 3));

    a.close().await;
    let a = ward.open().await.unwrap();
    assert_eq!(a.workstation.sync_settings().await.unwrap(), settings);
    centre.join(&a).await;
    a.workstation
        .set_sync_settings(&a.caller, SyncSettings::default())
        .await
        .unwrap();
    assert!(a.workstation.has_work_for_centre().await.unwrap());
    a.workstation.sync_once().await.unwrap();
    assert_eq!(centre.blobs.names().len(), 3);
    assert!(!a.workstation.has_work_for_centre().await.unwrap());
}

#[tokio::test]
async fn a_cap_under_which_nothing_would_arrive_is_refused() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let settings = SyncSettings {
        line: Line::Everything,
        kilobytes_per_second: Some(SLOWEST - 1),
    };
    let refused = a.workstation.set_sync_settings(&a.caller, settings).await;
    let failure = Failure::from(refused.unwrap_err());
    assert_eq!(failure.code, Code::RateTooLow);
    assert_eq!(failure.subject, Some(SLOWEST.to_string()));
    assert_eq!(
        a.workstation.sync_settings().await.unwrap(),
        SyncSettings::default()
    );
}

#[tokio::test]
async fn when_the_centre_was_last_heard_of_is_known_after_a_restart() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    a.patient().await;
    a.workstation.sync_once().await.unwrap();
    let before = a.workstation.sync_status().await.unwrap();
    assert!(before.delivered_at.is_some() && before.pulled_at.is_some());
    a.close().await;

    let a = ward.open().await.unwrap();
    centre.join(&a).await;
    let after = a.workstation.sync_status().await.unwrap();
    assert_eq!(after.delivered_at, before.delivered_at);
    assert_eq!(after.pulled_at, before.pulled_at);
    // What was pulled by another run says nothing of what is new since.
    assert_eq!(after.overall, Overall::OnItsWay);
}

#[tokio::test]
async fn a_secret_that_has_grown_old_is_renewed_at_a_start() {
    let centre = Centre::new().await;
    let (ward, a, _) = crate::ward::Ward::found().await;
    let mut link = Link::from_code(&centre.code("A").await).unwrap();
    link.storage_endpoint = Some("http://127.0.0.1:9".to_owned());
    a.workstation.connect(&a.caller, &link.to_code()).await.unwrap();
    let first = a.workstation.link().await.unwrap().unwrap();
    a.workstation.join_centre().await.unwrap();
    assert_eq!(a.workstation.link().await.unwrap().unwrap(), first, "it is young");
    a.close().await;

    let later = Clock::simulated(Clock::system().now() + SignedDuration::from_hours(31 * 24));
    let place = Place {
        clock: later,
        ..ward.place()
    };
    let workstation = Arc::new(Workstation::open(place).await.unwrap());
    workstation.join_centre().await.unwrap();
    let second = workstation.link().await.unwrap().unwrap();
    assert_ne!(second.secret, first.secret);
    assert!(PostgresRegistry::new(&second).hello().await.is_ok());
    let stolen = PostgresRegistry::new(&first).hello().await;
    assert!(
        matches!(stolen, Err(RegistryError::Denied { .. })),
        "the old secret opens nothing: {stolen:?}"
    );
    workstation.sync_once().await.unwrap();
    workstation.close().await;
}
