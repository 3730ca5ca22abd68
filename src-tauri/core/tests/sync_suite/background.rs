//! The loop by itself: nobody asks for anything.

use std::{sync::Arc, time::Duration};

use seekwell_core::sync::status::{Overall, Trouble};
use seekwell_core::sync::worker::PULL_EVERY;
use seekwell_core::workstation::Workstation;

use crate::centre::Centre;
use crate::ward::Opened;

/// Long enough for any machine; a run that works takes seconds.
const PATIENCE: Duration = Duration::from_secs(100);

/// Runs the loop until the test ends.
pub(crate) fn run(opened: &Opened) -> tokio::task::JoinHandle<()> {
    let workstation = Arc::clone(&opened.workstation);
    tokio::spawn(async move { workstation.sync().await })
}

/// Waits for news until that is so.
pub(crate) async fn until<F: Future<Output = bool>>(
    workstation: &Workstation,
    what: &str,
    so: impl Fn() -> F,
) {
    let mut news = workstation.changes();
    let waited = tokio::time::timeout(PATIENCE, async {
        while !so().await {
            let _ = news.recv().await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_travels_by_itself_as_soon_as_the_line_is_there() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let loops = [run(&a), run(&b)];

    // The cable is out: the photo is kept all the same, and nothing is green.
    centre.blobs.set_broken(true);
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    until(
        &a.workstation,
        "the loop notices that the bucket is gone",
        || async { a.workstation.sync_status().await.unwrap().overall == Overall::KeptHere },
    )
    .await;

    // It is in again, and nobody rings a bell.
    centre.blobs.set_broken(false);
    until(&b.workstation, "the photo arrives", || async {
        b.workstation.photo(&b.caller, photo).await.is_ok()
    })
    .await;
    until(&a.workstation, "everything is at the centre", || async {
        a.workstation.sync_status().await.unwrap().overall == Overall::AtCentre
    })
    .await;

    for opened in [&a, &b] {
        opened.workstation.close().await;
    }
    for ended in loops {
        ended.await.unwrap();
    }
}

/// A line that is back is listened to again: what others record is not first heard of by the minute's question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hints_are_heard_again_once_the_line_is_back() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let line = centre.over_a_line(&a).await;
    let loops = [run(&a), run(&b)];
    let trouble = async || a.workstation.sync_status().await.unwrap().trouble;
    let at_centre = async || a.workstation.sync_status().await.unwrap().overall == Overall::AtCentre;
    until(&a.workstation, "A is in step", at_centre).await;

    line.refuse();
    a.patient().await;
    until(&a.workstation, "A notices", async || {
        trouble().await == Some(Trouble::Offline)
    })
    .await;
    line.accept();
    until(&a.workstation, "A is in step again", at_centre).await;

    let patient = b.patient().await;
    let heard = until(&a.workstation, "A hears of it", async || {
        a.workstation.patient(&a.caller, patient).await.is_ok()
    });
    // The question by the minute comes after three quarters of one at the earliest.
    let by_the_minute = PULL_EVERY / 2;
    assert!(
        tokio::time::timeout(by_the_minute, heard).await.is_ok(),
        "A asked by the minute and heard no hint"
    );

    for opened in [&a, &b] {
        opened.workstation.close().await;
    }
    for ended in loops {
        ended.await.unwrap();
    }
}
