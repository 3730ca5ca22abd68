//! How long records are kept: which patient's, or which photos', have been kept long enough. Pure: facts, years and the
//! time go in, the decision comes out.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::PatientId;

/// What is let go as one. A photo takes its images, analyses, notes and acknowledgements along; a patient takes everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum RetainedKind {
    Patient,
    Photo,
}

/// The fewest years that an out-patient's record is kept after the last contact: ten. Law on Medical Examination and
/// Treatment of Vietnam, No. 40/2009/QH12, Article 59, clause 3, point b: in-patients' and out-patients' records at least 10
/// years (15 after accidents at work or in daily life, 20 for mental patients and the deceased). The Hospital Regulation,
/// Decision 1895/1997/QD-BYT, says the same. Law No. 15/2023/QH15 took its place in 2024; the older, longer-standing figure
/// stays the floor here, and a clinic whose records fall under a longer one sets more years or a legal hold.
pub const PATIENT_FLOOR: u16 = 10;

/// The fewest years for photos with their analyses and notes: ten, as they are part of the out-patient's record, for which the
/// source at [`PATIENT_FLOOR`] makes no exception.
pub const PHOTO_FLOOR: u16 = 10;

/// More years than anybody means; beyond them a calendar date may not exist.
pub const MOST_YEARS: u16 = 150;

impl RetainedKind {
    /// The fewest years that may be set.
    pub const fn floor(self) -> u16 {
        match self {
            Self::Patient => PATIENT_FLOOR,
            Self::Photo => PHOTO_FLOOR,
        }
    }
}

/// Years after the last contact with the patient; `None`: for ever, which is what holds until somebody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
pub struct RetentionYears {
    /// The whole record.
    pub patient: Option<u16>,
    /// Photos with what hangs on them.
    pub photo: Option<u16>,
}

/// Years that may not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("records are kept for at least {floor} and at most {MOST_YEARS} years")]
pub struct YearsNotAllowed {
    /// The fewest.
    pub floor: u16,
}

impl RetentionYears {
    /// Checks both against their floors.
    ///
    /// # Errors
    /// [`YearsNotAllowed`].
    pub fn allowed(self) -> Result<Self, YearsNotAllowed> {
        for (kind, years) in [
            (RetainedKind::Patient, self.patient),
            (RetainedKind::Photo, self.photo),
        ] {
            let floor = kind.floor();
            if years.is_some_and(|years| !(floor..=MOST_YEARS).contains(&years)) {
                return Err(YearsNotAllowed { floor });
            }
        }
        Ok(self)
    }

    /// The fewer of the two: nobody whose last contact is more recent has to be looked at.
    pub fn fewest(self) -> Option<u16> {
        self.patient.into_iter().chain(self.photo).min()
    }
}

/// What the decision needs to know of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contacts {
    /// Who.
    pub patient: PatientId,
    /// The newest photo, analysis or note, or the registration where there is none.
    pub last: Timestamp,
    /// How many photos.
    pub photos: u32,
    /// Nothing of theirs may go.
    pub legal_hold: bool,
    /// Everything of theirs is at the centre, and nothing is on its way.
    pub confirmed: bool,
}

/// What becomes of a patient's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are kept.
    Stays,
    /// They would go, and a legal hold keeps them.
    Held,
    /// They would go, and something of theirs is not at the centre.
    Unconfirmed,
    /// They go.
    Goes(RetainedKind),
}

/// What becomes of a patient's records at that time. A patient never goes before their photos do.
pub fn fate(of: &Contacts, years: RetentionYears, now: Timestamp) -> Fate {
    let over = |years: Option<u16>| years.is_some_and(|years| is_over(of.last, years, now));
    let photos = over(years.photo);
    let whole = over(years.patient) && (photos || of.photos == 0);
    let kind = match (whole, photos && of.photos > 0) {
        (true, _) => RetainedKind::Patient,
        (false, true) => RetainedKind::Photo,
        (false, false) => return Fate::Stays,
    };
    match of {
        Contacts { legal_hold: true, .. } => Fate::Held,
        Contacts { confirmed: false, .. } => Fate::Unconfirmed,
        _ => Fate::Goes(kind),
    }
}

