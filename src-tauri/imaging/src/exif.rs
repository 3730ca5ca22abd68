//! The five EXIF tags that are kept: date (with fraction and offset), make, model and orientation.
//!
//! A reader of our own because a general one walks every directory, the position and the serial numbers
//! with it. This one looks up its tags by number in two directories and touches nothing else.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::raster::Orientation;

/// When the shutter opened, by the camera's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenAt {
    /// Date and time on the camera's display, with the fraction of a second where it is given.
    pub local: DateTime,
    /// The camera's offset from UTC, where it knows it.
    #[serde(with = "offset_seconds")]
    pub offset: Option<Offset>,
}

impl TakenAt {
    /// The instant, if the camera knew its offset.
    pub fn instant(&self) -> Option<Timestamp> {
        self.offset?.to_timestamp(self.local).ok()
    }
}

/// What is kept of an EXIF block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Exif {
    pub(super) orientation: Orientation,
    pub(super) taken_at: Option<TakenAt>,
    pub(super) camera: Option<String>,
}

const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const EXIF_DIRECTORY: u16 = 0x8769;
const DATE_TIME_ORIGINAL: u16 = 0x9003;
const OFFSET_TIME_ORIGINAL: u16 = 0x9011;
const SUB_SEC_TIME_ORIGINAL: u16 = 0x9291;

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;

const LONGEST_CAMERA: usize = 80;

impl Exif {
    /// Reads a TIFF structure: the EXIF block of a JPEG, PNG or WebP, or a whole TIFF file. What is
    /// broken is left out: metadata never costs a photo.
    pub(super) fn read(tiff: &[u8]) -> Self {
        let Some(main) = Directory::first(tiff) else {
            return Self::default();
        };
        let detail = main.number(EXIF_DIRECTORY).and_then(|at| main.at(at));
        Self {
            orientation: Orientation::from_exif(main.number(ORIENTATION).unwrap_or(1)),
            taken_at: detail.as_ref().and_then(taken_at),
            camera: camera(main.text(MAKE), main.text(MODEL)),
        }
    }
}

/// Whether a TIFF structure's first directory has `tag`.
pub(super) fn has_tag(tiff: &[u8], tag: u16) -> bool {
    Directory::first(tiff).is_some_and(|main| main.entry(tag).is_some())
}

/// The bytes of `tag` in a TIFF structure's first directory, if they are stored outside the table.
pub(super) fn bytes(tiff: &[u8], tag: u16) -> Option<&[u8]> {
    let main = Directory::first(tiff)?;
    let entry = main
        .entry(tag)
        .filter(|entry| main.short(&entry[2..]) == UNDEFINED)?;
    let length = main.long(&entry[4..]) as usize;
    tiff.get(main.long(&entry[8..]) as usize..)?.get(..length)
}

/// One directory of a TIFF structure: a count and twelve bytes an entry.
struct Directory<'a> {
    tiff: &'a [u8],
    entries: &'a [u8],
    big_endian: bool,
}

impl<'a> Directory<'a> {
    fn first(tiff: &'a [u8]) -> Option<Self> {
        let big_endian = match tiff.get(..4)? {
            b"II\x2a\x00" => false,
            b"MM\x00\x2a" => true,
            _ => return None,
        };
        let header = Self {
            tiff,
            entries: &[],
            big_endian,
        };
        header.at(header.long(tiff.get(4..8)?))
    }

    fn at(&self, offset: u32) -> Option<Self> {
        let table = self.tiff.get(offset as usize..)?;
        let count = usize::from(self.short(table.get(..2)?));
        let entries = table.get(2..2 + count * 12)?;
        Some(Self { entries, ..*self })
    }

    fn entry(&self, tag: u16) -> Option<&'a [u8]> {
        self.entries
            .chunks_exact(12)
            .find(|entry| self.short(entry) == tag)
    }

    fn number(&self, tag: u16) -> Option<u32> {
        let entry = self.entry(tag)?;
        match self.short(&entry[2..]) {
            SHORT => Some(u32::from(self.short(&entry[8..]))),
            LONG => Some(self.long(&entry[8..])),
            _ => None,
        }
    }

    fn text(&self, tag: u16) -> Option<&'a str> {
        let entry = self.entry(tag)?;
        if self.short(&entry[2..]) != ASCII {
            return None;
        }
        let length = self.long(&entry[4..]) as usize;
        let bytes = if length <= 4 {
            &entry[8..8 + length]
        } else {
            self.tiff.get(self.long(&entry[8..]) as usize..)?.get(..length)?
        };
        let text = bytes.split(|byte| *byte == 0).next()?;
        std::str::from_utf8(text)
            .ok()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The callers hand over at least two bytes.
    fn short(&self, bytes: &[u8]) -> u16 {
        let two = [bytes[0], bytes[1]];
        if self.big_endian {
            u16::from_be_bytes(two)
        } else {
            u16::from_le_bytes(two)
        }
    }

    /// The callers hand over at least four bytes.
    fn long(&self, bytes: &[u8]) -> u32 {
        let four = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if self.big_endian {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        }
    }
}

fn taken_at(detail: &Directory<'_>) -> Option<TakenAt> {
    let (date, time) = detail.text(DATE_TIME_ORIGINAL)?.split_once(' ')?;
    let [year, month, day] = numbers(date)?;
    let [hour, minute, second] = numbers(time)?;
    let nanosecond = detail
        .text(SUB_SEC_TIME_ORIGINAL)
        .and_then(nanoseconds)
        .unwrap_or(0);
    // A leap second or a camera that counts to 60 is not worth losing the time for.
    let time = Time::new(
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.min(59).try_into().ok()?,
        nanosecond,
    );
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?);
    Some(TakenAt {
        local: date.ok()?.to_datetime(time.ok()?),
        offset: detail.text(OFFSET_TIME_ORIGINAL).and_then(offset),
    })
}

/// `2026:11:23` or `14:05:09` as three numbers.
fn numbers(text: &str) -> Option<[i16; 3]> {
    let mut parts = text.split(':').map(|part| part.trim().parse().ok());
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

/// The digits after the decimal point of a second.
fn nanoseconds(digits: &str) -> Option<i32> {
    let digits: String = digits.chars().take(9).collect();
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<9}").parse().ok()
}

/// `+07:00`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    // The widest offsets in use are −12:00 and +14:00.
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Many cameras repeat the make in the model.
fn camera(make: Option<&str>, model: Option<&str>) -> Option<String> {
    let name = match (make, model) {
        (Some(make), Some(model)) if model.to_lowercase().starts_with(&make.to_lowercase()) => {
            model.to_owned()
        }
        (Some(make), Some(model)) => format!("{make} {model}"),
        (make, model) => make.or(model)?.to_owned(),
    };
    let name: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_CAMERA)
        .collect();
    Some(name)
}

/// `jiff` gives an offset no serial form; seconds east of UTC are one.
mod offset_seconds {
    use jiff::tz::Offset;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(offset: &Option<Offset>, out: S) -> Result<S::Ok, S::Error> {
        offset.map(Offset::seconds).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Offset>, D::Error> {
        Option::<i32>::deserialize(input)?
            .map(Offset::from_seconds)
            .transpose()
            .map_err(D::Error::custom)
    }
}
