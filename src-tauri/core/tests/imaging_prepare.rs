//! What preparing does to whole photos.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use seekwell_core::imaging::{self, Format, Resample};
use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::metadata::{Metadata, POSITION, SECRETS, display_p3};

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

/// Colours inside both gamuts, by the published matrices; what a viewer without colour management would
/// show of them is up to 20 steps away.
#[test]
fn display_p3_becomes_srgb() {
    let metadata = Metadata {
        icc: Some(display_p3()),
        ..Metadata::default()
    };
    for colour in [
        [200, 100, 80],
        [120, 140, 90],
        [90, 60, 50],
        [230, 190, 170],
        [128, 128, 128],
    ] {
        let expected = srgb_of_p3(colour);
        let pixels: Vec<u8> = colour.repeat(80 * 60);
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&pixels, 80, 60, ExtendedColorType::Rgb8)
            .unwrap();
        let found = imaging::pixels(&metadata.in_png(&png), 80, 60, Resample::Nearest).unwrap();
        let furthest = found[..3]
            .iter()
            .zip(expected)
            .map(|(a, b)| a.abs_diff(b))
            .max()
            .unwrap();
        assert!(
            furthest <= 1,
            "{colour:?}: {:?} instead of {expected:?}",
            &found[..3]
        );
    }
}

#[test]
fn a_broken_profile_costs_nothing() {
    let lesion = Lesion::new(6, 200, 150);
    let plain = imaging::prepare(&lesion.jpeg(90)).unwrap();
    let p3 = imaging::prepare(&lesion.jpeg_with(90, &with_icc(display_p3()))).unwrap();
    let broken = imaging::prepare(&lesion.jpeg_with(90, &with_icc(vec![7; 3000]))).unwrap();
    let cut = imaging::prepare(&lesion.jpeg_with(90, &with_icc(display_p3()[..200].to_vec()))).unwrap();
    assert_ne!(p3.derivative, plain.derivative);
    assert_eq!(broken.derivative, plain.derivative);
    assert_eq!(cut.derivative, plain.derivative);
}

#[test]
fn a_clock_that_was_never_set_is_no_date() {
    let lesion = Lesion::new(7, 64, 64);
    let taken = |text: &str| {
        let metadata = Metadata {
            taken_at: Some(text.to_owned()),
            ..Metadata::default()
        };
        imaging::prepare(&lesion.png_with(&metadata))
            .unwrap()
            .facts
            .taken_at
    };
    for nonsense in [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:13:01 00:00:00",
        "gestern",
        "2026:11:23",
    ] {
        assert_eq!(taken(nonsense), None, "{nonsense}");
    }
    let found = taken("2026:11:23 23:59:60").unwrap();
    assert_eq!(
        (found.local.to_string().as_str(), found.offset),
        ("2026-11-23T23:59:59", None)
    );
    assert_eq!(found.instant(), None);
}

#[test]
fn a_small_photo_is_never_enlarged() {
    let prepared = imaging::prepare(&Lesion::new(8, 50, 60).jpeg(90)).unwrap();
    assert_eq!((prepared.derivative_width, prepared.derivative_height), (50, 60));
}

fn with_icc(icc: Vec<u8>) -> Metadata {
    Metadata {
        icc: Some(icc),
        ..Metadata::default()
    }
}

/// Through linear light; the matrix is P3-D65 to sRGB, from the primaries of SMPTE EG 432-1 and
/// IEC 61966-2-1.
fn srgb_of_p3(colour: [u8; 3]) -> [u8; 3] {
    const MATRIX: [[f64; 3]; 3] = [
        [1.224_940, -0.224_940, 0.0],
        [-0.042_057, 1.042_057, 0.0],
        [-0.019_638, -0.078_636, 1.098_274],
    ];
    let linear = colour.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    MATRIX.map(|row| {
        let light: f64 = row.iter().zip(linear).map(|(factor, value)| factor * value).sum();
        let value = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=255 first"
        )]
        let byte = (value * 255.0).round().clamp(0.0, 255.0) as u8;
        byte
    })
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