/// Whoever's last contact lies after it is kept in any case: so many calendar years before `now`, in UTC, and two days more, as
/// a leap day is looked at from the other side here.
pub fn cutoff(years: u16, now: Timestamp) -> Option<Timestamp> {
    let now = now.to_zoned(TimeZone::UTC);
    let then = now.checked_sub(Span::new().years(years)).ok()?;
    then.checked_add(Span::new().days(2))
        .ok()
        .map(|then| then.timestamp())
}

fn is_over(last: Timestamp, years: u16, now: Timestamp) -> bool {
    let until = last.to_zoned(TimeZone::UTC).checked_add(Span::new().years(years));
    until.is_ok_and(|until| until.timestamp() <= now)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn contacts(last: &str) -> Contacts {
        Contacts {
            patient: PatientId(Uuid::nil()),
            last: last.parse().unwrap(),
            photos: 3,
            legal_hold: false,
            confirmed: true,
        }
    }

    fn at(of: &Contacts, patient: Option<u16>, photo: Option<u16>, now: &str) -> Fate {
        fate(of, RetentionYears { patient, photo }, now.parse().unwrap())
    }

    #[test]
    fn years_end_on_the_day_and_not_before() {
        let of = contacts("2016-02-29T10:00:00Z");
        let ten = Some(10);
        assert_eq!(at(&of, ten, ten, "2026-02-28T09:59:59Z"), Fate::Stays);
        assert_eq!(
            at(&of, ten, ten, "2026-02-28T10:00:00Z"),
            Fate::Goes(RetainedKind::Patient)
        );
    }

    #[test]
    fn a_patient_never_goes_before_the_photos() {
        let of = contacts("2010-01-01T00:00:00Z");
        let now = "2026-01-02T00:00:00Z";
        assert_eq!(at(&of, Some(20), Some(10), now), Fate::Goes(RetainedKind::Photo));
        assert_eq!(at(&of, Some(10), Some(20), now), Fate::Stays);
        assert_eq!(at(&of, Some(10), None, now), Fate::Stays);
        assert_eq!(at(&of, None, None, now), Fate::Stays);
        let without = Contacts { photos: 0, ..of };
        assert_eq!(
            at(&without, Some(10), Some(20), now),
            Fate::Goes(RetainedKind::Patient)
        );
        assert_eq!(at(&without, None, Some(10), now), Fate::Stays);
    }

    #[test]
    fn a_hold_and_what_is_not_at_the_centre_keep_everything() {
        let of = contacts("2010-01-01T00:00:00Z");
        let now = "2026-01-02T00:00:00Z";
        let held = Contacts {
            legal_hold: true,
            confirmed: false,
            ..of.clone()
        };
        assert_eq!(at(&held, Some(10), Some(10), now), Fate::Held);
        let unconfirmed = Contacts {
            confirmed: false,
            ..of
        };
        assert_eq!(at(&unconfirmed, Some(10), Some(10), now), Fate::Unconfirmed);
    }

    #[test]
    fn no_years_below_the_floor_are_allowed() {
        let years = |patient, photo| RetentionYears { patient, photo }.allowed();
        assert!(years(None, None).is_ok());
        assert!(years(Some(10), Some(150)).is_ok());
        assert_eq!(years(Some(9), None), Err(YearsNotAllowed { floor: 10 }));
        assert_eq!(years(None, Some(0)), Err(YearsNotAllowed { floor: 10 }));
        assert!(years(None, Some(151)).is_err());
    }

    #[test]
    fn nobody_who_goes_is_left_out_by_the_cutoff() {
        for (last, now) in [
            ("2016-02-29T10:00:00Z", "2026-02-28T10:00:00Z"),
            ("2016-11-26T04:00:00Z", "2026-11-26T04:00:00Z"),
            ("2014-03-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ] {
            let (of, now) = (contacts(last), now.parse().unwrap());
            let ten = RetentionYears {
                patient: Some(10),
                photo: Some(10),
            };
            assert_eq!(fate(&of, ten, now), Fate::Goes(RetainedKind::Patient));
            assert!(of.last < cutoff(10, now).unwrap(), "{last}");
        }
    }
}
