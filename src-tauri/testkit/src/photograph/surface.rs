//! What lies under everything: skin of every tone, or a thing that is no skin.

use std::f32::consts::{PI, TAU};

use super::{Frame, light_of};
use crate::dice::{Dice, noise, smooth, step};

/// Fitzpatrick's six types as CIELAB: the lightness that each has in photographs, and the hue that goes with it (after the
/// individual typology angle's classes, Chardon et al. 1991).
const TYPES: [[f32; 3]; 6] = [
    [78.0, 9.0, 13.0],
    [73.0, 11.0, 17.0],
    [67.0, 13.0, 20.0],
    [58.0, 14.0, 22.0],
    [47.0, 14.0, 20.0],
    [36.0, 10.0, 13.0],
];

/// Something flat, seen from above.
pub(super) struct Surface {
    seed: u64,
    base: [f32; 3],
    what: What,
}

enum What {
    Skin {
        /// How deep the lines between the skin's fields are, a share of the light.
        relief: f32,
        /// Fields to a unit.
        fields: f32,
        /// How blotchy it is: redness comes and goes.
        blotch: f32,
        /// Folds that run through the picture.
        creases: Vec<Crease>,
    },
    Cloth {
        threads: f32,
        depth: f32,
        stripe: f32,
    },
    Wood {
        rings: f32,
        angle: f32,
    },
    Wall {
        grain: f32,
    },
    Paper {
        lines: f32,
    },
}

struct Crease {
    angle: f32,
    offset: f32,
    depth: f32,
    width: f32,
}

impl Surface {
    pub(super) fn skin(dice: &mut Dice) -> Self {
        let tone = dice.between(0.0, 5.0);
        let (kind, way) = ((tone as usize).min(4), tone.fract());
        let lab: [f32; 3] = std::array::from_fn(|channel| {
            let (from, to) = (TYPES[kind][channel], TYPES[kind + 1][channel]);
            from + (to - from) * way + dice.between(-2.0, 2.0)
        });
        let creases = (0..dice.count(0, 9).saturating_sub(5))
            .map(|_| Crease {
                angle: dice.between(0.0, PI),
                offset: dice.between(-0.6, 0.6),
                depth: dice.between(0.04, 0.2),
                width: dice.between(0.003, 0.012),
            })
            .collect();
        Self {
            seed: u64::from((dice.roll() * 16_000_000.0) as u32),
            base: light_of(lab),
            what: What::Skin {
                relief: dice.doubling(0.05, 0.2),
                fields: dice.doubling(45.0, 110.0),
                blotch: dice.between(0.02, 0.09),
                creases,
            },
        }
    }

    /// Cloth, wood, a wall or paper.
    pub(super) fn thing(dice: &mut Dice) -> Self {
        let (lightness, a, b) = (
            dice.between(30.0, 88.0),
            dice.between(-12.0, 15.0),
            dice.between(-20.0, 25.0),
        );
        let (base, what) = match dice.count(0, 3) {
            0 => (
                [lightness, a, b],
                What::Cloth {
                    threads: dice.doubling(60.0, 160.0),
                    depth: dice.between(0.08, 0.3),
                    stripe: dice.between(0.0, 0.3),
                },
            ),
            1 => (
                [lightness.min(70.0), 12.0, 26.0],
                What::Wood {
                    rings: dice.doubling(6.0, 30.0),
                    angle: dice.between(0.0, PI),
                },
            ),
            2 => (
                [lightness, a * 0.4, b * 0.4],
                What::Wall {
                    grain: dice.between(0.01, 0.06),
                },
            ),
            _ => (
                [dice.between(80.0, 92.0), 0.0, dice.between(-2.0, 6.0)],
                What::Paper {
                    lines: dice.between(14.0, 40.0),
                },
            ),
        };
        Self {
            seed: u64::from((dice.roll() * 16_000_000.0) as u32),
            base: light_of(base),
            what,
        }
    }

    pub(super) fn is_skin(&self) -> bool {
        matches!(self.what, What::Skin { .. })
    }

    /// Linear light of the plain surface under full light.
    pub(super) fn base(&self) -> [f32; 3] {
        self.base
    }

    /// How deep the texture of skin is; a lesion has one too.
    pub(super) fn relief(&self) -> f32 {
        match self.what {
            What::Skin { relief, .. } => relief,
            _ => 0.0,
        }
    }

    pub(super) fn paint(&self, frame: &mut Frame) {
        let base = self.base;
        frame.each(|x, y, light| *light = self.tinted(base, x, y));
    }

