//! A patient's record, and the earlier versions of it.

use serde::{Deserialize, Serialize};

use super::PatientId;

/// As the centre's `gender` enumeration has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "UPPERCASE")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Neither, or not said.
    Other,
}
super::words!(Sex { Male => "MALE", Female => "FEMALE", Other => "OTHER" });

/// A date of birth, or only its year where nobody knows the day: `1961-03-12` or `1961`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(type = String)]
pub struct Born(String);

impl Born {
    /// The year of birth, 1850 to 9999.
    pub fn year(&self) -> i16 {
        self.0[..4].parse().unwrap_or_default()
    }

    /// `1961-03-12` or `1961`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not a date of the calendar, not a year, or before 1850.
#[derive(Debug, thiserror::Error)]
#[error("a birth is a year (1961) or a date of the calendar (1961-03-12), from 1850 on")]
pub struct InvalidBorn;

impl TryFrom<String> for Born {
    type Error = InvalidBorn;

    fn try_from(text: String) -> Result<Self, InvalidBorn> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let whole = match text.len() {
            4 => digits(&text),
            10 => text
                .parse::<jiff::civil::Date>()
                .is_ok_and(|date| date.to_string() == text),
            _ => false,
        };
        let year = text.get(..4).and_then(|year| year.parse::<i16>().ok());
        if whole && year.is_some_and(|year| year >= 1850) {
            Ok(Self(text))
        } else {
            Err(InvalidBorn)
        }
    }
}

impl std::str::FromStr for Born {
    type Err = InvalidBorn;

    fn from_str(text: &str) -> Result<Self, InvalidBorn> {
        text.to_owned().try_into()
    }
}

impl From<Born> for String {
    fn from(born: Born) -> Self {
        born.0
    }
}

/// What a person types about a patient. Only the name is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct PatientDraft {
    /// As written, 1 to 200 characters.
    pub full_name: String,
    /// Date or year.
    pub born: Option<Born>,
    /// Male, female or other.
    pub sex: Option<Sex>,
    /// As written; searched by its digits.
    pub phone: Option<String>,
    /// National identity number as written (in Vietnam the 12-digit CCCD).
    pub national_id: Option<String>,
    /// As written.
    pub address: Option<String>,
}

/// What a patient said about having photos analysed elsewhere: prepared, without name and metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct CloudConsent {
    /// Yes; otherwise it was refused, or given once and withdrawn.
    pub given: bool,
    /// When it was recorded, RFC 3339, UTC.
    pub at: String,
    /// Full name of who recorded it; empty where that person is not known here.
    pub by: String,
}

/// A patient's record as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Patient {
    /// Local key.
    pub id: PatientId,
    /// Counts the edits, from 1.
    pub revision: u32,
    /// What the record says.
    #[serde(flatten)]
    pub draft: PatientDraft,
    /// Nothing of theirs is deleted.
    pub legal_hold: bool,
    /// Whether their photos may be analysed elsewhere; `None` where nobody has asked.
    pub cloud_consent: Option<CloudConsent>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

impl Patient {
    /// Whether their photos may be analysed elsewhere: only what was said counts.
    pub fn lets_photos_out(&self) -> bool {
        self.cloud_consent.as_ref().is_some_and(|said| said.given)
    }
}

/// What a record said before an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct PatientVersion {
    /// The revision that said so.
    pub revision: u32,
    /// What it said.
    pub draft: PatientDraft,
    /// Whether nothing of theirs could be deleted.
    pub legal_hold: bool,
    /// Whether their photos could be analysed elsewhere.
    pub cloud_consent: Option<CloudConsent>,
    /// When it stopped to be current, RFC 3339, UTC.
    pub replaced_at: String,
    /// Full name of who changed it.
    pub replaced_by: String,
}

#[cfg(test)]
mod tests {
    use super::Born;

    #[test]
    fn a_birth_is_a_year_or_a_real_date() {
        for good in ["1961", "1961-03-12", "2024-02-29"] {
            assert_eq!(good.parse::<Born>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "61",
            "1849",
            "1961-3-12",
            "1961-02-30",
            "12/03/1961",
            "196a",
            "١٩٦١",
        ] {
            assert!(bad.parse::<Born>().is_err(), "{bad}");
        }
        assert_eq!("1961-03-12".parse::<Born>().unwrap().year(), 1961);
    }
}
