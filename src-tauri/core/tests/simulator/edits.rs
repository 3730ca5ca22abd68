//! What people do at a workstation, each a transaction of the real store.

use seekwell_core::{
    clinical::{
        AnalysisId, BodySite, Dermoscopy, Lesion, LesionId, Measured, Measurements, NoteId, Outline,
        PatientDraft, PatientId, PendingReason, Person, PhotoId, PhotoKind, Probabilities, Role, Side,
        policy::{self, Coverage},
    },
    clock::rfc3339,
    store::{Finished, Judged, NewPhoto, PendingAnalysis, RecordKind, StoreError},
    vault::Parts,
};
use uuid::Uuid;

use super::{
    oracle::Place,
    replicas,
    station::{Running, Station},
    world::World,
};

/// What is done, with everything that was looked at before.
enum Deed {
    Register(PatientId, String),
    Edit(PatientId, u32, Box<PatientDraft>, Change),
    Mark(Lesion, Option<String>),
    Label(LesionId, Change),
    Keep(Box<NewPhoto>, AnalysisId),
    Finish(Box<PendingAnalysis>, bool),
    Note(NoteId, AnalysisId, String),
    EditNote(NoteId, u32, Change),
    Draw(PhotoId, Change),
}

/// A value instead of another one.
struct Change {
    place: Place,
    before: Option<String>,
    value: String,
}

/// The person who works here is a record like any other.
pub(crate) async fn enter_nurse(station: &Station, number: usize) {
    let nurse = Person {
        id: station.nurse,
        full_name: format!("Điều dưỡng {number}"),
        email: "mai@example.test".to_owned(),
        role: Role::Admin,
    };
    let running = station.running();
    let mut write = running.store.write().await.unwrap();
    write.add_person(&nurse, "").await.unwrap();
    write.commit().await.unwrap();
}

/// Somebody does something. `may_die`: the program may, before or after the commit.
pub(crate) async fn edit(world: &World, at: usize, may_die: bool) {
    let station = &world.stations[at];
    let running = station.running();
    let Some(deed) = choose(world, station, &running).await else {
        return;
    };
    let written: Vec<(String, Place, Option<String>)> = deed.writes();
    for (value, place, before) in &written {
        let mut oracle = world.oracle.lock().unwrap();
        oracle.writes(value, *place, at, before.as_deref());
    }
    let dies = if may_die { world.throw(25) } else { 25 };
    if matches!(deed, Deed::Finish(_, true)) {
        world.happens("urgent");
    }
    let done = perform(world, station, &running, deed, dies == 0).await;
    for (value, ..) in &written {
        let mut oracle = world.oracle.lock().unwrap();
        match done {
            Ok(true) => oracle.reported(value),
            Ok(false) | Err(_) => oracle.did_not(value),
        }
    }
    if let Err(error) = done {
        let expected = matches!(error, StoreError::Full { .. }) && *station.full.lock().unwrap();
        assert!(expected, "{error:?}");
        world.happens("the disk is full");
    }
    running.worker.written();
    drop(running);
    if dies <= 1 {
        world.happens("killed in an edit");
        station.restart().await;
    }
}

/// Registers so many patients, each with one photo that is analysed.
pub(crate) async fn fill(world: &World, at: usize, patients: usize) {
    let station = &world.stations[at];
    let running = station.running();
    for _ in 0..patients {
        let patient = PatientId(station.clock.new_id());
        let lesion = mark(world, station, patient);
        let Deed::Mark(Lesion { id, .. }, _) = &lesion else {
            unreachable!()
        };
        let photo = keep(world, station, &running, patient, *id);
        for deed in [Deed::Register(patient, world.value()), lesion, photo] {
            assert!(perform(world, station, &running, deed, false).await.unwrap());
        }
        let pending = running.store.pending_analyses(None, 1).await.unwrap().remove(0);
        let deed = Deed::Finish(Box::new(pending), false);
        assert!(perform(world, station, &running, deed, false).await.unwrap());
    }
}

