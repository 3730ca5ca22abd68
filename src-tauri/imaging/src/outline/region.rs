//! Regions of pixels: which hang together, how deep inside they are, what they leave open.

use super::plane::{Plane, small};

/// Pixels that hang together by their sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Region {
    /// In the plane of labels; from 1.
    pub(super) label: u32,
    /// In pixels.
    pub(super) size: usize,
    /// The square of the least distance to the picture's middle, in pixels.
    pub(super) off_centre: f32,
    /// The leftmost and topmost pixel, and the rightmost and lowest.
    corners: [[usize; 2]; 2],
}

impl Region {
    /// The longer side of the upright rectangle around it, in pixels.
    pub(super) fn reach(&self) -> usize {
        let [[left, top], [right, low]] = self.corners;
        (right - left).max(low - top) + 1
    }

    /// The corners of the upright rectangle around it and `margin` pixels more, inside of a picture of that size.
    pub(super) fn around(&self, margin: usize, width: usize, height: usize) -> [[usize; 2]; 2] {
        let [[left, top], [right, low]] = self.corners;
        [
            [left.saturating_sub(margin), top.saturating_sub(margin)],
            [(right + 1 + margin).min(width), (low + 1 + margin).min(height)],
        ]
    }

    /// Whether it has pixels along the edge of a picture of that size.
    pub(super) fn reaches_edge(&self, width: usize, height: usize) -> bool {
        let [[left, top], [right, low]] = self.corners;
        left == 0 || top == 0 || right + 1 == width || low + 1 == height
    }
}

/// Neighbouring pixels of one row that are all in a mask.
struct Run {
    row: usize,
    from: usize,
    /// One beyond the last.
    to: usize,
    /// Another run of the same region, or itself.
    leads_to: usize,
}

/// Numbers the regions of `mask`, in reading order of their first pixels; 0 is none.
pub(super) fn regions(mask: &Plane<bool>) -> (Plane<u32>, Vec<Region>) {
    let mut runs = runs(mask);
    join(&mut runs);
    let centre = [mask.width, mask.height].map(|side| (small(side) - 1.0) / 2.0);
    let mut labels = Plane::filled(0_u32, mask.width, mask.height);
    let mut found: Vec<Region> = Vec::new();
    // Of a region's runs the first leads to itself and all others lead to it.
    let mut numbers = vec![0_u32; runs.len()];
    for at in 0..runs.len() {
        let first = leader(&mut runs, at);
        let Run { row, from, to, .. } = runs[at];
        if first == at {
            numbers[at] = u32::try_from(found.len() + 1).unwrap_or(u32::MAX);
            found.push(Region {
                label: numbers[at],
                size: 0,
                off_centre: f32::MAX,
                corners: [[from, row], [to - 1, row]],
            });
        }
        let label = numbers[first];
        labels.values[row * mask.width..][from..to].fill(label);
        let region = &mut found[label as usize - 1];
        region.size += to - from;
        let x = centre[0].clamp(small(from), small(to - 1)) - centre[0];
        region.off_centre = region
            .off_centre
            .min(x.powi(2) + (small(row) - centre[1]).powi(2));
        let [low, high] = &mut region.corners;
        *low = [low[0].min(from), low[1].min(row)];
        *high = [high[0].max(to - 1), high[1].max(row)];
    }
    (labels, found)
}

fn runs(mask: &Plane<bool>) -> Vec<Run> {
    let mut runs = Vec::new();
    for (row, line) in mask.values.chunks_exact(mask.width.max(1)).enumerate() {
        let mut from = 0;
        while let Some(skip) = line[from..].iter().position(|inside| *inside) {
            from += skip;
            let length = line[from..].iter().position(|inside| !inside);
            let to = length.map_or(line.len(), |length| from + length);
            runs.push(Run {
                row,
                from,
                to,
                leads_to: runs.len(),
            });
            from = to;
        }
    }
    runs
}

/// Lets runs that touch a run of the row above lead to the same one.
fn join(runs: &mut [Run]) {
    let mut above = 0;
    for at in 0..runs.len() {
        let Run { row, from, to, .. } = runs[at];
        while runs[above].row + 1 < row || (runs[above].row + 1 == row && runs[above].to <= from) {
            above += 1;
        }
        let mut other = above;
        while runs[other].row + 1 == row && runs[other].from < to {
            let (one, two) = (leader(runs, at), leader(runs, other));
            runs[one.max(two)].leads_to = one.min(two);
            other += 1;
        }
    }
}

