//! What a patient agreed to at one workstation holds at the others.

use std::sync::Arc;

use seekwell_core::{
    analysis::FixedAnalyzer,
    clinical::{Analysis, PendingReason},
    workstation::Way,
};

use crate::background::{run, until};
use crate::centre::Centre;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_is_analysed_once_the_patient_has_agreed_elsewhere() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();
    let space = Arc::new(FixedAnalyzer::by_bytes());
    b.workstation
        .use_space(&b.caller, space, Way::Space)
        .await
        .unwrap();
    let photo = b.keep(patient, 1).await;
    assert_eq!(b.analyse().await, 0);
    assert!(matches!(
        b.analysis(photo).await,
        Analysis::Pending {
            reason: PendingReason::NoConsent,
            ..
        }
    ));

    let working = run(&b);
    let queue = tokio::spawn({
        let station = Arc::clone(&b.workstation);
        async move { station.analyse_as_they_come().await }
    });
    a.workstation
        .set_cloud_consent(&a.caller, patient, true)
        .await
        .unwrap();
    a.workstation.sync_once().await.unwrap();
    until(&b.workstation, "the photo is analysed at B", || async {
        matches!(b.analysis(photo).await, Analysis::Done(_))
    })
    .await;
    queue.abort();
    b.workstation.close().await;
    working.await.unwrap();
}
