//! What is seen of a lesion without a model: its outline, and numbers with units. Never a diagnosis.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Fewest corners.
const FEWEST: usize = 3;
/// Most corners.
const MOST: usize = 500;
/// Share of the picture that a polygon has to cover to have an area: a square of half a pixel's side in 1024.
const SMALLEST: f64 = 2.5e-7;

/// A closed polygon that does not cross itself, of 3 to 500 corners, without the first one repeated at the end.
///
/// Corners are shares of the picture's width and height, 0 to 1, from the upper left; the polygon may run either way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "Vec<[f32; 2]>", into = "Vec<[f32; 2]>")]
pub struct Outline(Vec<[f32; 2]>);

/// Why corners make no outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OutlineError {
    /// Fewer than 3, or more than 500.
    #[error("an outline has 3 to 500 corners, not {corners}")]
    Corners {
        /// How many there are, without repetitions.
        corners: usize,
    },
    /// A corner is not a number, or outside the picture.
    #[error("corner {corner} of the outline is outside the picture")]
    Outside {
        /// Which one, counted from 0.
        corner: usize,
    },
    /// It encloses nothing.
    #[error("the outline encloses nothing")]
    NoArea,
    /// Two of its sides meet away from a common corner.
    #[error("sides {first} and {second} of the outline cross")]
    Crosses {
        /// The side from that corner to the next, counted from 0.
        first: usize,
        /// As `first`.
        second: usize,
    },
}

impl Outline {
    /// The polygon with these corners. One that repeats the corner before it is left out, and so is a last one that
    /// repeats the first.
    ///
    /// # Errors
    /// [`OutlineError`], if they make none.
    pub fn new(corners: Vec<[f32; 2]>) -> Result<Self, OutlineError> {
        let outside = |corner: &[f32; 2]| !corner.iter().all(|share| (0.0..=1.0).contains(share));
        if let Some(corner) = corners.iter().position(outside) {
            return Err(OutlineError::Outside { corner });
        }
        let mut corners = corners;
        corners.dedup();
        while corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        if !(FEWEST..=MOST).contains(&corners.len()) {
            return Err(OutlineError::Corners {
                corners: corners.len(),
            });
        }
        if let Some((first, second)) = crossing(&corners) {
            return Err(OutlineError::Crosses { first, second });
        }
        let outline = Self(corners);
        if outline.share() < SMALLEST {
            return Err(OutlineError::NoArea);
        }
        Ok(outline)
    }

    /// The corners, each a share of the width and one of the height.
    pub fn corners(&self) -> &[[f32; 2]] {
        &self.0
    }

    /// Share of the picture that it encloses, 0 to 1.
    pub fn share(&self) -> f64 {
        let doubled: f64 = sides(&self.0)
            .map(|([x, y], [u, v])| f64::from(x) * f64::from(v) - f64::from(u) * f64::from(y))
            .sum();
        doubled.abs() / 2.0
    }

    /// The corners in pixels of a picture of that size.
    pub fn in_pixels(&self, width: u32, height: u32) -> Vec<[f64; 2]> {
        self.0
            .iter()
            .map(|[x, y]| {
                [
                    f64::from(*x) * f64::from(width),
                    f64::from(*y) * f64::from(height),
                ]
            })
            .collect()
    }
}

impl TryFrom<Vec<[f32; 2]>> for Outline {
    type Error = OutlineError;

    fn try_from(corners: Vec<[f32; 2]>) -> Result<Self, OutlineError> {
        Self::new(corners)
    }
}

impl From<Outline> for Vec<[f32; 2]> {
    fn from(outline: Outline) -> Self {
        outline.0
    }
}

/// Each corner with the next.
fn sides(corners: &[[f32; 2]]) -> impl Iterator<Item = ([f32; 2], [f32; 2])> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

/// The first two sides that meet where they should not. A side that runs back over the one before it counts.
fn crossing(corners: &[[f32; 2]]) -> Option<(usize, usize)> {
    let sides: Vec<_> = sides(corners).collect();
    let last = sides.len() - 1;
    for (first, one) in sides.iter().enumerate() {
        for (second, other) in sides.iter().enumerate().skip(first + 1) {
            let meet = if second == first + 1 {
                folds_back(one.0, one.1, other.1)
            } else if first == 0 && second == last {
                folds_back(other.0, other.1, one.1)
            } else {
                meet(*one, *other)
            };
            if meet {
                return Some((first, second));
            }
        }
    }
    None
}

/// Whether the way from `at` to `to` lies over the way from `from` to `at`.
fn folds_back(from: [f32; 2], at: [f32; 2], to: [f32; 2]) -> bool {
    let [back, on] = [from, to].map(|end| [0, 1].map(|axis| f64::from(end[axis]) - f64::from(at[axis])));
    turn(from, at, to) == 0.0 && back[0] * on[0] + back[1] * on[1] > 0.0
}