fn leader(runs: &mut [Run], mut at: usize) -> usize {
    while runs[at].leads_to != at {
        let further = runs[runs[at].leads_to].leads_to;
        runs[at].leads_to = further;
        at = further;
    }
    at
}

/// The mask with everything filled that does not hang together with the picture's edge.
pub(super) fn filled(mask: &Plane<bool>) -> Plane<bool> {
    let (labels, found) = regions(&mask.map(|inside| !inside));
    // Label 0 is the mask itself.
    let open: Vec<bool> = std::iter::once(false)
        .chain(
            found
                .iter()
                .map(|region| region.reaches_edge(mask.width, mask.height)),
        )
        .collect();
    labels.map(|label| !open[*label as usize])
}

/// The mask after as many steps inward and outward again: without what is thin.
pub(super) fn opened(mask: &Plane<bool>, steps: usize) -> Plane<bool> {
    let core = (0..steps).fold(mask.clone(), |mask, step| mask.shrunk(step % 2 == 1));
    (0..steps).fold(core, |mask, step| mask.grown(step % 2 == 1))
}

/// The mask after as many steps outward and inward again: without narrow bays.
pub(super) fn closed(mask: &Plane<bool>, steps: usize) -> Plane<bool> {
    let wide = (0..steps).fold(mask.clone(), |mask, step| mask.grown(step % 2 == 1));
    (0..steps).fold(wide, |mask, step| mask.shrunk(step % 2 == 1))
}

impl Plane<bool> {
    /// With every neighbour, the diagonal ones too if `corners`. One kind after the other comes close to a disc.
    pub(super) fn grown(&self, corners: bool) -> Self {
        let mut grown = self.clone();
        let width = self.width;
        for (target, line) in grown
            .values
            .chunks_exact_mut(width.max(1))
            .zip(self.values.chunks_exact(width.max(1)))
        {
            join_lines(&mut target[1..], &line[..width - 1]);
            join_lines(&mut target[..width - 1], &line[1..]);
        }
        let source = if corners { grown.clone() } else { self.clone() };
        let rest = self.values.len() - width;
        join_lines(&mut grown.values[width..], &source.values[..rest]);
        join_lines(&mut grown.values[..rest], &source.values[width..]);
        grown
    }

    /// Without what touches the outside, by a corner too if `corners`. Beyond the picture there is nothing to touch.
    pub(super) fn shrunk(&self, corners: bool) -> Self {
        self.map(|value| !value).grown(corners).map(|value| !value)
    }
}

fn join_lines(target: &mut [bool], other: &[bool]) {
    for (value, other) in target.iter_mut().zip(other) {
        *value |= *other;
    }
}

/// How far each pixel of the mask is from what is outside it, 3 to a step across or down and 4 to a diagonal one (Borgefors
/// 1986); 0 outside. What is beyond the picture counts as inside.
pub(super) fn depths(mask: &Plane<bool>) -> Plane<u16> {
    const FAR: u16 = u16::MAX / 2;
    let width = mask.width;
    let mut depths = mask.map(|inside| if *inside { FAR } else { 0 });
    let lines = || 0..mask.height;
    for row in lines() {
        let (above, line) = depths.values.split_at_mut(row * width);
        sweep(
            &mut line[..width],
            row.checked_sub(1).map(|row| &above[row * width..]),
            false,
        );
    }
    for row in lines().rev() {
        let (line, below) = depths.values.split_at_mut((row + 1) * width);
        let line = &mut line[row * width..];
        sweep(line, below.get(..width), true);
    }
    depths
}

/// One line of a sweep: from the line before it, then along it.
fn sweep(line: &mut [u16], before: Option<&[u16]>, backwards: bool) {
    if let Some(before) = before {
        for (value, before) in line.iter_mut().zip(before) {
            *value = (*value).min(before + 3);
        }
        let last = line.len() - 1;
        for (value, before) in line[1..].iter_mut().zip(&before[..last]) {
            *value = (*value).min(before + 4);
        }
        for (value, before) in line[..last].iter_mut().zip(&before[1..]) {
            *value = (*value).min(before + 4);
        }
    }
    let along = |so_far: &mut u16, value: &mut u16| {
        *value = (*value).min(*so_far + 3);
        *so_far = *value;
    };
    let mut so_far = u16::MAX / 2;
    if backwards {
        line.iter_mut().rev().for_each(|value| along(&mut so_far, value));
    } else {
        line.iter_mut().for_each(|value| along(&mut so_far, value));
    }
}

/// As [`depths`] counts a step.
pub(super) fn step(steps: usize) -> u16 {
    u16::try_from(steps * 3).unwrap_or(u16::MAX / 2)
}
