//! The analyser and a real Gradio server, both as they are.

use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use seekwell_core::{
    analysis::{AnalysisError, Analyzer, Opinion, SpaceDeadlines, SpaceError},
    clinical::LesionClass,
    imaging,
};
use seekwell_testkit::{
    gradio::{BEFORE_THE_PREFIX, Gradio, TODAY},
    lesion::Lesion,
};

use super::asking::at;

/// A rounded percentage, and a mean colour of which two JPEG decoders think a little differently.
const TOLERANCE: f64 = 0.001;

#[tokio::test(flavor = "multi_thread")]
async fn a_gradio_server_of_today() {
    is_understood(TODAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gradio_server_whose_api_has_no_prefix() {
    is_understood(BEFORE_THE_PREFIX).await;
}

async fn is_understood(requirements: &'static [&'static str]) {
    let gradio = Gradio::start(requirements).await;
    let space = at(gradio.url(), None, SpaceDeadlines::default());

    for seed in 1..=3 {
        let derivative = imaging::prepare(&Lesion::new(seed, 1_200, 900).jpeg(92))
            .unwrap()
            .derivative;
        let opinion = space.analyse(derivative.clone()).await.unwrap();
        for (class, expected) in LesionClass::ALL.iter().zip(expected(&derivative)) {
            let said = opinion.probabilities.of(*class);
            assert!(
                (said - expected).abs() < TOLERANCE,
                "{class} of {seed}: {said}, not {expected}"
            );
        }
        // It runs outside of Hugging Face, so that it is known by its host alone.
        assert_eq!(opinion.speaker, None);
    }
    assert!(!gradio.uploads().is_empty());
    for upload in gradio.uploads() {
        assert_eq!(upload.file_name().unwrap(), "photo.jpg");
    }

    // Blue: a failure as text. Red: another one. Green: the server's function fails.
    for colour in [[0, 0, 255], [255, 0, 0], [0, 255, 0]] {
        let failed = space.analyse(flat(colour)).await;
        assert_eq!(failure(failed), SpaceError::Failed, "{colour:?}");
    }
    // What is no image.
    let failed = space.analyse(b"the bytes of no image".to_vec()).await;
    assert_eq!(failure(failed), SpaceError::Failed);
    // And nothing of that lasts.
    assert!(space.analyse(flat([90, 60, 50])).await.is_ok());
}

fn failure(told: Result<Opinion, AnalysisError>) -> SpaceError {
    match told {
        Err(AnalysisError::Space { source }) => source,
        other => panic!("{other:?}"),
    }
}

/// What the server's program makes of the photo.
fn expected(derivative: &[u8]) -> [f64; 6] {
    let pixels = image::load_from_memory(derivative).unwrap().into_rgb8();
    let mut sums = [0.0; 3];
    for pixel in pixels.pixels() {
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += f64::from(value);
        }
    }
    let count = f64::from(pixels.width() * pixels.height());
    let [red, green, blue] = sums.map(|sum| sum / count);
    [red, green, blue, 255.0 - red, 255.0 - green, 255.0 - blue].map(|weight| weight / 765.0)
}

fn flat(colour: [u8; 3]) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let pixels = colour.repeat(64 * 64);
    JpegEncoder::new_with_quality(&mut jpeg, 95)
        .encode(&pixels, 64, 64, ExtendedColorType::Rgb8)
        .unwrap();
    jpeg
}
