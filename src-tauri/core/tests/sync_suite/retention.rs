//! What was kept long enough goes: everywhere, in order, and never what may not.

mod station;

use std::sync::{Arc, atomic::Ordering};

use seekwell_core::{
    clinical::{Analysis, retention::RetentionYears},
    error::{Code, Failure},
    store::{Fields, RecordKind},
    sync::{Operation, Outcome, Registry, status::Overall},
    workstation::Rendition,
};
use seekwell_testkit::process::picture;
use uuid::Uuid;

use crate::background::{run, until};
use crate::centre::Centre;
use crate::ward::{Opened, Ward};
use crate::watched::Cut;
pub(crate) use station::database_key;
use station::{Pair, Station, TEN, long_ago, today};

/// What the centre still says of patients, in whichever kind of record.
fn fields_left(centre: &Centre) -> String {
    centre.psql(
        "SELECT count(*) FROM seekwell.record WHERE kind <> 'person' AND (fields <> '{}' OR deleted_at IS NULL)",
    )
}

#[tokio::test]
async fn what_one_workstation_lets_go_is_gone_everywhere() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let b = Station::new(&centre, "B").await;
    let (patient, photo) = a.record(&centre, 1).await;
    b.sync().await;
    assert_eq!(centre.blobs.names().len(), 3);

    today(&a.clock);
    today(&b.clock);
    b.keep_for(TEN).await;
    let Opened { workstation, caller } = b.at();
    let plan = workstation.retention_plan(caller).await.unwrap();
    assert_eq!((plan.patients, plan.photos, plan.connected), (1, 1, true));
    assert!(workstation.patient(caller, patient).await.is_ok());
    let report = b.apply().await.unwrap();
    assert_eq!(
        (report.patients, report.photos, report.objects, report.under_way),
        (1, 1, 3, 0),
        "{report:?}"
    );
    assert_eq!(centre.blobs.names(), [""; 0]);
    assert_eq!(fields_left(&centre), "0");
    b.knows_nothing_of(patient, photo).await;

    assert!(a.sealed(photo));
    a.sync().await;
    a.knows_nothing_of(patient, photo).await;
    assert_eq!(
        a.at().workstation.sync_status().await.unwrap().overall,
        Overall::AtCentre
    );
    a.restart(async |_, _| ()).await;
    a.knows_nothing_of(patient, photo).await;
    // One that joins today hears of tombstones only.
    let c = Station::new(&centre, "C").await;
    c.sync().await;
    c.knows_nothing_of(patient, photo).await;
    assert_eq!(
        c.at().workstation.sync_status().await.unwrap().overall,
        Overall::AtCentre
    );
}

#[tokio::test]
async fn an_edit_that_meets_a_tombstone_is_kept_until_somebody_lets_it_go() {
    let centre = Centre::new().await;
    let Pair {
        mut a,
        b,
        patient,
        photo,
    } = Pair::new(&centre).await;

    // Both were made here before anybody could know.
    let Analysis::Done(done) = a.at().analysis(photo).await else {
        panic!("the analysis waits");
    };
    let note = a.note(done.id, "Chưa gửi").await;
    let unsent = a.at().keep(patient, 2).await;
    today(&a.clock);
    assert_eq!(b.apply().await.unwrap().patients, 1);

    let Opened { workstation, caller } = a.at();
    a.sync().await;
    a.sync().await;
    let status = workstation.sync_status().await.unwrap();
    assert_eq!(status.overall, Overall::NeedsYou, "{status:?}");
    assert_eq!(status.waiting_images, 0);
    let left = workstation.leftovers(caller).await.unwrap();
    let of = |record| left.iter().find(|one| one.record == record);
    assert!(of(note.0).unwrap().fields.contains("Chưa gửi"));
    assert!(of(unsent.0).is_some());
    let original = workstation.image(caller, unsent, Rendition::Original).await;
    assert_eq!(original.unwrap(), picture(2));
    // Asking the centre again gets the same answer, and stops nothing.
    workstation.retry_sync(caller).await.unwrap();
    a.sync().await;
    assert_eq!(workstation.leftovers(caller).await.unwrap(), left);
    a.restart(async |_, _| ()).await;
    centre.join(a.at()).await;
    let Opened { workstation, caller } = a.at();
    assert!(workstation.check(caller, |_| ()).await.unwrap().ok);
    assert!(a.sealed(unsent));

    for one in left {
        workstation.let_go(caller, one.record).await.unwrap();
    }
    assert!(!a.sealed(unsent));
    a.sync().await;
    // Its images had reached the bucket before its record was refused.
    assert_eq!(centre.blobs.names().len(), 3);
    assert_eq!(a.apply().await.unwrap().objects, 3);
    assert_eq!(centre.blobs.names(), [""; 0]);
    assert_eq!(
        workstation.sync_status().await.unwrap().overall,
        Overall::AtCentre
    );
    a.knows_nothing_of(patient, photo).await;
}