    fn tinted(&self, base: [f32; 3], x: f32, y: f32) -> [f32; 3] {
        match &self.what {
            What::Skin {
                relief,
                fields,
                blotch,
                creases,
            } => {
                let shade = relief * self.fields(x, y, *fields)
                    + creases.iter().map(|crease| crease.shade(x, y)).sum::<f32>();
                let red =
                    blotch * (self.smooth(x * 3.0, y * 3.0, 3) + 0.5 * self.smooth(x * 9.0, y * 9.0, 4));
                let [r, g, b] = base.map(|light| light * (1.0 + shade).max(0.05));
                [r * (1.0 + 0.2 * red), g * (1.0 - red), b * (1.0 - 0.8 * red)]
            }
            What::Cloth {
                threads,
                depth,
                stripe,
            } => {
                let weave = (x * threads * TAU).sin() * (y * threads * TAU).cos();
                let fuzz = self.smooth(x * 200.0, y * 200.0, 1) * 0.3;
                let band = stripe * step(-0.2, 0.2, (x * 4.0 * TAU).sin());
                base.map(|light| light * (1.0 + depth * (weave + fuzz) - band).max(0.05))
            }
            What::Wood { rings, angle } => {
                let (along, across) = (
                    x * angle.cos() + y * angle.sin(),
                    y * angle.cos() - x * angle.sin(),
                );
                let bent = across + 0.05 * self.smooth(along * 1.5, across * 1.5, 1);
                let ring =
                    (bent * rings * TAU).sin() * 0.12 + self.smooth(along * 6.0, across * 160.0, 2) * 0.12;
                base.map(|light| light * (1.0 + ring))
            }
            What::Wall { grain } => {
                let bumps = self.smooth(x * 80.0, y * 80.0, 1) + 0.5 * self.smooth(x * 200.0, y * 200.0, 2);
                base.map(|light| light * (1.0 + grain * bumps))
            }
            What::Paper { lines } => {
                let line = y * lines;
                let inked = (0.25..0.75).contains(&line.rem_euclid(1.0))
                    && noise(
                        self.seed,
                        (x * lines * 2.2 + 999.0) as u32,
                        line.floor() as i32 as u32,
                    ) > -0.6
                    && self.smooth(x * lines * 7.0, y * lines * 6.0, 1) > 0.05;
                base.map(|light| if inked { light * 0.15 } else { light })
            }
        }
    }

    /// Lines between the skin's fields, at two sizes, and pores: about −1 to 1.
    fn fields(&self, x: f32, y: f32, fields: f32) -> f32 {
        // Two noises that are near zero along lines make a net of lines.
        let coarse = self.smooth(x * fields, y * fields, 1).abs().min(
            self.smooth((x + y) * fields * 0.8, (y - x) * fields * 0.8, 7)
                .abs(),
        );
        let fine = self.smooth(x * fields * 2.3, y * fields * 2.3, 2);
        let pores = step(
            0.75,
            0.95,
            self.smooth(x * fields * 1.4, y * fields * 1.4, 5).abs(),
        );
        (step(0.0, 0.25, coarse) - 0.7) * 0.9 + fine * 0.45 - pores * 0.5
    }

    fn smooth(&self, x: f32, y: f32, layer: u64) -> f32 {
        smooth(self.seed.wrapping_add(layer << 32), x, y)
    }
}

impl Crease {
    fn shade(&self, x: f32, y: f32) -> f32 {
        let across = y * self.angle.cos() - x * self.angle.sin() - self.offset
            + 0.04 * (x * self.angle.cos() * 5.0 + y * self.angle.sin() * 5.0 + self.offset * 9.0).sin();
        -self.depth * (-(across / self.width).powi(2)).exp()
    }
}

/// A white sticker with black marks, along one edge of the picture.
pub(super) fn paint_ruler(dice: &mut Dice, frame: &mut Frame) {
    let (half_width, half_height) = (
        frame.width as f32 / frame.unit() / 2.0,
        frame.height as f32 / frame.unit() / 2.0,
    );
    let depth = dice.between(0.05, 0.11);
    let upright = dice.chance(0.5);
    let far = dice.chance(0.5);
    let marks = dice.between(25.0, 50.0);
    let white = dice.between(0.7, 0.9);
    frame.each(|x, y, light| {
        let (across, along, edge) = if upright {
            (x, y, half_width)
        } else {
            (y, x, half_height)
        };
        let inward = edge - if far { across } else { -across };
        if (0.0..depth).contains(&inward) {
            let mark = (along * marks).rem_euclid(1.0) < 0.12 && inward > depth * 0.45;
            *light = [if mark { 0.03 } else { white }; 3];
        }
    });
}
