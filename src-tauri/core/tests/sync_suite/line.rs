//! What the line may be used for, and what is known of the centre past the end of the program.

use std::{net::Ipv4Addr, sync::Arc};

use jiff::SignedDuration;
use seekwell_core::{
    clock::Clock,
    error::{Code, Failure},
    store::{Open, Setting, Store},
    sync::{
        Line, Link, PostgresRegistry, Registry, RegistryError, SLOWEST,
        central::Password,
        status::{Overall, Trouble},
    },
    workstation::{Place, Rendition, SyncSettings, Workstation},
};
use seekwell_testkit::cutter::{Cutter, Way};

use crate::centre::Centre;
use crate::retention::database_key;
use crate::ward::Ward;

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
    assert!(!a.workstation.has_work_for_centre().await.unwrap());
    a.workstation
        .set_sync_settings(&a.caller, SyncSettings::default())
        .await
        .unwrap();
    // The centre may still have to be joined.
    assert!(a.workstation.has_work_for_centre().await.unwrap());
    centre.join(&a).await;
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
    let (ward, a, _) = Ward::found().await;
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

/// A key that opens no bucket is refused before the code is used up, and said where it came from an earlier version.
#[tokio::test]
async fn a_code_whose_key_opens_no_bucket_is_not_taken_for_a_connection() {
    let centre = Centre::new().await;
    let (ward, a, _) = Ward::found().await;
    let good = Link::from_code(&centre.code("A").await).unwrap();
    let bad = Link {
        service_account: Some("no key".to_owned()),
        ..good.clone()
    };
    let refused = a.workstation.connect(&a.caller, &bad.to_code()).await;
    assert_eq!(Failure::from(refused.unwrap_err()).code, Code::CentreRefuses);
    assert!(a.workstation.link().await.unwrap().is_none());
    assert!(
        PostgresRegistry::new(&good).hello().await.is_ok(),
        "it is good still"
    );

    a.patient().await;
    a.close().await;
    let store = store_of(&ward).await;
    let mut write = store.write().await.unwrap();
    let link = serde_json::to_string(&bad).unwrap();
    write.set(Setting::Centre, &link).await.unwrap();
    write.commit().await.unwrap();
    store.close().await;
    let a = ward.open().await.unwrap();
    a.workstation.join_centre().await.unwrap_err();
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!(
        (status.overall, status.trouble),
        (Overall::NeedsYou, Some(Trouble::Denied))
    );
    // Nothing goes by itself.
    assert!(!a.workstation.has_work_for_centre().await.unwrap());
}

/// The answer to the change of the code's secret was lost: the same code opens the door once more, for the machine that has the next.
#[tokio::test]
async fn a_code_whose_use_nobody_heard_of_is_good_for_the_same_machine() {
    let centre = Centre::new().await;
    let (ward, a, _) = Ward::found().await;
    let (_line, code) = code_over_a_line(&centre, "A").await;
    let link = Link::from_code(&code).unwrap();
    a.close().await;
    lose_the_answer(&ward, &centre, &link).await;

    let a = ward.open().await.unwrap();
    a.workstation.connect(&a.caller, &code).await.unwrap();
    a.workstation.connect(&a.caller, &code).await.unwrap_err();
    a.close().await;
    let (_ward, other, _) = Ward::found().await;
    let refused = other.workstation.connect(&other.caller, &code).await;
    assert_eq!(Failure::from(refused.unwrap_err()).code, Code::CentreRefuses);
    other.close().await;
}

/// The answer to the change of the secret was lost: whichever of the two is valid opens the door, and is known from then on.
#[tokio::test]
async fn a_secret_whose_renewal_nobody_heard_of_is_found_out() {
    let centre = Centre::new().await;
    let (ward, a, _) = Ward::found().await;
    let (_line, code) = code_over_a_line(&centre, "A").await;
    a.workstation.connect(&a.caller, &code).await.unwrap();
    let before = a.workstation.link().await.unwrap().unwrap();
    a.close().await;
    let next = lose_the_answer(&ward, &centre, &before).await;

    // As where the program was started without a line, and found no answer then.
    let either = PostgresRegistry::new(&before).or_by(next.expose());
    either.hello().await.unwrap();
    assert_eq!(either.secret(), next.expose());
    let neither = PostgresRegistry::new(&before).or_by("neither");
    for _ in 0..2 {
        assert!(matches!(neither.hello().await, Err(RegistryError::Denied { .. })));
    }

    let a = ward.open().await.unwrap();
    a.workstation.join_centre().await.unwrap();
    a.workstation.sync_once().await.unwrap();
    assert_eq!(a.workstation.link().await.unwrap().unwrap().secret, next.expose());
    a.close().await;
}

