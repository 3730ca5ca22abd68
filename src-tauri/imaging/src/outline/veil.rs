//! Hair and reflections: what lies over the skin and is neither skin nor lesion.

use super::plane::Plane;
use super::region::regions;
use crate::raster::Raster;

/// Steps of a line of seven pixels, twice the width that a hair may have in the small picture: the three around each, then
/// those three and the ones two further on to either side.
const LINE: [usize; 2] = [1, 2];
/// By how much of its surroundings' brightness a thin thing has to differ to be a hair, and at least by how many steps of 255.
const HAIR_SHARE: f32 = 0.09;
const HAIR_STEPS: u8 = 6;
/// How long it is at least, in the same pixels: the narrow end of a lesion is not.
const HAIR_LENGTH: usize = 14;
/// All three channels of a reflection are at least this: light of the lamp, not of the skin.
const WHITE: u8 = 220;

/// Brightness, 0 to 255, by the weights of Rec. 601.
pub(crate) fn brightness(raster: &Raster) -> Plane<u8> {
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let values = pixels.iter().map(|[red, green, blue]| {
        let sum = u16::from(*red) * 77 + u16::from(*green) * 150 + u16::from(*blue) * 29;
        (sum >> 8).to_le_bytes()[0]
    });
    Plane {
        values: values.collect(),
        width: raster.width as usize,
        height: raster.height as usize,
    }
}

/// A small picture, some 256 pixels on its longer side, and what lies over the skin in it.
pub(crate) struct Thumbnail<'a> {
    pub(crate) raster: &'a Raster,
    /// Where hairs are.
    pub(crate) hair: Plane<bool>,
    /// Where it is white: a reflection, or all of it.
    pub(crate) white: Plane<bool>,
}

impl<'a> Thumbnail<'a> {
    pub(crate) fn of(raster: &'a Raster) -> Self {
        Self {
            raster,
            hair: hairs(&brightness(raster)),
            white: white(raster),
        }
    }
}

fn white(raster: &Raster) -> Plane<bool> {
    let (pixels, _) = raster.samples.as_chunks::<3>();
    Plane {
        values: pixels
            .iter()
            .map(|pixel| pixel.iter().all(|value| *value >= WHITE))
            .collect(),
        width: raster.width as usize,
        height: raster.height as usize,
    }
}

/// Where hairs are, dark or fair: what closings, or openings, by lines in four directions take away (after Lee et al.,
/// DullRazor, Computers in Biology and Medicine 27, 1997).
fn hairs(brightness: &Plane<u8>) -> Plane<bool> {
    let inverse = brightness.map(|value| 255 - value);
    let (dark, fair) = (closed(brightness), closed(&inverse));
    let thin = |here: u8, closed: u8, around: u8| {
        let rise = closed - here;
        rise >= HAIR_STEPS && f32::from(rise) >= HAIR_SHARE * f32::from(around)
    };
    let values = brightness
        .values
        .iter()
        .zip(dark.values)
        .zip(fair.values)
        .map(|((here, dark), fair)| thin(*here, dark, dark) || thin(255 - here, fair, *here));
    let mut thin = Plane {
        values: values.collect(),
        width: brightness.width,
        height: brightness.height,
    };
    let (labels, regions) = regions(&thin.grown(true));
    let long: Vec<bool> = std::iter::once(false)
        .chain(regions.iter().map(|region| region.reach() >= HAIR_LENGTH))
        .collect();
    thin.values
        .iter_mut()
        .zip(labels.values)
        .for_each(|(thin, label)| *thin &= long[label as usize]);
    thin.grown(true)
}

/// The second highest of four closings, each by a line. Across a hair at least two of them close; at the end of a lesion,
/// which is narrow too, one does.
fn closed(plane: &Plane<u8>) -> Plane<u8> {
    let inverse = |plane: &Plane<u8>| plane.map(|value| !value);
    let mut highest = plane.clone();
    let mut second = plane.clone();
    for way in [(1, 0), (0, 1), (1, 1), (1, -1)] {
        let closed = inverse(&brightest(&inverse(&brightest(plane, way)), way));
        let so_far = highest.values.iter_mut().zip(&mut second.values);
        for ((highest, second), closed) in so_far.zip(closed.values) {
            *second = closed.min(*highest).max(*second);
            *highest = closed.max(*highest);
        }
    }
    second
}

/// Each value replaced by the highest on the line through it.
fn brightest(plane: &Plane<u8>, (across, down): (usize, isize)) -> Plane<u8> {
    let (width, height) = (plane.width, plane.height);
    let mut from = plane.clone();
    let mut to = plane.clone();
    for step in LINE {
        let (shift, rise) = ((across * step).min(width), down * step.cast_signed());
        for row in 0..height {
            let line = &mut to.values[row * width..][..width];
            let source = |rise: isize| {
                let row = row.checked_add_signed(rise).filter(|row| *row < height)?;
                Some(&from.values[row * width..][..width])
            };
            if let Some(after) = source(rise) {
                brighten(&mut line[..width - shift], &after[shift..]);
            }
            if let Some(before) = source(-rise) {
                brighten(&mut line[shift..], &before[..width - shift]);
            }
        }
        from.values.copy_from_slice(&to.values);
    }
    to
}

fn brighten(line: &mut [u8], other: &[u8]) {
    for (value, other) in line.iter_mut().zip(other) {
        *value = (*value).max(*other);
    }
}

/// Replaces what is under `veil`, from its rim inwards, by the mean of what is free beside it.
pub(super) fn lift(planes: &mut [Plane<f32>; 3], veil: &Plane<bool>) {
    let (width, height) = (veil.width, veil.height);
    let mut free = veil.map(|hidden| !hidden);
    let mut hidden: Vec<usize> = (0..free.values.len()).filter(|at| !free.values[*at]).collect();
    let mut reached = Vec::new();
    while !hidden.is_empty() {
        hidden.retain(|&at| {
            let (column, row) = (at % width, at / width);
            let rows = row.saturating_sub(1)..(row + 2).min(height);
            let (mut sums, mut count) = ([0.0; 3], 0.0);
            for row in rows {
                for column in column.saturating_sub(1)..(column + 2).min(width) {
                    let near = row * width + column;
                    if free.values[near] {
                        count += 1.0;
                        for (sum, plane) in sums.iter_mut().zip(planes.iter()) {
                            *sum += plane.values[near];
                        }
                    }
                }
            }
            if count > 1.0 {
                reached.push((at, sums.map(|sum| sum / count)));
            }
            count <= 1.0
        });
        if reached.is_empty() {
            // Nothing is free, or only in lines of single pixels.
            return;
        }
        for (at, means) in reached.drain(..) {
            free.values[at] = true;
            for (plane, mean) in planes.iter_mut().zip(means) {
                plane.values[at] = mean;
            }
        }
    }
}
