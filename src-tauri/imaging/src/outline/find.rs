//! Finding the lesion nearest the middle of a picture.
//!
//! Hair and reflections are lifted off, the skin's own colour and the fall of the light are taken away, and what is left
//! differs from skin. Its border is drawn where the difference is half of what it is a little further inside.

use super::background::difference;
use super::border;
use super::plane::{Plane, quantile, small};
use super::region::{Region, closed, depths, filled, opened, regions, step};
use super::veil::{self, Thumbnail};
use crate::lab;
use seekwell_clinical::Outline;

/// A difference from skin that may be a lesion, in units of CIELAB, and in multiples of the usual one on this skin.
const LEAST_DIFFERENCE: f32 = 4.0;
const LEAST_MULTIPLE: f32 = 2.6;
/// Share of the picture that a lesion covers at least and at most.
const LEAST_SHARE: f32 = 0.0025;
const MOST_SHARE: f32 = 0.7;
/// What is thinner than twice that many pixels is no part of a lesion.
const THIN: usize = 2;
/// Notches of up to twice that many pixels are a hair's or a reflection's.
const NOTCH: usize = 3;
/// Rounds of softening, against grain.
const SOFTENED: usize = 3;
/// How far from the middle of the picture it begins at most, as a share of the shorter side.
const MOST_AWAY: f32 = 0.3;
/// How much of it may lie along the picture's edge, in multiples of the root of its area: half a disc has 1.6.
const MOST_CUT: f32 = 1.7;
/// How far around a region its border is looked for, and the skin beside it, in pixels.
const MARGIN: usize = 12;
/// How many regions are looked at.
const MOST_CANDIDATES: usize = 4;
/// How far a lesion stands out from most of the skin beside it, at least: in units of CIELAB, and as a share of how far it
/// does from skin at large.
const LEAST_CONTRAST: f32 = 3.0;
const LEAST_STEP: f32 = 0.35;
/// How much a difference counts that is towards white.
const PALER: f32 = 0.35;

/// A lesion.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) outline: Outline,
    /// How far it stands out from the skin beside it, in units of CIELAB (CIE76).
    pub(crate) contrast: f32,
    /// Which pixels it covers.
    pub(crate) mask: Plane<bool>,
}

/// The lesion nearest the middle of the picture, if there is one.
pub(crate) fn find(thumbnail: &Thumbnail<'_>) -> Option<Found> {
    let white = thumbnail.white.grown(true);
    let unlike = unlikeness(thumbnail, &white);
    let usual = quantile(&mut unlike.values.clone(), 0.5)?;
    let floor = (usual * LEAST_MULTIPLE).max(LEAST_DIFFERENCE);

    let mask = whole(&unlike.map(|value| *value > floor));
    let (labels, regions) = regions(&mask);
    nearest(regions, &mask).into_iter().find_map(|region| {
        let mask = labels.map(|label| *label == region.label);
        // The rest of the picture is of no interest while the border is looked for.
        let [from, to] = region.around(MARGIN, mask.width, mask.height);
        let refined = refined(&unlike.part(from, to), mask.part(from, to), usual, floor)?;
        let mut mask = Plane::filled(false, mask.width, mask.height);
        mask.put(&refined, from);
        lesion(&unlike, mask, &white)
    })
}

/// The regions that may be a lesion, the nearest to the middle first; of two that are as near, the larger.
fn nearest(mut regions: Vec<Region>, mask: &Plane<bool>) -> Vec<Region> {
    let reach = (small(mask.width.min(mask.height)) * MOST_AWAY).powi(2);
    regions.retain(|region| fits(region.size, mask) && region.off_centre <= reach);
    regions.sort_by(|one, other| {
        let nearer = one.off_centre.total_cmp(&other.off_centre);
        nearer.then(other.size.cmp(&one.size))
    });
    regions.truncate(MOST_CANDIDATES);
    regions
}

/// Whether a lesion in that picture may cover so many pixels.
fn fits(size: usize, picture: &Plane<bool>) -> bool {
    (LEAST_SHARE..MOST_SHARE).contains(&(small(size) / small(picture.values.len())))
}

/// The same region with its border where the difference from skin is half of the rim's.
fn refined(unlike: &Plane<f32>, mut mask: Plane<bool>, usual: f32, floor: f32) -> Option<Plane<bool>> {
    let mut level = floor;
    for _ in 0..4 {
        let next = usual + (rim(unlike, &mask)? - usual) * 0.5;
        if next <= floor || (next - level).abs() < 0.5 {
            break;
        }
        level = next;
        // Only what hangs together with what was found: a neighbour that is darker must not take over.
        let mut inside = unlike.map(|value| *value > level);
        for (inside, near) in inside.values.iter_mut().zip(&mask.grown(true).values) {
            *inside &= *near;
        }
        mask = largest(&whole(&inside))?;
    }
    Some(mask)
}

/// The largest region of a mask.
fn largest(mask: &Plane<bool>) -> Option<Plane<bool>> {
    let (labels, regions) = regions(mask);
    let largest = regions.into_iter().max_by_key(|region| region.size)?;
    Some(labels.map(|label| *label == largest.label))
}

