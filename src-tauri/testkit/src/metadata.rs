//! What a camera writes beside the pixels: EXIF with a position and serial numbers that must never be
//! seen again, and a colour profile.

use std::io::Read;

use flate2::read::ZlibEncoder;
use flate2::{Compression, Crc};

/// Marks that a test looks for in everything that is stored. They stand where a camera writes its
/// serial numbers and its owner.
pub const SECRETS: [&str; 3] = ["SERIAL-CANARY-4711", "LENS-CANARY-0815", "OWNER-CANARY-NGUYEN"];

/// Degrees, minutes and seconds north and east that a test looks for, as the bytes of an EXIF position.
pub const POSITION: [[u32; 2]; 6] = [[21, 1], [1, 1], [4242, 100], [105, 1], [51, 1], [1717, 100]];

/// What to write. The default is a camera held upright that says nothing but its position, owner and
/// serial numbers.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// EXIF orientation, 1 to 8; `None` leaves the tag out.
    pub orientation: Option<u16>,
    /// `2026:11:23 14:05:09`.
    pub taken_at: Option<String>,
    /// Digits after the second's decimal point.
    pub sub_seconds: Option<String>,
    /// `+07:00`.
    pub offset: Option<String>,
    /// Maker of the camera.
    pub make: Option<String>,
    /// Model of the camera.
    pub model: Option<String>,
    /// An ICC profile, for instance [`display_p3`].
    pub icc: Option<Vec<u8>>,
}

impl Metadata {
    /// Only an orientation.
    pub fn turned(orientation: u16) -> Self {
        Self {
            orientation: Some(orientation),
            ..Self::default()
        }
    }

    /// A phone's photo with everything in it.
    pub fn of_a_phone() -> Self {
        Self {
            orientation: Some(6),
            taken_at: Some("2026:11:23 14:05:09".to_owned()),
            sub_seconds: Some("123".to_owned()),
            offset: Some("+07:00".to_owned()),
            make: Some("Lotus".to_owned()),
            model: Some("Lotus P9 (mẫu)".to_owned()),
            icc: Some(display_p3()),
        }
    }

    /// The EXIF block: a little-endian TIFF structure without the `Exif\0\0` in front.
    pub fn exif(&self) -> Vec<u8> {
        let mut main = Directory::default();
        main.text(0x010f, self.make.as_deref());
        main.text(0x0110, self.model.as_deref());
        main.short(0x0112, self.orientation);
        main.text(0x013b, Some(SECRETS[2]));
        let mut detail = Directory::default();
        detail.text(0x9003, self.taken_at.as_deref());
        detail.text(0x9011, self.offset.as_deref());
        detail.text(0x9291, self.sub_seconds.as_deref());
        detail.text(0xa431, Some(SECRETS[0]));
        detail.text(0xa435, Some(SECRETS[1]));
        let mut position = Directory::default();
        position.text(0x0001, Some("N"));
        position.rationals(0x0002, &POSITION[..3]);
        position.text(0x0003, Some("E"));
        position.rationals(0x0004, &POSITION[3..]);

        let detail_at = 8 + main.length() + 24;
        let position_at = detail_at + detail.length();
        main.long(0x8769, detail_at);
        main.long(0x8825, position_at);
        let mut block = b"II\x2a\0\x08\0\0\0".to_vec();
        for (directory, at) in [(&main, 8), (&detail, detail_at), (&position, position_at)] {
            assert_eq!(block.len(), at as usize, "directories lie one behind the other");
            block.extend(directory.written_at(at));
        }
        block
    }

    /// Puts EXIF and profile behind the first marker of a JPEG.
    pub fn in_jpeg(&self, jpeg: &[u8]) -> Vec<u8> {
        let mut with = jpeg[..2].to_vec();
        segment(&mut with, 0xe1, &[b"Exif\0\0", self.exif().as_slice()].concat());
        if let Some(icc) = &self.icc {
            let pieces: Vec<_> = icc.chunks(60_000).collect();
            let of = u8::try_from(pieces.len()).expect("a profile of few pieces");
            for (number, piece) in (1..=of).zip(pieces) {
                segment(
                    &mut with,
                    0xe2,
                    &[b"ICC_PROFILE\0", [number, of].as_slice(), piece].concat(),
                );
            }
        }
        with.extend(&jpeg[2..]);
        with
    }

    /// Puts EXIF and profile behind the header of a PNG.
    pub fn in_png(&self, png: &[u8]) -> Vec<u8> {
        const HEADER_END: usize = 8 + 25;
        let mut with = png[..HEADER_END].to_vec();
        if let Some(icc) = &self.icc {
            with.extend(png_chunk(
                b"iCCP",
                &[b"profile\0\0", zlib(icc.as_slice()).as_slice()].concat(),
            ));
        }
        with.extend(png_chunk(b"eXIf", &self.exif()));
        with.extend(&png[HEADER_END..]);
        with
    }
}

/// A PNG chunk with length and checksum.
pub fn png_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(body.len())
        .expect("a chunk under 4 GB")
        .to_be_bytes()
        .to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let mut checksum = Crc::new();
    checksum.update(&chunk[4..]);
    chunk.extend(checksum.sum().to_be_bytes());
    chunk
}

/// `content` as a zlib stream.
pub fn zlib(content: impl Read) -> Vec<u8> {
    let mut stream = Vec::new();
    ZlibEncoder::new(content, Compression::fast())
        .read_to_end(&mut stream)
        .expect("memory compresses");
    stream
}