/// The line is cut at every call in turn, once before the call and once after it. [`Watched`] fails the test where an object goes
/// before a tombstone, or rows before an object.
#[tokio::test]
async fn the_order_holds_wherever_the_line_is_cut() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    a.keep_for(TEN).await;
    let (mut at, mut seed) = (0, 0);
    loop {
        let mut whole = false;
        for cut in [Cut::Before, Cut::After] {
            seed += 1;
            let (patient, photo) = a.record(&centre, seed).await;
            today(&a.clock);
            let watched = a.watched(&centre, Some((at, cut))).await;
            let first = a.apply().await;
            whole = watched.calls() <= at;
            assert_eq!(first.is_ok(), whole, "{at} {cut:?}");
            a.restart(async |_, _| ()).await;
            let rest = a.watched(&centre, None).await;
            a.apply().await.unwrap();
            let log = [
                watched.log.lock().unwrap().clone(),
                rest.log.lock().unwrap().clone(),
            ]
            .concat();
            assert_eq!(centre.blobs.names(), [""; 0], "{at} {cut:?} {log:?}");
            assert_eq!(fields_left(&centre), "0", "{at} {cut:?} {log:?}");
            a.knows_nothing_of(patient, photo).await;
            let under_way = a.at().workstation.retention_plan(&a.at().caller).await.unwrap();
            assert_eq!(under_way.under_way, 0, "{at} {cut:?} {log:?}");
        }
        if whole {
            // Pull, clock, what others left, tombstones in two pushes, three objects, rows, pull.
            assert!(at >= 9, "{at}");
            return;
        }
        at += 1;
    }
}

/// The tombstone was on its way and nobody heard it. What is sent of the patient afterwards is what was done since.
#[tokio::test]
async fn whoever_comes_back_while_their_deletion_is_on_its_way_stays() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    a.keep_for(TEN).await;
    for (seed, photographed) in [(1, false), (3, true)] {
        let (patient, _) = a.record(&centre, seed).await;
        today(&a.clock);
        let watched = a.watched(&centre, Some((3, Cut::Before))).await;
        a.apply().await.unwrap_err();
        assert_eq!(watched.log.lock().unwrap().join(", "), "pull, hello, unfinished");

        a.watched(&centre, None).await;
        let Opened { workstation, caller } = a.at();
        let mut photo = None;
        if photographed {
            photo = Some(a.at().keep(patient, seed + 1).await);
            a.sync().await;
        }
        workstation.set_legal_hold(caller, patient, true).await.unwrap();
        a.sync().await;
        a.sync().await;
        let at_centre = format!(
            "SELECT deleted_at IS NULL, fields -> 'legal_hold' FROM seekwell.patient WHERE id = '{patient}'"
        );
        assert_eq!(centre.psql(&at_centre), "t\ttrue");
        assert!(workstation.patient(caller, patient).await.unwrap().legal_hold);
        if let Some(photo) = photo {
            assert!(
                workstation
                    .image(caller, photo, Rendition::Original)
                    .await
                    .is_ok()
            );
        }
        assert_eq!(workstation.leftovers(caller).await.unwrap(), []);
    }
}