async fn choose(world: &World, station: &Station, running: &Running) -> Option<Deed> {
    let mut disk = replicas::open(station).await;
    let patients = replicas::ids(&mut disk, "SELECT id FROM patient ORDER BY id").await;
    let what = world.throw(22);
    if patients.is_empty() || (what == 0 && patients.len() < 4) {
        return Some(Deed::Register(PatientId(station.clock.new_id()), world.value()));
    }
    let patient = PatientId(patients[world.throw(patients.len())]);
    let lesions = "SELECT id FROM lesion WHERE patient_id = ? ORDER BY id";
    let lesions = replicas::ids_of(&mut disk, lesions, patient.0).await;
    match what {
        0..=5 => edit_patient(world, running, patient).await,
        6 | 7 => Some(mark(world, station, patient)),
        8..=9 => {
            let lesion = *lesions.get(world.throw(lesions.len().max(1)))?;
            let before = replicas::label(&mut disk, lesion).await;
            let change = world.change((RecordKind::Lesion, lesion, "label"), before);
            Some(Deed::Label(LesionId(lesion), change))
        }
        10..=12 => {
            let lesion = *lesions.get(world.throw(lesions.len().max(1)))?;
            Some(keep(world, station, running, patient, LesionId(lesion)))
        }
        13..=15 => {
            let pending = running.store.pending_analyses(None, 20).await.unwrap();
            let urgent = world.throw(3) == 0;
            let pending = pending.into_iter().next()?;
            Some(Deed::Finish(Box::new(pending), urgent))
        }
        16 => {
            let done = "SELECT id FROM analysis WHERE state = 'DONE' ORDER BY id";
            let done = replicas::ids(&mut disk, done).await;
            let analysis = *done.get(world.throw(done.len().max(1)))?;
            let note = NoteId(station.clock.new_id());
            // Long enough to need a page of its own, which a full disk does not have.
            let text = format!("{}{}", world.value(), "-".repeat(3_500));
            Some(Deed::Note(note, AnalysisId(analysis), text))
        }
        20 | 21 => {
            let photos = replicas::ids(&mut disk, "SELECT id FROM photo ORDER BY id").await;
            let photo = *photos.get(world.throw(photos.len().max(1)))?;
            let before = running.store.measured(PhotoId(photo)).await.unwrap();
            let before = before.map(|measured| measured.version);
            let change = world.change((RecordKind::Photo, photo, "outline"), before);
            Some(Deed::Draw(PhotoId(photo), change))
        }
        _ => {
            let notes = replicas::ids(&mut disk, "SELECT id FROM note ORDER BY id").await;
            let note = *notes.get(world.throw(notes.len().max(1)))?;
            let stored = running.store.note(NoteId(note), station.nurse).await.unwrap();
            let change = world.change((RecordKind::Note, note, "text"), Some(stored.text));
            Some(Deed::EditNote(NoteId(note), stored.revision, change))
        }
    }
}

async fn edit_patient(world: &World, running: &Running, patient: PatientId) -> Option<Deed> {
    let stored = running.store.patient(patient).await.unwrap();
    let mut draft = stored.draft;
    let fields = ["full_name", "phone", "address"];
    let field = fields[world.throw(fields.len())];
    let before = match field {
        "full_name" => Some(draft.full_name.clone()),
        "phone" => draft.phone.clone(),
        _ => draft.address.clone(),
    };
    let change = world.change((RecordKind::Patient, patient.0, field), before);
    match field {
        "full_name" => draft.full_name = change.value.clone(),
        "phone" => draft.phone = Some(change.value.clone()),
        _ => draft.address = Some(change.value.clone()),
    }
    Some(Deed::Edit(patient, stored.revision, Box::new(draft), change))
}

fn mark(world: &World, station: &Station, patient: PatientId) -> Deed {
    let label = (world.throw(2) == 0).then(|| world.value());
    let lesion = Lesion {
        id: LesionId(station.clock.new_id()),
        patient_id: patient,
        site: BodySite::Face,
        side: Side::Left,
        label: label.clone(),
        created_at: rfc3339(station.clock.now()),
    };
    Deed::Mark(lesion, label)
}

fn keep(world: &World, station: &Station, running: &Running, patient: PatientId, lesion: LesionId) -> Deed {
    let id = PhotoId(station.clock.new_id());
    // Few enough that two workstations keep the same original.
    let original = u8::try_from(world.throw(200)).unwrap();
    let images = [original; 3].map(|byte| vec![byte; 40]);
    let parts = Parts {
        original: &images[0],
        derivative: &images[1],
        thumbnail: &images[2],
    };
    let wrapped_key = running.vault.seal(id, &parts).unwrap();
    let now = rfc3339(station.clock.now());
    let photo = NewPhoto {
        id,
        patient,
        lesion,
        kind: PhotoKind::Clinical,
        dermoscopy: Dermoscopy::default(),
        format: "BMP".to_owned(),
        original_sha256: [original; 32],
        original_bytes: 40,
        sealed_bytes: 120,
        width: 50,
        height: 50,
        camera: None,
        pipeline: "1".to_owned(),
        taken_at: now.clone(),
        kept_at: now,
        kept_by: station.nurse,
        wrapped_key,
        quality: None,
        kept_anyway: false,
        measured: None,
    };
    Deed::Keep(Box::new(photo), AnalysisId(station.clock.new_id()))
}

