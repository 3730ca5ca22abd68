//! One number a pixel, and the filters that need no more.

/// Rows of numbers without padding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane<T> {
    pub(crate) values: Vec<T>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl<T: Copy> Plane<T> {
    pub(crate) fn filled(value: T, width: usize, height: usize) -> Self {
        Self {
            values: vec![value; width * height],
            width,
            height,
        }
    }

    /// Another plane of the same size.
    pub(crate) fn map<U>(&self, change: impl FnMut(&T) -> U) -> Plane<U> {
        Plane {
            values: self.values.iter().map(change).collect(),
            width: self.width,
            height: self.height,
        }
    }

    /// The part between two corners, the second one left out.
    pub(super) fn part(&self, [left, top]: [usize; 2], [right, low]: [usize; 2]) -> Self {
        let rows = self.values.chunks_exact(self.width.max(1)).take(low).skip(top);
        Self {
            values: rows.flat_map(|line| &line[left..right]).copied().collect(),
            width: right - left,
            height: low - top,
        }
    }

    /// Puts a part back to where its upper left corner was.
    pub(super) fn put(&mut self, part: &Self, [left, top]: [usize; 2]) {
        let rows = self.values.chunks_exact_mut(self.width.max(1)).skip(top);
        for (line, part) in rows.zip(part.values.chunks_exact(part.width.max(1))) {
            line[left..][..part.len()].copy_from_slice(part);
        }
    }

    pub(crate) fn at(&self, column: usize, row: usize) -> T {
        self.values[row * self.width + column]
    }
}

impl Plane<f32> {
    /// Each number replaced by the mean of itself, counted twice, and its neighbours, across and down, `rounds` times: a bell
    /// whose variance is half a pixel a round.
    pub(super) fn softened(self, rounds: usize) -> Self {
        let width = self.width.max(1);
        let mut from = self.values;
        let mut to = from.clone();
        for _ in 0..rounds {
            for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
                to[0] = 0.75 * from[0] + 0.25 * from[1.min(width - 1)];
                to[width - 1] = 0.75 * from[width - 1] + 0.25 * from[width.saturating_sub(2)];
                if width > 2 {
                    mean(&from[..width - 2], &from[1..], &from[2..], &mut to[1..]);
                }
            }
            let rows = from.len() / width;
            for row in 0..rows {
                let line = |row: usize| &to[row.min(rows - 1) * width..][..width];
                let target = &mut from[row * width..][..width];
                mean(line(row.saturating_sub(1)), line(row), line(row + 1), target);
            }
        }
        Self {
            values: from,
            width: self.width,
            height: self.height,
        }
    }
}

/// A quarter of what is before and after, and half of what is between.
fn mean(before: &[f32], between: &[f32], after: &[f32], target: &mut [f32]) {
    for (((target, before), between), after) in target.iter_mut().zip(before).zip(between).zip(after) {
        *target = 0.25 * (before + after) + 0.5 * between;
    }
}

/// The middle one of `values` by size, or the one that `share` (0 to 1) of them are below. Puts them into another order;
/// `None` if there is none.
pub(crate) fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list that a picture fits in"
    )]
    let place = ((last as f32 * share).round() as usize).min(last);
    Some(*values.select_nth_unstable_by(place, f32::total_cmp).1)
}

/// A count of pixels along a side or in a square, which single precision holds exactly.
#[expect(clippy::cast_precision_loss, reason = "under 2²⁴")]
pub(crate) fn small(count: usize) -> f32 {
    count as f32
}
