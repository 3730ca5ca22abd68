//! How much fine detail there is, whatever the light, the grain and the direction of a movement.
//!
//! Blur takes the finest detail first, and a movement takes it along one direction only. So detail is measured in four
//! directions, tile by tile, as the second difference over a distance, and the weakest direction counts. Grain gives as much
//! at any distance, detail of the lens' making gives little at the shortest: what is there at the shortest is taken away. Second
//! differences are the cheapest of the measures that Pertuz, Puig and Garcia compare (Analysis of focus measure operators for
//! shape-from-focus, Pattern Recognition 46, 2013).

use crate::outline::{Plane, quantile, small};

/// A tile's side, in pixels of half size.
const TILE: usize = 16;
/// Second differences reach so far, in pixels of half size across and down. They answer most to waves of eight pixels of
/// the whole size.
const DETAIL: [(usize, isize); 4] = [(2, 0), (0, 2), (2, 1), (1, -2)];
/// And these mostly to grain.
const GRAIN: [(usize, isize); 4] = [(1, 0), (0, 1), (1, 1), (1, -1)];
/// Pixels around a tile that second differences look at.
const MARGIN: usize = 2;
/// One part in so many of each side is left away: nobody looks there, and curved skin is out of focus.
const RIM: usize = 6;
/// Share of the tiles that are smoother than the one that counts.
const COUNTS: f32 = 0.65;

/// The contrast of detail of some eight pixels in the middle of a picture, in its weakest direction: standard deviation in
/// per cent of the brightness there. 0 if the picture is too small to tell.
pub(super) fn detail(brightness: &Plane<u8>) -> f32 {
    let tiles = tiles(&halved(brightness));
    let weakest = (0..DETAIL.len())
        .filter_map(|way| {
            let mut contrasts: Vec<f32> = tiles.iter().map(|contrasts| contrasts[way]).collect();
            quantile(&mut contrasts, COUNTS)
        })
        .fold(f32::MAX, f32::min);
    if tiles.is_empty() {
        0.0
    } else {
        100.0 * weakest.sqrt()
    }
}

/// The picture at half size, four times as bright: squares of four pixels are added up.
fn halved(brightness: &Plane<u8>) -> Plane<i16> {
    let (width, height) = (brightness.width / 2, brightness.height / 2);
    let mut values = Vec::with_capacity(width * height);
    for pair in brightness.values.chunks_exact((brightness.width * 2).max(1)) {
        let (above, below) = pair.split_at(brightness.width);
        let (above, below) = (above.as_chunks::<2>().0, below.as_chunks::<2>().0);
        values.extend(
            above
                .iter()
                .zip(below)
                .map(|([a, b], [c, d])| i16::from(*a) + i16::from(*b) + i16::from(*c) + i16::from(*d)),
        );
    }
    Plane {
        values,
        width,
        height,
    }
}

/// The square of the contrast of each tile in the middle, by direction.
fn tiles(half: &Plane<i16>) -> Vec<[f32; 4]> {
    let places = |side: usize| {
        let from = (side / RIM).max(MARGIN);
        let to = (side - side / RIM).min(side.saturating_sub(MARGIN));
        (from..(to + 1).saturating_sub(TILE)).step_by(TILE)
    };
    places(half.height)
        .flat_map(|top| places(half.width).map(move |left| (left, top)))
        .map(|(left, top)| contrasts(half, left, top))
        .collect()
}

fn contrasts(half: &Plane<i16>, left: usize, top: usize) -> [f32; 4] {
    let line = |row: usize, column: usize| &half.values[row * half.width + column..][..TILE];
    let rows = || top..top + TILE;
    let sum = rows()
        .flat_map(|row| line(row, left))
        .map(|value| i32::from(*value))
        .sum::<i32>();
    let level = mean(sum).max(4.0);
    let energy = |(across, down): (usize, isize)| {
        let squares = rows().map(|row| {
            let before = line(row.wrapping_add_signed(-down), left - across);
            let after = line(row.wrapping_add_signed(down), left + across);
            let bends = line(row, left).iter().zip(before).zip(after);
            let squares = bends.map(|((here, before), after)| {
                let bend = 2 * here - before - after;
                i32::from(bend) * i32::from(bend)
            });
            mean(squares.sum::<i32>())
        });
        squares.sum::<f32>()
    };
    std::array::from_fn(|way| {
        // Of independent pixels a second difference has six times the variance.
        let excess = energy(DETAIL[way]) - energy(GRAIN[way]);
        (excess / 6.0).max(0.0) / (level * level)
    })
}

/// Of a sum over a tile.
fn mean(sum: i32) -> f32 {
    small(sum.unsigned_abs() as usize) / small(TILE * TILE)
}
