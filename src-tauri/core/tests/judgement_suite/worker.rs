//! The same answers from a worker process.

use seekwell_core::clinical::{Outline, Scale};
use seekwell_core::imaging::worker::{FLAG, Workers};
use seekwell_core::imaging::{self, Refusal};
use seekwell_testkit::photograph::{Kind, Photograph};

const WORKER: &str = env!("CARGO_BIN_EXE_imaging-worker");

#[tokio::test]
async fn a_worker_judges_and_measures_as_the_functions_do() {
    let workers = Workers::start(WORKER.into(), [FLAG]);
    let photo = Photograph::new(Kind::Good, 77).jpeg();
    let prepared = workers.prepare(&photo).await.unwrap();
    assert!(prepared.measured.is_some());
    assert_eq!(Ok(&prepared), imaging::prepare(&photo).as_ref());

    let derivative = prepared.derivative;
    let scale = Some(Scale::new(0.1).unwrap());
    let found = workers.measure(&derivative, None, scale).await.unwrap();
    assert!(found.is_some());
    assert_eq!(Ok(found), imaging::measure(&derivative, None, scale));

    // As many corners, and as long ones, as can be.
    let corners = (0..500_u16).map(|at| {
        let angle = f32::from(at) / 500.0 * std::f32::consts::TAU;
        [0.512_345_6 + 0.3 * angle.cos(), 0.487_654_3 + 0.3 * angle.sin()]
    });
    let by_hand = Some(Outline::new(corners.collect()).unwrap());
    let measured = workers.measure(&derivative, by_hand.clone(), scale).await;
    assert_eq!(measured, imaging::measure(&derivative, by_hand, scale));

    assert!(matches!(
        workers.measure(b"<html></html>", None, None).await,
        Err(Refusal::NotAnImage { .. })
    ));
}

/// One that has become a photo's could say that something else was measured.
#[cfg(unix)]
#[tokio::test]
async fn a_worker_that_measured_another_outline_is_not_believed() {
    let answer = concat!(
        r#"{"Measured":{"outline":[[0.1,0.1],[0.4,0.1],[0.25,0.4]],"measurements":{"area":1,"asymmetry_long":0,"#,
        r#""asymmetry_short":0,"compactness":1,"colour_deviation":null,"diameter_px":1,"diameter_mm":null,"area_mm2":null}}}"#
    );
    let hello = format!(r#"{{"pipeline":"{}"}}"#, imaging::PIPELINE);
    let said = |json: &str| {
        format!(
            r"printf '\{:03o}\{:03o}\000\000{json}'",
            json.len() % 256,
            json.len() / 256
        )
    };
    let script = format!("{}; {}; exec sleep 600", said(&hello), said(answer));
    let workers = Workers::start("/bin/sh".into(), ["-c", script.as_str()]);
    let derivative = Photograph::new(Kind::Good, 78).jpeg();

    let drawn = |corners: [[f32; 2]; 3]| Some(Outline::new(corners.to_vec()).unwrap());
    let the_same = drawn([[0.1, 0.1], [0.4, 0.1], [0.25, 0.4]]);
    assert!(workers.measure(&derivative, the_same, None).await.is_ok());
    let another = drawn([[0.1, 0.1], [0.5, 0.1], [0.25, 0.4]]);
    let workers = Workers::start("/bin/sh".into(), ["-c", script.as_str()]);
    assert_eq!(
        workers.measure(&derivative, another, None).await,
        Err(Refusal::DecoderDied)
    );
}
