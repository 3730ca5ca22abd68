//! Photographs of skin lesions that nobody has: drawn from a seed, encoded as cameras do.
#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "drawn pixels are approximate, and a fixture that can't be made is a failed test"
)]

use std::f32::consts::TAU;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::dice::{Dice, noise, smooth, step};
use crate::metadata::Metadata;

/// What is drawn. The same values give the same pixels on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Lesion {
    /// Chooses skin tone, shape, colours and hairs.
    pub seed: u64,
    /// Width of the photo in pixels.
    pub width: u32,
    /// Height of the photo in pixels.
    pub height: u32,
}

impl Lesion {
    /// A lesion of `width`×`height` pixels.
    pub fn new(seed: u64, width: u32, height: u32) -> Self {
        Self { seed, width, height }
    }

    /// The pixels: RGB, 8 bits, row by row.
    pub fn rgb(self) -> Vec<u8> {
        let scene = Scene::new(self.seed);
        let (width, height) = (self.width as f32, self.height as f32);
        let scale = 1.0 / width.min(height);
        let mut pixels = Vec::with_capacity(self.width as usize * self.height as usize * 3);
        for row in 0..self.height {
            let y = (row as f32 + 0.5 - height / 2.0) * scale;
            for column in 0..self.width {
                let x = (column as f32 + 0.5 - width / 2.0) * scale;
                let grain = noise(self.seed, column, row) * 5.0;
                pixels.extend(
                    scene
                        .colour(x, y)
                        .map(|channel| (channel + grain).clamp(0.0, 255.0) as u8),
                );
            }
        }
        pixels
    }

    /// A JPEG of the given quality (1 to 100), without metadata.
    pub fn jpeg(self, quality: u8) -> Vec<u8> {
        let mut encoded = Vec::new();
        JpegEncoder::new_with_quality(&mut encoded, quality)
            .encode(&self.rgb(), self.width, self.height, ExtendedColorType::Rgb8)
            .expect("an RGB buffer of this size encodes");
        encoded
    }

    /// A JPEG as a camera writes it.
    pub fn jpeg_with(self, quality: u8, metadata: &Metadata) -> Vec<u8> {
        metadata.in_jpeg(&self.jpeg(quality))
    }

    /// A PNG without metadata.
    pub fn png(self) -> Vec<u8> {
        let mut encoded = Vec::new();
        PngEncoder::new(&mut encoded)
            .write_image(&self.rgb(), self.width, self.height, ExtendedColorType::Rgb8)
            .expect("an RGB buffer of this size encodes");
        encoded
    }

    /// A PNG with an `eXIf` and, if asked for, an `iCCP` chunk.
    pub fn png_with(self, metadata: &Metadata) -> Vec<u8> {
        metadata.in_png(&self.png())
    }
}

/// A JPEG of any size without metadata, paved with one small lesion: large photos in a moment.
pub fn tiled_jpeg(width: u32, height: u32, quality: u8) -> Vec<u8> {
    const SIDE: usize = 256;
    let tile = Lesion::new(1, SIDE as u32, SIDE as u32).rgb();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for row in 0..height as usize {
        let line = &tile[row % SIDE * SIDE * 3..][..SIDE * 3];
        pixels.extend(line.iter().cycle().take(width as usize * 3));
    }
    let mut encoded = Vec::new();
    JpegEncoder::new_with_quality(&mut encoded, quality)
        .encode(&pixels, width, height, ExtendedColorType::Rgb8)
        .expect("an RGB buffer of this size encodes");
    encoded
}

/// Skin, one lesion on it, a few hairs and a highlight, in units of the shorter side.
struct Scene {
    seed: u64,
    skin: [f32; 3],
    pigment: [f32; 3],
    radius: f32,
    stretch: f32,
    lobes: [(f32, f32); 4],
    hairs: Vec<Hair>,
}

