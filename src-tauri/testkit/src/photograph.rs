//! Photographs of skin as clinics take them, good and bad, whose truth is known: drawn in linear light from a seed, then put
//! through a lens, a sensor and a JPEG encoder.
//!
//! A good photo is one that a dermatologist could use, not a perfect one: soft borders, every skin, hair, small glints, a
//! hand that shook a little, a dim room, grain. A bad one has one fault, from just too much to a lot. What lies between good
//! and bad is not drawn: people would not agree on it.

mod camera;
mod hair;
mod spot;
mod surface;

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::dice::Dice;
use camera::Camera;
use hair::Hair;
use spot::Spot;
use surface::Surface;

/// What is wrong with a photo, if anything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing that matters.
    Good,
    /// Out of focus, or moved while the shutter was open.
    Blurred,
    /// Too little light to see by.
    Dark,
    /// So much light that the skin is white.
    Overexposed,
    /// A reflection that hides a good part of the lesion.
    Glare,
    /// Skin, cloth, wood, paper, a wall: nothing to look at.
    NoLesion,
}

impl Kind {
    /// All that are bad.
    pub const BAD: [Self; 5] = [
        Self::Blurred,
        Self::Dark,
        Self::Overexposed,
        Self::Glare,
        Self::NoLesion,
    ];
}

/// A photo and the truth about it.
#[derive(Debug, Clone)]
pub struct Photograph {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// RGB, 8 bits, row by row.
    pub rgb: Vec<u8>,
    /// Whether a pixel belongs to the lesion in the middle, row by row. Where the border is soft, it is where the lesion is
    /// half as strong as inside.
    pub mask: Vec<bool>,
    /// What the camera's JPEG is encoded with, 1 to 100.
    pub quality: u8,
}

impl Photograph {
    /// The same kind and seed give the same photo, some 1024 pixels on its longer side.
    pub fn new(kind: Kind, seed: u64) -> Self {
        let mut dice = dice(kind, seed);
        let (width, height) = dice.pick(&[(1024, 768), (768, 1024), (1024, 683), (896, 896)]);
        Self::drawn(kind, dice, width, height)
    }

    /// A photo of that size, in pixels. What a lens and a hand blur is as wide in pixels as it is in smaller photos.
    pub fn sized(kind: Kind, seed: u64, width: u32, height: u32) -> Self {
        Self::drawn(kind, dice(kind, seed), width, height)
    }

    fn drawn(kind: Kind, mut dice: Dice, width: u32, height: u32) -> Self {
        let mut frame = Frame::new(width, height);

        let bare = kind == Kind::NoLesion;
        let surface = if bare && dice.chance(0.4) {
            Surface::thing(&mut dice)
        } else {
            Surface::skin(&mut dice)
        };
        surface.paint(&mut frame);
        let mut mask = vec![false; frame.light.len()];
        let mut spot = None;
        if surface.is_skin() {
            for _ in 0..dice.count(0, 5) {
                Spot::freckle(&mut dice, &surface).paint(&mut frame);
            }
            if !bare {
                let lesion = Spot::lesion(&mut dice, &surface);
                if dice.chance(0.15) {
                    Spot::neighbour(&mut dice, &surface, &lesion).paint(&mut frame);
                }
                mask = lesion.paint(&mut frame);
                spot = Some(lesion);
            }
            if dice.chance(0.15) {
                surface::paint_ruler(&mut dice, &mut frame);
            }
            for hair in Hair::growth(&mut dice) {
                hair.paint(&mut frame);
            }
        }
        let camera = Camera::new(kind, &mut dice, &surface);
        let rgb = camera.take(frame, spot.as_ref(), &mut dice);
        Self {
            width,
            height,
            rgb,
            mask,
            quality: camera.quality(),
        }
    }

    /// As the camera writes it, without metadata.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut encoded = Vec::new();
        JpegEncoder::new_with_quality(&mut encoded, self.quality)
            .encode(&self.rgb, self.width, self.height, ExtendedColorType::Rgb8)
            .expect("an RGB buffer of this size encodes");
        encoded
    }
}

/// The `number`th photo of a demo clinic, as a JPEG: good, and larger than a derivative.
pub fn demo(number: u64) -> Vec<u8> {
    // A shaky hand took one of the first three.
    let seed = number + 3;
    let (width, height) = DEMO_SIZE;
    Photograph::sized(Kind::Good, seed, width, height).jpeg()
}

/// Width and height of a demo clinic's photos in pixels, as of a small phone photo: zooming reaches more than the 1024
/// pixels of a derivative.
pub const DEMO_SIZE: (u32, u32) = (1600, 1200);

fn dice(kind: Kind, seed: u64) -> Dice {
    Dice::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ kind as u64)
}

/// Linear light, red, green and blue, 1 being white paper. Lengths are in units of the shorter side, from the middle.
struct Frame {
    width: usize,
    height: usize,
    light: Vec<[f32; 3]>,
}

impl Frame {
    fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self {
            width,
            height,
            light: vec![[0.0; 3]; width * height],
        }
    }

    /// Pixels on the shorter side.
    fn unit(&self) -> f32 {
        self.width.min(self.height) as f32
    }

    /// The middle of a pixel.
    fn place(&self, column: usize, row: usize) -> (f32, f32) {
        (
            (column as f32 + 0.5 - self.width as f32 / 2.0) / self.unit(),
            (row as f32 + 0.5 - self.height as f32 / 2.0) / self.unit(),
        )
    }

    /// Columns and rows that a square of half side `reach` around a place covers.
    fn around(&self, (x, y): (f32, f32), reach: f32) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let span = |at: f32, side: usize| {
            let middle = at * self.unit() + side as f32 / 2.0;
            let reach = reach * self.unit() + 1.0;
            let from = (middle - reach).max(0.0) as usize;
            from.min(side)..((middle + reach).max(0.0) as usize + 1).min(side)
        };
        (span(x, self.width), span(y, self.height))
    }

    /// Changes every pixel, told where it is.
    fn each(&mut self, mut change: impl FnMut(f32, f32, &mut [f32; 3])) {
        for row in 0..self.height {
            for column in 0..self.width {
                let (x, y) = self.place(column, row);
                change(x, y, &mut self.light[row * self.width + column]);
            }
        }
    }
}

/// sRGB's curve (IEC 61966-2-1), 0 to 1.
fn encoded(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// CIELAB (D65) to linear sRGB, by CIE 15 and IEC 61966-2-1.
fn light_of([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) / 116.0;
    let [x, y, z] = [y + a / 500.0, y, y - b / 200.0].map(|f| {
        if f > 6.0 / 29.0 {
            f.powi(3)
        } else {
            (f - 4.0 / 29.0) * 108.0 / 841.0
        }
    });
    let (x, z) = (x * 0.950_47, z * 1.088_83);
    [
        3.240_454 * x - 1.537_139 * y - 0.498_531 * z,
        -0.969_266 * x + 1.876_011 * y + 0.041_556 * z,
        0.055_643 * x - 0.204_026 * y + 1.057_225 * z,
    ]
    .map(|light| light.max(0.002))
}

/// Linear sRGB to CIELAB, the way back.
fn lab_of([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let curve = |t: f32| {
        if t > 216.0 / 24_389.0 {
            t.cbrt()
        } else {
            t * 841.0 / 108.0 + 4.0 / 29.0
        }
    };
    let x = curve((0.412_456 * red + 0.357_576 * green + 0.180_438 * blue) / 0.950_47);
    let y = curve(0.212_673 * red + 0.715_152 * green + 0.072_175 * blue);
    let z = curve((0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
