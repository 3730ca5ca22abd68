//! Light, lens and sensor: what they do to a scene, and what goes wrong with them.
#![expect(clippy::cast_possible_wrap, reason = "a picture's sides are small")]

use std::f32::consts::{PI, TAU};

use super::spot::Spot;
use super::surface::Surface;
use super::{Frame, Kind, encoded};
use crate::dice::{Dice, bell, smooth, step};

/// How one photo is lit and taken.
pub(super) struct Camera {
    kind: Kind,
    seed: u64,
    /// What all light is multiplied by.
    exposure: f32,
    /// Of red and blue, beside green.
    balance: [f32; 3],
    /// Light falls off in a direction: how much from edge to edge, and which way.
    slope: (f32, f32),
    /// And towards the corners.
    vignette: f32,
    /// Radius in pixels of the disc that a point becomes.
    defocus: f32,
    /// Length in pixels of the line that a point becomes, and its direction.
    motion: (f32, f32),
    /// Standard deviation of the sensor's noise at full light and in the dark, in shares of white.
    shot: f32,
    read: f32,
    quality: u8,
}

impl Camera {
    pub(super) fn new(kind: Kind, dice: &mut Dice, surface: &Surface) -> Self {
        let [red, green, blue] = surface.base();
        let bright = 0.212_673 * red + 0.715_152 * green + 0.072_175 * blue;
        let exposure = match kind {
            // By the lightness that the plain skin ends up with.
            Kind::Dark => luminance(dice.between(2.5, 14.0)) / bright,
            // By how far beyond white its green is.
            Kind::Overexposed => dice.doubling(1.0, 2.6) / green,
            _ => {
                let own = 116.0 * bright.cbrt() - 16.0;
                luminance(dice.between((own - 16.0).max(22.0), (own + 8.0).clamp(26.0, 85.0))) / bright
            }
        };
        let (defocus, motion) = match kind {
            Kind::Blurred if dice.chance(0.5) => (dice.doubling(5.0, 16.0), 0.0),
            Kind::Blurred => (dice.between(0.8, 1.6), dice.doubling(15.0, 55.0)),
            _ => (dice.between(0.6, 2.1), dice.between(0.0, 3.0)),
        };
        // Less light, more amplification.
        let gain = (0.35 / (exposure * bright)).clamp(0.5, 4.0).sqrt();
        Self {
            kind,
            seed: u64::from((dice.roll() * 16_000_000.0) as u32),
            exposure,
            balance: [dice.between(0.95, 1.06), 1.0, dice.between(0.92, 1.06)],
            slope: (dice.between(0.0, 0.5), dice.between(0.0, TAU)),
            vignette: dice.between(0.0, 0.45),
            defocus,
            motion: (motion, dice.between(0.0, PI)),
            shot: dice.doubling(0.004, 0.02) * gain,
            read: dice.doubling(0.0004, 0.0015) * gain,
            quality: dice.count(78, 96) as u8,
        }
    }

    pub(super) fn quality(&self) -> u8 {
        self.quality
    }

    /// 8-bit sRGB.
    pub(super) fn take(&self, mut frame: Frame, spot: Option<&Spot>, dice: &mut Dice) -> Vec<u8> {
        self.illuminate(&mut frame);
        match (self.kind, spot) {
            (Kind::Glare, Some(spot)) => self.glare(&mut frame, spot, dice),
            (Kind::Good, Some(_)) => self.glints(&mut frame, dice),
            _ => {}
        }
        disc(&mut frame, self.defocus);
        line(&mut frame, self.motion.0, self.motion.1);
        self.develop(&frame)
    }

    fn illuminate(&self, frame: &mut Frame) {
        let (slope, way) = self.slope;
        frame.each(|x, y, light| {
            let falls = 1.0 + slope * (x * way.cos() + y * way.sin()) - self.vignette * (x * x + y * y);
            for (light, balance) in light.iter_mut().zip(self.balance) {
                *light *= falls.max(0.05) * self.exposure * balance;
            }
        });
    }

    /// One or more reflections over the lesion; together they hide a tenth of it or more.
    fn glare(&self, frame: &mut Frame, spot: &Spot, dice: &mut Dice) {
        let radius = spot.radius();
        let size = (radius * dice.between(0.4, 1.0)).max(0.035);
        for blob in 0..dice.count(1, 3) {
            let (away, turn) = (dice.between(0.0, 0.5) * radius, dice.between(0.0, TAU));
            let at = (
                spot.centre().0 + away * turn.cos(),
                spot.centre().1 + away * turn.sin(),
            );
            let size = if blob == 0 {
                size
            } else {
                size * dice.between(0.3, 0.8)
            };
            let strength = dice.doubling(0.7, 3.0);
            self.shine(
                frame,
                at,
                size,
                dice.between(1.0, 2.0),
                dice.between(0.0, PI),
                strength,
            );
        }
    }

    /// Moist skin: small bright points, and a faint sheen that hides nothing.
    fn glints(&self, frame: &mut Frame, dice: &mut Dice) {
        if dice.chance(0.5) {
            return;
        }
        for _ in 0..dice.count(1, 10) {
            let at = (dice.between(-0.4, 0.4), dice.between(-0.4, 0.4));
            let (size, strength) = (dice.between(0.002, 0.008), dice.between(0.3, 1.2));
            self.shine(frame, at, size, 1.3, 0.0, strength);
        }
        let at = (dice.between(-0.3, 0.3), dice.between(-0.3, 0.3));
        let sheen = dice.between(0.0, 0.1) * self.exposure.min(1.0);
        self.shine(
            frame,
            at,
            dice.between(0.05, 0.15),
            1.5,
            dice.between(0.0, PI),
            sheen,
        );
    }

