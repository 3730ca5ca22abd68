//! Photos: staged, kept, looked at; and the notes under their analyses.

use std::sync::Arc;

use serde::Serialize;

use super::{ChangedKind, Error, Workstation, blocking, name};
use crate::{
    accounts::Caller,
    capture::{CaptureError, KeepRequest, Kept, Staged},
    clinical::{
        Analysis, AnalysisId, Dermoscopy, Note, NoteId, NoteVersion, Patient, PatientId, PhotoId,
        PhotoMeasured, PhotoQuality,
    },
    store::{FurtherOpinion, HistoryEntry, ImagePart, StoredOriginal},
    sync::status::ItemState,
    vault::Part,
};

const LONGEST_NOTE: u32 = 4_000;

/// A staged photo, with what the window needs to show and to warn.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct StagedPhoto {
    /// The photo.
    #[serde(flatten)]
    pub staged: Staged,
    /// As the file is called; never stored.
    pub file_name: String,
    /// Where the same bytes were kept before.
    pub already: Option<AlreadyKept>,
}

/// Where the same bytes were kept before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct AlreadyKept {
    /// As this photo.
    pub photo_id: PhotoId,
    /// Of this patient.
    pub patient_id: PatientId,
    /// RFC 3339.
    pub kept_at: String,
}

/// One photo with everything its own screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct PhotoDetail {
    /// As the history shows it.
    pub entry: HistoryEntry,
    /// Whose skin.
    pub patient: Patient,
    /// Full name of who kept it.
    pub kept_by: String,
    /// Make and model, where the original names them.
    pub camera: Option<String>,
    /// The original's, upright, in pixels.
    pub width: u32,
    /// The original's, upright, in pixels.
    pub height: u32,
    /// The original's length.
    pub original_bytes: u32,
    /// The original's format.
    pub format: String,
    /// How a dermatoscope looked at the skin.
    pub dermoscopy: Dermoscopy,
    /// Whether it is good enough to look at; `None` where that was never judged.
    pub quality: Option<PhotoQuality>,
    /// The outline of the lesion with its numbers, as a person drew it or else as it was found; `None` where neither.
    pub measured: Option<PhotoMeasured>,
    /// Oldest first.
    pub notes: Vec<Note>,
    /// The same patient's next newer photo.
    pub newer_id: Option<PhotoId>,
    /// The same patient's next older photo.
    pub older_id: Option<PhotoId>,
    /// How far it has come on its way to the centre, with all that belongs to it.
    pub delivery: ItemState,
    /// Second opinions, in the order in which they were asked for.
    pub opinions: Vec<FurtherOpinion>,
}

/// Which image of a photo to show or export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Rendition {
    /// JPEG within 256 px.
    Thumbnail,
    /// JPEG within 1024 px.
    Derivative,
    /// The original's pixels, upright, as JPEG.
    Full,
    /// The original, byte for byte.
    Original,
}

impl Workstation {
    /// Reads and prepares an original. It is in memory only until it is kept.
    ///
    /// # Errors
    /// [`CaptureError::Refused`] with the reason.
    pub async fn stage(
        &self,
        _caller: &Caller,
        file_name: String,
        original: Vec<u8>,
    ) -> Result<StagedPhoto, Error> {
        let (staged, sha256) = self
            .tray
            .stage(&self.place.workers, &self.place.clock, original)
            .await?;
        let before = self.store().stored_original(&sha256, None).await?;
        if let Some(before) = &before {
            self.mend(staged.id, before).await?;
        }
        let already = before.map(|before| AlreadyKept {
            photo_id: before.photo,
            patient_id: before.patient,
            kept_at: before.kept_at,
        });
        Ok(StagedPhoto {
            staged,
            file_name,
            already,
        })
    }

    /// Mends a damaged photo by the same original, and goes on with what could not be done with it.
    async fn mend(&self, staged: PhotoId, before: &StoredOriginal) -> Result<(), Error> {
        if self.keeper.mend(&self.tray, staged, before.photo).await? {
            self.queue.forget_photo(before.photo);
            self.queue.wake();
            self.tell(
                &[ChangedKind::Photos, ChangedKind::Analyses],
                Some(before.patient),
            );
        }
        Ok(())
    }

    /// Takes a staged photo off the tray.
    pub fn discard_staged(&self, _caller: &Caller, id: PhotoId) {
        self.tray.discard(id);
    }

    /// Keeps a staged photo; its analysis comes after it and never in its way.
    ///
    /// # Errors
    /// Nothing was stored then.
    pub async fn keep_photo(&self, caller: &Caller, request: &KeepRequest) -> Result<Kept, Error> {
        if request
            .note
            .as_deref()
            .is_some_and(|note| !note.trim().is_empty())
        {
            note_text(request.note.as_deref().unwrap_or_default())?;
        }
        if let Some(label) = request
            .lesion_label
            .as_deref()
            .filter(|label| !label.trim().is_empty())
        {
            name(label)?;
        }
        let patient = self.store().patient(request.patient_id).await?;
        let waits_for = self.queue.reason(patient.lets_photos_out());
        let kept = self
            .keeper
            .keep(&self.tray, request, caller.id(), waits_for)
            .await?;
        if matches!(kept, Kept::Kept { .. }) {
            self.tell(
                &[ChangedKind::Photos, ChangedKind::Patients],
                Some(request.patient_id),
            );
            self.queue.wake();
        }
        Ok(kept)
    }

