//! The skin that a lesion lies on: a smooth surface under light that falls off to one side and to the corners.

use super::plane::{Plane, quantile, small};

/// Terms of a surface of second order: 1, x, y, x², xy, y².
const TERMS: usize = 6;
/// Every so many pixels are looked at, across and down.
const STRIDE: usize = 4;
/// Rounds of fitting; each forgets more of what is not skin.
const ROUNDS: usize = 5;
/// A difference of so many times the usual one counts nothing (Tukey's biweight).
const CUTOFF: f32 = 4.7;
/// The usual difference is never taken to be smaller, in units of CIELAB.
const LEAST_SPREAD: f32 = 0.8;

/// How a picture in CIELAB differs from skin, pixel by pixel. Fits three surfaces to what is skin and takes them away. Skin is what most of the picture is, its rim above all: a lesion
/// is photographed in the middle.
pub(super) fn difference(mut lab: [Plane<f32>; 3], skipped: &Plane<bool>) -> [Plane<f32>; 3] {
    let (width, height) = (skipped.width, skipped.height);
    let mut samples = Vec::with_capacity(skipped.values.len() / (STRIDE * STRIDE) + 1);
    for row in (0..height).step_by(STRIDE) {
        for column in (0..width).step_by(STRIDE) {
            if !skipped.at(column, row) {
                let place = place(column, row, width, height);
                let rim = place[0].hypot(place[1]);
                let colour = [0, 1, 2].map(|channel: usize| lab[channel].at(column, row));
                samples.push(Sample {
                    terms: terms(place),
                    colour,
                    // Between a third and all of the way to the edge.
                    weight: ((rim - 0.35) / 0.45).clamp(0.02, 1.0),
                });
            }
        }
    }
    let mut surfaces = start(&samples);
    for round in 0..ROUNDS {
        let mut off: Vec<f32> = samples.iter().map(|sample| sample.off(&surfaces)).collect();
        let off_all = off.clone();
        let spread = quantile(&mut off, 0.5).unwrap_or(0.0).max(LEAST_SPREAD);
        // Wide at first: the start is a flat surface, and the light need not be.
        let cutoff = spread
            * if round < 2 {
                2.0 * CUTOFF / 3.0
            } else {
                CUTOFF / 1.6
            };
        let weights = samples.iter().zip(off_all).map(|(sample, off)| {
            let inside = (1.0 - (off / cutoff).powi(2)).max(0.0);
            sample.weight * inside * inside
        });
        if let Some(better) = fit(&samples, weights) {
            surfaces = better;
        }
    }
    for (plane, [level, x, y, xx, xy, yy]) in lab.iter_mut().zip(surfaces) {
        for (row, line) in plane.values.chunks_exact_mut(width.max(1)).enumerate() {
            let down = place(0, row, width, height)[1];
            let (level, x) = (level + (y + yy * down) * down, x + xy * down);
            for (column, value) in line.iter_mut().enumerate() {
                let across = (2.0 * small(column) + 1.0) / small(width) - 1.0;
                *value -= level + (x + xx * across) * across;
            }
        }
    }
    lab
}

struct Sample {
    terms: [f32; TERMS],
    colour: [f32; 3],
    weight: f32,
}

impl Sample {
    fn off(&self, surfaces: &[[f32; TERMS]; 3]) -> f32 {
        self.colour
            .iter()
            .zip(surfaces)
            .map(|(value, surface)| (value - dot(&self.terms, surface)).powi(2))
            .sum::<f32>()
            .sqrt()
    }
}

/// −1 to 1 along each side.
fn place(column: usize, row: usize, width: usize, height: usize) -> [f32; 2] {
    [(column, width), (row, height)].map(|(at, side)| (2.0 * small(at) + 1.0) / small(side) - 1.0)
}

fn terms([x, y]: [f32; 2]) -> [f32; TERMS] {
    [1.0, x, y, x * x, x * y, y * y]
}

fn dot(terms: &[f32; TERMS], surface: &[f32; TERMS]) -> f32 {
    terms
        .iter()
        .zip(surface)
        .map(|(term, factor)| term * factor)
        .sum()
}

/// Flat, at the medians of the rim.
fn start(samples: &[Sample]) -> [[f32; TERMS]; 3] {
    [0, 1, 2].map(|channel: usize| {
        let mut values: Vec<f32> = samples
            .iter()
            .filter(|sample| sample.weight > 0.5)
            .map(|sample| sample.colour[channel])
            .collect();
        let mut surface = [0.0; TERMS];
        surface[0] = quantile(&mut values, 0.5).unwrap_or(0.0);
        surface
    })
}

/// Weighted least squares by the normal equations, all three channels at once. `None` if the samples do not decide it.
fn fit(samples: &[Sample], weights: impl Iterator<Item = f32>) -> Option<[[f32; TERMS]; 3]> {
    const COLUMNS: usize = TERMS + 3;
    let mut rows = [[0.0_f64; COLUMNS]; TERMS];
    for (sample, weight) in samples.iter().zip(weights) {
        if weight <= 0.0 {
            continue;
        }
        for (row, term) in rows.iter_mut().zip(sample.terms) {
            let factor = term * weight;
            for (sum, other) in row.iter_mut().zip(sample.terms.iter().chain(&sample.colour)) {
                *sum += f64::from(factor * other);
            }
        }
    }
    for (at, row) in rows.iter_mut().enumerate() {
        // A trace of a penalty on curves, for pictures a few pixels high.
        row[at] += if at == 0 { 1e-9 } else { 1e-3 };
    }
    for pivot in 0..TERMS {
        let best = (pivot..TERMS)
            .max_by(|one, other| rows[*one][pivot].abs().total_cmp(&rows[*other][pivot].abs()))?;
        rows.swap(pivot, best);
        if rows[pivot][pivot].abs() < 1e-12 {
            return None;
        }
        let leading = rows[pivot];
        for (at, row) in rows.iter_mut().enumerate() {
            if at != pivot {
                let share = row[pivot] / leading[pivot];
                row.iter_mut()
                    .zip(leading)
                    .for_each(|(value, lead)| *value -= share * lead);
            }
        }
    }
    let mut surfaces = [[0.0; TERMS]; 3];
    for (at, row) in rows.iter().enumerate() {
        for (channel, surface) in surfaces.iter_mut().enumerate() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "single precision is what pictures have"
            )]
            let factor = (row[TERMS + channel] / row[at]) as f32;
            surface[at] = factor;
        }
    }
    Some(surfaces)
}
