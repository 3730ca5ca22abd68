//! A region's border as a polygon.

use super::plane::{Plane, small};
use seekwell_clinical::{Outline, OutlineError};

/// Corners of a polygon that is found.
const CORNERS: usize = 120;
/// A corner for each so many pixels of the border, in a small region.
const SPACING: f32 = 1.5;
/// The border is smoothed over that many pixels to either side, since it is made of steps.
const SMOOTHING: usize = 3;

/// The outer border of the region that holds `start`, its first pixel in reading order.
pub(super) fn polygon(mask: &Plane<bool>, start: usize) -> Result<Outline, OutlineError> {
    let steps = smoothed(&walked(mask, start));
    let length: f32 = edges(&steps).map(|(from, to)| distance(from, to)).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "under 120"
    )]
    let corners = ((length / SPACING) as usize).clamp(8, CORNERS);
    let spacing = length / small(corners);
    let mut polygon = Vec::with_capacity(corners);
    let (mut along, mut due) = (0.0, 0.0);
    for (from, to) in edges(&steps) {
        let side = distance(from, to);
        while due < along + side && polygon.len() < corners {
            let way = (due - along) / side;
            polygon.push([0, 1].map(|axis| {
                let at = from[axis] + (to[axis] - from[axis]) * way;
                let share = at / small(if axis == 0 { mask.width } else { mask.height });
                // Four digits: a tenth of a pixel of the derivative, and short on the wire.
                ((share * 10_000.0).round() / 10_000.0).clamp(0.0, 1.0)
            }));
            due += spacing;
        }
        along += side;
    }
    Outline::new(polygon)
}

/// The corners of pixels around the region, with the region on the right hand.
fn walked(mask: &Plane<bool>, start: usize) -> Vec<[f32; 2]> {
    const WAYS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
    let (column, row) = (start % mask.width, start / mask.width);
    let inside = |x: isize, y: isize| {
        let (Ok(column), Ok(row)) = (usize::try_from(x), usize::try_from(y)) else {
            return false;
        };
        column < mask.width && row < mask.height && mask.at(column, row)
    };
    // A corner of pixels is named by the pixel to its lower right.
    let first = (column.cast_signed(), row.cast_signed());
    let ((mut x, mut y), mut way) = (first, 0_usize);
    let mut corners = Vec::new();
    loop {
        corners.push([x, y].map(|at| small(at.unsigned_abs())));
        let (dx, dy) = WAYS[way];
        (x, y) = (x + dx, y + dy);
        // The two pixels ahead, left and right of the way.
        let (left, right) = match way {
            0 => (inside(x, y - 1), inside(x, y)),
            1 => (inside(x, y), inside(x - 1, y)),
            2 => (inside(x - 1, y), inside(x - 1, y - 1)),
            _ => (inside(x - 1, y - 1), inside(x, y - 1)),
        };
        way = match (left, right) {
            (_, false) => (way + 1) % 4,
            (false, true) => way,
            (true, true) => (way + 3) % 4,
        };
        if (x, y) == first && way == 0 {
            return corners;
        }
    }
}

/// Each corner at the mean of its neighbours, twice.
fn smoothed(corners: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut corners = corners.to_vec();
    for _ in 0..2 {
        let count = corners.len();
        let reach = SMOOTHING.min(count / 8);
        corners = (0..count)
            .map(|at| {
                let around = (0..=2 * reach).map(|step| corners[(at + count + step - reach) % count]);
                let sum = around.fold([0.0, 0.0], |sum, corner| [sum[0] + corner[0], sum[1] + corner[1]]);
                sum.map(|sum| sum / small(2 * reach + 1))
            })
            .collect();
    }
    corners
}

fn edges(corners: &[[f32; 2]]) -> impl Iterator<Item = ([f32; 2], [f32; 2])> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

fn distance(from: [f32; 2], to: [f32; 2]) -> f32 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}
