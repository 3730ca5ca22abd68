//! Our derivative beside the one that Pillow makes with the web backend's own steps.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails is a test that fails"
)]

use std::fs;
use std::path::Path;

use seekwell_core::imaging::{self, Resample};
use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::pillow::{Comparison, Pillow};

/// Decibels that ours may be further than Pillow's from an exact Lanczos result.
const ALLOWED: f64 = 0.3;

/// Odd sides, so that every rounding shows: in the aspect, at half-covered blocks, between tiles.
#[test]
fn every_colour_model_and_orientation_is_as_good_as_pillows() {
    let compared = compare_variants(1301, 977);
    assert_eq!(compared.len(), 7 * 8 + 6);
    compared.iter().for_each(assert_as_good);
}

/// Large enough for JPEGs to be decoded at ½ scale, and with a last column that is half covered.
#[test]
fn a_jpeg_that_is_shrunk_while_decoding_is_as_good_as_pillows() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, width, height) in [(1, 4032, 3024), (2, 4001, 2999), (3, 3121, 4161)] {
        let original = Lesion::new(seed, width, height).jpeg(92);
        put(folder.path(), &format!("{width}x{height}"), &original);
    }
    let compared = Pillow::installed().compare(folder.path());
    assert_eq!(compared.len(), 3);
    compared.iter().for_each(assert_as_good);
}

/// The model's input: an image processor's resize is a step of the model, so it must be the same one.
#[test]
fn the_models_input_is_what_pillow_makes_of_the_derivative() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = imaging::prepare(&Lesion::new(4, 1207, 903).jpeg(92)).unwrap();
    write(&folder.path().join("a.jpg"), &prepared.derivative);
    Pillow::installed().resize(folder.path(), 224, 224);
    let filters = [
        ("nearest", Resample::Nearest),
        ("bilinear", Resample::Bilinear),
        ("bicubic", Resample::Bicubic),
        ("lanczos", Resample::Lanczos),
    ];
    for (name, resample) in filters {
        let ours = imaging::pixels(&prepared.derivative, 224, 224, resample).unwrap();
        let pillows = fs::read(folder.path().join(format!("a.{name}.rgb"))).unwrap();
        assert_eq!(ours.len(), pillows.len());
        let furthest = ours
            .iter()
            .zip(&pillows)
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap();
        assert!(furthest <= 1, "{name}: a sample differs by {furthest}");
    }
}

fn compare_variants(width: u32, height: u32) -> Vec<Comparison> {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base.png");
    write(&base, &Lesion::new(5, width, height).png());
    let pillow = Pillow::installed();
    for name in pillow.variants(&base, folder.path()) {
        let original = fs::read(folder.path().join(format!("{name}.original"))).unwrap();
        put(folder.path(), &name, &original);
    }
    pillow.compare(folder.path())
}

fn put(folder: &Path, name: &str, original: &[u8]) {
    let prepared = imaging::prepare(original).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    write(&folder.join(format!("{name}.original")), original);
    write(&folder.join(format!("{name}.ours")), &prepared.derivative);
}

fn assert_as_good(compared: &Comparison) {
    assert_eq!(compared.ours_size, compared.pillow_size, "{}", compared.name);
    assert_eq!(compared.ours_mode, "RGB", "{}", compared.name);
    let (ours, pillows) = (compared.ours_psnr.unwrap(), compared.pillow_psnr.unwrap());
    assert!(
        ours >= pillows - ALLOWED,
        "{}: {ours:.2} dB, Pillow {pillows:.2} dB",
        compared.name
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own temporary file need not survive a power cut"
)]
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}
