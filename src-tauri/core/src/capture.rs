//! Every road in leads to [`keep`]: sealed file durable, then photo, request for analysis and outbox in one transaction.

mod tray;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use tray::{Staged, Tray};

use crate::{
    clinical::{
        AnalysisId, BodySite, Dermoscopy, Lesion, LesionId, NoteId, PatientId, PendingReason, PersonId,
        PhotoId, PhotoKind, Side,
    },
    clock::{Clock, rfc3339},
    imaging::{self, Refusal},
    store::{ImagePart, Judged, NewPhoto, Store, StoreError, Write},
    vault::{Vault, VaultError},
};
use tray::OnTray;

/// Taking photos in.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The bytes are no photo that can be kept.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is staged and not kept yet.
    #[error("more than {megabytes} MB of photos wait to be kept; keep or discard some first")]
    TrayFull {
        /// The limit.
        megabytes: u64,
    },
    /// It was discarded, or the program was started anew.
    #[error("that photo is not staged any more; open the file again")]
    NotOnTray,
    /// The lesion that was named is not where the photo was taken.
    #[error("that lesion is at another place on the body")]
    LesionElsewhere,
    /// The thread that sealed it stopped.
    #[error("sealing was interrupted")]
    Interrupted,
    /// Keys and sealed files.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a person says about a staged photo.
#[derive(Debug, Clone, Deserialize, specta::Type)]
pub struct KeepRequest {
    /// Which.
    pub staged_id: PhotoId,
    /// Whose skin.
    pub patient_id: PatientId,
    /// Where.
    pub site: BodySite,
    /// Which side.
    pub side: Side,
    /// A spot that was photographed before, or `None` for a new one.
    pub lesion_id: Option<LesionId>,
    /// What to call a new one.
    pub lesion_label: Option<String>,
    /// How it was taken.
    pub kind: PhotoKind,
    /// More of that, for a dermoscopic photo.
    #[serde(default)]
    pub dermoscopy: Dermoscopy,
    /// A first note under its analysis.
    pub note: Option<String>,
    /// Whoever asks has seen what is wrong with the photo and keeps it anyway.
    #[serde(default)]
    pub kept_anyway: bool,
}

