//! Where the border of a lesion is, and which polygons are outlines.

use seekwell_core::clinical::{Outline, OutlineError};
use seekwell_core::imaging;
use seekwell_testkit::photograph::Kind;

use crate::album::{Judged, four_hundred, some};
use crate::quality::painted;

/// Hair, glints and rulers are on the good ones; on a quarter of the lesions lies glare.
#[test]
fn outlines_are_where_the_lesions_are() {
    meet_the_lesions(some());
}

#[test]
#[ignore = "long: four hundred photographs are drawn"]
fn the_outlines_of_two_hundred_lesions_are_where_they_are() {
    let lesions = four_hundred().iter().filter(|judged| with_lesion(judged));
    assert_eq!(lesions.count(), 200);
    meet_the_lesions(four_hundred());
}

fn with_lesion(judged: &Judged) -> bool {
    matches!(judged.kind, Kind::Good | Kind::Glare)
}

/// The worst tenth is looked at where there are enough of them.
fn meet_the_lesions(album: &[Judged]) {
    let mut overlaps: Vec<f64> = album
        .iter()
        .filter(|judged| with_lesion(judged))
        .map(|judged| judged.overlap)
        .collect();
    overlaps.sort_by(f64::total_cmp);
    let (tenth, median) = (overlaps[overlaps.len() / 10], overlaps[overlaps.len() / 2]);
    println!("intersection over union: 10th percentile {tenth:.3}, median {median:.3}");
    assert!(median >= 0.85, "{median}");

    let mut without_glare: Vec<_> = album
        .iter()
        .filter(|judged| judged.kind == Kind::Good)
        .map(|judged| (judged.overlap, judged.seed))
        .collect();
    without_glare.sort_by(|one, other| one.0.total_cmp(&other.0));
    println!("worst without glare: {:.3?}", &without_glare[..3]);
    let (tenth, _) = without_glare[without_glare.len() / 10];
    println!("10th percentile without glare: {tenth:.3}");
    assert!(tenth >= 0.8 || album.len() < 400, "{tenth}");
}

#[test]
fn of_two_lesions_the_one_in_the_middle_is_outlined() {
    let disc = |x: f64, y: f64, at: [f64; 2], radius: f64| (x - at[0]).hypot(y - at[1]) < radius;
    let png = painted(800, 600, |x, y| {
        if disc(x, y, [430.0, 290.0], 70.0) {
            [120, 80, 60]
        } else if disc(x, y, [150.0, 140.0], 110.0) {
            [60, 40, 30]
        } else {
            [222, 180, 155]
        }
    });
    let outline = imaging::prepare(&png).unwrap().measured.unwrap().outline;
    assert!(outline.corners().len() <= 120);
    let expected = std::f64::consts::PI * 70.0 * 70.0 / (800.0 * 600.0);
    assert!(
        (outline.share() / expected - 1.0).abs() < 0.06,
        "{}",
        outline.share() / expected
    );
    for [x, y] in outline.corners() {
        let off = (f64::from(*x) * 800.0 - 430.0).hypot(f64::from(*y) * 600.0 - 290.0);
        assert!((off - 70.0).abs() < 4.0, "{off}");
    }
}

#[test]
fn a_polygon_that_is_none_is_refused_by_name() {
    let new = |corners: &[[f32; 2]]| Outline::new(corners.to_vec());
    let square = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]];
    assert_eq!(new(&square).unwrap().corners(), square);
    assert_eq!(new(&[]), Err(OutlineError::Corners { corners: 0 }));
    assert_eq!(new(&square[..2]), Err(OutlineError::Corners { corners: 2 }));
    for bad in [f32::NAN, f32::INFINITY, -0.001, 1.001] {
        let corners = [[0.1, 0.1], [0.4, bad], [0.4, 0.4]];
        assert_eq!(new(&corners), Err(OutlineError::Outside { corner: 1 }), "{bad}");
    }
    // Two triangles that meet in the middle, one that runs back over itself, one whose corner is on another side.
    assert_eq!(
        new(&[[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]),
        Err(OutlineError::Crosses { first: 0, second: 2 })
    );
    assert_eq!(
        new(&[[0.125, 0.125], [0.5, 0.125], [0.25, 0.125], [0.25, 0.5]]),
        Err(OutlineError::Crosses { first: 0, second: 1 })
    );
    assert!(matches!(
        new(&[[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.25, 0.0], [0.0, 0.5]]),
        Err(OutlineError::Crosses { .. })
    ));
    assert_eq!(
        new(&[[0.1, 0.1], [0.1002, 0.1], [0.1, 0.1002]]),
        Err(OutlineError::NoArea)
    );
}

#[test]
fn repeated_corners_count_once_and_five_hundred_are_taken() {
    let closed = vec![[0.1, 0.1], [0.4, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.1]];
    assert_eq!(Outline::new(closed).unwrap().corners().len(), 3);
    let circle = |corners: u16| -> Vec<[f32; 2]> {
        (0..corners)
            .map(|at| f32::from(at) / f32::from(corners) * std::f32::consts::TAU)
            .map(|angle| [0.5 + 0.4 * angle.cos(), 0.5 + 0.4 * angle.sin()])
            .collect()
    };
    assert!(Outline::new(circle(500)).is_ok());
    assert_eq!(
        Outline::new(circle(501)),
        Err(OutlineError::Corners { corners: 501 })
    );
}

/// What comes over a wire is checked like what is drawn.
#[test]
fn an_outline_travels_as_its_corners() {
    let outline: Outline = serde_json::from_str("[[0.1,0.1],[0.4,0.1],[0.25,0.4]]").unwrap();
    assert_eq!(
        serde_json::to_string(&outline).unwrap(),
        "[[0.1,0.1],[0.4,0.1],[0.25,0.4]]"
    );
    assert!(serde_json::from_str::<Outline>("[[0.1,0.1],[0.4,0.1]]").is_err());
    assert!(serde_json::from_str::<Outline>("[[0.1,0.1],[1.4,0.1],[0.25,0.4]]").is_err());
}
