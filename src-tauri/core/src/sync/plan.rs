//! What is sent next. Pure: what waits, the time and the line go in, the next steps come out.
//!
//! Order: what is urgent before all the rest; then a record before what refers to it; an analysis only when the object of
//! its image is confirmed (the centre never names an object that is not there). One item that is refused, or waits for its
//! time, holds up none but itself.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    clock,
    store::{Failure, ImagePart, RecordKind, WaitingImage, WaitingRecord},
};

/// Records of one push, at most.
pub const BATCH: u32 = 200;
/// Of what waits so much is looked at together, records and images each. More wait their turn.
pub const LOOKED_AT: u32 = 2000;
/// Changes of one page of the feed, at most: what fits into memory many times over, and commits in a fraction of a second.
pub const PAGE: u32 = 500;

/// No wait is longer. A time further ahead than twice this was noted before the clock was set back.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(50);

/// What the line to the centre is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Everything.
    #[default]
    Everything,
    /// Slow or paid by the byte: records, and the images of urgent cases.
    RecordsAndUrgent,
}

/// What waits.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Now.
    pub now: Timestamp,
    /// What the line is good for.
    pub line: Line,
    /// Records that wait.
    pub records: &'a [WaitingRecord],
    /// Images that wait, in the order in which they should go.
    pub images: &'a [WaitingImage],
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan<'a> {
    /// The next push, in order; never more than [`BATCH`].
    pub push: Vec<&'a WaitingRecord>,
    /// Images to send, in order.
    pub upload: Vec<&'a WaitingImage>,
    /// When there is something to do that is not to be done now.
    pub wake_at: Option<Timestamp>,
}

impl Plan<'_> {
    /// Whether nothing goes by itself, neither now nor later: what waits, if anything, waits for a person or for another line.
    pub const fn is_empty(&self) -> bool {
        self.push.is_empty() && self.upload.is_empty() && self.wake_at.is_none()
    }
}

/// What is next.
pub fn plan(situation: Situation<'_>) -> Plan<'_> {
    let mut due_later = Vec::new();
    let mut may_go = |next_try_at: Option<&str>, failure: Option<Failure>| {
        if failure == Some(Failure::Refused) {
            return false;
        }
        match waits_until(next_try_at, situation.now) {
            Some(until) => {
                due_later.push(until);
                false
            }
            None => true,
        }
    };
    let mut push: Vec<&WaitingRecord> = situation
        .records
        .iter()
        .filter(|waiting| waiting.ready)
        .filter(|waiting| may_go(waiting.attempts.next_try_at.as_deref(), waiting.attempts.failure))
        .collect();
    let upload: Vec<&WaitingImage> = situation
        .images
        .iter()
        .filter(|image| image.patient_at_centre.is_some())
        .filter(|image| situation.line == Line::Everything || image.urgent)
        .filter(|image| may_go(image.attempts.next_try_at.as_deref(), image.attempts.failure))
        .collect();
    if push.iter().any(|waiting| waiting.urgent) {
        push.retain(|waiting| waiting.urgent || waiting.kind == RecordKind::Person);
    }
    push.sort_by_cached_key(|waiting| (waiting.kind, waiting.queued_at.clone(), waiting.record));
    push.truncate(BATCH as usize);
    Plan {
        push,
        upload,
        wake_at: due_later.into_iter().min(),
    }
}

/// How long something is left alone that failed so often in a row: two seconds at first, twice as long each time, never
/// longer than [`LONGEST_WAIT`]. `dice` from 0 to 1 spreads what failed together.
pub fn wait_after(tries: u32, dice: f64) -> SignedDuration {
    let wait = clock::wait_after(tries, LONGEST_WAIT.unsigned_abs(), dice);
    SignedDuration::try_from(wait).unwrap_or(LONGEST_WAIT)
}

/// Uploads at the same time at first.
pub const FIRST_UPLOADS: usize = 2;
/// Never more: enough to fill a line with a round trip of 200 ms.
pub const MOST_UPLOADS: usize = 16;
/// A smaller image tells little of the line.
const TELLING: u64 = 32_000;
/// An upload that took less leaves room for one more.
const QUICK: Duration = Duration::from_secs(2);
/// One that took longer shared the line with too many.
const SLOW: Duration = Duration::from_secs(5);

/// How many uploads at the same time, after one of so many bytes has ended that took so long. Bytes that were handed to the
/// system pass the line even when their upload is given up, so on a slow one few may be under way: what is urgent waits behind
/// them.
pub fn uploads_after(at_once: usize, bytes: u64, took: Duration) -> usize {
    if took > SLOW {
        (at_once / 2).max(1)
    } else if took < QUICK && bytes >= TELLING {
        (at_once + 1).min(MOST_UPLOADS)
    } else {
        at_once
    }
}

/// How many records go together, in either direction, so that what they are carried in is answered in time. A photo's record with
/// its outline is as long as ten of a patient, and a note may be as long as a hundred: the time tells more than the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    now: u32,
    most: u32,
    /// An answer that took less leaves room for more.
    quick: Duration,
    /// One that took longer was of too many.
    slow: Duration,
}

