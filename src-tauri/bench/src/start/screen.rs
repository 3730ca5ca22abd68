//! What a virtual display shows, looked at often and cheaply: every eighth row of pixels.

use std::ffi::OsStr;

use seekwell_testkit::desktop::Desktop;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::program::Outcome;

const EVERY: u16 = 8;
/// Of the pixels that are not background, how many may differ: a text cursor blinks.
const ALIKE: f64 = 0.02;

/// A connection to the display.
pub(super) struct Screen {
    connection: RustConnection,
    root: u32,
    width: u16,
    height: u16,
}

/// Some rows of the screen, four bytes a pixel.
pub(super) struct Picture {
    bytes: Vec<u8>,
    /// Pixels that are not of the most frequent colour.
    drawn: usize,
}

impl Screen {
    /// The display of that desktop.
    pub(super) fn of(desktop: &Desktop) -> Outcome<Self> {
        let command = desktop.command("true");
        let display = command
            .get_envs()
            .find(|(name, _)| *name == "DISPLAY")
            .and_then(|(_, value)| value);
        let (connection, number) = RustConnection::connect(display.and_then(OsStr::to_str))?;
        let screen = &connection.setup().roots[number];
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        Ok(Self {
            connection,
            root,
            width,
            height,
        })
    }

    /// What it shows now.
    pub(super) fn picture(&self) -> Outcome<Picture> {
        let rows = (EVERY / 2..self.height).step_by(EVERY.into());
        let asked: Vec<_> = rows
            .map(|row| {
                let row = i16::try_from(row)?;
                let format = ImageFormat::Z_PIXMAP;
                Outcome::Ok(
                    self.connection
                        .get_image(format, self.root, 0, row, self.width, 1, u32::MAX)?,
                )
            })
            .collect::<Outcome<_>>()?;
        let mut bytes = Vec::new();
        for row in asked {
            bytes.extend(row.reply()?.data);
        }
        Ok(Picture::of(bytes))
    }
}

impl Picture {
    fn of(bytes: Vec<u8>) -> Self {
        let mut pixels: Vec<&[u8]> = bytes.chunks_exact(4).collect();
        pixels.sort_unstable();
        let background = pixels
            .chunk_by(|one, next| one == next)
            .map(<[_]>::len)
            .max()
            .unwrap_or(0);
        let drawn = pixels.len() - background;
        Self { bytes, drawn }
    }

    /// Whether nothing was drawn yet: one colour, as of a window whose page did not come.
    pub(super) fn is_blank(&self) -> bool {
        self.drawn < 100
    }

    /// Whether this is that picture, save for what blinks.
    pub(super) fn is(&self, that: &Self) -> bool {
        let pairs = self.bytes.chunks_exact(4).zip(that.bytes.chunks_exact(4));
        let different = pairs.filter(|(one, other)| one != other).count();
        let drawn = u32::try_from(that.drawn).unwrap_or(u32::MAX);
        let different = u32::try_from(different).unwrap_or(u32::MAX);
        self.bytes.len() == that.bytes.len() && f64::from(different) <= f64::from(drawn) * ALIKE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: &[u8]) -> Picture {
        Picture::of(pixels.iter().flat_map(|pixel| [*pixel; 4]).collect())
    }

    #[test]
    fn a_picture_is_another_one_save_for_a_cursor() {
        let text: Vec<u8> = (0..400).map(|place| u8::from(place % 2 == 0)).collect();
        let mut blinked = text.clone();
        blinked[1] = 1;
        assert!(picture(&text).is(&picture(&text)));
        assert!(picture(&blinked).is(&picture(&text)));
        assert!(!picture(&[0; 400]).is(&picture(&text)));
        assert!(!picture(&[1; 400]).is(&picture(&[0; 400])));
    }
}
