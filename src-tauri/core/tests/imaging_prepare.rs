//! What preparing does to whole photos.

use seekwell_core::imaging::worker::Workers;
use seekwell_core::imaging::{self, Format};
use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::metadata::{Metadata, POSITION, SECRETS};

#[test]
fn a_phones_photo_is_upright_small_and_bare() {
    let original = Lesion::new(1, 1600, 1200).jpeg_with(92, &Metadata::of_a_phone());
    let prepared = imaging::prepare(&original).unwrap();

    assert_eq!(prepared.facts.format, Format::Jpeg);
    assert_eq!((prepared.facts.width, prepared.facts.height), (1200, 1600));
    assert_eq!(
        (prepared.derivative_width, prepared.derivative_height),
        (768, 1024)
    );
    let taken = prepared.facts.taken_at.unwrap();
    assert_eq!(taken.local.to_string(), "2026-11-23T14:05:09.123");
    assert_eq!(taken.instant().unwrap().to_string(), "2026-11-23T07:05:09.123Z");
    assert_eq!(prepared.facts.camera.as_deref(), Some("Lotus P9 (mẫu)"));
    for output in [&prepared.derivative, &prepared.thumbnail] {
        assert_bare(output);
    }
    assert_bare(&imaging::full(&original).unwrap());
}

#[test]
fn the_same_bytes_give_the_same_bytes() {
    let original = Lesion::new(2, 901, 1403).png_with(&Metadata::of_a_phone());
    assert_eq!(imaging::prepare(&original), imaging::prepare(&original));
    assert_eq!(imaging::full(&original), imaging::full(&original));
}

#[tokio::test]
async fn a_worker_gives_what_the_function_gives() {
    let workers = Workers::start(env!("CARGO_BIN_EXE_imaging-worker").into(), [""; 0]);
    let original = Lesion::new(3, 640, 480).jpeg_with(90, &Metadata::of_a_phone());
    assert_eq!(workers.prepare(&original).await, imaging::prepare(&original));
    assert_eq!(workers.full(&original).await, imaging::full(&original));
    let derivative = imaging::prepare(&original).unwrap().derivative;
    let resample = imaging::Resample::Bilinear;
    assert_eq!(
        workers.pixels(&derivative, 224, 224, resample).await,
        imaging::pixels(&derivative, 224, 224, resample)
    );
}

/// No application segment but JFIF's own, no comment, and nothing of what the camera wrote.
fn assert_bare(jpeg: &[u8]) {
    assert!(
        jpeg.starts_with(&[0xff, 0xd8, 0xff, 0xe0]),
        "a JFIF header comes first"
    );
    for marker in (0xe1..=0xef).chain([0xfe]) {
        let header_end = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        assert!(
            !jpeg[..header_end].windows(2).any(|pair| pair == [0xff, marker]),
            "segment {marker:#x}"
        );
    }
    let position: Vec<u8> = POSITION[2]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let secrets =
        SECRETS
            .iter()
            .map(|secret| secret.as_bytes())
            .chain([position.as_slice(), b"Exif", b"Lotus"]);
    for secret in secrets {
        assert!(
            !jpeg.windows(secret.len()).any(|window| window == secret),
            "metadata in the output"
        );
    }
}