/// The upload was on its way when the deletion of its patient arrived, and reached the bucket after it.
#[tokio::test]
async fn an_image_that_arrives_after_the_tombstone_goes_as_well() {
    let centre = Centre::new().await;
    let Pair {
        mut a,
        b,
        patient,
        photo,
    } = Pair::new(&centre).await;
    today(&a.clock);
    let unsent = a.at().keep(patient, 2).await;

    let watched = a.watched(&centre, None).await;
    let Opened { workstation, caller } = a.at();
    let gate = watched.sends.write().await;
    let running = run(a.at());
    drop(watched.begun.acquire_many(2).await.unwrap());
    assert_eq!(b.apply().await.unwrap().patients, 1);
    assert_eq!(centre.blobs.names(), [""; 0]);
    until(workstation, "the deletion arrives", || async {
        workstation.patient(caller, patient).await.is_err()
    })
    .await;
    drop(gate);
    until(workstation, "the images arrive", || async {
        centre.blobs.names().len() >= 2
    })
    .await;
    for one in workstation.leftovers(caller).await.unwrap() {
        workstation.let_go(caller, one.record).await.unwrap();
    }
    until(workstation, "the images go", || async {
        a.apply().await.unwrap();
        centre.blobs.names().is_empty()
    })
    .await;
    workstation.close().await;
    running.await.unwrap();
    a.restart(async |_, _| ()).await;
    a.knows_nothing_of(patient, photo).await;
    a.knows_nothing_of(patient, unsent).await;
}

#[tokio::test]
async fn a_legal_hold_keeps_everything_here_and_at_the_centre() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let (patient, photo) = a.record(&centre, 1).await;
    let Opened { workstation, caller } = a.at();
    workstation.set_legal_hold(caller, patient, true).await.unwrap();
    today(&a.clock);
    a.keep_for(TEN).await;
    let report = a.apply().await.unwrap();
    assert_eq!((report.held, report.patients, report.under_way), (1, 0, 0));
    assert!(workstation.photo(caller, photo).await.is_ok());

    // The centre knows of a hold that has not arrived here: it refuses, and all is as it was.
    workstation.set_legal_hold(caller, patient, false).await.unwrap();
    a.sync().await;
    centre.psql(&format!(
        "UPDATE seekwell.patient SET fields = fields || '{{\"legal_hold\": true}}' WHERE id = '{patient}'"
    ));
    let report = a.apply().await.unwrap();
    assert_eq!((report.patients, report.objects, report.under_way), (0, 0, 0));
    assert!(
        workstation
            .image(caller, photo, Rendition::Original)
            .await
            .is_ok()
    );
    assert_eq!(centre.blobs.names().len(), 3);
    let status = workstation.sync_status().await.unwrap();
    assert_eq!((status.refused, status.waiting_records), (0, 0), "{status:?}");
}

/// The hold was set here while somebody else deleted: nothing goes here before it ends.
#[tokio::test]
async fn a_deletion_that_arrives_under_a_hold_waits_for_its_end() {
    let centre = Centre::new().await;
    let Pair { a, b, patient, photo } = Pair::new(&centre).await;
    let Opened { workstation, caller } = a.at();
    workstation.set_legal_hold(caller, patient, true).await.unwrap();
    assert_eq!(b.apply().await.unwrap().patients, 1);
    a.sync().await;
    a.sync().await;
    assert!(workstation.patient(caller, patient).await.unwrap().legal_hold);
    assert!(
        workstation
            .image(caller, photo, Rendition::Original)
            .await
            .is_ok()
    );
    workstation.set_legal_hold(caller, patient, false).await.unwrap();
    for one in workstation.leftovers(caller).await.unwrap() {
        workstation.let_go(caller, one.record).await.unwrap();
    }
    a.sync().await;
    a.knows_nothing_of(patient, photo).await;
}

#[tokio::test]
async fn whoever_was_seen_elsewhere_stays_and_so_does_what_is_not_at_the_centre() {
    let centre = Centre::new().await;
    let Pair { a, b, patient, photo } = Pair::new(&centre).await;
    today(&a.clock);
    // Seen yesterday at A; B has not heard of it and asks before it decides.
    a.at().keep(patient, 2).await;
    a.sync().await;
    let report = b.apply().await.unwrap();
    assert_eq!((report.patients, report.unconfirmed, report.under_way), (0, 0, 0));
    assert!(b.at().workstation.photo(&b.at().caller, photo).await.is_ok());

    // A clock that is set years ahead at a workstation lets nothing go.
    b.clock.advance(jiff::SignedDuration::from_hours(24 * 365 * 20));
    assert_eq!(b.apply().await.unwrap().patients, 0);
    assert_eq!(centre.blobs.names().len(), 6);
}

