//! Whatever goes wrong at the Space, the photo stays kept and waits, and is analysed once when the fault is gone, with nobody
//! doing anything.

use std::{sync::Arc, time::Duration};

use seekwell_core::analysis::{Space, SpaceAddress, SpaceDeadlines};
use seekwell_core::clinical::{Analysis, PhotoId};
use seekwell_core::workstation::Way;
use seekwell_testkit::space::{FakeSpace, PORTAL_PAGE, SpaceFault, Step};
use tokio::task::JoinSet;

use super::ward::{Opened, Ward};

const RESULTS: &str =
    "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";

/// Short, so that what stalls is noticed soon.
const DEADLINES: SpaceDeadlines = SpaceDeadlines {
    connect: Duration::from_secs(10),
    silence: Duration::from_secs(3),
    total: Duration::from_secs(20),
    cold: Duration::from_secs(10),
    look_again: Duration::from_millis(20),
};

async fn is_done(opened: &Opened, photo: PhotoId) -> bool {
    match opened.analysis(photo).await {
        Analysis::Done(done) => {
            assert_eq!(done.top_class.as_word(), "MEL");
            true
        }
        Analysis::Pending { .. } => false,
    }
}

/// Lets a step fail twice before the Space is as it should be.
async fn survives(step: Step, fault: SpaceFault) {
    let fake = FakeSpace::start(|_| RESULTS.to_owned());
    fake.fail(step, fault.clone(), 2);
    let address = SpaceAddress::new(&fake.url(), None).unwrap();
    let space = Arc::new(Space::new(address, DEADLINES).unwrap());
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (opened.workstation.clone(), opened.caller.clone());
    let patient = opened.patient().await;
    station.set_cloud_consent(&caller, patient, true).await.unwrap();
    station.use_space(&caller, space, Way::Space).await.unwrap();
    let mut changes = station.changes();
    let photo = opened.keep(patient, 1).await;
    let working = tokio::spawn({
        let station = station.clone();
        async move { station.analyse_as_they_come().await }
    });
    while !is_done(&opened, photo).await {
        changes.recv().await.unwrap();
    }
    working.abort();
    assert!(fake.asked(step) >= 3, "{step:?} {fault:?}: it never failed");
    let detail = station.photo(&caller, photo).await.unwrap();
    assert_eq!(detail.opinions, [], "{step:?} {fault:?}");
    assert_eq!(
        fake.asked(Step::Events) - 1,
        match step {
            Step::Events => 2,
            _ => 0,
        },
        "{step:?} {fault:?}: it was asked once more than it had failed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_analysed_once_when_the_fault_is_gone() {
    let everywhere = [
        SpaceFault::Reset,
        SpaceFault::Stall,
        SpaceFault::Status(429),
        SpaceFault::Status(500),
        SpaceFault::Garbage,
        SpaceFault::Page(PORTAL_PAGE),
    ];
    let in_the_answer = [
        SpaceFault::HalfEvent,
        SpaceFault::ErrorEvent,
        SpaceFault::Says("An error occurred: CUDA out of memory".to_owned()),
        SpaceFault::Says("MODEL LOADING FAILED: no such file".to_owned()),
        SpaceFault::Says("ACK: 50.00%\nBCC: 50.00%".to_owned()),
        SpaceFault::Says(RESULTS.replace("SEK", "XYZ")),
        SpaceFault::Says(RESULTS.replace("50.39", "90.39")),
    ];
    let mut cases: Vec<(Step, SpaceFault)> = Vec::new();
    for step in [Step::Config, Step::Upload, Step::Call, Step::Events] {
        cases.extend(everywhere.iter().map(|fault| (step, fault.clone())));
    }
    cases.extend(in_the_answer.map(|fault| (Step::Events, fault)));
    let mut running = JoinSet::new();
    for (step, fault) in cases {
        running.spawn(survives(step, fault));
        if running.len() >= 8 {
            running.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}