impl World {
    fn change(&self, place: Place, before: Option<String>) -> Change {
        Change {
            place,
            before,
            value: self.value(),
        }
    }
}

impl Deed {
    /// The values that the oracle follows.
    fn writes(&self) -> Vec<(String, Place, Option<String>)> {
        let new = |value: &String, kind, record: Uuid, field| (value.clone(), (kind, record, field), None);
        match self {
            Self::Register(id, name) => vec![new(name, RecordKind::Patient, id.0, "full_name")],
            Self::Mark(lesion, Some(label)) => vec![new(label, RecordKind::Lesion, lesion.id.0, "label")],
            Self::Note(id, _, text) => vec![new(text, RecordKind::Note, id.0, "text")],
            Self::Edit(.., change)
            | Self::Label(_, change)
            | Self::EditNote(.., change)
            | Self::Draw(_, change) => {
                vec![(change.value.clone(), change.place, change.before.clone())]
            }
            Self::Mark(_, None) | Self::Keep(..) | Self::Finish(..) => Vec::new(),
        }
    }
}

/// Does it, and says whether it was committed.
async fn perform(
    world: &World,
    station: &Station,
    running: &Running,
    deed: Deed,
    dies: bool,
) -> Result<bool, StoreError> {
    let by = station.nurse;
    let mut write = running.store.write().await?;
    let mut sealed = None;
    match deed {
        Deed::Register(id, full_name) => {
            let draft = PatientDraft {
                full_name,
                born: None,
                sex: None,
                phone: None,
                national_id: None,
                address: None,
            };
            write.add_patient(id, &draft, by).await?;
        }
        Deed::Edit(id, revision, draft, _) => write.edit_patient(id, revision, &draft, by).await?,
        Deed::Mark(lesion, _) => write.add_lesion(&lesion, by).await?,
        Deed::Label(id, change) => write.label_lesion(id, Some(&change.value), by).await?,
        Deed::Keep(photo, analysis) => {
            if !write.add_photo(&photo, analysis, PendingReason::Queued).await? {
                return Ok(false);
            }
            sealed = Some(photo.id);
        }
        Deed::Finish(pending, urgent) => {
            write
                .finish_analysis(pending.id, &finished(world, &pending, urgent))
                .await?;
        }
        Deed::Note(id, analysis, text) => write.add_note(id, analysis, &text, by).await?,
        Deed::EditNote(id, revision, change) => write.edit_note(id, revision, &change.value).await?,
        Deed::Draw(photo, change) => write.draw_outline(photo, &drawn(change.value), None, by).await?,
    }
    if dies {
        return Ok(false);
    }
    write.commit().await?;
    if let Some(photo) = sealed {
        running.vault.settle(photo).unwrap();
    }
    Ok(true)
}

/// A triangle whose version of the rules is the value that the oracle follows.
fn drawn(value: String) -> Judged<Measured> {
    Judged {
        version: value.leak(),
        said: Measured {
            outline: Outline::new(vec![[0.1, 0.2], [0.7, 0.3], [0.4, 0.9]]).unwrap(),
            measurements: Measurements {
                area: 19.5,
                asymmetry_long: 0.1,
                asymmetry_short: 0.2,
                compactness: 1.7,
                colour_deviation: None,
                diameter_px: 40.0,
                diameter_mm: None,
                area_mm2: None,
            },
        },
    }
}

fn finished(world: &World, pending: &PendingAnalysis, urgent: bool) -> Finished {
    let melanoma = if urgent { 0.5 } else { 0.1 };
    let naevus = 0.9 - melanoma;
    let probabilities = Probabilities::new([0.025, 0.025, melanoma, naevus, 0.025, 0.025]).unwrap();
    Finished {
        verdict: policy::judge(&probabilities, pending.site, pending.kind, Coverage::CLINICAL),
        probabilities,
        follow_up_by: "2026-12-01".to_owned(),
        model_name: "mẫu".to_owned(),
        model_sha256: "00".repeat(32),
        demo: world.throw(2) == 0,
        published_accuracy: Some(0.69),
        policy: policy::POLICY,
        pipeline: pending.pipeline.clone(),
        duration_ms: 109,
    }
}