/// A workstation of a newer version has seen the patient: this one reads nothing of it but whose it is.
#[tokio::test]
async fn whoever_was_seen_in_a_way_that_is_not_understood_here_stays() {
    let centre = Centre::new().await;
    let Pair { a, b, patient, photo } = Pair::new(&centre).await;
    let text = |name: &str, text: &str| (name.to_owned(), text.into());
    let newer = Operation {
        operation: Uuid::from_u128(1),
        kind: RecordKind::Lesion,
        record: Uuid::from_u128(2),
        base: 0,
        fields: Fields::from_iter([
            text("patient", &patient.0.to_string()),
            text("site", "a site of tomorrow"),
            text("side", "left"),
        ]),
        deleted: false,
    };
    let told = centre.registry(a.at()).await.push(&[newer]).await.unwrap();
    assert!(matches!(told[0].outcome, Outcome::Applied { .. }), "{told:?}");
    let report = b.apply().await.unwrap();
    assert_eq!((report.patients, report.photos, report.unconfirmed), (0, 0, 1));
    assert!(b.at().workstation.photo(&b.at().caller, photo).await.is_ok());
}

#[tokio::test]
async fn a_credential_that_may_not_delete_holds_up_only_the_objects() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let (patient, photo) = a.record(&centre, 1).await;
    today(&a.clock);
    a.keep_for(TEN).await;
    let watched = a.watched(&centre, None).await;
    watched.may_not_delete.store(true, Ordering::SeqCst);
    let report = a.apply().await.unwrap();
    assert_eq!(
        (report.denied, report.objects, report.patients, report.under_way),
        (3, 0, 0, 1)
    );
    assert!(report.reasons[0].contains("refuses"), "{report:?}");
    // The tombstones are confirmed, so nothing of it is shown; its file goes last.
    assert!(a.sealed(photo));
    assert_eq!(centre.blobs.names().len(), 3);

    watched.may_not_delete.store(false, Ordering::SeqCst);
    let report = a.apply().await.unwrap();
    assert_eq!((report.objects, report.patients, report.under_way), (3, 1, 0));
    a.knows_nothing_of(patient, photo).await;
}

/// A workstation is stolen while it lets a patient go: after its first tombstones, after all of them, after an object, before the
/// centre's rows. Another one waits a week for it and ends what it began.
#[tokio::test]
async fn what_a_stolen_workstation_began_another_ends() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    today(&a.clock);
    a.keep_for(TEN).await;
    // Before these it pulls, fetches a thumbnail, asks for the time and for what others left.
    for (round, at) in [(1, 4), (2, 5), (3, 6), (4, 8)] {
        let (patient, photo) = a.record(&centre, round).await;
        today(&a.clock);
        let thief = Station::new(&centre, &format!("stolen {round}")).await;
        today(&thief.clock);
        thief.keep_for(TEN).await;
        let watched = thief.watched(&centre, Some((at, Cut::After))).await;
        thief.apply().await.unwrap_err();
        let log = || watched.log.lock().unwrap().clone();
        let last = log().pop().unwrap();
        assert!(
            last.starts_with(if at < 6 { "push -" } else { "delete" }),
            "{:?}",
            log()
        );

        // It may still come back, as after a weekend.
        a.sync().await;
        a.apply().await.unwrap();
        assert_ne!(fields_left(&centre), "0", "{at} {:?}", log());
        centre.psql("UPDATE seekwell.record SET deleted_at = deleted_at - interval '8 days'");
        let report = a.apply().await.unwrap();
        assert_eq!(
            (report.patients, report.under_way),
            (1, 0),
            "{at} {report:?} {:?}",
            log()
        );
        assert_eq!(centre.blobs.names(), [""; 0], "{at} {:?}", log());
        assert_eq!(fields_left(&centre), "0", "{at} {:?}", log());
        a.knows_nothing_of(patient, photo).await;

        // It is found, and has nothing left to do.
        let found = thief.watched(&centre, None).await;
        thief.apply().await.unwrap();
        let Opened { workstation, caller } = thief.at();
        let plan = workstation.retention_plan(caller).await.unwrap();
        assert_eq!(plan.under_way, 0, "{at} {:?}", found.log.lock().unwrap());
    }
}

