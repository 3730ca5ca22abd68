//! What a photo shows without a model: kept with it, drawn over it by hand, and what somebody has to review.

use seekwell_core::{
    capture::KeepRequest,
    clinical::{BodySite, Finding, PatientId, PhotoId, RiskLevel, Side},
    error::Code,
    store::WhichUrgent,
    workstation::StagedPhoto,
};
use seekwell_testkit::photograph::{Kind, Photograph, demo};

use crate::clinic::{Clinic, code, draft};

/// A square in the middle.
const SQUARE: [[f32; 2]; 4] = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]];

impl Clinic {
    async fn staged(&self, original: Vec<u8>) -> StagedPhoto {
        self.workstation
            .stage(&self.mai, String::new(), original)
            .await
            .unwrap()
    }

    async fn keep_staged(&self, patient: PatientId, staged: PhotoId, kept_anyway: bool) -> PhotoId {
        let request = KeepRequest {
            kept_anyway,
            ..KeepRequest::new(staged, patient, BodySite::Back, Side::Left)
        };
        self.keep_as(&request).await.0
    }
}

#[tokio::test]
async fn a_photo_below_the_bar_says_so_at_the_door_and_for_good() {
    let clinic = Clinic::new().await;
    let Clinic { workstation, mai, .. } = &clinic;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let blurred = clinic
        .staged(Photograph::new(Kind::Blurred, 10_007).jpeg())
        .await
        .staged;
    assert_eq!(blurred.quality.findings, [Finding::Blurred]);
    let dark = clinic
        .staged(Photograph::new(Kind::Dark, 10_003).jpeg())
        .await
        .staged;
    let good = clinic.staged(demo(1)).await.staged;
    assert_eq!(good.quality.findings, []);

    // Somebody chose to keep the first, nobody was asked about the second, and of the third there was nothing to choose.
    let blurred = clinic.keep_staged(patient, blurred.id, true).await;
    let dark = clinic.keep_staged(patient, dark.id, false).await;
    let good = clinic.keep_staged(patient, good.id, true).await;
    for (photo, findings, kept_anyway) in [
        (blurred, vec![Finding::Blurred], true),
        (dark, vec![Finding::Dark], false),
        (good, vec![], false),
    ] {
        let detail = workstation.photo(mai, photo).await.unwrap();
        let quality = detail.quality.unwrap();
        assert_eq!((&quality.findings, quality.kept_anyway), (&findings, kept_anyway));
        assert!(!quality.version.is_empty());
        assert_eq!(detail.entry.findings, findings);
    }
    workstation.close().await;
}

#[tokio::test]
async fn what_is_drawn_stands_before_what_was_found() {
    let clinic = Clinic::new().await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let staged = clinic.staged(demo(2)).await.staged;
    let found = staged.measured.unwrap();
    let photo = clinic.keep_staged(patient, staged.id, false).await;
    let kept = workstation.photo(mai, photo).await.unwrap().measured.unwrap();
    assert_eq!(
        (&kept.outline, &kept.measurements),
        (&found.outline, &found.measurements)
    );
    assert_eq!(
        (kept.is_found, kept.saved_by, kept.millimetres_per_pixel),
        (true, None, None)
    );

    // Looking at what a line would give keeps nothing.
    let tried = workstation
        .measure_photo(mai, photo, Some(SQUARE.to_vec()), Some(0.1))
        .await;
    let tried = tried.unwrap().unwrap();
    assert_eq!(tried.measurements.area, 25.0);
    // Found again, on what the camera's picture was made into.
    let again = workstation
        .measure_photo(mai, photo, None, None)
        .await
        .unwrap()
        .unwrap();
    assert!((again.measurements.area / found.measurements.area - 1.0).abs() < 0.05);
    let unchanged = workstation.photo(mai, photo).await.unwrap().measured.unwrap();
    assert_eq!(unchanged.saved_by, None);

    // A scale does not make the program's line a person's.
    let scaled = workstation
        .save_outline(mai, photo, found.outline.corners().to_vec(), Some(0.1))
        .await
        .unwrap();
    assert!(scaled.is_found && scaled.saved_by.is_some() && scaled.measurements.diameter_mm.is_some());

    clinic.wait(5);
    let saved = workstation
        .save_outline(tam, photo, SQUARE.to_vec(), Some(0.1))
        .await
        .unwrap();
    assert_eq!(saved.outline.corners(), SQUARE);
    assert_eq!(saved.measurements, tried.measurements);
    assert_eq!(
        (saved.is_found, saved.saved_by.as_deref()),
        (false, Some("Phạm Văn Tâm (mẫu)"))
    );
    let diameter = saved.measurements.diameter_mm.unwrap();
    assert!(
        (diameter - 512.0_f32.hypot(384.0) * 0.1).abs() < 0.01,
        "{diameter}"
    );
    assert_eq!(workstation.photo(mai, photo).await.unwrap().measured, Some(saved));

    // Another line in its place.
    let triangle = SQUARE[..3].to_vec();
    workstation
        .save_outline(mai, photo, triangle.clone(), None)
        .await
        .unwrap();
    let now = workstation.photo(mai, photo).await.unwrap().measured.unwrap();
    assert_eq!(
        (now.outline.corners(), now.millimetres_per_pixel),
        (&triangle[..], None)
    );
    workstation.close().await;
}

