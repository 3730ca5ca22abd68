//! Spots on the skin: the lesion that the photo is of, another one beside it, freckles.

use std::f32::consts::{PI, TAU};

use super::surface::Surface;
use super::{Frame, lab_of};
use crate::dice::{Dice, smooth, step};

/// The least difference in colour (CIE76) that a lesion has from the skin around it: less is not seen in a photo.
const SEEN: f32 = 11.0;

/// A spot: what it takes of each channel's light, and where.
pub(super) struct Spot {
    seed: u64,
    centre: (f32, f32),
    radius: f32,
    /// The long axis over the short one, and where it points.
    stretch: f32,
    angle: f32,
    /// Waves of the border from two a turn on: how deep (a share of the radius), and where they begin.
    waves: [(f32, f32); 6],
    /// Fine jags of the border, a share of the radius.
    jags: f32,
    /// How wide the border is, a share of the radius.
    softness: f32,
    /// The share of light that it takes, by channel.
    takes: [f32; 3],
    /// How uneven its colour is: in patches, and finely.
    patches: f32,
    mottling: f32,
    /// A darker or paler part: where, how large, how much.
    part: Option<((f32, f32), f32, f32)>,
    /// Scales or crust: light flakes.
    flakes: f32,
}

impl Spot {
    /// The one that the photo is of.
    pub(super) fn lesion(dice: &mut Dice, skin: &Surface) -> Self {
        let radius = dice.doubling(0.055, 0.27);
        let reach = 0.5 - radius * 1.3;
        let away = dice.between(0.0, reach.clamp(0.0, 0.16));
        let direction = dice.between(0.0, TAU);
        let centre = (away * direction.cos(), away * direction.sin());
        let brown = dice.between(0.0, 1.0);
        let pigment = [0.4 + 0.3 * brown, 0.55 + 0.28 * brown, 0.62 + 0.25 * brown];
        // Shares of light taken, how uneven, how soft, how jagged, flakes: naevus, melanoma, seborrhoeic and actinic
        // keratosis, basal and squamous cell carcinoma, as they look, not as they are told apart.
        let (takes, patches, softness, jags, flakes) = match dice.count(0, 5) {
            0 => (pigment, 0.12, (0.04, 0.3), 0.02, 0.0),
            1 => ([0.72, 0.82, 0.84], 0.45, (0.04, 0.22), 0.09, 0.0),
            2 => (pigment.map(|share| share * 0.85), 0.2, (0.02, 0.08), 0.04, 0.25),
            3 => ([0.12, 0.42, 0.42], 0.25, (0.1, 0.3), 0.08, 0.35),
            4 => ([0.08, 0.36, 0.33], 0.22, (0.05, 0.2), 0.04, 0.08),
            _ => ([0.25, 0.55, 0.55], 0.3, (0.04, 0.2), 0.06, 0.3),
        };
        let part = dice.chance(0.4).then(|| {
            let turn = dice.between(0.0, TAU);
            let out = radius * dice.between(0.1, 0.5);
            (
                (centre.0 + out * turn.cos(), centre.1 + out * turn.sin()),
                radius * dice.between(0.3, 0.5),
                dice.pick(&[0.7, 0.4, -0.3]),
            )
        });
        let wavy = dice.between(0.2, 1.6);
        let mut lesion = Self {
            seed: u64::from((dice.roll() * 16_000_000.0) as u32),
            centre,
            radius,
            stretch: dice.between(1.0, 1.7),
            angle: dice.between(0.0, PI),
            waves: std::array::from_fn(|wave| {
                (
                    dice.between(0.0, 0.16) * wavy / (wave as f32 + 1.0),
                    dice.between(0.0, TAU),
                )
            }),
            jags: jags * dice.roll(),
            softness: dice.between(softness.0, softness.1),
            takes: takes.map(|share| (share + dice.between(-0.05, 0.05)).clamp(0.03, 0.93)),
            patches: patches * dice.between(0.5, 1.2),
            mottling: skin.relief() * dice.between(0.5, 1.2),
            part,
            flakes: flakes * dice.roll(),
        };
        lesion.be_seen(skin);
        lesion
    }

    /// A smaller one, towards a corner.
    pub(super) fn neighbour(dice: &mut Dice, skin: &Surface, lesion: &Self) -> Self {
        let turn = dice.between(0.0, TAU);
        let away = lesion.radius * lesion.stretch.sqrt() * 1.5 + 0.16;
        let at = (
            lesion.centre.0 + away * turn.cos(),
            lesion.centre.1 + away * turn.sin(),
        );
        Self::round(dice, skin, at, 0.02, 0.05)
    }

