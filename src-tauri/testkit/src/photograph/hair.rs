//! Hair, long and short, dark and fair.

use std::f32::consts::TAU;

use super::Frame;
use crate::dice::Dice;

/// One hair, from its root along a bend.
pub(super) struct Hair {
    root: (f32, f32),
    angle: f32,
    /// Radians to a unit of length.
    bend: f32,
    length: f32,
    /// At the root; it tapers to a third.
    width: f32,
    colour: [f32; 3],
}

impl Hair {
    /// What grows in one photo: nothing, some, or a lot. Hairs of one body lie and look alike.
    pub(super) fn growth(dice: &mut Dice) -> Vec<Self> {
        let count = if dice.chance(0.35) { 0 } else { dice.count(2, 34) };
        let lie = dice.between(0.0, TAU);
        let spread = dice.between(0.3, 1.5);
        let bend = dice.between(-2.0, 2.0);
        let width = dice.between(0.0016, 0.0038);
        let colour = dice.pick(&[
            [0.012, 0.009, 0.008],
            [0.03, 0.018, 0.012],
            [0.08, 0.045, 0.025],
            [0.32, 0.24, 0.15],
        ]);
        (0..count)
            .map(|_| Self {
                root: (dice.between(-0.7, 0.7), dice.between(-0.7, 0.7)),
                angle: lie + dice.between(-spread, spread),
                bend: bend + dice.between(-1.5, 1.5),
                length: dice.between(0.08, 0.45),
                width: width * dice.between(0.6, 1.2),
                colour,
            })
            .collect()
    }

    pub(super) fn paint(&self, frame: &mut Frame) {
        let step = 0.5 / frame.unit();
        let ((mut x, mut y), mut angle, mut along) = (self.root, self.angle, 0.0);
        let mut covered = std::collections::BTreeMap::new();
        while along < self.length {
            let half = self.width / 2.0 * (1.0 - 0.67 * along / self.length);
            let (columns, rows) = frame.around((x, y), half);
            for row in rows {
                for column in columns.clone() {
                    let (px, py) = frame.place(column, row);
                    let distance = ((px - x).powi(2) + (py - y).powi(2)).sqrt();
                    let cover = ((half - distance) * frame.unit() + 0.5).clamp(0.0, 1.0);
                    let most: &mut f32 = covered.entry(row * frame.width + column).or_default();
                    *most = most.max(cover);
                }
            }
            x += step * angle.cos();
            y += step * angle.sin();
            angle += self.bend * step;
            along += step;
        }
        for (place, cover) in covered {
            for (light, hair) in frame.light[place].iter_mut().zip(self.colour) {
                *light += (hair - *light) * cover * 0.92;
            }
        }
    }
}