impl Portion {
    /// Of a push, behind which what is urgent waits. The first one takes some two seconds over a line of 256 kbit/s that images
    /// share.
    pub const PUSH: Self = Self {
        now: 25,
        most: BATCH,
        quick: Duration::from_secs(1),
        slow: Duration::from_secs(2),
    };

    /// Of a page of the feed, which nothing waits behind: it has to come before the patience with the centre ends.
    pub const PAGE: Self = Self {
        now: 50,
        most: PAGE,
        quick: Duration::from_secs(5),
        slow: Duration::from_secs(20),
    };

    /// Fewer are not worth a round trip, as long as they are answered.
    const FEWEST: u32 = 5;

    /// The most from the beginning, however long its answers take.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self {
            now: self.most,
            slow: Duration::MAX,
            ..self
        }
    }

    /// So many may go together now.
    pub const fn now(self) -> u32 {
        self.now
    }

    /// After an answer that took so long. The last few of what waits, which were not a full portion, say nothing of more.
    #[must_use]
    pub fn answered(self, full: bool, took: Duration) -> Self {
        let now = if took > self.slow {
            (self.now / 2).max(Self::FEWEST.min(self.now))
        } else if full && took < self.quick {
            (self.now * 2).min(self.most)
        } else {
            self.now
        };
        Self { now, ..self }
    }

    /// After the answer did not come in time: however long the records are and however slow the line is, some number passes.
    #[must_use]
    pub fn unanswered(self) -> Self {
        let now = (self.now / 2).max(1);
        Self { now, ..self }
    }
}

/// The name of an image's object, in the form that the web backend reads; `None` while the centre has no number for the
/// patient. The time is the analysis', in UTC, so that every attempt gives the same name.
pub fn object_name(image: &WaitingImage) -> Option<String> {
    let patient = image.patient_at_centre?;
    let requested: Timestamp = image.requested_at.parse().ok()?;
    let time = requested.strftime("%Y%m%d_%H%M%S");
    let ending = match image.part {
        ImagePart::Derivative => ".jpg".to_owned(),
        ImagePart::Thumbnail => "_thumbnail.jpg".to_owned(),
        ImagePart::Original => format!("_original.{}", extension(&image.format)),
    };
    Some(format!(
        "patients/{patient}/analyses/{}_{time}{ending}",
        image.analysis
    ))
}

/// As the object of an image says what it is.
pub fn content_type(image: &WaitingImage) -> &'static str {
    match (image.part, image.format.as_str()) {
        (ImagePart::Original, "PNG") => "image/png",
        (ImagePart::Original, "WEBP") => "image/webp",
        (ImagePart::Original, "TIFF") => "image/tiff",
        (ImagePart::Original, "BMP") => "image/bmp",
        _ => "image/jpeg",
    }
}

fn extension(format: &str) -> &'static str {
    match format {
        "PNG" => "png",
        "WEBP" => "webp",
        "TIFF" => "tif",
        "BMP" => "bmp",
        _ => "jpg",
    }
}