/// An ICC profile of the Display P3 colours that phones use: matrix and curve, version 4.
pub fn display_p3() -> Vec<u8> {
    // Colorants of the P3 primaries adapted to D50 (SMPTE EG 432-1 with the Bradford transform).
    let colorants = [
        (b"rXYZ", [0.515_12, 0.241_20, -0.001_05]),
        (b"gXYZ", [0.291_98, 0.692_25, 0.041_89]),
        (b"bXYZ", [0.157_10, 0.066_57, 0.784_07]),
        (b"wtpt", [0.964_20, 1.0, 0.824_91]),
    ];
    let mut tags: Vec<(&[u8; 4], Vec<u8>)> = colorants
        .iter()
        .map(|(name, xyz)| {
            (
                *name,
                [
                    b"XYZ \0\0\0\0".to_vec(),
                    xyz.iter().flat_map(|v| fixed(*v)).collect(),
                ]
                .concat(),
            )
        })
        .collect();
    // sRGB's curve in parametric form (IEC 61966-2-1): g, a, b, c, d.
    let curve: Vec<u8> = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45]
        .iter()
        .flat_map(|v| fixed(*v))
        .collect();
    let curve = [b"para\0\0\0\0\0\x03\0\0".to_vec(), curve].concat();
    tags.extend([
        (b"rTRC", curve.clone()),
        (b"gTRC", curve.clone()),
        (b"bTRC", curve),
    ]);

    let mut table = u32::try_from(tags.len())
        .expect("seven tags")
        .to_be_bytes()
        .to_vec();
    let mut content = Vec::new();
    let content_at = 128 + 4 + tags.len() * 12;
    for (name, tag) in &tags {
        table.extend(*name);
        table.extend(
            u32::try_from(content_at + content.len())
                .expect("a small profile")
                .to_be_bytes(),
        );
        table.extend(u32::try_from(tag.len()).expect("a small tag").to_be_bytes());
        content.extend(tag);
        content.resize(content.len().next_multiple_of(4), 0);
    }
    let mut header = vec![0; 128];
    let size = u32::try_from(content_at + content.len()).expect("a small profile");
    header[..4].copy_from_slice(&size.to_be_bytes());
    header[8..12].copy_from_slice(&[4, 0x30, 0, 0]);
    header[12..24].copy_from_slice(b"mntrRGB XYZ ");
    header[36..40].copy_from_slice(b"acsp");
    header[68..80].copy_from_slice(
        &[0.9642, 1.0, 0.8249]
            .iter()
            .flat_map(|v| fixed(*v))
            .collect::<Vec<_>>(),
    );
    [header, table, content].concat()
}

/// Signed 15.16 fixed point, as ICC profiles have it.
fn fixed(value: f64) -> [u8; 4] {
    ((value * 65_536.0).round() as i32).to_be_bytes()
}

fn segment(jpeg: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).expect("a segment under 64 kB");
    jpeg.extend([0xff, marker]);
    jpeg.extend(length.to_be_bytes());
    jpeg.extend(body);
}

/// Entries of one EXIF directory, in the order they are added.
#[derive(Default)]
struct Directory {
    entries: Vec<(u16, u16, u32, Vec<u8>)>,
}

impl Directory {
    fn text(&mut self, tag: u16, text: Option<&str>) {
        if let Some(text) = text {
            let bytes = [text.as_bytes(), b"\0"].concat();
            self.entries
                .push((tag, 2, u32::try_from(bytes.len()).expect("a short text"), bytes));
        }
    }

    fn short(&mut self, tag: u16, number: Option<u16>) {
        if let Some(number) = number {
            self.entries.push((tag, 3, 1, number.to_le_bytes().to_vec()));
        }
    }

    fn long(&mut self, tag: u16, number: u32) {
        self.entries.push((tag, 4, 1, number.to_le_bytes().to_vec()));
    }

    fn rationals(&mut self, tag: u16, numbers: &[[u32; 2]]) {
        let bytes = numbers
            .as_flattened()
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        self.entries.push((
            tag,
            5,
            u32::try_from(numbers.len()).expect("three numbers"),
            bytes,
        ));
    }

    fn length(&self) -> u32 {
        let values: usize = self.entries.iter().map(|(.., value)| outside(value)).sum();
        u32::try_from(6 + self.entries.len() * 12 + values).expect("a small directory")
    }

    fn written_at(&self, at: u32) -> Vec<u8> {
        let count = u16::try_from(self.entries.len()).expect("few entries");
        let mut table = count.to_le_bytes().to_vec();
        let mut values = Vec::new();
        let values_at = at as usize + 6 + self.entries.len() * 12;
        for (tag, kind, count, value) in &self.entries {
            table.extend(tag.to_le_bytes());
            table.extend(kind.to_le_bytes());
            table.extend(count.to_le_bytes());
            if outside(value) == 0 {
                let mut inline = value.clone();
                inline.resize(4, 0);
                table.extend(inline);
            } else {
                table.extend(
                    u32::try_from(values_at + values.len())
                        .expect("a small block")
                        .to_le_bytes(),
                );
                values.extend(value);
                values.resize(values.len().next_multiple_of(2), 0);
            }
        }
        table.extend([0; 4]);
        table.extend(values);
        table
    }
}

/// Bytes that a value takes behind the table: none if it fits into its entry.
fn outside(value: &[u8]) -> usize {
    if value.len() <= 4 {
        0
    } else {
        value.len().next_multiple_of(2)
    }
}