    pub(super) fn freckle(dice: &mut Dice, skin: &Surface) -> Self {
        let at = (dice.between(-0.65, 0.65), dice.between(-0.65, 0.65));
        Self::round(dice, skin, at, 0.004, 0.013)
    }

    fn round(dice: &mut Dice, _skin: &Surface, centre: (f32, f32), smallest: f32, largest: f32) -> Self {
        let deep = dice.between(0.15, 0.6);
        Self {
            seed: 0,
            centre,
            radius: dice.between(smallest, largest),
            stretch: dice.between(1.0, 1.4),
            angle: dice.between(0.0, PI),
            waves: [(0.0, 0.0); 6],
            jags: 0.0,
            softness: dice.between(0.1, 0.5),
            takes: [deep * 0.75, deep, deep * 1.05],
            patches: 0.0,
            mottling: 0.0,
            part: None,
            flakes: 0.0,
        }
    }

    pub(super) fn centre(&self) -> (f32, f32) {
        self.centre
    }

    pub(super) fn radius(&self) -> f32 {
        self.radius
    }

    /// Darkens the frame; says which pixels it covers.
    pub(super) fn paint(&self, frame: &mut Frame) -> Vec<bool> {
        let mut mask = vec![false; frame.light.len()];
        let reach = self.radius * self.stretch.sqrt() * (1.0 + self.softness) * 1.6;
        let (columns, rows) = frame.around(self.centre, reach);
        for row in rows {
            for column in columns.clone() {
                let (x, y) = frame.place(column, row);
                let cover = self.cover(x, y);
                if cover <= 0.0 {
                    continue;
                }
                let place = row * frame.width + column;
                mask[place] = cover >= 0.5;
                let strength = cover * self.strength(x, y);
                let flake = cover * self.flakes * step(0.25, 0.6, self.smooth(x * 45.0, y * 45.0, 5));
                for (light, takes) in frame.light[place].iter_mut().zip(self.takes) {
                    // Pigment lets through less the more of it lies in the light's way (Beer and Lambert).
                    *light *= (1.0 - takes).powf(strength);
                    *light += (0.55 - *light) * flake * 0.5;
                }
            }
        }
        mask
    }

    /// How much of the spot is at a place, 0 to 1; half at its border.
    fn cover(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let (along, across) = (
            dx * self.angle.cos() + dy * self.angle.sin(),
            dy * self.angle.cos() - dx * self.angle.sin(),
        );
        let (along, across) = (along / self.stretch.sqrt(), across * self.stretch.sqrt());
        let distance = along.hypot(across) / self.radius;
        if distance > 1.6 + self.softness {
            return 0.0;
        }
        let turn = across.atan2(along);
        let waves = (2..)
            .zip(self.waves)
            .map(|(wave, (depth, begin))| depth * (turn * wave as f32 + begin).sin())
            .sum::<f32>();
        let jags = if self.jags > 0.0 {
            self.jags * (self.smooth(x * 28.0, y * 28.0, 1) + 0.5 * self.smooth(x * 70.0, y * 70.0, 2))
        } else {
            0.0
        };
        let border = 1.0 + waves + jags;
        step(border + self.softness, border - self.softness, distance)
    }

    /// How strong the spot's colour is at a place inside; about 1.
    fn strength(&self, x: f32, y: f32) -> f32 {
        let zones = 0.7 * self.smooth(x * 7.0, y * 7.0, 3) + 0.3 * self.smooth(x * 18.0, y * 18.0, 4);
        let mottling = self.smooth(x * 60.0, y * 60.0, 6);
        let part = self.part.map_or(0.0, |((px, py), size, much)| {
            much * step(1.2, 0.7, (x - px).hypot(y - py) / size)
        });
        (1.0 + self.patches * zones + self.mottling * mottling + part).max(0.15)
    }

    /// Takes more light until it stands out.
    fn be_seen(&mut self, skin: &Surface) {
        let skin = skin.base();
        for _ in 0..12 {
            let mut seen: [f32; 3] = std::array::from_fn(|at| skin[at] * (1.0 - self.takes[at]));
            let (here, there) = (lab_of(seen), lab_of(skin));
            seen = std::array::from_fn(|at| (here[at] - there[at]).powi(2));
            if seen.iter().sum::<f32>().sqrt() >= SEEN {
                return;
            }
            self.takes = self.takes.map(|share| 1.0 - (1.0 - share) * 0.92);
        }
    }

    fn smooth(&self, x: f32, y: f32, layer: u64) -> f32 {
        smooth(self.seed.wrapping_add(layer << 32), x, y)
    }
}
