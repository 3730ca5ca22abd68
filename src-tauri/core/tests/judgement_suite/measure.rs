//! Measurements against what geometry says.

use std::f64::consts::{PI, TAU};

use seekwell_core::clinical::{Measurements, Outline, Scale, ScaleError};
use seekwell_core::imaging;

use crate::quality::{flat, painted};

const WIDTH: u32 = 800;
const HEIGHT: u32 = 600;

/// An outline by a function from an angle to a corner, in pixels.
fn drawn(corners: u32, corner: impl Fn(f64) -> [f64; 2]) -> Outline {
    let corners = (0..corners)
        .map(|at| corner(f64::from(at) / f64::from(corners) * TAU))
        .map(|[x, y]| share(x, y))
        .collect();
    Outline::new(corners).unwrap()
}

#[expect(clippy::cast_possible_truncation, reason = "an outline has single precision")]
fn share(x: f64, y: f64) -> [f32; 2] {
    [(x / f64::from(WIDTH)) as f32, (y / f64::from(HEIGHT)) as f32]
}

fn turned([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [400.0 + x * cos - y * sin, 300.0 + x * sin + y * cos]
}

/// By the outline alone: the picture is grey all over.
fn measured(outline: Outline, scale: Option<Scale>) -> Measurements {
    let measured = imaging::measure(&flat(128, WIDTH, HEIGHT), Some(outline.clone()), scale)
        .unwrap()
        .unwrap();
    assert_eq!(measured.outline, outline);
    measured.measurements
}

fn close(found: f32, expected: f64, tolerance: f64) {
    let off = (f64::from(found) - expected).abs();
    assert!(off <= tolerance, "{found} instead of {expected}");
}

#[test]
fn a_disc_is_symmetrical_and_compact() {
    let circle = drawn(500, |angle| {
        turned([150.0 * angle.cos(), 150.0 * angle.sin()], 0.0)
    });
    let found = measured(circle, Some(Scale::new(0.05).unwrap()));
    close(found.asymmetry_long, 0.0, 0.01);
    close(found.asymmetry_short, 0.0, 0.01);
    close(found.compactness, 1.0, 0.001);
    close(found.area, 100.0 * PI * 150.0 * 150.0 / (800.0 * 600.0), 0.01);
    close(found.diameter_px, 300.0, 0.02);
    close(found.diameter_mm.unwrap(), 15.0, 0.001);
    close(found.area_mm2.unwrap(), PI * 7.5 * 7.5, 0.02);
    // A flat grey has no variegation.
    close(found.colour_deviation.unwrap(), 0.0, 0.001);
}

#[test]
fn without_a_scale_nothing_is_in_millimetres() {
    let square = drawn(4, |angle| turned([100.0 * angle.cos(), 100.0 * angle.sin()], 0.3));
    let found = measured(square, None);
    assert_eq!((found.diameter_mm, found.area_mm2), (None, None));
    // A square's perimeter is four roots of its area.
    close(found.compactness, 4.0 / PI, 0.001);
    close(found.diameter_px, 200.0, 0.01);
}

/// Ramanujan's second formula for the perimeter; whichever way the ellipse lies and its corners run.
#[test]
fn an_ellipse_is_symmetrical_however_it_lies() {
    let (long, short) = (180.0_f64, 80.0_f64);
    let h = ((long - short) / (long + short)).powi(2);
    let perimeter = PI * (long + short) * (1.0 + 3.0 * h / (10.0 + (4.0 - 3.0 * h).sqrt()));
    let area = PI * long * short;
    for turn in [0.0, 0.4, 1.1, 2.6] {
        for way in [1.0, -1.0] {
            let ellipse = drawn(400, |angle| {
                turned([long * (way * angle).cos(), short * (way * angle).sin()], turn)
            });
            let found = measured(ellipse, None);
            close(found.asymmetry_long, 0.0, 0.015);
            close(found.asymmetry_short, 0.0, 0.015);
            close(
                found.compactness,
                perimeter * perimeter / (4.0 * PI * area),
                0.003,
            );
            close(found.diameter_px, 2.0 * long, 0.1);
        }
    }
}

/// Half of a disc: over the axis that halves it once more it is symmetrical, over the other it is not. Its centre of gravity
/// is 4r/3π from the flat side; folded there, what meets is twice the part beyond.
#[test]
fn half_a_lesion_is_asymmetrical_over_one_axis() {
    let radius = 150.0;
    let half = |angle: f64| turned([radius * (angle / 2.0).cos(), radius * (angle / 2.0).sin()], 0.7);
    let corners = (0..=300).map(|at| half(f64::from(at) / 300.0 * TAU));
    let outline = Outline::new(corners.map(|[x, y]| share(x, y)).collect()).unwrap();
    let found = measured(outline, None);

    // What meets at a distance d from the axis is the narrower of the two chords.
    let axis = 4.0 * radius / (3.0 * PI);
    let chord = |at: f64| {
        if (0.0..radius).contains(&at) {
            2.0 * (radius * radius - at * at).sqrt()
        } else {
            0.0
        }
    };
    let steps = 20_000;
    let met: f64 = (0..steps)
        .map(|step| radius * (f64::from(step) + 0.5) / f64::from(steps))
        .map(|away| chord(axis + away).min(chord(axis - away)) * 2.0 * radius / f64::from(steps))
        .sum();
    let expected = 1.0 - met / (PI * radius * radius / 2.0);
    assert!(expected > 0.15);
    close(found.asymmetry_long, expected, 0.01);
    close(found.asymmetry_short, 0.0, 0.01);
}

#[test]
fn a_ragged_border_is_less_compact() {
    let star = |depth: f64| {
        drawn(480, |angle| {
            let radius = 150.0 * (1.0 + depth * (12.0 * angle).sin());
            turned([radius * angle.cos(), radius * angle.sin()], 0.0)
        })
    };
    let compactness = [0.0, 0.05, 0.15].map(|depth| measured(star(depth), None).compactness);
    assert!(compactness[0] < compactness[1] && compactness[1] < compactness[2]);
    assert!(compactness[2] > 1.5, "{compactness:?}");
}

/// Two halves that are 40 apart in lightness deviate by 20 from their mean. Hair over them changes little.
#[test]
fn colours_deviate_by_what_lies_between_them() {
    let halves = |hairy: bool| {
        painted(WIDTH, HEIGHT, move |x, y| {
            let hair = hairy && (x + y * 0.5).rem_euclid(90.0) < 5.0;
            match (hair, x < 400.0) {
                (true, _) => [10; 3],
                // Lightness 30 and 70, by CIE 15.
                (false, true) => [71; 3],
                (false, false) => [171; 3],
            }
        })
    };
    let outline = drawn(4, |angle| {
        turned([200.0 * angle.cos(), 200.0 * angle.sin()], PI / 4.0)
    });
    let deviation = |hairy: bool| {
        let measured = imaging::measure(&halves(hairy), Some(outline.clone()), None);
        measured.unwrap().unwrap().measurements.colour_deviation.unwrap()
    };
    close(deviation(false), 20.0, 0.4);
    close(deviation(true), 20.0, 1.5);
}

#[test]
fn without_an_outline_what_is_found_is_measured() {
    let disc = painted(WIDTH, HEIGHT, |x, y| {
        let inside = (x - 420.0).hypot(y - 290.0) < 90.0;
        if inside { [110, 70, 55] } else { [215, 175, 150] }
    });
    let found = imaging::measure(&disc, None, None).unwrap().unwrap();
    assert_eq!(Some(&found), imaging::prepare(&disc).unwrap().measured.as_ref());
    let found = found.measurements;
    close(found.diameter_px, 180.0, 6.0);
    close(found.compactness, 1.0, 0.03);
    close(found.asymmetry_long, 0.0, 0.04);
    close(found.asymmetry_short, 0.0, 0.04);
    assert_eq!(imaging::measure(&flat(150, 400, 300), None, None), Ok(None));
}

#[test]
fn a_number_that_is_no_scale_is_refused() {
    for number in [0.0, -1.0, f64::NAN, f64::INFINITY, 10.1] {
        assert_eq!(Scale::new(number), Err(ScaleError), "{number}");
    }
    assert!(serde_json::from_str::<Scale>("0").is_err());
    let scale: Scale = serde_json::from_str("0.125").unwrap();
    assert_eq!(scale.millimetres_per_pixel().to_bits(), 0.125_f64.to_bits());
}
