//! The photographs that are prepared: drawn, then encoded with 4:2:0 as phones do, once, under `target/bench`. Drawn skin is
//! smoother than skin; quality 95 gives decoders as many bytes as they meet in a phone's photo, 3.4 MB for 12 megapixels.

use std::fs;
use std::path::{Path, PathBuf};

use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::python::Python;

use crate::program::{self, Outcome};

/// One that is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Photo {
    /// 4032×3024.
    Megapixels12,
    /// 8000×6000.
    Megapixels48,
}

/// Reads width, height and path, and RGB from standard input.
const ENCODE: &str = r"
import pathlib, sys
from PIL import Image
width, height, path = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
half = path.with_suffix('.half')
Image.frombytes('RGB', (width, height), sys.stdin.buffer.read()).save(half, 'JPEG', quality=95)
half.rename(path)
";

impl Photo {
    /// Where it is; draws it the first time.
    pub(crate) fn path(self, python: &Python) -> Outcome<PathBuf> {
        let (width, height): (u32, u32) = match self {
            Self::Megapixels12 => (4032, 3024),
            Self::Megapixels48 => (8000, 6000),
        };
        let path = program::folder("photos")?.join(format!("{width}x{height}-q95.jpg"));
        if !path.exists() {
            eprintln!("drawing a photo of {width}×{height}");
            let rgb = Lesion::new(1, width, height).rgb();
            let (width, height) = (width.to_string(), height.to_string());
            python.run(ENCODE, &[Path::new(&width), Path::new(&height), &path], &rgb);
            eprintln!("{} bytes", path.metadata()?.len());
        }
        Ok(path)
    }

    /// Its bytes.
    pub(crate) fn read(self, python: &Python) -> Outcome<Vec<u8>> {
        Ok(fs::read(self.path(python)?)?)
    }
}

/// The same picture with a number in a comment: other bytes, so that nobody takes it for a copy.
pub(crate) fn numbered(jpeg: &[u8], number: u64) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2);
    let comment = [0xff, 0xfe, 0, 10];
    [start, &comment, &number.to_be_bytes(), rest].concat()
}
