//! The JSON that scripts rely on.

use std::collections::BTreeMap;

use seekwell_core::{
    clinical::{Analysis, AnalysisId, Born, Finding, LesionId, Note, PatientId, PhotoId, RiskLevel, Sex},
    store::{HistoryEntry, PatientRow},
    workstation::ModelRow,
};
use serde::Serialize;

/// What was said about a photo; everything but id and state is `null` while it waits.
#[derive(Serialize)]
pub(crate) struct AnalysisJson {
    pub id: AnalysisId,
    pub state: &'static str,
    pub risk: Option<RiskLevel>,
    pub top_class: Option<&'static str>,
    pub probabilities: Option<BTreeMap<&'static str, f64>>,
    pub confidence: Option<f64>,
    pub model: Option<SpeakerJson>,
    pub policy: Option<String>,
    pub follow_up_days: Option<u16>,
}

/// The model that spoke.
#[derive(Serialize)]
pub(crate) struct SpeakerJson {
    pub name: String,
    pub sha256: String,
    pub demo: bool,
}

impl From<&Analysis> for AnalysisJson {
    fn from(analysis: &Analysis) -> Self {
        match analysis {
            Analysis::Pending { id, .. } => Self {
                id: *id,
                state: "pending",
                risk: None,
                top_class: None,
                probabilities: None,
                confidence: None,
                model: None,
                policy: None,
                follow_up_days: None,
            },
            Analysis::Done(done) => Self {
                id: done.id,
                state: "done",
                risk: Some(done.risk),
                top_class: Some(done.top_class.as_word()),
                probabilities: Some(
                    done.probabilities
                        .iter()
                        .map(|each| (each.class.as_word(), each.probability))
                        .collect(),
                ),
                confidence: Some(done.confidence),
                model: Some(SpeakerJson {
                    name: done.model_name.clone(),
                    sha256: done.model_sha256.clone(),
                    demo: done.demo,
                }),
                policy: Some(done.policy.clone()),
                follow_up_days: Some(done.follow_up_days),
            },
        }
    }
}

/// The analysis in one line for a person.
pub(crate) fn spoken(analysis: &Analysis) -> String {
    match analysis {
        Analysis::Pending { .. } => "waits for its analysis".to_owned(),
        Analysis::Done(done) => format!(
            "{} {} {:.0} %, see again within {} days; {}, not a diagnosis",
            done.risk,
            done.top_class,
            done.confidence * 100.0,
            done.follow_up_days,
            if done.demo {
                "demo model, not medical"
            } else {
                &done.model_name
            },
        ),
    }
}

/// What makes a photo hard to use, to be put after the rest of its line; nothing where nothing does.
pub(crate) fn below_the_bar(findings: &[Finding]) -> String {
    let words: Vec<_> = findings.iter().map(|finding| finding.as_word()).collect();
    match words.is_empty() {
        true => String::new(),
        false => format!("; photo below the bar: {}", words.join(", ")),
    }
}

#[derive(Serialize)]
pub(crate) struct PatientJson {
    pub id: PatientId,
    pub full_name: String,
    pub born: Option<Born>,
    pub sex: Option<Sex>,
    pub phone: Option<String>,
}

impl From<PatientRow> for PatientJson {
    fn from(row: PatientRow) -> Self {
        let draft = row.patient.draft;
        Self {
            id: row.patient.id,
            full_name: draft.full_name,
            born: draft.born,
            sex: draft.sex,
            phone: draft.phone,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct EntryJson {
    pub photo: PhotoId,
    pub taken_at: String,
    pub kept_at: String,
    pub site: &'static str,
    pub side: &'static str,
    /// Its label; those without one are told apart by their ids.
    pub lesion: Option<String>,
    pub lesion_id: LesionId,
    pub findings: Vec<Finding>,
    pub analysis: AnalysisJson,
    pub notes: Vec<NoteJson>,
}

#[derive(Serialize)]
pub(crate) struct NoteJson {
    pub text: String,
    pub author: String,
    pub created_at: String,
}

impl EntryJson {
    pub(crate) fn new(entry: &HistoryEntry, notes: Vec<Note>) -> Self {
        Self {
            photo: entry.photo_id,
            taken_at: entry.taken_at.clone(),
            kept_at: entry.kept_at.clone(),
            site: entry.site.as_word(),
            side: entry.side.as_word(),
            lesion: entry.lesion_label.clone(),
            lesion_id: entry.lesion_id,
            findings: entry.findings.clone(),
            analysis: (&entry.analysis).into(),
            notes: notes
                .into_iter()
                .map(|note| NoteJson {
                    text: note.text,
                    author: note.author,
                    created_at: note.created_at,
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ModelJson {
    pub name: String,
    pub sha256: String,
    pub demo: bool,
    pub usable: bool,
    pub active: bool,
    pub labels: Vec<String>,
}

impl From<ModelRow> for ModelJson {
    fn from(row: ModelRow) -> Self {
        Self {
            name: row.name,
            sha256: row.sha256,
            demo: row.demo,
            usable: row.usable,
            active: row.active,
            labels: row.labels,
        }
    }
}
