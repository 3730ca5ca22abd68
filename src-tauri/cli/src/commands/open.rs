//! `open`: every file on its own way to a durable photo, then the analyses. One bad file never stops the others.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use seekwell_core::{
    accounts::Caller,
    capture::{KeepRequest, Kept},
    clinical::{Finding, LesionId, PhotoId},
    error::Error,
    imaging::MAX_FILE,
    workstation::Workstation,
};
use serde::{Serialize, Serializer};
use tokio::{
    sync::{Mutex, Semaphore},
    task::JoinSet,
};

use crate::{
    arguments::Open,
    error::CliError,
    json::{AnalysisJson, below_the_bar, spoken},
    output::{Named, Output},
    place,
};

#[derive(Serialize)]
struct Opened {
    photos: Vec<OpenedPhoto>,
}

#[derive(Serialize)]
struct OpenedPhoto {
    #[serde(serialize_with = "named")]
    file: PathBuf,
    id: Option<PhotoId>,
    state: &'static str,
    code: Option<String>,
    /// Why it was refused, or what was not done for one that was stored before.
    message: Option<String>,
    /// What makes a kept one hard to use.
    findings: Vec<Finding>,
    analysis: Option<AnalysisJson>,
}

/// What all files of one call share.
struct Opening {
    workstation: Arc<Workstation>,
    caller: Caller,
    patient: seekwell_core::clinical::PatientId,
    wanted: KeepWishes,
    /// The lesion of this call, once it is known. Held while the first photo makes it.
    lesion: Mutex<Option<LesionId>>,
    /// As many originals in memory as there are workers to prepare them, and one that waits.
    in_memory: Semaphore,
}

struct KeepWishes {
    site: seekwell_core::clinical::BodySite,
    side: seekwell_core::clinical::Side,
    kind: seekwell_core::clinical::PhotoKind,
    dermoscopy: seekwell_core::clinical::Dermoscopy,
    label: Option<String>,
    note: Option<String>,
}

