//! What the centre checks of a record, by the names of PostgreSQL's constraints and in their order.

use seekwell_core::store::{Fields, RecordKind};
use serde_json::Value;

use super::registry::Record;

/// The first rule that the record breaks.
pub(super) fn broken_rule(record: &Record) -> Option<&'static str> {
    let rules = match record.kind {
        RecordKind::Person => person(record),
        RecordKind::Patient => patient(record),
        RecordKind::Lesion => lesion(record),
        RecordKind::Photo => photo(record),
        RecordKind::Analysis => analysis(record),
        RecordKind::Note => note(record),
        RecordKind::Acknowledgement => acknowledgement(record),
    };
    let mut broken: Vec<_> = rules
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(rule, _)| rule)
        .collect();
    broken.sort_unstable();
    broken.first().copied()
}

type Rules = Vec<(&'static str, bool)>;

fn person(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        ("person_full_name", of.gone || of.text("full_name", 1, 200)),
        ("person_role", of.gone || of.text("role", 1, 40)),
    ]
}

fn patient(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        (
            "patient_address",
            of.absent("address") || of.text("address", 0, 4000),
        ),
        ("patient_born", of.absent("born") || of.is_born()),
        (
            "patient_created_at",
            of.absent("created_at") || of.time("created_at"),
        ),
        (
            "patient_created_by",
            of.absent("created_by") || of.id("created_by"),
        ),
        ("patient_full_name", of.gone || of.text("full_name", 1, 200)),
        (
            "patient_legal_hold",
            of.absent("legal_hold") || of.fields["legal_hold"].is_boolean(),
        ),
        (
            "patient_national_id",
            of.absent("national_id") || of.text("national_id", 0, 1000),
        ),
        ("patient_phone", of.absent("phone") || of.text("phone", 0, 1000)),
        ("patient_sex", of.absent("sex") || of.text("sex", 1, 40)),
        (
            "patient_updated_at",
            of.absent("updated_at") || of.time("updated_at"),
        ),
        (
            "patient_updated_by",
            of.absent("updated_by") || of.id("updated_by"),
        ),
    ]
}

fn lesion(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        (
            "lesion_created_at",
            of.absent("created_at") || of.time("created_at"),
        ),
        (
            "lesion_created_by",
            of.absent("created_by") || of.id("created_by"),
        ),
        ("lesion_label", of.absent("label") || of.text("label", 1, 200)),
        ("lesion_side", of.gone || of.text("side", 1, 100)),
        ("lesion_site", of.gone || of.text("site", 1, 100)),
    ]
}

fn photo(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        ("photo_analysis", of.absent("analysis") || of.id("analysis")),
        ("photo_camera", of.absent("camera") || of.text("camera", 0, 1000)),
        ("photo_format", of.gone || of.text("format", 1, 40)),
        ("photo_height", of.gone || of.number("height", 1.0, 1e6)),
        ("photo_images", of.absent("images") || of.are_images()),
        (
            "photo_kept_anyway",
            of.absent("kept_anyway") || of.fields["kept_anyway"].is_boolean(),
        ),
        ("photo_kept_at", of.gone || of.time("kept_at")),
        ("photo_kept_by", of.absent("kept_by") || of.id("kept_by")),
        ("photo_kind", of.gone || of.text("kind", 1, 40)),
        ("photo_lesion", of.gone || of.id("lesion")),
        (
            "photo_measured",
            of.absent("measured") || of.fields["measured"].is_object(),
        ),
        (
            "photo_original_bytes",
            of.gone || of.number("original_bytes", 1.0, 1e10),
        ),
        ("photo_original_sha256", of.gone || of.is_sha256()),
        (
            "photo_outline",
            of.absent("outline") || of.fields["outline"].is_object(),
        ),
        (
            "photo_pipeline",
            of.absent("pipeline") || of.text("pipeline", 1, 200),
        ),
        (
            "photo_quality",
            of.absent("quality") || of.fields["quality"].is_object(),
        ),
        (
            "photo_requested_at",
            of.absent("requested_at") || of.time("requested_at"),
        ),
        ("photo_taken_at", of.gone || of.time("taken_at")),
        ("photo_width", of.gone || of.number("width", 1.0, 1e6)),
    ]
}

