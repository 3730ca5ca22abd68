//! The same numbers as the programs that models are trained and served with.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use seekwell_core::analysis::{Analyzer, OnDevice, Preprocessing};
use seekwell_core::clinical::LesionClass;
use seekwell_core::imaging;
use seekwell_core::imaging::worker::Workers;
use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::python::Python;

use super::workshop::{Workshop, demo_model, threads};

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

/// Reads the paths of photos, writes the tensor of each as float32.
const IMAGE_PROCESSOR: &str = r"
import sys
import numpy as np
from PIL import Image
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil
processor = ViTImageProcessorPil.from_pretrained(sys.argv[1])
for path in sys.argv[2:]:
    photo = Image.open(path).convert('RGB')
    tensor = processor(photo, return_tensors='np')['pixel_values']
    sys.stdout.buffer.write(tensor.astype('<f4').tobytes())
";

#[test]
fn preprocessing_is_that_of_hugging_face() {
    let workshop = Workshop::new();
    let derivatives: Vec<Vec<u8>> = [
        (640, 480),
        (480, 1024),
        (1024, 1023),
        (224, 224),
        (100, 60),
        (57, 900),
    ]
    .into_iter()
    .zip(1..)
    .map(|((width, height), seed)| {
        imaging::prepare(&Lesion::new(seed, width, height).jpeg(92))
            .unwrap()
            .derivative
    })
    .collect();
    let answer = run_on_photos(&workshop, IMAGE_PROCESSOR, &derivatives);

    let vit = Preprocessing::default();
    assert_eq!(answer.len(), derivatives.len() * vit.samples() * 4);
    let expected: Vec<f32> = answer
        .as_chunks::<4>()
        .0
        .iter()
        .map(|number| f32::from_le_bytes(*number))
        .collect();
    let mut furthest: f32 = 0.0;
    for (derivative, expected) in derivatives.iter().zip(expected.chunks_exact(vit.samples())) {
        let rgb = imaging::pixels(derivative, vit.width, vit.height, vit.resample).unwrap();
        for (ours, theirs) in vit.tensor(&rgb).unwrap().iter().zip(expected) {
            furthest = furthest.max((ours - theirs).abs());
        }
    }
    println!("furthest from Hugging Face: {furthest}");
    assert!(furthest < 1.0 / 255.0, "{furthest}");
}

/// The whole way: a photo is prepared, decoded by a worker process, and analysed.
#[tokio::test]
async fn a_prepared_photo_gets_the_opinion_of_transformers_and_onnx_runtime() {
    let workshop = Workshop::new();
    let model = workshop
        .models()
        .await
        .install(demo_model(), &threads())
        .await
        .unwrap();
    let workers = Workers::start(env!("CARGO_BIN_EXE_imaging-worker").into(), [""; 0]);
    let analyser = OnDevice::new(model, Arc::new(workers), threads());
    let derivatives: Vec<Vec<u8>> = (1..=8)
        .map(|seed| {
            imaging::prepare(&Lesion::new(seed, 800, 600).jpeg(92))
                .unwrap()
                .derivative
        })
        .collect();
    let expected: Vec<[f64; 6]> =
        serde_json::from_slice(&run_on_photos(&workshop, BOTH, &derivatives)).unwrap();
    let mut tops = std::collections::BTreeSet::new();
    for (derivative, expected) in derivatives.into_iter().zip(expected) {
        let opinion = analyser.analyse(derivative).await.unwrap();
        for (class, expected) in LesionClass::ALL.iter().zip(expected) {
            // Decoders may differ by a level here and there, so this is not the 1e-4 of equal tensors.
            let found = opinion.probabilities.of(*class);
            assert!(
                (found - expected).abs() < 2e-3,
                "{class}: {found}, not {expected}"
            );
        }
        tops.insert(opinion.probabilities.top().class);
    }
    assert!(tops.len() > 1, "the demo model tells photos apart: {tops:?}");
    let error = analyser.analyse(b"<html>".to_vec()).await.unwrap_err();
    assert_eq!(error.retry(), seekwell_core::analysis::Retry::Never);
}

/// Reads the paths of photos, writes six probabilities for each.
const BOTH: &str = r"
import json, sys
import numpy as np, onnxruntime
from PIL import Image
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil
processor = ViTImageProcessorPil.from_pretrained(sys.argv[1])
photos = [Image.open(path).convert('RGB') for path in sys.argv[2:]]
tensor = processor(photos, return_tensors='np')['pixel_values']
session = onnxruntime.InferenceSession(sys.argv[1] + '/model.onnx')
logits = session.run(['logits'], {'pixel_values': tensor})[0].astype(np.float64)
powers = np.exp(logits - logits.max(1, keepdims=True))
json.dump((powers / powers.sum(1, keepdims=True)).tolist(), sys.stdout)
";

/// Runs a script with the demo model and those photos, as files, for arguments.
fn run_on_photos(workshop: &Workshop, script: &str, photos: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<String> = (0..photos.len()).map(|number| format!("{number}.jpg")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(String::as_str)
        .zip(photos.iter().map(Vec::as_slice))
        .collect();
    let folder = workshop.folder("photos", &files);
    let mut arguments = vec![demo_model()];
    arguments.extend(names.iter().map(|name| folder.join(name)));
    PEERS.run(
        script,
        &arguments.iter().map(PathBuf::as_path).collect::<Vec<_>>(),
        &[],
    )
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