pub(crate) async fn run(
    workstation: &Arc<Workstation>,
    acting: Option<&str>,
    open: &Open,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    workstation.patient(&caller, open.patient).await?;
    let label = open
        .lesion
        .as_deref()
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .map(str::to_owned);
    let lesion = match &label {
        Some(label) => lesion_called(workstation, &caller, open, label).await?,
        None => None,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let opening = Arc::new(Opening {
        workstation: Arc::clone(workstation),
        caller,
        patient: open.patient,
        wanted: KeepWishes {
            site: open.site,
            side: open.side,
            kind: open.kind,
            dermoscopy: seekwell_core::clinical::Dermoscopy {
                polarised: open.polarised,
                contact: open.contact,
            },
            label,
            note: open.note.clone(),
        },
        lesion: Mutex::new(lesion),
        in_memory: Semaphore::new(cores + 1),
    });
    let (mut photos, said) = keep_all(&opening, &open.files, output).await;
    let spoken_of = add_analyses(&opening, &mut photos, output).await;
    let refused = photos.iter().any(|photo| photo.state == REFUSED);
    let answered = output.answer(&Opened { photos }, String::new);
    said.and(spoken_of).and(answered)?;
    Ok(if refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

const REFUSED: &str = "refused";
const NOTE_NOT_ADDED: &str = "stored before; the note was not added to it";

fn named<S: Serializer>(file: &Path, to: S) -> Result<S::Ok, S::Error> {
    Named(file).serialize(to)
}

/// The patient's lesion of that label, site and side.
async fn lesion_called(
    workstation: &Workstation,
    caller: &Caller,
    open: &Open,
    label: &str,
) -> Result<Option<LesionId>, CliError> {
    let lesions = workstation.lesions(caller, open.patient).await?;
    let same = lesions.into_iter().map(|row| row.lesion).find(|lesion| {
        lesion.site == open.site && lesion.side == open.side && lesion.label.as_deref() == Some(label)
    });
    Ok(same.map(|lesion| lesion.id))
}

/// Keeps the files side by side and gives what became of them in their order. Each is reported when it is durable; where
/// nobody hears that, the others are kept all the same.
async fn keep_all(
    opening: &Arc<Opening>,
    files: &[PathBuf],
    output: Output,
) -> (Vec<OpenedPhoto>, Result<(), CliError>) {
    let bar = output.progress(files.len());
    let mut running = JoinSet::new();
    for (at, file) in files.iter().cloned().enumerate() {
        let opening = Arc::clone(opening);
        running.spawn(async move {
            let outcome = opening.keep(&file).await;
            (at, opened(file, outcome, opening.wanted.note.is_some()))
        });
    }
    let mut photos: Vec<Option<OpenedPhoto>> = files.iter().map(|_| None).collect();
    let mut said = Ok(());
    while let Some(done) = running.join_next().await {
        let Ok((at, photo)) = done else { continue };
        said = said.and(bar.suspend(|| output.line(&line(&photo))));
        bar.inc(1);
        photos[at] = Some(photo);
    }
    bar.finish_and_clear();
    let interrupted = |file: &PathBuf| opened(file.clone(), Err(Error::Interrupted.into()), false);
    let photos = photos
        .into_iter()
        .zip(files)
        .map(|(photo, file)| photo.unwrap_or_else(|| interrupted(file)))
        .collect();
    (photos, said)
}

impl Opening {
    async fn keep(&self, file: &Path) -> Result<Kept, CliError> {
        let _room = self.in_memory.acquire().await;
        let path = file.to_owned();
        let original = tokio::task::spawn_blocking(move || read(&path))
            .await
            .map_err(|_| Error::Interrupted)??;
        let staged = self
            .workstation
            .stage(&self.caller, String::new(), original)
            .await?
            .staged;
        let outcome = self.keep_staged(staged.id).await;
        self.workstation.discard_staged(&self.caller, staged.id);
        outcome
    }

    async fn keep_staged(&self, staged_id: PhotoId) -> Result<Kept, CliError> {
        let mut known = self.lesion.lock().await;
        let request = KeepRequest {
            staged_id,
            patient_id: self.patient,
            site: self.wanted.site,
            side: self.wanted.side,
            lesion_id: *known,
            lesion_label: self.wanted.label.clone(),
            kind: self.wanted.kind,
            dermoscopy: self.wanted.dermoscopy,
            note: self.wanted.note.clone(),
            // Nobody looked.
            kept_anyway: false,
        };
        if request.lesion_id.is_some() {
            drop(known);
            return Ok(self.workstation.keep_photo(&self.caller, &request).await?);
        }
        let kept = self.workstation.keep_photo(&self.caller, &request).await?;
        if let Kept::Kept { lesion_id, .. } = kept {
            *known = Some(lesion_id);
        }
        Ok(kept)
    }
}

/// The file's bytes; one past the limit is enough to refuse it by, however much a pipe or a device would give.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut original = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut original))
        .map_err(|source| CliError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    Ok(original)
}

fn opened(file: PathBuf, outcome: Result<Kept, CliError>, with_note: bool) -> OpenedPhoto {
    let photo = |id, state| OpenedPhoto {
        file: file.clone(),
        id: Some(id),
        state,
        code: None,
        message: None,
        findings: Vec::new(),
        analysis: None,
    };
    match outcome {
        Ok(Kept::Kept { photo_id, .. }) => photo(photo_id, "kept"),
        Ok(Kept::AlreadyStored { photo_id, .. }) => OpenedPhoto {
            message: with_note.then(|| NOTE_NOT_ADDED.to_owned()),
            ..photo(photo_id, "already_stored")
        },
        Err(error) => OpenedPhoto {
            id: None,
            state: REFUSED,
            code: Some(error.code()),
            message: Some(error.to_string()),
            findings: Vec::new(),
            analysis: None,
            file,
        },
    }
}

/// Analyses the photos of this call and adds what was said; others that wait are not waited for. The photos are safe and are
/// reported whatever comes of this.
async fn add_analyses(opening: &Opening, photos: &mut [OpenedPhoto], output: Output) -> Result<(), CliError> {
    let ids: Vec<_> = photos.iter().filter_map(|photo| photo.id).collect();
    let mut said = Ok(());
    if let Err(error) = opening.workstation.analyse_photos(&opening.caller, &ids).await {
        said = output.line(&format!("the analyses wait: {}", CliError::from(error)));
    }
    for photo in photos {
        let Some(id) = photo.id else { continue };
        if let Ok(detail) = opening.workstation.photo(&opening.caller, id).await {
            let entry = &detail.entry;
            let below = below_the_bar(&entry.findings);
            said = said.and(output.line(&format!("{id}  {}{below}", spoken(&entry.analysis))));
            photo.findings = entry.findings.clone();
            photo.analysis = Some((&entry.analysis).into());
        }
    }
    said
}

fn line(photo: &OpenedPhoto) -> String {
    let because = photo
        .message
        .as_ref()
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    let id = photo.id.map(|id| format!("{id}  ")).unwrap_or_default();
    format!("{}  {id}{}{because}", photo.state, photo.file.display())
}