fn analysis(record: &Record) -> Rules {
    let of = Of::new(record);
    let word = of.absent("confidence_word") || of.text("confidence_word", 1, 40);
    let days = of.absent("follow_up_days") || of.number("follow_up_days", 0.0, 36500.0);
    vec![
        (
            "analysis_confidence",
            of.gone || of.number("confidence", 0.0, 1.0),
        ),
        ("analysis_confidence_word", word),
        (
            "analysis_duration_ms",
            of.absent("duration_ms") || of.number("duration_ms", 0.0, 1e9),
        ),
        ("analysis_follow_up_days", days),
        ("analysis_image", of.gone || of.text("image", 1, 1024)),
        ("analysis_made_at", of.gone || of.time("made_at")),
        (
            "analysis_model",
            of.absent("model") || of.fields["model"].is_object(),
        ),
        ("analysis_photo", of.gone || of.id("photo")),
        ("analysis_probabilities", of.gone || of.are_probabilities()),
        (
            "analysis_request",
            of.absent("request") || of.number("request", 1.0, 1e6),
        ),
        (
            "analysis_requested_at",
            of.absent("requested_at") || of.time("requested_at"),
        ),
        (
            "analysis_review",
            of.absent("review") || of.fields["review"].is_boolean(),
        ),
        ("analysis_risk", of.gone || of.text("risk", 1, 20)),
        ("analysis_rule", of.absent("rule") || of.text("rule", 1, 100)),
        (
            "analysis_top_class",
            of.absent("top_class") || of.text("top_class", 1, 40),
        ),
    ]
}

fn note(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        ("note_analysis", of.gone || of.id("analysis")),
        ("note_author", of.gone || of.id("author")),
        ("note_created_at", of.gone || of.time("created_at")),
        ("note_edited_at", of.absent("edited_at") || of.time("edited_at")),
        ("note_text", of.gone || of.text("text", 1, 4000)),
    ]
}

fn acknowledgement(record: &Record) -> Rules {
    let of = Of::new(record);
    vec![
        ("acknowledgement_analysis", of.gone || of.id("analysis")),
        ("acknowledgement_at", of.gone || of.time("at")),
        ("acknowledgement_by", of.gone || of.id("by")),
    ]
}

struct Of<'a> {
    fields: &'a Fields,
    gone: bool,
}

impl<'a> Of<'a> {
    fn new(record: &'a Record) -> Self {
        Self {
            fields: &record.fields,
            gone: record.deleted,
        }
    }

    fn absent(&self, field: &str) -> bool {
        self.fields.get(field).is_none_or(Value::is_null)
    }

    fn said(&self, field: &str) -> Option<&'a str> {
        self.fields.get(field)?.as_str()
    }

    fn text(&self, field: &str, low: usize, high: usize) -> bool {
        is_text(self.fields.get(field), low, high)
    }

    fn id(&self, field: &str) -> bool {
        is_id(self.fields.get(field))
    }

    fn time(&self, field: &str) -> bool {
        self.said(field).is_some_and(is_time)
    }

    fn number(&self, field: &str, low: f64, high: f64) -> bool {
        is_number(self.fields.get(field), low, high)
    }

    fn is_born(&self) -> bool {
        self.said("born")
            .is_some_and(|born| fits(born, "dddd") || fits(born, "dddd-dd") || fits(born, "dddd-dd-dd"))
    }

    fn is_sha256(&self) -> bool {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let said = self.said("original_sha256");
        said.is_some_and(|text| text.len() == 64 && text.bytes().all(hex))
    }

    fn are_images(&self) -> bool {
        let Some(Value::Object(images)) = self.fields.get("images") else {
            return false;
        };
        images.values().all(|facts| {
            let bytes = facts.get("bytes");
            facts.is_object()
                && is_text(facts.get("name"), 1, 1024)
                && (bytes.is_none_or(Value::is_null) || is_number(bytes, 1.0, 1e10))
        })
    }

    fn are_probabilities(&self) -> bool {
        let Some(Value::Object(probabilities)) = self.fields.get("probabilities") else {
            return false;
        };
        !probabilities.is_empty()
            && probabilities
                .values()
                .all(|value| is_number(Some(value), 0.0, 1.0))
    }
}

/// A UUID in lower case with its hyphens.
pub(super) fn is_id(value: Option<&Value>) -> bool {
    let hex = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    value.and_then(Value::as_str).is_some_and(|text| fits(text, hex))
}

fn is_text(value: Option<&Value>, low: usize, high: usize) -> bool {
    let length = value.and_then(Value::as_str).map(|text| text.chars().count());
    length.is_some_and(|length| (low..=high).contains(&length))
}

fn is_number(value: Option<&Value>, low: f64, high: f64) -> bool {
    let number = value.and_then(Value::as_f64);
    number.is_some_and(|number| (low..=high).contains(&number))
}

fn is_time(text: &str) -> bool {
    let Some(text) = text.strip_suffix('Z') else {
        return false;
    };
    let (seconds, fraction) = text
        .split_once('.')
        .map_or((text, "0"), |(one, other)| (one, other));
    let part = |from: usize| {
        seconds
            .get(from..from + 2)
            .and_then(|part| part.parse::<u32>().ok())
    };
    fits(seconds, "dddd-dd-ddTdd:dd:dd")
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && [(5, 1, 12), (8, 1, 31), (11, 0, 23), (14, 0, 59), (17, 0, 59)]
            .into_iter()
            .all(|(from, low, high)| part(from).is_some_and(|part| (low..=high).contains(&part)))
}

/// `d` is a digit, `x` a lower-case hexadecimal one, everything else itself.
fn fits(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(byte, wanted)| match wanted {
                b'd' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
                _ => byte == wanted,
            })
}