impl KeepRequest {
    /// A clinical photo of a new lesion at that spot, of which nothing else is said.
    pub fn new(staged_id: PhotoId, patient_id: PatientId, site: BodySite, side: Side) -> Self {
        Self {
            staged_id,
            patient_id,
            site,
            side,
            lesion_id: None,
            lesion_label: None,
            kind: PhotoKind::Clinical,
            dermoscopy: Dermoscopy::default(),
            note: None,
            kept_anyway: false,
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Kept {
    /// It is safe here: a power cut does not take it any more.
    Kept {
        /// Its id.
        photo_id: PhotoId,
        /// The lesion it belongs to.
        lesion_id: LesionId,
    },
    /// The same bytes were kept for this patient before.
    AlreadyStored {
        /// As this photo.
        photo_id: PhotoId,
        /// Of this patient.
        patient_id: PatientId,
        /// RFC 3339.
        kept_at: String,
    },
}

/// Where photos are kept.
#[derive(Clone)]
pub struct Keeper {
    /// Seals.
    pub vault: Arc<Vault>,
    /// Records.
    pub store: Arc<Store>,
    /// Times and ids.
    pub clock: Clock,
}

impl Keeper {
    /// Keeps a staged photo. When this returns `Kept`, file, directory entry and rows are durable. A second call for the
    /// same photo, even while the first runs, answers `AlreadyStored`.
    ///
    /// # Errors
    /// Nothing is stored then, and the photo stays on the tray.
    pub async fn keep(
        &self,
        tray: &Tray,
        request: &KeepRequest,
        by: PersonId,
        waits_for: PendingReason,
    ) -> Result<Kept, CaptureError> {
        let Some(staged) = tray.get(request.staged_id) else {
            // A second click that comes after the first was done.
            return self
                .kept_before(request.staged_id)
                .await?
                .ok_or(CaptureError::NotOnTray);
        };
        let mut doubtful = staged.keeping.lock().await;
        // A second click that waited for the first. Whatever it asks, for another patient even: sealing again under this id
        // would put another key's file in the place of the one that was reported.
        if let Some(kept) = self.kept_before(request.staged_id).await? {
            return Ok(kept);
        }
        let kept = self
            .keep_staged(&staged, &mut doubtful, request, by, waits_for)
            .await?;
        tray.discard(request.staged_id);
        Ok(kept)
    }

    /// The photo of that id, where it was kept.
    async fn kept_before(&self, id: PhotoId) -> Result<Option<Kept>, CaptureError> {
        match self.store.history_entry(id).await {
            Ok(entry) => {
                self.settle(id).await?;
                Ok(Some(Kept::AlreadyStored {
                    photo_id: id,
                    patient_id: entry.patient_id,
                    kept_at: entry.kept_at,
                }))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Seals a photo anew whose file is damaged or gone, since somebody has brought the same original again. `false` where it is
    /// whole.
    ///
    /// # Errors
    /// As [`Keeper::keep`].
    pub async fn mend(&self, tray: &Tray, staged: PhotoId, photo: PhotoId) -> Result<bool, CaptureError> {
        let Some(staged) = tray.get(staged) else {
            return Ok(false);
        };
        let stored = self.store.stored_photo(photo).await?;
        let _alone = self.vault.alone().await;
        let vault = Arc::clone(&self.vault);
        let mended = tokio::task::spawn_blocking(move || match vault.verify(photo, &stored.wrapped_key) {
            Err(VaultError::PhotoDamaged { .. }) => vault
                .seal_again(photo, &stored.wrapped_key, &staged.parts())
                .map(|()| true),
            whole => whole.map(|_| false),
        });
        if !mended.await.map_err(|_| CaptureError::Interrupted)?? {
            return Ok(false);
        }
        let mut write = self.store.write().await?;
        for part in ImagePart::ALL {
            write.set_here(photo, part, true).await?;
        }
        write.retry_images(photo).await?;
        write.commit().await?;
        tracing::info!(%photo, "a damaged photo is whole again");
        Ok(true)
    }

    /// The same original, where this patient has it.
    async fn stored_before(
        &self,
        staged: &OnTray,
        request: &KeepRequest,
    ) -> Result<Option<Kept>, CaptureError> {
        let before = self
            .store
            .stored_original(&staged.sha256, Some(request.patient_id))
            .await?;
        let Some(before) = before else { return Ok(None) };
        // Another click may have committed it just now: what is said here must be as durable as what is said there.
        self.settle(before.photo).await?;
        Ok(Some(Kept::AlreadyStored {
            photo_id: before.photo,
            patient_id: before.patient,
            kept_at: before.kept_at,
        }))
    }

    /// `doubtful` is the wrapped key of the sealed file where a commit failed. Such a commit may have reached the log and
    /// come back at the next start with that key: the file is neither sealed anew nor discarded, the start decides.
    async fn keep_staged(
        &self,
        staged: &Arc<OnTray>,
        doubtful: &mut Option<Vec<u8>>,
        request: &KeepRequest,
        by: PersonId,
        waits_for: PendingReason,
    ) -> Result<Kept, CaptureError> {
        if let Some(before) = self.stored_before(staged, request).await? {
            return Ok(before);
        }
        let lesion = self.lesion(request).await?;
        let wrapped_key = match doubtful.as_ref() {
            Some(key) => key.clone(),
            None => self.seal(staged).await?,
        };
        let photo = self.photo(staged, request, &lesion.0, wrapped_key.clone(), by);
        let recorded = self.record(&photo, request, &lesion, waits_for).await;
        let Ok(Some(write)) = recorded else {
            if doubtful.is_none() {
                // Without its row the file is unreadable for ever; the next start would sweep it as well.
                if let Err(error) = self.vault.discard(staged.id) {
                    tracing::warn!(photo = %staged.id, %error, "a sealed file without a row stays until the next start");
                }
            }
            recorded?;
            let before = self.stored_before(staged, request).await?;
            return Ok(before.ok_or(StoreError::NotFound { what: "photo" })?);
        };
        if let Err(error) = write.commit().await {
            *doubtful = Some(wrapped_key);
            return Err(error.into());
        }
        self.settle(staged.id).await?;
        Ok(Kept::Kept {
            photo_id: staged.id,
            lesion_id: lesion.0.id,
        })
    }

    /// Gives the sealed file its lasting name.
    async fn settle(&self, photo: PhotoId) -> Result<(), CaptureError> {
        let vault = Arc::clone(&self.vault);
        tokio::task::spawn_blocking(move || vault.settle(photo))
            .await
            .map_err(|_| CaptureError::Interrupted)?
            .map_err(CaptureError::from)
    }

    /// The existing lesion, or a new one that is not stored yet.
    async fn lesion(&self, request: &KeepRequest) -> Result<(Lesion, bool), CaptureError> {
        if let Some(id) = request.lesion_id {
            let lesion = self.store.lesion(request.patient_id, id).await?;
            // Filed under it, the photo would be shown, and judged, as one of that place.
            if (lesion.site, lesion.side) != (request.site, request.side) {
                return Err(CaptureError::LesionElsewhere);
            }
            return Ok((lesion, false));
        }
        self.store.patient(request.patient_id).await?;
        let label = request
            .lesion_label
            .as_deref()
            .map(str::trim)
            .filter(|label| !label.is_empty());
        Ok((
            Lesion {
                id: LesionId(self.clock.new_id()),
                patient_id: request.patient_id,
                site: request.site,
                side: request.side,
                label: label.map(str::to_owned),
                created_at: rfc3339(self.clock.now()),
            },
            true,
        ))
    }

    async fn seal(&self, staged: &Arc<OnTray>) -> Result<Vec<u8>, CaptureError> {
        let (vault, staged) = (Arc::clone(&self.vault), Arc::clone(staged));
        tokio::task::spawn_blocking(move || vault.seal(staged.id, &staged.parts()))
            .await
            .map_err(|_| CaptureError::Interrupted)?
            .map_err(CaptureError::from)
    }

    fn photo(
        &self,
        staged: &OnTray,
        request: &KeepRequest,
        lesion: &Lesion,
        wrapped_key: Vec<u8>,
        by: PersonId,
    ) -> NewPhoto {
        let now = self.clock.now();
        let facts = &staged.prepared.facts;
        let parts = staged.parts();
        let parts = [parts.original, parts.derivative, parts.thumbnail];
        NewPhoto {
            id: staged.id,
            patient: request.patient_id,
            lesion: lesion.id,
            kind: request.kind,
            dermoscopy: match request.kind {
                PhotoKind::Clinical => Dermoscopy::default(),
                PhotoKind::Dermoscopic => request.dermoscopy,
            },
            format: facts.format.word().to_owned(),
            original_sha256: staged.sha256,
            original_bytes: staged.original.len() as u64,
            sealed_bytes: parts.iter().map(|part| part.len() as u64).sum(),
            width: facts.width,
            height: facts.height,
            camera: facts.camera.clone(),
            pipeline: imaging::PIPELINE.to_owned(),
            taken_at: staged.taken_at.clone().unwrap_or_else(|| rfc3339(now)),
            kept_at: rfc3339(now),
            kept_by: by,
            wrapped_key,
            quality: Some(Judged {
                version: imaging::QUALITY,
                said: staged.prepared.quality.clone(),
            }),
            kept_anyway: request.kept_anyway && !staged.prepared.quality.findings.is_empty(),
            measured: staged.prepared.measured.clone().map(|said| Judged {
                version: imaging::MEASUREMENT,
                said,
            }),
        }
    }

    /// Everything that commits together, not committed yet. `None` where this patient has the same original already.
    async fn record(
        &self,
        photo: &NewPhoto,
        request: &KeepRequest,
        (lesion, new_lesion): &(Lesion, bool),
        waits_for: PendingReason,
    ) -> Result<Option<Write<'_>>, CaptureError> {
        let analysis = AnalysisId(self.clock.new_id());
        let note = request
            .note
            .as_deref()
            .map(str::trim)
            .filter(|note| !note.is_empty());
        let mut write = self.store.write().await?;
        if *new_lesion {
            write.add_lesion(lesion, photo.kept_by).await?;
        }
        if !write.add_photo(photo, analysis, waits_for).await? {
            return Ok(None);
        }
        if let Some(note) = note {
            write
                .add_note(NoteId(self.clock.new_id()), analysis, note, photo.kept_by)
                .await?;
        }
        Ok(Some(write))
    }
}