/// The time that is waited for, if it is still to come.
fn waits_until(next_try_at: Option<&str>, now: Timestamp) -> Option<Timestamp> {
    let until: Timestamp = next_try_at?.parse().ok()?;
    let wait = until.duration_since(now);
    (wait > SignedDuration::ZERO && wait <= LONGEST_WAIT.saturating_mul(2)).then_some(until)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clinical::{AnalysisId, PatientId, PhotoId};
    use crate::store::Attempts;

    const NOW: &str = "2026-11-22T02:12:05.000Z";

    fn record(kind: RecordKind, number: u128) -> WaitingRecord {
        WaitingRecord {
            kind,
            record: Uuid::from_u128(number),
            patient: Some(PatientId(Uuid::from_u128(1))),
            version: 1,
            operation: Uuid::from_u128(number),
            urgent: false,
            queued_at: format!("2026-11-22T02:00:{number:02}.000Z"),
            deleted: false,
            ready: true,
            attempts: Attempts::default(),
        }
    }

    fn image(part: ImagePart) -> WaitingImage {
        WaitingImage {
            photo: PhotoId(Uuid::from_u128(7)),
            part,
            patient: PatientId(Uuid::from_u128(1)),
            patient_at_centre: Some(42),
            analysis: AnalysisId(Uuid::from_u128(9)),
            requested_at: "2026-11-22T02:12:05.120Z".to_owned(),
            format: "PNG".to_owned(),
            urgent: false,
            attempts: Attempts::default(),
        }
    }

    fn next(
        records: &[WaitingRecord],
        images: &[WaitingImage],
        line: Line,
    ) -> (Vec<u128>, usize, Option<String>) {
        let plan = plan(Situation {
            now: NOW.parse().unwrap(),
            line,
            records,
            images,
        });
        (
            plan.push.iter().map(|waiting| waiting.record.as_u128()).collect(),
            plan.upload.len(),
            plan.wake_at.map(|at| at.to_string()),
        )
    }

    #[test]
    fn a_record_goes_before_what_refers_to_it() {
        let mut records = vec![
            record(RecordKind::Note, 1),
            record(RecordKind::Analysis, 2),
            record(RecordKind::Photo, 3),
            record(RecordKind::Lesion, 4),
            record(RecordKind::Patient, 5),
            record(RecordKind::Person, 6),
        ];
        assert_eq!(next(&records, &[], Line::Everything).0, [6, 5, 4, 3, 2, 1]);
        records[1].ready = false;
        assert_eq!(next(&records, &[], Line::Everything).0, [6, 5, 4, 3, 1]);
    }

    #[test]
    fn what_is_urgent_goes_alone_and_first() {
        let mut records: Vec<_> = (1..=300).map(|n| record(RecordKind::Lesion, n)).collect();
        records[250].urgent = true;
        assert_eq!(next(&records, &[], Line::Everything).0, [251]);
        records[250].attempts.failure = Some(Failure::Refused);
        assert_eq!(next(&records, &[], Line::Everything).0.len(), BATCH as usize);
    }

    #[test]
    fn one_that_waits_or_is_refused_holds_up_only_itself() {
        let mut records = vec![record(RecordKind::Lesion, 1), record(RecordKind::Lesion, 2)];
        records[0].attempts.next_try_at = Some("2026-11-22T02:12:35.000Z".to_owned());
        let waits = Some("2026-11-22T02:12:35Z".to_owned());
        assert_eq!(next(&records, &[], Line::Everything), (vec![2], 0, waits));
        records[0].attempts.failure = Some(Failure::Refused);
        assert_eq!(next(&records, &[], Line::Everything), (vec![2], 0, None));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_waiting() {
        let mut records = vec![record(RecordKind::Lesion, 1)];
        records[0].attempts.next_try_at = Some("2036-11-22T02:12:35.000Z".to_owned());
        assert_eq!(next(&records, &[], Line::Everything).0, [1]);
    }

    #[test]
    fn a_slow_line_carries_records_and_urgent_images() {
        let mut images = vec![image(ImagePart::Derivative), image(ImagePart::Derivative)];
        images[1].urgent = true;
        assert_eq!(next(&[], &images, Line::Everything).1, 2);
        assert_eq!(next(&[], &images, Line::RecordsAndUrgent).1, 1);
        images[1].patient_at_centre = None;
        assert_eq!(next(&[], &images, Line::RecordsAndUrgent).1, 0);
    }

    #[test]
    fn an_object_is_named_as_the_web_backend_reads_it() {
        let name = "patients/42/analyses/00000000-0000-0000-0000-000000000009_20261122_021205";
        for (part, ending) in [
            (ImagePart::Derivative, ".jpg"),
            (ImagePart::Thumbnail, "_thumbnail.jpg"),
            (ImagePart::Original, "_original.png"),
        ] {
            assert_eq!(object_name(&image(part)), Some(format!("{name}{ending}")));
        }
        assert_eq!(content_type(&image(ImagePart::Original)), "image/png");
        assert_eq!(content_type(&image(ImagePart::Thumbnail)), "image/jpeg");
    }

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait_after(0, 1.0), SignedDuration::from_secs(2));
        assert_eq!(wait_after(1, 0.0), SignedDuration::from_secs(2));
        for tries in [5, 10, u32::MAX] {
            assert_eq!(wait_after(tries, 1.0), LONGEST_WAIT);
        }
    }

    #[test]
    fn as_many_records_go_together_as_the_line_answers_quickly() {
        let after = |portion: Portion, answers: &[u64]| {
            let portion = answers.iter().fold(portion, |portion, milliseconds| {
                portion.answered(true, Duration::from_millis(*milliseconds))
            });
            portion.now()
        };
        assert_eq!(after(Portion::PUSH, &[300; 3]), BATCH);
        assert_eq!(after(Portion::PUSH, &[300; 30]), BATCH);
        assert_eq!(after(Portion::PUSH, &[1500; 5]), 25);
        assert_eq!(after(Portion::PUSH, &[300, 300, 3000]), 50);
        assert_eq!(after(Portion::PUSH, &[20_000; 9]), Portion::FEWEST);
        assert_eq!(after(Portion::PAGE, &[2000; 4]), PAGE);
        assert_eq!(after(Portion::PAGE, &[15_000; 4]), 50);
        assert_eq!(Portion::PUSH.answered(false, Duration::ZERO), Portion::PUSH);
        assert_eq!(after(Portion::PUSH.whole(), &[300, 60_000]), BATCH);
    }

    #[test]
    fn what_is_not_answered_is_tried_with_fewer_until_one_goes_alone() {
        let mut portion = Portion::PAGE;
        let tried: Vec<u32> = std::iter::repeat_with(|| {
            portion = portion.unanswered();
            portion.now()
        })
        .take(7)
        .collect();
        assert_eq!(tried, [25, 12, 6, 3, 1, 1, 1]);
        // One that is answered at last, but slowly, asks for no more than itself.
        assert_eq!(portion.answered(true, Duration::from_secs(50)).now(), 1);
        assert_eq!(portion.answered(true, Duration::from_secs(1)).now(), 2);
    }

    #[test]
    fn a_quick_line_is_filled_and_a_slow_one_is_not() {
        let after = |start, uploads: &[(u64, u64)]| {
            uploads.iter().fold(start, |at_once, (bytes, seconds)| {
                uploads_after(at_once, *bytes, Duration::from_secs(*seconds))
            })
        };
        assert_eq!(after(FIRST_UPLOADS, &[(100_000, 1); 100]), MOST_UPLOADS);
        assert_eq!(after(MOST_UPLOADS, &[(100_000, 6); 5]), 1);
        assert_eq!(after(1, &[(100_000, 3), (100_000, 5), (5_000, 0)]), 1);
        assert_eq!(after(1, &[(3_000_000, 90), (100_000, 1), (100_000, 1)]), 3);
    }
}