/// Whether two sides without a common corner touch.
fn meet((a, b): ([f32; 2], [f32; 2]), (c, d): ([f32; 2], [f32; 2])) -> bool {
    let (from_c, from_d) = (turn(a, b, c), turn(a, b, d));
    let (from_a, from_b) = (turn(c, d, a), turn(c, d, b));
    let apart = |one: f64, other: f64| (one > 0.0 && other < 0.0) || (one < 0.0 && other > 0.0);
    (apart(from_c, from_d) && apart(from_a, from_b))
        || (from_c == 0.0 && between(a, b, c))
        || (from_d == 0.0 && between(a, b, d))
        || (from_a == 0.0 && between(c, d, a))
        || (from_b == 0.0 && between(c, d, b))
}

/// Above 0 if the way from `a` over `b` to `c` turns right in a picture, below if left. Of two products of single-precision
/// differences, which double precision holds almost exactly.
fn turn(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> f64 {
    let [a, b, c] = [a, b, c].map(|[x, y]| [f64::from(x), f64::from(y)]);
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether `c`, which is on the line through `a` and `b`, is between them.
fn between(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> bool {
    [0, 1].into_iter().all(|axis| {
        let (low, high) = (a[axis].min(b[axis]), a[axis].max(b[axis]));
        (low..=high).contains(&c[axis])
    })
}

/// The coarsest scale that is taken: a derivative whose longer side shows ten metres.
const COARSEST: f64 = 10.0;

/// Millimetres of skin that a pixel of the derivative shows: above 0, at most 10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "f64", into = "f64")]
pub struct Scale(f64);

/// A number that is no scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a scale is above 0 and at most 10 millimetres to a pixel")]
pub struct ScaleError;

impl Scale {
    /// That many millimetres to a pixel of the derivative.
    ///
    /// # Errors
    /// [`ScaleError`] if that is not a number, not above 0, or above 10.
    pub fn new(millimetres_per_pixel: f64) -> Result<Self, ScaleError> {
        if millimetres_per_pixel > 0.0 && millimetres_per_pixel <= COARSEST {
            Ok(Self(millimetres_per_pixel))
        } else {
            Err(ScaleError)
        }
    }

    /// Millimetres to a pixel.
    pub fn millimetres_per_pixel(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Scale {
    type Error = ScaleError;

    fn try_from(number: f64) -> Result<Self, ScaleError> {
        Self::new(number)
    }
}

impl From<Scale> for f64 {
    fn from(scale: Scale) -> Self {
        scale.0
    }
}

/// A lesion in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Measurements {
    /// Area inside of the outline, in per cent of the picture.
    pub area: f32,
    /// Share of the area, 0 to 1, that meets nothing when the lesion is folded over its long principal axis. Axes through the
    /// centre of gravity, by second moments: Stoecker, Li and Moss, Automatic detection of asymmetry in skin tumors,
    /// Computerized Medical Imaging and Graphics 16, 1992.
    pub asymmetry_long: f32,
    /// The same over the short principal axis.
    pub asymmetry_short: f32,
    /// Compactness, P²/4πA with perimeter P and area A: 1 for a disc, more the more irregular the border is. The irregularity
    /// index of Golston, Stoecker, Moss and Dhillon, Automatic detection of irregular borders in melanoma and other skin
    /// tumors, Computerized Medical Imaging and Graphics 16, 1992.
    pub compactness: f32,
    /// Colour variegation: the root of the summed variances of L*, a* and b* inside of the outline, in units of CIELAB, hair and
    /// reflections left away; none if they leave nothing. Standard deviations by channel over the lesion: Celebi et al., A
    /// methodological approach to the classification of dermoscopy images, Computerized Medical Imaging and Graphics 31, 2007;
    /// CIELAB after CIE 15.
    pub colour_deviation: Option<f32>,
    /// The greatest distance between two points of the outline (the greatest Feret diameter of ISO 9276-6), in pixels of the
    /// derivative.
    pub diameter_px: f32,
    /// The same in millimetres, where a scale is given.
    pub diameter_mm: Option<f32>,
    /// Area inside of the outline in square millimetres, where a scale is given.
    pub area_mm2: Option<f32>,
}

/// A lesion's outline and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Measured {
    /// What was measured inside of.
    pub outline: Outline,
    /// The numbers.
    pub measurements: Measurements,
}

/// A lesion's outline and its numbers, as they are kept with a photo.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct PhotoMeasured {
    /// By which rules, `seekwell_imaging::MEASUREMENT`.
    pub version: String,
    /// What was measured inside of.
    pub outline: Outline,
    /// The numbers.
    pub measurements: Measurements,
    /// The scale, where somebody gave one.
    pub millimetres_per_pixel: Option<Scale>,
    /// The outline is the one that the program found, whoever gave a scale to it.
    pub is_found: bool,
    /// Full name of who drew the outline or gave the scale; `None` where nobody did.
    pub saved_by: Option<String>,
    /// RFC 3339.
    pub at: String,
}