#[tokio::test]
async fn a_photo_that_a_stolen_workstation_let_go_is_taken_over_alone() {
    let photos_only = RetentionYears {
        patient: Some(20),
        photo: Some(10),
    };
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let (patient, photo) = a.record(&centre, 1).await;
    today(&a.clock);
    let thief = Station::new(&centre, "stolen").await;
    today(&thief.clock);
    thief.keep_for(photos_only).await;
    thief
        .watched(&centre, None)
        .await
        .may_not_delete
        .store(true, Ordering::SeqCst);
    assert_eq!(thief.apply().await.unwrap().denied, 3);
    centre.psql("UPDATE seekwell.record SET deleted_at = deleted_at - interval '8 days'");

    a.keep_for(photos_only).await;
    // Held meanwhile, nothing is touched.
    let Opened { workstation, caller } = a.at();
    workstation.set_legal_hold(caller, patient, true).await.unwrap();
    a.sync().await;
    assert_eq!(a.apply().await.unwrap().objects, 0);
    assert_eq!(centre.blobs.names().len(), 3);
    workstation.set_legal_hold(caller, patient, false).await.unwrap();
    a.sync().await;
    let report = a.apply().await.unwrap();
    assert_eq!((report.objects, report.patients, report.under_way), (3, 0, 0));
    assert_eq!(centre.blobs.names(), [""; 0]);
    assert!(!a.sealed(photo));
    assert!(workstation.patient(caller, patient).await.is_ok());
}

#[tokio::test]
async fn photos_go_before_the_patient_where_fewer_years_are_set_for_them() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let (patient, photo) = a.record(&centre, 1).await;
    today(&a.clock);
    a.keep_for(RetentionYears {
        patient: Some(20),
        photo: Some(10),
    })
    .await;
    let report = a.apply().await.unwrap();
    assert_eq!((report.patients, report.photos, report.objects), (0, 1, 3));
    assert!(!a.sealed(photo));
    let Opened { workstation, caller } = a.at();
    assert!(workstation.patient(caller, patient).await.is_ok());
    assert!(workstation.photo(caller, photo).await.is_err());
    assert_eq!(
        centre
            .psql("SELECT kind FROM seekwell.record WHERE fields <> '{}' AND kind <> 'person' ORDER BY kind"),
        "lesion\npatient"
    );
    assert!(workstation.check(caller, |_| ()).await.unwrap().ok);
}

#[tokio::test]
async fn without_a_centre_nothing_goes() {
    let clock = long_ago();
    let (_ward, opened, _) = Ward::found_at(clock.clone()).await;
    let patient = opened.patient().await;
    opened.keep(patient, 1).await;
    today(&clock);
    let Opened { workstation, caller } = &opened;
    workstation.set_retention_years(caller, TEN).await.unwrap();
    let plan = workstation.retention_plan(caller).await.unwrap();
    assert_eq!((plan.connected, plan.patients, plan.unconfirmed), (false, 0, 1));
    let error = workstation.apply_retention(caller).await.unwrap_err();
    assert_eq!(Failure::from(&error).code, Code::NotConnected);
    assert!(workstation.patient(caller, patient).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_runs_by_itself_once_a_day() {
    let centre = Centre::new().await;
    let mut a = Station::new(&centre, "A").await;
    let (patient, photo) = a.record(&centre, 1).await;
    today(&a.clock);
    a.keep_for(TEN).await;
    let workstation = Arc::clone(&a.at().workstation);
    let mut news = workstation.changes();
    let running = tokio::spawn(async move { workstation.sync().await });
    let ran = tokio::time::timeout(std::time::Duration::from_secs(100), async {
        let Opened { workstation, caller } = a.at();
        while workstation.retention_plan(caller).await.unwrap().ran_at.is_none() {
            let _ = news.recv().await;
        }
    });
    ran.await.unwrap();
    a.knows_nothing_of(patient, photo).await;
    a.at().workstation.close().await;
    running.await.unwrap();
}
