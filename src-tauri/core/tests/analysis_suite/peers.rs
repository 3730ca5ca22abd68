//! The same numbers as the programs that models are trained and served with.

use std::sync::LazyLock;

use seekwell_core::analysis::Analyzer;
use seekwell_core::clinical::LesionClass;
use seekwell_testkit::python::Python;

use super::workshop::{Workshop, demo_model};

static PEERS: LazyLock<Python> = LazyLock::new(|| {
    Python::with(&[
        "numpy==2.4.6",
        "onnxruntime==1.32.0",
        "pillow==13.0.0",
        "transformers==5.23.0",
    ])
});

/// Reads 224×224 RGB images, writes six probabilities for each.
const ONNX_RUNTIME: &str = r"
import json, sys
import numpy as np, onnxruntime
images = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(-1, 224, 224, 3)
tensor = ((images.astype(np.float64) / 255 - 0.5) / 0.5).transpose(0, 3, 1, 2).astype(np.float32)
session = onnxruntime.InferenceSession(sys.argv[1])
logits = session.run(['logits'], {'pixel_values': tensor})[0].astype(np.float64)
powers = np.exp(logits - logits.max(1, keepdims=True))
json.dump((powers / powers.sum(1, keepdims=True)).tolist(), sys.stdout)
";

#[tokio::test]
async fn probabilities_are_those_of_onnx_runtime() {
    let workshop = Workshop::new();
    let analyser = workshop.analyser(demo_model()).await;
    let images: Vec<Vec<u8>> = (1..=6).map(picture).collect();
    let answer = PEERS.run(
        ONNX_RUNTIME,
        &[&demo_model().join("model.onnx")],
        &images.concat(),
    );
    let expected: Vec<[f64; 6]> = serde_json::from_slice(&answer).unwrap();
    assert_eq!(expected.len(), images.len());
    let mut furthest: f64 = 0.0;
    for (image, expected) in images.into_iter().zip(expected) {
        let opinion = analyser.analyse(image).await.unwrap();
        for (class, expected) in LesionClass::ALL.iter().zip(expected) {
            furthest = furthest.max((opinion.probabilities.of(*class) - expected).abs());
        }
    }
    println!("furthest from ONNX Runtime: {furthest:e}");
    assert!(furthest < 1e-4, "{furthest}");
}

/// A dark spot on light skin, a different one for each number: 224×224 RGB.
fn picture(number: usize) -> Vec<u8> {
    let (middle_x, middle_y, radius) = (60 + number * 17, 150 - number * 11, 12 * number);
    let mut rgb = Vec::with_capacity(224 * 224 * 3);
    for y in 0..224usize {
        for x in 0..224usize {
            let inside = x.abs_diff(middle_x).pow(2) + y.abs_diff(middle_y).pow(2) < radius * radius;
            let grain = (x * 31 + y * 17 + number * 7) % 13;
            let skin = if inside {
                [90, 55, 40 + number * 9]
            } else {
                [215 - number * 12, 165, 135]
            };
            rgb.extend(skin.map(|channel| u8::try_from(channel + grain).unwrap()));
        }
    }
    rgb
}
