//! What is found in a photo and drawn over it, at two workstations.

use seekwell_core::clinical::{Finding, PhotoId, PhotoMeasured};
use seekwell_core::sync::status::Overall;
use seekwell_core::workstation::ConflictChoice;
use seekwell_testkit::photograph::{Kind, Photograph, demo};

use crate::centre::Centre;
use crate::ward::Opened;

const SQUARE: [[f32; 2]; 4] = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]];

async fn measured(at: &Opened, photo: PhotoId) -> Option<PhotoMeasured> {
    at.workstation.photo(&at.caller, photo).await.unwrap().measured
}

async fn draw(at: &Opened, photo: PhotoId, corners: &[[f32; 2]], scale: Option<f64>) -> PhotoMeasured {
    at.workstation
        .save_outline(&at.caller, photo, corners.to_vec(), scale)
        .await
        .unwrap()
}

async fn round(stations: &[&Opened]) {
    for station in stations {
        station.workstation.sync_once().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_found_and_drawn_at_one_is_seen_at_the_other() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    let good = a.keep_bytes(patient, demo(1)).await;
    let dark = a
        .keep_bytes(patient, Photograph::new(Kind::Dark, 10_003).jpeg())
        .await;
    round(&[&a, &b]).await;
    let found = measured(&a, good).await;
    assert!(found.is_some());
    assert_eq!(measured(&b, good).await, found);
    let there = b.workstation.photo(&b.caller, dark).await.unwrap();
    assert_eq!(there.entry.findings, [Finding::Dark]);
    assert_eq!(there.quality.unwrap().findings, [Finding::Dark]);

    // Drawn where the photo was not kept, with an image that came from the centre.
    let drawn = draw(&b, good, &SQUARE, Some(0.05)).await;
    assert_ne!(
        b.workstation.sync_status().await.unwrap().overall,
        Overall::AtCentre
    );
    round(&[&b, &a]).await;
    assert_eq!(measured(&a, good).await, Some(drawn));
    for one in [&a, &b] {
        assert_eq!(
            one.workstation.sync_status().await.unwrap().overall,
            Overall::AtCentre
        );
        assert_eq!(one.workstation.conflicts(&one.caller).await.unwrap(), []);
    }
    // What came back changed nothing there.
    round(&[&b, &a]).await;
    assert_eq!(
        centre.psql("SELECT count(*) FROM seekwell.operation WHERE kind = 'photo' AND revision IS NULL"),
        "0"
    );
}

#[tokio::test]
async fn of_two_outlines_that_did_not_know_of_each_other_both_are_kept() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    let photo = a.keep_bytes(patient, demo(2)).await;
    round(&[&a, &b]).await;
    let of_a = draw(&a, photo, &SQUARE, None).await;
    let of_b = draw(&b, photo, &SQUARE[..3], None).await;
    round(&[&a, &b, &a]).await;
    for one in [&a, &b] {
        assert_eq!(measured(one, photo).await, Some(of_b.clone()));
        let conflicts = one.workstation.conflicts(&one.caller).await.unwrap();
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert_eq!(
            (conflicts[0].kind.as_str(), conflicts[0].field.as_str()),
            ("photo", "outline")
        );
    }

    let conflict = a.workstation.conflicts(&a.caller).await.unwrap().remove(0);
    a.workstation
        .settle_conflict(&a.caller, conflict.id, ConflictChoice::Replace)
        .await
        .unwrap();
    round(&[&a, &b]).await;
    for one in [&a, &b] {
        assert_eq!(measured(one, photo).await, Some(of_a.clone()));
        assert_eq!(one.workstation.conflicts(&one.caller).await.unwrap(), []);
    }
}