struct Hair {
    x: f32,
    y: f32,
    angle: f32,
    bend: f32,
    length: f32,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x5eed_1e51_0000_0001);
        let tone = dice.roll();
        let skin = [238.0 - 110.0 * tone, 196.0 - 112.0 * tone, 170.0 - 108.0 * tone];
        let depth = 0.25 + 0.35 * dice.roll();
        let pigment = [
            skin[0] * depth + 18.0,
            skin[1] * depth * 0.8 + 4.0,
            skin[2] * depth * 0.75 + 4.0,
        ];
        let radius = 0.13 + 0.12 * dice.roll();
        let stretch = 0.75 + 0.5 * dice.roll();
        let lobes = std::array::from_fn(|lobe| (0.10 * dice.roll() / (lobe as f32 + 1.0), TAU * dice.roll()));
        let hairs = (0..(dice.roll() * 6.0) as usize)
            .map(|_| Hair {
                x: dice.roll() * 1.4 - 0.7,
                y: dice.roll() * 1.4 - 0.7,
                angle: dice.roll() * TAU,
                bend: dice.roll() * 2.0 - 1.0,
                length: 0.15 + 0.25 * dice.roll(),
            })
            .collect();
        Self {
            seed,
            skin,
            pigment,
            radius,
            stretch,
            lobes,
            hairs,
        }
    }

    fn colour(&self, x: f32, y: f32) -> [f32; 3] {
        // Furrows of the skin, at two sizes, and slow patches of redness.
        let furrow = self.smooth(x * 70.0, y * 70.0, 1) * 5.0 + self.smooth(x * 160.0, y * 130.0, 2) * 4.0;
        let patch = self.smooth(x * 3.0, y * 3.0, 3);
        let light = 1.0 - 0.22 * (x * x + y * y);
        let mut colour = [
            (self.skin[0] + furrow + patch * 6.0) * light,
            (self.skin[1] + furrow - patch * 3.0) * light,
            (self.skin[2] + furrow - patch * 2.0) * light,
        ];

        let (distance, angle) = ((x * x + (y * self.stretch).powi(2)).sqrt(), y.atan2(x));
        let border = (1..)
            .zip(self.lobes)
            .fold(self.radius, |border, (lobe, (depth, phase))| {
                border + self.radius * depth * 3.0 * (angle * lobe as f32 + phase).sin()
            });
        let inside = step(border * 1.18, border * 0.78, distance);
        // Darker and lighter parts of the lesion, and the fine mottling over them.
        let zone = self.smooth(x * 6.0, y * 6.0, 4) * 0.55 + self.smooth(x * 15.0, y * 15.0, 5) * 0.2;
        let mottling = self.smooth(x * 60.0, y * 60.0, 6) * 0.06;
        for (channel, pigment) in colour.iter_mut().zip(self.pigment) {
            *channel += (pigment * (1.0 + zone + mottling) - *channel) * inside * 0.96;
        }

        let hair = self.hairs.iter().map(|hair| hair.cover(x, y)).fold(0.0, f32::max);
        let shine = step(0.05, 0.0, ((x + 0.09).powi(2) + (y + 0.11).powi(2)).sqrt()) * 46.0 * inside;
        colour.map(|channel| (channel * (1.0 - 0.75 * hair)) + shine)
    }

    /// Value noise in −1..1 that changes over a distance of 1.
    fn smooth(&self, x: f32, y: f32, layer: u64) -> f32 {
        smooth(self.seed.wrapping_add(layer << 32), x, y)
    }
}

impl Hair {
    /// How much of the point the hair covers, 0 to 1.
    fn cover(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.x, y - self.y);
        let along = dx * self.angle.cos() + dy * self.angle.sin();
        if along < 0.0 || along > self.length {
            return 0.0;
        }
        let across = dy * self.angle.cos() - dx * self.angle.sin() - self.bend * along * along;
        step(0.0035, 0.0012, across.abs())
    }
}