    /// White light on the skin's relief, strongest in the middle.
    fn shine(&self, frame: &mut Frame, at: (f32, f32), size: f32, stretch: f32, angle: f32, strength: f32) {
        let (columns, rows) = frame.around(at, size * stretch.sqrt() * 1.7);
        for row in rows {
            for column in columns.clone() {
                let (x, y) = frame.place(column, row);
                let (dx, dy) = (x - at.0, y - at.1);
                let along = (dx * angle.cos() + dy * angle.sin()) / stretch.sqrt();
                let across = (dy * angle.cos() - dx * angle.sin()) * stretch.sqrt();
                let relief = 1.0 + 0.35 * smooth(self.seed, x * 60.0, y * 60.0);
                let shine = strength * step(1.6, 0.3, along.hypot(across) / size) * relief;
                for light in &mut frame.light[row * frame.width + column] {
                    *light += shine;
                }
            }
        }
    }

    /// Noise, white at 1, sRGB's curve, 8 bits.
    fn develop(&self, frame: &Frame) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(frame.light.len() * 3);
        // The curve at 4096 places: a power for each sample would take longer than all the rest.
        let curve: Vec<u8> = (0..=4096)
            .map(|place| (encoded((place as f32 / 4096.0).powi(2)) * 255.0 + 0.5) as u8)
            .collect();
        for (place, light) in frame.light.iter().enumerate() {
            for (channel, light) in light.iter().enumerate() {
                let deviation = self.shot * light.max(0.0).sqrt() + self.read;
                let light =
                    (light + bell(self.seed, (place * 3 + channel) as u32) * deviation).clamp(0.0, 1.0);
                rgb.push(curve[(light.sqrt() * 4096.0) as usize]);
            }
        }
        rgb
    }
}

/// Lightness (CIELAB) to luminance.
fn luminance(lightness: f32) -> f32 {
    if lightness > 8.0 {
        ((lightness + 16.0) / 116.0).powi(3)
    } else {
        lightness / 903.3
    }
}

/// Spreads each point over a disc; the radius is in pixels and need not be whole.
fn disc(frame: &mut Frame, radius: f32) {
    let (width, height) = (frame.width as i64, frame.height as i64);
    let reach = radius.ceil() as i64;
    // Half the chord of each row of the disc, in whole pixels and a part of one.
    let chords: Vec<(i64, i64, f32)> = (-reach..=reach)
        .filter_map(|dy| {
            let inside = radius * radius - (dy * dy) as f32;
            (inside >= 0.0).then(|| {
                let half = inside.sqrt();
                (dy, half.floor() as i64, half.fract())
            })
        })
        .collect();
    let weight: f32 = chords
        .iter()
        .map(|(_, whole, part)| (2 * whole + 1) as f32 + 2.0 * part)
        .sum();
    let source = std::mem::take(&mut frame.light);
    // Sums from the left, so that a chord of any length takes two look-ups.
    let mut sums = vec![[0.0_f64; 3]; (width as usize + 1) * height as usize];
    for row in 0..height as usize {
        for column in 0..width as usize {
            let at = row * (width as usize + 1) + column;
            for channel in 0..3 {
                let light = f64::from(source[row * width as usize + column][channel].min(4.0));
                sums[at + 1][channel] = sums[at][channel] + light;
            }
        }
    }
    let mut light = Vec::with_capacity(source.len());
    for row in 0..height {
        for column in 0..width {
            let mut total = [0.0_f32; 3];
            for &(dy, whole, part) in &chords {
                let line = (row + dy).clamp(0, height - 1);
                let (left, right) = (column - whole, column + whole);
                let (from, to) = (left.max(0), right.min(width - 1));
                let sum = |at: i64| sums[(line * (width + 1) + at) as usize];
                let edge = |at: i64| source[(line * width + at.clamp(0, width - 1)) as usize];
                let (low, high) = (sum(from), sum(to + 1));
                let (first, last) = (edge(left - 1), edge(right + 1));
                let missing = ((from - left) as f32, (right - to) as f32);
                for channel in 0..3 {
                    total[channel] += (high[channel] - low[channel]) as f32
                        + part * (first[channel] + last[channel]).min(8.0)
                        + missing.0 * first[channel].min(4.0)
                        + missing.1 * last[channel].min(4.0);
                }
            }
            light.push(total.map(|total| total / weight));
        }
    }
    frame.light = light;
}

/// Spreads each point along a line of `length` pixels.
fn line(frame: &mut Frame, length: f32, angle: f32) {
    let taps = length.round() as i64;
    if taps < 2 {
        return;
    }
    let (width, height) = (frame.width as i64, frame.height as i64);
    let offsets: Vec<(i64, i64)> = (0..taps)
        .map(|tap| {
            let along = tap as f32 - (taps - 1) as f32 / 2.0;
            (
                (along * angle.cos()).round() as i64,
                (along * angle.sin()).round() as i64,
            )
        })
        .collect();
    let source = std::mem::take(&mut frame.light);
    let mut light = Vec::with_capacity(source.len());
    for row in 0..height {
        for column in 0..width {
            let mut total = [0.0_f32; 3];
            for (dx, dy) in &offsets {
                let (x, y) = ((column + dx).clamp(0, width - 1), (row + dy).clamp(0, height - 1));
                for (total, light) in total.iter_mut().zip(source[(y * width + x) as usize]) {
                    *total += light.min(4.0);
                }
            }
            light.push(total.map(|total| total / taps as f32));
        }
    }
    frame.light = light;
}