#[tokio::test]
async fn corners_that_make_no_outline_change_nothing() {
    let (clinic, hoa) = Clinic::new().await.with_patient().await;
    let Clinic { workstation, mai, .. } = &clinic;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let staged = clinic.staged(demo(3)).await.staged;
    let photo = clinic.keep_staged(patient, staged.id, false).await;
    let before = workstation.photo(mai, photo).await.unwrap().measured;
    let [a, b, c, d] = SQUARE;
    for (corners, scale, expected) in [
        (vec![a, b], None, Code::OutlineInvalid),
        (vec![a, c, b, d], None, Code::OutlineInvalid),
        (vec![a, b, [0.5, 1.5]], None, Code::OutlineInvalid),
        (SQUARE.to_vec(), Some(0.0), Code::ScaleInvalid),
        (SQUARE.to_vec(), Some(f64::NAN), Code::ScaleInvalid),
    ] {
        let saved = workstation.save_outline(mai, photo, corners.clone(), scale).await;
        assert_eq!(code(&saved.unwrap_err()), expected);
        let measured = workstation.measure_photo(mai, photo, Some(corners), scale).await;
        assert_eq!(code(&measured.unwrap_err()), expected);
    }
    let nowhere = PhotoId(uuid::Uuid::nil());
    let saved = workstation
        .save_outline(mai, nowhere, SQUARE.to_vec(), None)
        .await;
    assert_eq!(code(&saved.unwrap_err()), Code::NotFound);
    let saved = workstation.save_outline(&hoa, photo, SQUARE.to_vec(), None).await;
    assert_eq!(code(&saved.unwrap_err()), Code::NotAllowed);
    assert_eq!(workstation.photo(mai, photo).await.unwrap().measured, before);
    workstation.close().await;
}

#[tokio::test]
async fn what_is_uncertain_waits_for_a_review_and_not_among_the_urgent() {
    let clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    for seed in 0..4 {
        clinic.keep(patient, seed, BodySite::Back, None).await;
    }
    let clinic = clinic
        .judge(&[
            RiskLevel::Uncertain,
            RiskLevel::Low,
            RiskLevel::Urgent,
            RiskLevel::Uncertain,
        ])
        .await;
    let Clinic { workstation, mai, .. } = &clinic;
    let list = async |which| {
        let page = workstation.urgent_cases(mai, which, None, 50).await.unwrap();
        let of = page.cases.iter().map(|case| (case.photo_id, case.risk));
        of.collect::<Vec<_>>()
    };
    let summary = workstation.urgent_summary(mai).await.unwrap();
    assert_eq!((summary.open, summary.review), (1, 2));
    assert_eq!(summary.newest.unwrap().risk, RiskLevel::Urgent);
    let review = list(WhichUrgent::Review).await;
    assert_eq!(
        review.iter().map(|of| of.1).collect::<Vec<_>>(),
        [RiskLevel::Uncertain; 2]
    );

    let case = workstation.urgent_case(mai, review[0].0).await.unwrap().unwrap();
    workstation.acknowledge(mai, case.analysis_id).await.unwrap();
    assert_eq!(list(WhichUrgent::Review).await, review[1..]);
    assert_eq!(list(WhichUrgent::Acknowledged).await, review[..1]);
    let summary = workstation.urgent_summary(mai).await.unwrap();
    assert_eq!((summary.open, summary.review), (1, 1));
    workstation.close().await;
}