    /// The image that would be kept, as JPEG.
    ///
    /// # Errors
    /// [`CaptureError::NotOnTray`].
    pub fn staged_image(
        &self,
        _caller: &Caller,
        id: PhotoId,
        rendition: Rendition,
    ) -> Result<Vec<u8>, Error> {
        Ok(self.tray.preview(id, rendition == Rendition::Thumbnail)?)
    }

    /// One image of a kept photo.
    ///
    /// # Errors
    /// [`crate::vault::VaultError::PhotoDamaged`]: nothing of a damaged photo is shown.
    pub async fn image(&self, _caller: &Caller, id: PhotoId, rendition: Rendition) -> Result<Vec<u8>, Error> {
        self.open_image(id, rendition).await
    }

    /// Opens an image as [`Workstation::image`] does, and keeps nothing of it: for whoever asks why a picture did not show.
    ///
    /// # Errors
    /// As [`Workstation::image`].
    pub async fn check_image(&self, caller: &Caller, id: PhotoId, rendition: Rendition) -> Result<(), Error> {
        self.image(caller, id, rendition).await.map(drop)
    }

    pub(super) async fn open_image(&self, id: PhotoId, rendition: Rendition) -> Result<Vec<u8>, Error> {
        let stored = self.store().stored_photo(id).await?;
        let vault = Arc::clone(&self.keeper.vault);
        let (part, image) = match rendition {
            Rendition::Thumbnail => (Part::Thumbnail, ImagePart::Thumbnail),
            Rendition::Derivative => (Part::Derivative, ImagePart::Derivative),
            Rendition::Full | Rendition::Original => (Part::Original, ImagePart::Original),
        };
        let bytes = match self.fetched(id, image).await? {
            Some(bytes) => bytes,
            None => match blocking(move || vault.open(id, &stored.wrapped_key, part)).await? {
                Ok(bytes) => bytes,
                Err(error) => match self.fetched(id, image).await? {
                    // A purge has taken it out between the two.
                    Some(bytes) => bytes,
                    None => self.whole_at_centre(id, image).await.ok_or(error)?,
                },
            },
        };
        if rendition == Rendition::Full {
            return Ok(self
                .place
                .workers
                .full(&bytes)
                .await
                .map_err(CaptureError::Refused)?);
        }
        Ok(bytes)
    }

    /// One photo with everything its own screen shows.
    ///
    /// # Errors
    /// [`crate::store::StoreError::NotFound`].
    pub async fn photo(&self, caller: &Caller, id: PhotoId) -> Result<PhotoDetail, Error> {
        let entry = self.store().history_entry(id).await?;
        let facts = self.store().photo_facts(id).await?;
        let (newer_id, older_id) = self.store().neighbours(&entry).await?;
        Ok(PhotoDetail {
            patient: self.store().patient(entry.patient_id).await?,
            notes: self
                .store()
                .notes(analysis_of(&entry.analysis), caller.id())
                .await?,
            kept_by: facts.kept_by,
            camera: facts.camera,
            width: facts.width,
            height: facts.height,
            original_bytes: facts.original_bytes,
            format: facts.format,
            dermoscopy: facts.dermoscopy,
            quality: facts.quality,
            measured: self.store().measured(id).await?,
            newer_id,
            older_id,
            delivery: self.delivery(id).await?,
            opinions: self.store().further_opinions(id).await?,
            entry,
        })
    }

    /// The notes under one analysis, oldest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn notes(&self, caller: &Caller, analysis: AnalysisId) -> Result<Vec<Note>, Error> {
        Ok(self.store().notes(analysis, caller.id()).await?)
    }

    /// Writes a note under an analysis, done or pending.
    ///
    /// # Errors
    /// [`Error::TextEmpty`], [`Error::TextTooLong`].
    pub async fn add_note(&self, caller: &Caller, analysis: AnalysisId, text: &str) -> Result<Note, Error> {
        let text = note_text(text)?;
        let patient = self.store().patient_of_analysis(analysis).await?;
        let id = NoteId(self.place.clock.new_id());
        let mut write = self.store().write().await?;
        write.add_note(id, analysis, text, caller.id()).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Notes], Some(patient));
        Ok(self.store().note(id, caller.id()).await?)
    }

    /// Replaces a note's text and keeps the old one. Only its author may.
    ///
    /// # Errors
    /// [`crate::store::StoreError::ChangedMeanwhile`]; [`crate::store::StoreError::NotFound`] for another's note.
    pub async fn edit_note(
        &self,
        caller: &Caller,
        id: NoteId,
        revision: u32,
        text: &str,
    ) -> Result<Note, Error> {
        let text = note_text(text)?;
        let before = self.store().note(id, caller.id()).await?;
        if !before.mine {
            return Err(crate::store::StoreError::NotFound {
                what: "note of yours",
            }
            .into());
        }
        if before.revision == revision && before.text == text {
            return Ok(before);
        }
        let mut write = self.store().write().await?;
        write.edit_note(id, revision, text).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Notes], None);
        Ok(self.store().note(id, caller.id()).await?)
    }

    /// What a note said before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn note_versions(&self, _caller: &Caller, id: NoteId) -> Result<Vec<NoteVersion>, Error> {
        Ok(self.store().note_versions(id).await?)
    }
}

fn analysis_of(analysis: &Analysis) -> AnalysisId {
    match analysis {
        Analysis::Pending { id, .. } => *id,
        Analysis::Done(done) => done.id,
    }
}

fn note_text(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::TextEmpty),
        length if length > LONGEST_NOTE as usize => Err(Error::TextTooLong { limit: LONGEST_NOTE }),
        _ => Ok(text),
    }
}
