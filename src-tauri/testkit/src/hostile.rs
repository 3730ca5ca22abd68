//! Files that come where a photo is expected: broken, mistaken, and made to do harm.

use std::io::{Cursor, Read};

use image::{DynamicImage, ImageFormat, RgbImage};

use crate::lesion::Lesion;
use crate::metadata::{png_chunk, zlib};

/// One such file.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// The name it comes with, which may lie.
    pub name: &'static str,
    /// The refusal it is to get, as the `refusal` field of its serial form.
    pub refusal: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// All of them. Each is small, whatever it claims.
pub fn files() -> Vec<Hostile> {
    let mut files = mistaken();
    files.extend(broken());
    files.extend(oversized());
    files.extend(bombs());
    files
}

/// Not photos at all, or of a kind that is not read.
fn mistaken() -> Vec<Hostile> {
    let dicom = [vec![0; 128], b"DICM\x02\0\0\0".to_vec()].concat();
    let camera_raw = b"II\x2a\0\x10\0\0\0CR\x02\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    [
        ("empty.jpg", "empty", Vec::new()),
        (
            "login.jpg",
            "not_an_image",
            b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>".to_vec(),
        ),
        (
            "spaced.jpg",
            "not_an_image",
            b"\xef\xbb\xbf\r\n  <html lang=\"vi\"><body></body></html>".to_vec(),
        ),
        (
            "letter.jpg",
            "not_an_image",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
        ),
        (
            "archive.jpg",
            "not_an_image",
            b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(),
        ),
        ("zeros.jpg", "not_an_image", vec![0; 70_000]),
        ("note.jpg", "not_an_image", "BM, ảnh tổn thương ở cánh tay".into()),
        (
            "clip.jpg",
            "not_an_image",
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec(),
        ),
        (
            "IMG_0001.HEIC",
            "heic",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat".to_vec(),
        ),
        (
            "IMG_0002.jpg",
            "heic",
            b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf".to_vec(),
        ),
        (
            "photo.avif",
            "heic",
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec(),
        ),
        (
            "moving.gif",
            "unsupported",
            b"GIF89a\x40\0\x40\0\x80\0\0".to_vec(),
        ),
        ("study.dcm", "unsupported", dicom),
        ("raw.cr2", "unsupported", camera_raw),
    ]
    .map(|(name, refusal, bytes)| Hostile { name, refusal, bytes })
    .into()
}

/// Photos that are damaged, cut short or too small.
fn broken() -> Vec<Hostile> {
    let lesion = Lesion::new(11, 320, 240);
    let jpeg = lesion.jpeg(90);
    let png = lesion.png();
    let webp = encoded(ImageFormat::WebP);
    let tiff = encoded(ImageFormat::Tiff);
    let bmp = encoded(ImageFormat::Bmp);
    let most = |bytes: &[u8]| bytes[..bytes.len() * 3 / 5].to_vec();

    // Cut, and closed with an end marker as if nothing were missing.
    let mut closed = most(&jpeg);
    closed.extend([0xff, 0xd9]);
    let mut flipped = png.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let headless = [&png[..8], png_chunk(b"IEND", &[]).as_slice()].concat();
    [
        ("cut.jpg", "truncated", most(&jpeg)),
        ("header-only.jpg", "truncated", jpeg[..20].to_vec()),
        ("first-bytes.jpg", "truncated", jpeg[..3].to_vec()),
        ("closed.jpg", "truncated", closed),
        ("cut.png", "truncated", most(&png)),
        ("cut.webp", "truncated", most(&webp)),
        ("cut.tif", "truncated", most(&tiff)),
        ("cut.bmp", "truncated", most(&bmp)),
        ("flipped.png", "decoder_failed", flipped),
        ("headless.png", "decoder_failed", headless),
        ("49x49.jpg", "too_small", Lesion::new(12, 49, 49).jpeg(90)),
        ("49x400.png", "too_small", Lesion::new(12, 49, 400).png()),
    ]
    .map(|(name, refusal, bytes)| Hostile { name, refusal, bytes })
    .into()
}

/// Small files that claim a picture of more than 100 megapixels.
fn oversized() -> Vec<Hostile> {
    let mut jpeg = Lesion::new(13, 64, 64).jpeg(90);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .expect("a baseline frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let mut bmp = encoded(ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
    let mut webp = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    webp.extend([0xff, 0xff, 0, 0xff, 0xff, 0, b'V', b'P', b'8', b'L', 0, 0, 0, 0]);
    [
        // One kilobyte that claims 65,535 pixels square at 16 bits.
        ("claims-65535.png", png(65_535, 65_535, 16, 6, &[], &[0; 900])),
        // 900 megapixels of one bit, all there, in about 100 kB.
        (
            "30000-one-bit.png",
            png(
                30_000,
                30_000,
                1,
                0,
                &[],
                &zlib(std::io::repeat(0).take(3751 * 30_000)),
            ),
        ),
        ("claims-65500.jpg", jpeg),
        ("claims-65535.bmp", bmp),
        ("claims-65536.webp", webp),
    ]
    .map(|(name, bytes)| Hostile {
        name,
        refusal: "too_large",
        bytes,
    })
    .into()
}

/// Small pictures with a part that unpacks to 256 MB.
fn bombs() -> Vec<Hostile> {
    let huge = zlib(std::io::repeat(b' ').take(256 * 1024 * 1024));
    let pixels = zlib([0; 65 * 64].as_slice());
    let with = |kind, front: &[u8]| {
        png(
            64,
            64,
            8,
            0,
            &[(kind, [front, huge.as_slice()].concat())],
            &pixels,
        )
    };
    // Text that stays under any limit for one piece, in many pieces.
    let piece = [
        b"Comment\0\0".as_slice(),
        &zlib(std::io::repeat(b' ').take(1024 * 1024)),
    ]
    .concat();
    let pieces = vec![(b"zTXt", piece); 40];
    [
        ("profile.png", with(b"iCCP", b"profile\0\0")),
        ("text.png", with(b"zTXt", b"Comment\0\0")),
        ("international.png", with(b"iTXt", b"Comment\0\x01\0vi\0ghi\0")),
        ("many-texts.png", png(64, 64, 8, 0, &pieces, &pixels)),
    ]
    .map(|(name, bytes)| Hostile {
        name,
        refusal: "bomb",
        bytes,
    })
    .into()
}

/// A PNG of the given header, extra chunks and packed picture data.
fn png(
    width: u32,
    height: u32,
    depth: u8,
    colour: u8,
    extra: &[(&[u8; 4], Vec<u8>)],
    data: &[u8],
) -> Vec<u8> {
    let header = [
        width.to_be_bytes().as_slice(),
        &height.to_be_bytes(),
        &[depth, colour, 0, 0, 0],
    ]
    .concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(png_chunk(b"IHDR", &header));
    extra
        .iter()
        .for_each(|(kind, body)| file.extend(png_chunk(kind, body)));
    file.extend(png_chunk(b"IDAT", data));
    file.extend(png_chunk(b"IEND", &[]));
    file
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let lesion = Lesion::new(11, 320, 240);
    let picture =
        RgbImage::from_raw(lesion.width, lesion.height, lesion.rgb()).expect("a buffer of this size");
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut file, format)
        .expect("an RGB picture encodes");
    file.into_inner()
}