/// How far each pixel is from the skin that would be there, in units of CIELAB.
fn unlikeness(Thumbnail { raster, hair, .. }: &Thumbnail<'_>, white: &Plane<bool>) -> Plane<f32> {
    let (width, height) = (raster.width as usize, raster.height as usize);
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let mut veil = hair.clone();
    veil.values
        .iter_mut()
        .zip(&white.values)
        .for_each(|(hidden, white)| *hidden |= white);

    let colours: Vec<[f32; 3]> = pixels.iter().map(|pixel| lab::of(*pixel)).collect();
    let mut planes = [0, 1, 2].map(|channel: usize| Plane {
        values: colours.iter().map(|colour| colour[channel]).collect(),
        width,
        height,
    });
    veil::lift(&mut planes, &veil);
    let planes = planes.map(|plane| plane.softened(SOFTENED));
    let [lightness, red, yellow] = difference(planes, white);
    let values =
        lightness
            .values
            .iter()
            .zip(red.values)
            .zip(yellow.values)
            .map(|((lightness, red), yellow)| {
                let far = (lightness * lightness + red * red + yellow * yellow).sqrt();
                // Brighter and greyer than skin is the lamp's light on it.
                if *lightness > 0.0 && red < 0.0 {
                    far * PALER
                } else {
                    far
                }
            });
    Plane {
        values: values.collect(),
        width,
        height,
    }
}

/// A mask without holes, threads and notches.
fn whole(mask: &Plane<bool>) -> Plane<bool> {
    filled(&closed(&opened(&filled(mask), THIN), NOTCH))
}

/// What the difference is between a sixth and a third of the way inside.
fn rim(unlike: &Plane<f32>, mask: &Plane<bool>) -> Option<f32> {
    let depths = depths(mask);
    let deepest = depths.values.iter().max()?;
    let ring = (deepest / 6)..=(deepest / 3).max(step(3));
    let mut values: Vec<f32> = depths
        .values
        .iter()
        .zip(&unlike.values)
        .filter(|(depth, _)| **depth > 0 && ring.contains(*depth))
        .map(|(_, value)| *value)
        .collect();
    quantile(&mut values, 0.5)
}

/// Whether the region looks like a lesion, and its border.
fn lesion(unlike: &Plane<f32>, mask: Plane<bool>, white: &Plane<bool>) -> Option<Found> {
    let contrast = contrast(unlike, &mask)?;
    let mask = with_reflections(mask, white);
    let size = size(&mask);
    if !fits(size, &mask) || small(cut(&mask)) > MOST_CUT * small(size).sqrt() {
        return None;
    }
    let start = mask.values.iter().position(|inside| *inside)?;
    let outline = border::polygon(&mask, start).ok()?;
    Some(Found {
        outline,
        contrast,
        mask,
    })
}

/// With the reflections that lie on the lesion's border: those that touch it, are no larger than it is and do not reach the
/// picture's edge, as a sheet of paper would.
fn with_reflections(mask: Plane<bool>, white: &Plane<bool>) -> Plane<bool> {
    if !white.values.contains(&true) {
        return mask;
    }
    let size = size(&mask);
    let near = mask.grown(true).grown(false);
    let (labels, regions) = regions(white);
    let mut touched = vec![false; regions.len() + 1];
    for (label, near) in labels.values.iter().zip(&near.values) {
        touched[*label as usize] |= *near;
    }
    touched[0] = false;
    for region in &regions {
        touched[region.label as usize] &=
            region.size <= size && !region.reaches_edge(mask.width, mask.height);
    }
    if !touched.contains(&true) {
        return mask;
    }
    let mut joined = mask;
    for (inside, label) in joined.values.iter_mut().zip(&labels.values) {
        *inside |= touched[*label as usize];
    }
    largest(&whole(&joined)).unwrap_or(joined)
}

/// Pixels of a mask.
fn size(mask: &Plane<bool>) -> usize {
    mask.values.iter().filter(|inside| **inside).count()
}

/// Pixels of the mask along the picture's edge.
fn cut(mask: &Plane<bool>) -> usize {
    let count = |inside: &mut dyn Iterator<Item = &bool>| inside.filter(|inside| **inside).count();
    let (width, size) = (mask.width, mask.values.len());
    count(&mut mask.values[..width].iter())
        + count(&mut mask.values[size - width..].iter())
        + count(&mut mask.values.iter().step_by(width))
        + count(&mut mask.values[width - 1..].iter().step_by(width))
}

/// How far a region stands out: what is usual just inside of the border, less what most of the skin just outside stays under.
/// `None` if that is not enough for a lesion.
fn contrast(unlike: &Plane<f32>, mask: &Plane<bool>) -> Option<f32> {
    let ring = step(2)..=step(8);
    let of = |depths: &Plane<u16>, share: f32| {
        let mut values: Vec<f32> = depths
            .values
            .iter()
            .zip(&unlike.values)
            .filter(|(depth, _)| ring.contains(*depth))
            .map(|(_, value)| *value)
            .collect();
        quantile(&mut values, share)
    };
    let inside = of(&depths(mask), 0.5)?;
    let outward = depths(&mask.map(|inside| !inside));
    let (usual, most) = (of(&outward, 0.5)?, of(&outward, 0.8)?);
    let stands_out = inside - most >= LEAST_CONTRAST.max(LEAST_STEP * inside);
    stands_out.then_some(inside - usual)
}
