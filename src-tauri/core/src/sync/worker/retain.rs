//! Retention's way: tombstones at the centre, objects in the bucket, the centre's rows, sealed files. Each step is recorded before
//! the next, and each can be done again: a power cut anywhere is followed by the same step or the one after it.

use std::sync::Arc;

use super::{SyncError, Worker};
use crate::{
    clinical::PhotoId,
    store::{Erasure, WaitingRecord},
    sync::{BlobError, Outcome},
};

/// Looked at together.
const LOOKED_AT: u32 = 512;

/// What a run took to its end, and what it had to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retained {
    /// Patients who are gone here, in the bucket and at the centre.
    pub patients: u32,
    /// Photos that are, those of the patients among them.
    pub photos: u32,
    /// Objects that were deleted.
    pub objects: u32,
    /// Objects that this workstation may not delete.
    pub denied: u32,
}

impl Worker {
    /// Does all that can be done of what retention has begun. One that is held up, as by a right that this workstation's
    /// credential does not have, holds up none of the others.
    ///
    /// # Errors
    /// Where the centre, the bucket or this machine do not answer. What was done stays done.
    pub async fn retain(&self) -> Result<Retained, SyncError> {
        self.push_deletions().await?;
        let mut retained = Retained::default();
        for erasure in self.parts.store.erasures_to_empty().await? {
            if self.delete_objects(&erasure, &mut retained).await? {
                self.erase(&erasure).await?;
            }
        }
        self.remove_files().await?;
        let mut write = self.parts.store.write().await?;
        (retained.patients, retained.photos) = write.finish_erasures().await?;
        write.commit().await?;
        Ok(retained)
    }

    /// Sends the deletions that wait, and no other record.
    async fn push_deletions(&self) -> Result<(), SyncError> {
        loop {
            let waiting: Vec<WaitingRecord> = self.parts.store.waiting_deletions(LOOKED_AT).await?;
            let batch: Vec<WaitingRecord> = self.plan(&waiting, &[]).push.into_iter().cloned().collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.push(&batch).await?;
        }
    }

    /// Deletes the objects, each at its generation. Gives whether all of them are gone.
    async fn delete_objects(&self, erasure: &Erasure, retained: &mut Retained) -> Result<bool, SyncError> {
        let mut left = None;
        for (object, generation) in self.parts.store.objects_to_delete(erasure).await? {
            match self.parts.blobs.delete(&object, generation).await {
                Ok(()) => retained.objects += 1,
                // The name is another object's by now: the one that was meant is gone.
                Err(BlobError::Missing | BlobError::Different) => {}
                Err(error) if error.passes() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(erasure = %erasure.record, %error, "an object could not be deleted");
                    if matches!(error, BlobError::Denied { .. }) {
                        retained.denied += 1;
                    }
                    left = Some(error.to_string());
                    continue;
                }
            }
            let mut write = self.parts.store.write().await?;
            write.object_deleted(&object, generation).await?;
            write.commit().await?;
        }
        let Some(reason) = left else { return Ok(true) };
        self.note(erasure, &reason).await?;
        Ok(false)
    }

    /// Lets the centre empty its rows.
    async fn erase(&self, erasure: &Erasure) -> Result<(), SyncError> {
        let answer = self
            .parts
            .registry
            .erase(erasure.operation, erasure.record)
            .await?;
        if answer.operation != erasure.operation {
            return Err(SyncError::Answer {
                what: "not the answer to what was asked",
            });
        }
        match answer.outcome {
            Outcome::Applied { .. } => {}
            // The centre does not have it: there is nothing to empty.
            Outcome::Refused { code, .. } if code == "unknown" => {}
            Outcome::Refused { code, .. } => {
                tracing::warn!(erasure = %erasure.record, code, "the centre did not empty its rows");
                return self.note(erasure, &code).await;
            }
        }
        let mut write = self.parts.store.write().await?;
        write.erased(erasure).await?;
        Ok(write.commit().await?)
    }

    async fn note(&self, erasure: &Erasure, reason: &str) -> Result<(), SyncError> {
        let mut write = self.parts.store.write().await?;
        write.note_erasure(erasure, reason).await?;
        Ok(write.commit().await?)
    }

    /// Removes the sealed files of photos whose deletion is confirmed.
    pub(super) async fn remove_files(&self) -> Result<(), SyncError> {
        loop {
            let photos = self.parts.store.files_to_remove().await?;
            if photos.is_empty() {
                return Ok(());
            }
            for photo in &photos {
                self.remove_file(*photo).await?;
            }
            let mut write = self.parts.store.write().await?;
            write.files_removed(&photos).await?;
            write.commit().await?;
        }
    }

    pub(super) async fn remove_file(&self, photo: PhotoId) -> Result<(), SyncError> {
        let vault = Arc::clone(&self.parts.vault);
        tokio::task::spawn_blocking(move || vault.remove_photo(photo))
            .await
            .map_err(|_| SyncError::Interrupted)??;
        Ok(())
    }
}
