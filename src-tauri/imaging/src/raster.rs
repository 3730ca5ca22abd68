//! Decoded pixels and turning them upright.

use super::refusal::Refusal;

/// Rows of 8-bit samples without padding.
#[derive(Debug)]
pub(super) struct Raster {
    pub(super) samples: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) ink: Ink,
}

/// What the samples of one pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// One sample, 255 is white.
    Grey,
    /// Three samples.
    Rgb,
    /// Four samples, 255 is full ink.
    #[cfg_attr(
        not(feature = "turbo"),
        expect(dead_code, reason = "the other decoder gives RGB for it")
    )]
    Cmyk,
}

impl Ink {
    /// Bytes of one pixel.
    pub(super) fn samples(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// How the stored picture is to be turned to stand upright: EXIF tag 274, values 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Orientation {
    /// Exchange rows and columns first.
    transpose: bool,
    mirror_columns: bool,
    mirror_rows: bool,
}

impl Orientation {
    /// Anything outside 1..=8 means upright, as every viewer takes it.
    pub(super) fn from_exif(value: u32) -> Self {
        let (transpose, mirror_columns, mirror_rows) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self {
            transpose,
            mirror_columns,
            mirror_rows,
        }
    }

    /// Whether width and height change places.
    pub(super) fn swaps_sides(self) -> bool {
        self.transpose
    }
}

impl Raster {
    /// A buffer for `width`×`height` pixels; memory that is not to be had is a refusal, not an abort.
    pub(super) fn blank(width: u32, height: u32, ink: Ink) -> Result<Self, Refusal> {
        let length = sample_count(width, height, ink.samples())?;
        let mut samples = Vec::new();
        samples
            .try_reserve_exact(length)
            .map_err(|_| Refusal::OutOfMemory)?;
        samples.resize(length, 0);
        Ok(Self {
            samples,
            width,
            height,
            ink,
        })
    }

    /// The picture turned upright.
    pub(super) fn turned(self, orientation: Orientation) -> Result<Self, Refusal> {
        match self.ink {
            _ if orientation == Orientation::default() => Ok(self),
            Ink::Grey if orientation.transpose => self.transposed::<1>(orientation),
            Ink::Rgb if orientation.transpose => self.transposed::<3>(orientation),
            Ink::Cmyk if orientation.transpose => self.transposed::<4>(orientation),
            Ink::Grey => Ok(self.mirrored::<1>(orientation)),
            Ink::Rgb => Ok(self.mirrored::<3>(orientation)),
            Ink::Cmyk => Ok(self.mirrored::<4>(orientation)),
        }
    }

    fn mirrored<const N: usize>(mut self, orientation: Orientation) -> Self {
        let width = self.width as usize;
        let (pixels, _) = self.samples.as_chunks_mut::<N>();
        if orientation.mirror_columns && orientation.mirror_rows {
            pixels.reverse();
        } else if orientation.mirror_columns {
            pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
        } else {
            let height = self.height as usize;
            for row in 0..height / 2 {
                let (above, below) = pixels.split_at_mut((height - 1 - row) * width);
                above[row * width..(row + 1) * width].swap_with_slice(&mut below[..width]);
            }
        }
        self
    }

    fn transposed<const N: usize>(self, orientation: Orientation) -> Result<Self, Refusal> {
        let (old_width, old_height) = (self.width as usize, self.height as usize);
        let mut turned = Self::blank(self.height, self.width, self.ink)?;
        let (source, _) = self.samples.as_chunks::<N>();
        let (target, _) = turned.samples.as_chunks_mut::<N>();
        // Square tiles, so that neither side's rows fall out of the cache.
        const TILE: usize = 32;
        for tile_y in (0..old_height).step_by(TILE) {
            for tile_x in (0..old_width).step_by(TILE) {
                for y in tile_y..(tile_y + TILE).min(old_height) {
                    let column = if orientation.mirror_columns {
                        old_height - 1 - y
                    } else {
                        y
                    };
                    for x in tile_x..(tile_x + TILE).min(old_width) {
                        let row = if orientation.mirror_rows {
                            old_width - 1 - x
                        } else {
                            x
                        };
                        target[row * old_height + column] = source[y * old_width + x];
                    }
                }
            }
        }
        Ok(turned)
    }
}

/// Bytes of `width`×`height` pixels of `samples` bytes each.
pub(super) fn sample_count(width: u32, height: u32, samples: usize) -> Result<usize, Refusal> {
    (width as usize)
        .checked_mul(height as usize)
        .and_then(|pixels| pixels.checked_mul(samples))
        .ok_or(Refusal::OutOfMemory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab` over `cd` over `ef`, as the eight values turn it (EXIF 2.32, table for tag 274).
    #[test]
    fn every_orientation_stands_upright() {
        let cases = [
            (1, 2, "abcdef"),
            (2, 2, "badcfe"),
            (3, 2, "fedcba"),
            (4, 2, "efcdab"),
            (5, 3, "acebdf"),
            (6, 3, "ecafdb"),
            (7, 3, "fdbeca"),
            (8, 3, "bdface"),
            (9, 2, "abcdef"),
        ];
        for (value, width, expected) in cases {
            let raster = Raster {
                samples: b"abcdef".to_vec(),
                width: 2,
                height: 3,
                ink: Ink::Grey,
            };
            let turned = raster.turned(Orientation::from_exif(value)).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&turned.samples),
                expected,
                "orientation {value}"
            );
            assert_eq!(
                (turned.width, turned.height),
                (width, 6 / width),
                "orientation {value}"
            );
        }
    }
}