/// Joining takes its time where the secret is old. Pictures that are looked at meanwhile wait for it, instead of each putting a worker
/// of its own in the place of the one that runs.
#[tokio::test]
async fn however_many_look_at_pictures_the_centre_is_joined_once() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let clock = Clock::simulated(Clock::system().now());
    let (ward, b, _) = Ward::found_at(clock.clone()).await;
    let (line, code) = code_over_a_line(&centre, "B").await;
    b.workstation.connect(&b.caller, &code).await.unwrap();
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    a.workstation.sync_once().await.unwrap();
    centre.join(&b).await;
    b.workstation.sync_once().await.unwrap();
    b.close().await;

    clock.advance(SignedDuration::from_hours(31 * 24));
    let b = ward.open().await.unwrap();
    let before = line.tally().connections;
    line.hold(Way::ToClient);
    let look = |rendition| b.workstation.image(&b.caller, photo, rendition);
    let (derivative, original, connections) =
        tokio::join!(look(Rendition::Derivative), look(Rendition::Original), async {
            line.until_connected(before + 1).await;
            // Whoever else wants to has time to connect.
            a.workstation.sync_once().await.unwrap();
            let connections = line.tally().connections;
            line.heal();
            connections
        });
    // There is no bucket at that address.
    assert!(derivative.is_err() && original.is_err());
    assert_eq!(connections, before + 1);
}

/// A code whose records are reached over a line that can be broken, and whose bucket nobody can.
async fn code_over_a_line(centre: &Centre, name: &str) -> (Cutter, String) {
    let mut link = Link::from_code(&centre.code(name).await).unwrap();
    link.storage_endpoint = Some("http://127.0.0.1:9".to_owned());
    let line = Cutter::before((Ipv4Addr::LOCALHOST, link.port).into());
    link.port = line.address().port();
    (line, link.to_code())
}

/// A centre that was set back to an earlier state has lost what is thought to be there, and gives its next changes numbers that were
/// read already.
#[tokio::test]
async fn a_centre_that_was_set_back_is_not_taken_for_one_in_step() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    a.patient().await;
    a.workstation.sync_once().await.unwrap();
    let overall = async || a.workstation.sync_status().await.unwrap().overall;
    assert_eq!(overall().await, Overall::AtCentre);
    // As it was before anything was recorded.
    centre.psql(
        "UPDATE seekwell.clinic SET sequence = 0; DELETE FROM seekwell.change; DELETE FROM seekwell.operation;
         DELETE FROM seekwell.record",
    );
    a.workstation.sync_once().await.unwrap_err();
    let failure = Failure::from(a.workstation.sync_once().await.unwrap_err());
    assert_eq!(failure.code, Code::CentreRefuses);

    // Others record more than was lost. What they recorded has numbers that were read already.
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = b.patient().await;
    b.patient().await;
    b.workstation.sync_once().await.unwrap();
    a.workstation.sync_once().await.unwrap_err();

    a.workstation
        .connect(&a.caller, &centre.code("A again").await)
        .await
        .unwrap();
    centre.join(&a).await;
    a.workstation.sync_once().await.unwrap();
    assert_eq!(overall().await, Overall::AtCentre);
    a.workstation.patient(&a.caller, patient).await.unwrap();
}

/// Leaves what a lost answer leaves: the centre has the next secret, and here the last is thought to be valid.
async fn lose_the_answer(ward: &Ward, centre: &Centre, link: &Link) -> Password {
    let store = store_of(ward).await;
    let next = Password::random().unwrap();
    let mut write = store.write().await.unwrap();
    let link_in_json = serde_json::to_string(link).unwrap();
    write.set(Setting::Centre, &link_in_json).await.unwrap();
    write.set(Setting::NextSecret, next.expose()).await.unwrap();
    write.commit().await.unwrap();
    store.close().await;
    centre.psql(&format!(
        "ALTER ROLE {} PASSWORD '{}'",
        link.role,
        next.verifier()
    ));
    next
}

/// What a closed workstation left.
async fn store_of(ward: &Ward) -> Store {
    let key = database_key(ward);
    Store::open(&ward.data_dir(), &key, Open::Existing, Clock::system())
        .await
        .unwrap()
}
