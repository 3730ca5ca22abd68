//! Which rows go with a record: what hangs on it, what is left of it elsewhere, and its own.

use crate::store::outbox::RecordKind;

macro_rules! under_analyses {
    ($table:literal, $which:literal) => {
        concat!(
            "SELECT ",
            $table,
            ".id FROM ",
            $table,
            " JOIN analysis ON analysis.id = analysis_id WHERE ",
            $which
        )
    };
}

/// What goes before a record of that kind, each as a question for the ids.
pub(super) const fn hanging_on(kind: RecordKind) -> &'static [(RecordKind, &'static str)] {
    match kind {
        RecordKind::Patient => &[
            (
                RecordKind::Acknowledgement,
                under_analyses!("acknowledgement", "analysis.patient_id = ?"),
            ),
            (
                RecordKind::Note,
                under_analyses!("note", "analysis.patient_id = ?"),
            ),
            (
                RecordKind::Analysis,
                "SELECT id FROM analysis WHERE patient_id = ?",
            ),
            (RecordKind::Photo, "SELECT id FROM photo WHERE patient_id = ?"),
            (RecordKind::Lesion, "SELECT id FROM lesion WHERE patient_id = ?"),
        ],
        RecordKind::Lesion => &[
            (
                RecordKind::Acknowledgement,
                under_analyses!(
                    "acknowledgement",
                    "(analysis.patient_id, photo_id) IN (SELECT patient_id, id FROM photo WHERE lesion_id = ?)"
                ),
            ),
            (
                RecordKind::Note,
                under_analyses!(
                    "note",
                    "(analysis.patient_id, photo_id) IN (SELECT patient_id, id FROM photo WHERE lesion_id = ?)"
                ),
            ),
            (
                RecordKind::Analysis,
                "SELECT analysis.id FROM photo JOIN analysis ON analysis.patient_id = photo.patient_id
                    AND analysis.photo_id = photo.id WHERE lesion_id = ?",
            ),
            (RecordKind::Photo, "SELECT id FROM photo WHERE lesion_id = ?"),
        ],
        RecordKind::Photo => &[
            (
                RecordKind::Acknowledgement,
                under_analyses!(
                    "acknowledgement",
                    "(analysis.patient_id, photo_id) = (SELECT patient_id, id FROM photo WHERE id = ?)"
                ),
            ),
            (
                RecordKind::Note,
                under_analyses!(
                    "note",
                    "(analysis.patient_id, photo_id) = (SELECT patient_id, id FROM photo WHERE id = ?)"
                ),
            ),
            (
                RecordKind::Analysis,
                "SELECT analysis.id FROM photo JOIN analysis ON analysis.patient_id = photo.patient_id
                    AND analysis.photo_id = photo.id WHERE photo.id = ?",
            ),
        ],
        RecordKind::Analysis => &[
            (
                RecordKind::Acknowledgement,
                "SELECT id FROM acknowledgement WHERE analysis_id = ?",
            ),
            (RecordKind::Note, "SELECT id FROM note WHERE analysis_id = ?"),
        ],
        RecordKind::Person | RecordKind::Note | RecordKind::Acknowledgement => &[],
    }
}

/// What is left of a record, of whatever kind, outside of its own table: ?1 is its id, ?2 its kind.
pub(super) const TRACES: &[&str] = &[
    "UPDATE confirmed SET fields = '{}' WHERE kind = ?2 AND record = ?1",
    "UPDATE conflict SET stands = 'null', lost = 'null', settled_at = ifnull(settled_at, at) WHERE kind = ?2 AND record = ?1",
    "DELETE FROM parked WHERE kind = ?2 AND record = ?1",
    "DELETE FROM sending WHERE kind = ?2 AND record = ?1",
    "DELETE FROM unseen WHERE kind = ?2 AND record = ?1",
];

/// How the rows of a record of that kind go.
pub(super) const fn rows_of(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Person => &[],
        RecordKind::Patient => &[
            "DELETE FROM patient_search WHERE rowid = (SELECT seen FROM patient WHERE id = ?1)",
            "UPDATE outbox SET patient_id = NULL WHERE patient_id = ?1",
            "DELETE FROM patient_version WHERE patient_id = ?1",
            "DELETE FROM patient WHERE id = ?1",
        ],
        RecordKind::Lesion => &[
            "DELETE FROM lesion_version WHERE lesion_id = ?1",
            "DELETE FROM lesion WHERE id = ?1",
        ],
        RecordKind::Photo => &[
            "DELETE FROM purging WHERE photo_id = ?1",
            "DELETE FROM image WHERE photo_id = ?1",
            "DELETE FROM outline WHERE photo_id = ?1",
            "DELETE FROM photo WHERE id = ?1",
        ],
        RecordKind::Analysis => &["DELETE FROM analysis WHERE id = ?1"],
        RecordKind::Note => &[
            "DELETE FROM note_version WHERE note_id = ?1",
            "DELETE FROM note WHERE id = ?1",
        ],
        RecordKind::Acknowledgement => &["DELETE FROM acknowledgement WHERE id = ?1"],
    }
}
