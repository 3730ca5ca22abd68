//! What kind of file it is, by its first bytes and never by its name.

use super::Format;
use crate::refusal::Refusal;

/// The format of a picture that is read, or a refusal that names what came instead.
pub(super) fn format(file: &[u8]) -> Result<Format, Refusal> {
    if file.is_empty() {
        return Err(Refusal::Empty);
    }
    let starts = |magic: &[u8]| file.starts_with(magic);
    // A few bytes of a true beginning are a photo whose transfer stopped at once.
    let begins = |magic: &[u8]| starts(magic) || (magic.starts_with(file) && file.len() >= 2);

    if begins(b"\xff\xd8\xff") {
        Ok(Format::Jpeg)
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        Ok(Format::Png)
    } else if starts(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
        Ok(Format::Webp)
    } else if [b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b"]
        .iter()
        .any(|magic| starts(*magic))
    {
        Ok(Format::Tiff)
    } else if is_bitmap(file) {
        Ok(Format::Bmp)
    } else if let Some(brand) = file.get(8..12).filter(|_| file.get(4..8) == Some(b"ftyp")) {
        Err(media_container(brand))
    } else if let Some(what) = other_picture(file) {
        Err(Refusal::Unsupported {
            what: what.to_owned(),
        })
    } else {
        Err(Refusal::NotAnImage {
            looks_like: looks_like(file).to_owned(),
        })
    }
}

/// Two letters are too few to go by: the length of the second header must be one that exists.
fn is_bitmap(file: &[u8]) -> bool {
    file.starts_with(b"BM")
        && matches!(
            file.get(14..18),
            Some([12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])
        )
}

/// HEIC, AVIF and videos share one container; the brand tells them apart (ISO/IEC 14496-12, 23008-12).
fn media_container(brand: &[u8]) -> Refusal {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"mif1" | b"mif2"
        | b"msf1" | b"avif" | b"avis" => Refusal::Heic,
        b"jxl " => Refusal::Unsupported {
            what: "JPEG XL".to_owned(),
        },
        b"crx " => Refusal::Unsupported {
            what: "A camera's raw file".to_owned(),
        },
        _ => Refusal::NotAnImage {
            looks_like: "a video".to_owned(),
        },
    }
}

fn other_picture(file: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"GIF8", "GIF"),
        (b"8BPS", "A Photoshop file"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"\0\0\x01\0", "An icon file"),
        (b"FUJIFILM", "A camera's raw file"),
        (b"IIRO", "A camera's raw file"),
    ];
    if file.get(128..132) == Some(b"DICM") {
        return Some("DICOM");
    }
    KNOWN
        .iter()
        .find(|(magic, _)| file.starts_with(magic))
        .map(|(_, name)| *name)
}

fn looks_like(file: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or an Office document"),
        (b"\xd0\xcf\x11\xe0", "an Office document"),
        (b"\x1f\x8b", "a compressed archive"),
        (b"7z\xbc\xaf", "a compressed archive"),
        (b"Rar!", "a compressed archive"),
        (b"MZ", "a program"),
        (b"\x7fELF", "a program"),
    ];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| file.starts_with(magic)) {
        return name;
    }
    let head = &file[..file.len().min(1024)];
    if head.iter().all(|byte| *byte == 0) {
        return "a file of zeros, as an interrupted copy leaves it";
    }
    let text = String::from_utf8_lossy(head)
        .trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t'])
        .to_lowercase();
    if ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| text.starts_with(tag))
        || text.contains("<html")
    {
        "a web page"
    } else if text.contains("<svg") {
        "an SVG drawing"
    } else if text.starts_with("<?xml") {
        "an XML document"
    } else if head
        .iter()
        .all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r'))
    {
        "text"
    } else {
        "data of an unknown kind"
    }
}
