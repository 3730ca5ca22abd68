//! Photographs, drawn and prepared once for all tests of this suite: fifty, or four hundred for the long forms. The limits
//! were fitted on seeds below 1000.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use seekwell_core::clinical::{Outline, Quality};
use seekwell_core::imaging;
use seekwell_testkit::photograph::{Kind, Photograph};

const FIRST_SEED: u64 = 10_000;

/// One photograph and what was made of it.
pub(crate) struct Judged {
    pub(crate) kind: Kind,
    pub(crate) seed: u64,
    pub(crate) quality: Quality,
    /// How much of the lesion and of the outline both have, of what either has; 0 without an outline.
    pub(crate) overlap: f64,
}

/// 20 good ones, and 6 with each fault.
pub(crate) fn some() -> &'static [Judged] {
    static SOME: OnceLock<Vec<Judged>> = OnceLock::new();
    SOME.get_or_init(|| album(20, 6))
}

/// 150 good ones, and 50 with each fault.
pub(crate) fn four_hundred() -> &'static [Judged] {
    static ALL: OnceLock<Vec<Judged>> = OnceLock::new();
    ALL.get_or_init(|| album(150, 50))
}

fn album(good: u64, of_each_fault: u64) -> Vec<Judged> {
    let good = (0..good).map(|seed| (Kind::Good, FIRST_SEED + seed));
    let bad = Kind::BAD
        .iter()
        .flat_map(|kind| (0..of_each_fault).map(|seed| (*kind, FIRST_SEED + seed)));
    let wanted: Vec<(Kind, u64)> = good.chain(bad).collect();
    let next = AtomicUsize::new(0);
    let judge_some = || {
        let mut judged = Vec::new();
        while let Some((kind, seed)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            judged.push(judge(*kind, *seed));
        }
        judged
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(judge_some)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn judge(kind: Kind, seed: u64) -> Judged {
    let photo = Photograph::new(kind, seed);
    let prepared = imaging::prepare(&photo.jpeg()).unwrap();
    let overlap = prepared
        .measured
        .map_or(0.0, |measured| overlap(&photo, &measured.outline));
    Judged {
        kind,
        seed,
        quality: prepared.quality,
        overlap,
    }
}

/// Intersection over union, by every other pixel of every other row.
fn overlap(photo: &Photograph, outline: &Outline) -> f64 {
    let size = [f64::from(photo.width), f64::from(photo.height)];
    let corners: Vec<[f64; 2]> = outline
        .corners()
        .iter()
        .map(|[x, y]| [f64::from(*x) * size[0], f64::from(*y) * size[1]])
        .collect();
    let (mut both, mut either) = (0_u32, 0_u32);
    for row in (0..photo.height).step_by(2) {
        let crossed = crossings(&corners, f64::from(row) + 0.5);
        for column in (0..photo.width).step_by(2) {
            let truth = photo.mask[(row * photo.width + column) as usize];
            let left = crossed.iter().filter(|at| **at < f64::from(column) + 0.5).count();
            let found = left % 2 == 1;
            both += u32::from(truth && found);
            either += u32::from(truth || found);
        }
    }
    f64::from(both) / f64::from(either.max(1))
}

/// Where the sides of a polygon cross a line across the picture.
fn crossings(corners: &[[f64; 2]], y: f64) -> Vec<f64> {
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    sides
        .filter(|([_, from], [_, to])| (*from <= y) != (*to <= y))
        .map(|([ax, ay], [bx, by])| ax + (bx - ax) * (y - ay) / (by - ay))
        .collect()
}
