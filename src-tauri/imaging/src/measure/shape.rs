//! The geometry of a polygon, in whatever unit its corners have.

use super::cover::cover;

/// Squares to a side of the grid that a lesion is folded on.
const GRID: u16 = 400;

/// Area, centre of gravity and principal axes, exact for the polygon (Green's theorem).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    /// Above 0, whichever way the corners run.
    pub(super) area: f64,
    centre: [f64; 2],
    /// Direction of the long axis, in radians.
    angle: f64,
}

impl Moments {
    pub(super) fn of(corners: &[[f64; 2]]) -> Self {
        // About the first corner, so that large coordinates cost no digits.
        let origin = corners[0];
        let (mut area, mut first, mut second) = (0.0, [0.0; 2], [0.0; 3]);
        for ([x, y], [u, v]) in sides(corners) {
            let [x, u] = [x - origin[0], u - origin[0]];
            let [y, v] = [y - origin[1], v - origin[1]];
            let cross = x * v - u * y;
            area += cross / 2.0;
            first[0] += cross * (x + u) / 6.0;
            first[1] += cross * (y + v) / 6.0;
            second[0] += cross * (x * x + x * u + u * u) / 12.0;
            second[1] += cross * (2.0 * x * y + x * v + u * y + 2.0 * u * v) / 24.0;
            second[2] += cross * (y * y + y * v + v * v) / 12.0;
        }
        let [x, y] = first.map(|moment| moment / area);
        let (xx, xy, yy) = (
            second[0] / area - x * x,
            second[1] / area - x * y,
            second[2] / area - y * y,
        );
        Self {
            area: area.abs(),
            centre: [x + origin[0], y + origin[1]],
            angle: (2.0 * xy).atan2(xx - yy) / 2.0,
        }
    }
}

/// Share of the area that meets nothing when folded over the long axis, and over the short one.
pub(super) fn asymmetry(corners: &[[f64; 2]], moments: &Moments) -> [f64; 2] {
    let (sin, cos) = moments.angle.sin_cos();
    let turned: Vec<[f64; 2]> = corners
        .iter()
        .map(|[x, y]| {
            let (x, y) = (x - moments.centre[0], y - moments.centre[1]);
            [x * cos + y * sin, y * cos - x * sin]
        })
        .collect();
    // The axes are the middle of the grid: folding turns its lines round, or its columns.
    let reach = turned
        .iter()
        .flatten()
        .fold(0.0_f64, |reach, at| reach.max(at.abs()));
    let half = f64::from(GRID) / 2.0;
    let on_grid: Vec<[f64; 2]> = turned
        .iter()
        .map(|corner| corner.map(|at| half + at * (half - 1.0) / reach))
        .collect();
    let side = usize::from(GRID);
    let inside = cover(&on_grid, side, side);
    let (mut all, mut over_long, mut over_short) = (0_u32, 0_u32, 0_u32);
    for row in 0..side {
        for column in 0..side {
            if inside.at(column, row) {
                all += 1;
                over_long += u32::from(inside.at(column, side - 1 - row));
                over_short += u32::from(inside.at(side - 1 - column, row));
            }
        }
    }
    [over_long, over_short].map(|met| 1.0 - f64::from(met) / f64::from(all.max(1)))
}

pub(super) fn perimeter(corners: &[[f64; 2]]) -> f64 {
    sides(corners).map(|(from, to)| distance(from, to)).sum()
}

/// The greatest distance between two corners.
pub(super) fn diameter(corners: &[[f64; 2]]) -> f64 {
    let pairs = corners
        .iter()
        .enumerate()
        .flat_map(|(at, one)| corners[at + 1..].iter().map(|other| distance(*one, *other)));
    pairs.fold(0.0, f64::max)
}

fn sides(corners: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

fn distance(from: [f64; 2], to: [f64; 2]) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}
