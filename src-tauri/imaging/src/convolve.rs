//! Resizing for a model, to the last bit as Pillow does it.
//!
//! Other resizers round their weights to fewer bits and end up one grey level off here and there. That is
//! invisible, and yet twice as much as a model's input may differ from what it was trained on. So this follows
//! Pillow's arithmetic: weights in double precision, rounded to 22 bits after the point; one axis after the other,
//! with 8 bits in between.

use super::Resample;
use super::raster::Raster;
use super::refusal::Refusal;

/// Bits after the point: 32 less 8 of the sample, one of the sign and one for weights that add up to over one.
const FRACTION: u32 = 22;

/// `raster` at exactly `size`, smaller or larger; `None` for [`Resample::Nearest`], which weighs nothing.
pub(super) fn to_size(raster: &Raster, size: (u32, u32), how: Resample) -> Option<Result<Raster, Refusal>> {
    let kernel = Kernel::of(how)?;
    // As Pillow 13 does; up to Pillow 12 a tall picture was no exception.
    let (fewer_columns, fewer_rows) = (
        raster.width.saturating_sub(size.0),
        raster.height.saturating_sub(size.1),
    );
    Some(if fewer_rows > 2 * fewer_columns {
        columns(raster, size.1, kernel).and_then(|flat| rows(&flat, size.0, kernel))
    } else {
        rows(raster, size.0, kernel).and_then(|narrow| columns(&narrow, size.1, kernel))
    })
}

#[derive(Clone, Copy)]
struct Kernel {
    /// Half its width where nothing is shrunk.
    reach: f64,
    weight: fn(f64) -> f64,
}

impl Kernel {
    fn of(how: Resample) -> Option<Self> {
        match how {
            Resample::Nearest => None,
            Resample::Bilinear => Some(Self {
                reach: 1.0,
                weight: triangle,
            }),
            Resample::Bicubic => Some(Self {
                reach: 2.0,
                weight: cubic,
            }),
            Resample::Lanczos => Some(Self {
                reach: 3.0,
                weight: lanczos,
            }),
        }
    }
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// Keys' cubic with a = −0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// Three lobes.
fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| {
        let angle = x * std::f64::consts::PI;
        if x == 0.0 { 1.0 } else { angle.sin() / angle }
    };
    if (-3.0..3.0).contains(&x) {
        sinc(x) * sinc(x / 3.0)
    } else {
        0.0
    }
}

/// The samples that one target sample is made of, along one axis.
struct Window {
    first: usize,
    weights: Vec<i32>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places lie between 0 and a side, weights between −1 and 1 times 2^22"
)]
fn windows(from: u32, to: u32, kernel: Kernel) -> Vec<Window> {
    let scale = f64::from(from) / f64::from(to);
    // Shrinking widens the kernel, so that every source sample counts.
    let stretch = scale.max(1.0);
    let reach = kernel.reach * stretch;
    (0..to)
        .map(|place| {
            let centre = (f64::from(place) + 0.5) * scale;
            let first = (centre - reach + 0.5).max(0.0) as u32;
            let end = ((centre + reach + 0.5) as u32).min(from);
            let weights: Vec<f64> = (first..end)
                .map(|source| (kernel.weight)((f64::from(source) - centre + 0.5) * (1.0 / stretch)))
                .collect();
            let sum: f64 = weights.iter().sum();
            let one = f64::from(1u32 << FRACTION);
            let rounded = |weight: f64| (weight / sum * one).round() as i32;
            Window {
                first: first as usize,
                weights: weights.into_iter().map(rounded).collect(),
            }
        })
        .collect()
}

fn rows(raster: &Raster, width: u32, kernel: Kernel) -> Result<Raster, Refusal> {
    let mut target = Raster::blank(width, raster.height, raster.ink)?;
    let samples = raster.ink.samples();
    let windows = windows(raster.width, width, kernel);
    let source_rows = raster.samples.chunks_exact(raster.width as usize * samples);
    let target_rows = target.samples.chunks_exact_mut(width as usize * samples);
    for (source, row) in source_rows.zip(target_rows) {
        for (window, pixel) in windows.iter().zip(row.chunks_exact_mut(samples)) {
            for (channel, sample) in pixel.iter_mut().enumerate() {
                let along = source[window.first * samples + channel..].iter().step_by(samples);
                *sample = weighed(
                    along
                        .zip(&window.weights)
                        .map(|(s, weight)| i32::from(*s) * weight)
                        .sum(),
                );
            }
        }
    }
    Ok(target)
}

fn columns(raster: &Raster, height: u32, kernel: Kernel) -> Result<Raster, Refusal> {
    let mut target = Raster::blank(raster.width, height, raster.ink)?;
    let length = raster.width as usize * raster.ink.samples();
    let mut sums = vec![0i32; length];
    let windows = windows(raster.height, height, kernel);
    for (window, row) in windows.iter().zip(target.samples.chunks_exact_mut(length)) {
        sums.fill(0);
        let sources = raster.samples[window.first * length..].chunks_exact(length);
        for (source, weight) in sources.zip(&window.weights) {
            for (sum, sample) in sums.iter_mut().zip(source) {
                *sum += i32::from(*sample) * weight;
            }
        }
        for (sample, sum) in row.iter_mut().zip(&sums) {
            *sample = weighed(*sum);
        }
    }
    Ok(target)
}

/// Back from the fixed point, rounded and kept within 0 to 255.
#[expect(clippy::cast_sign_loss, reason = "it is kept within 0 to 255")]
fn weighed(sum: i32) -> u8 {
    ((sum + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8
}
