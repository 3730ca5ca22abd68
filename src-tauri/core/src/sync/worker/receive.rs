//! Receiving: pages of changes, each applied in one transaction with the place in the feed, then thumbnails ahead of whoever
//! looks.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{News, SyncError, Worker, held, learn, part_of};
use crate::{
    clinical::PhotoId,
    clock::rfc3339,
    store::{Applied, ImagePart, ObjectFacts, Setting, StoreError},
    sync::{BlobError, BlobFacts, Line, Page},
    vault::Vault,
};

/// Thumbnails fetched ahead in one round; where there are more, the next round follows at once.
const AHEAD: u32 = 64;
/// Bytes of the largest thumbnail that is fetched before anybody looks. Ours have about 10 kB.
const LARGEST_AHEAD: u64 = 64 * 1024;
/// How exactly the last pull is remembered past the end of the program.
const NOTED_EVERY: Duration = Duration::from_secs(600);

impl Worker {
    /// Pulls until the feed has nothing more: one half of [`Worker::once`].
    ///
    /// # Errors
    /// The first that keeps it from its end. What was applied stays.
    pub async fn receive(&self) -> Result<(), SyncError> {
        if self.parts.store.is_centre_set_back().await? {
            return Err(SyncError::SetBack);
        }
        let mut received = false;
        loop {
            let after = self.parts.store.feed_place().await?;
            let together = held(&self.pulled_together).now();
            let begun = Instant::now();
            let page = self
                .parts
                .registry
                .pull(after, together)
                .await
                .map_err(SyncError::from);
            let full = page.as_ref().is_ok_and(|page| page.more);
            learn(&self.pulled_together, full, begun.elapsed(), &page);
            let page = page?;
            if page.last < after || (page.more && page.last == after) {
                return Err(SyncError::Answer {
                    what: "a page of the feed that leads nowhere",
                });
            }
            // Once more was recorded there than was lost, nothing shows it any more.
            if page.head.is_some_and(|head| head < after) {
                let mut write = self.parts.store.write().await?;
                write.set(Setting::CentreSetBack, "yes").await?;
                write.commit().await?;
                return Err(SyncError::SetBack);
            }
            if page.last > after {
                received |= self.apply(&page).await?;
            }
            if !page.more {
                break;
            }
        }
        self.note_pull().await?;
        if received {
            // A patient's number may have come, on which images waited.
            self.send_bell.notify_one();
            (self.tell)(News::Received);
        }
        self.fetch_ahead().await
    }

    /// The feed was read to its end. The time is remembered past the end of the program, but not written every minute.
    async fn note_pull(&self) -> Result<(), SyncError> {
        let now = self.parts.clock.now();
        let is_noted = {
            let mut contact = held(&self.contact);
            contact.pulled = Some(Instant::now());
            contact.pulled_at = Some(now);
            contact.noted.is_some_and(|at| at.elapsed() < NOTED_EVERY)
        };
        if is_noted {
            return Ok(());
        }
        let mut write = self.parts.store.write().await?;
        write.set(Setting::PulledAt, &rfc3339(now)).await?;
        write.commit().await?;
        held(&self.contact).noted = Some(Instant::now());
        Ok(())
    }

    async fn apply(&self, page: &Page) -> Result<bool, SyncError> {
        let new_key = key_maker(&self.parts.vault);
        let mut write = self.parts.store.write().await?;
        let mut taken = false;
        for numbered in &page.changes {
            taken |= write.apply(&numbered.change, &new_key).await? == Applied::Taken;
        }
        taken |= write.apply_parked(&new_key).await? > 0;
        write.set_feed_place(page.last).await?;
        write.commit().await?;
        self.remove_files().await?;
        Ok(taken)
    }

    /// Thumbnails that are at the centre and not here, so that a history shows pictures without the network.
    async fn fetch_ahead(&self) -> Result<(), SyncError> {
        if *held(&self.line) == Line::RecordsAndUrgent {
            return Ok(());
        }
        let missing = held(&self.without_thumbnail).clone();
        let looked_at = AHEAD.saturating_add(u32::try_from(missing.len()).unwrap_or(u32::MAX));
        let mut elsewhere = self
            .parts
            .store
            .thumbnails_elsewhere(LARGEST_AHEAD, looked_at)
            .await?;
        elsewhere.retain(|(photo, _)| !missing.contains(photo));
        let there_is_more = elsewhere.len() >= AHEAD as usize;
        let mut fetched = 0;
        for (photo, facts) in elsewhere.into_iter().take(AHEAD as usize) {
            tokio::time::sleep(self.pace.reserve(facts.bytes)).await;
            match self.fetch(photo, ImagePart::Thumbnail, &facts).await {
                Ok(_) => fetched += 1,
                Err(SyncError::Store(StoreError::NotFound { .. })) => {}
                Err(SyncError::Blob(BlobError::Missing | BlobError::Different)) => {
                    tracing::warn!(%photo, "a thumbnail is not at the centre as its record says");
                    held(&self.without_thumbnail).insert(photo);
                }
                Err(error) => return Err(error),
            }
        }
        if fetched > 0 {
            (self.tell)(News::Received);
        }
        if there_is_more {
            self.pull_bell.notify_one();
        }
        Ok(())
    }

    /// Fetches an image that is not here and seals it, so that it is here from now on. Gives its bytes.
    ///
    /// # Errors
    /// [`BlobError::Missing`], and [`BlobError::Different`] where the bytes are not those that the record names; [`StoreError::NotFound`]
    /// where the photo was deleted meanwhile. Nothing is kept then.
    pub async fn fetch(
        &self,
        photo: PhotoId,
        part: ImagePart,
        facts: &ObjectFacts,
    ) -> Result<Vec<u8>, SyncError> {
        let expected = BlobFacts {
            bytes: facts.bytes,
            crc32c: facts.crc32c,
            generation: facts.generation,
        };
        let bytes = self.parts.blobs.get(&facts.name, &expected).await?;
        let stored = self.parts.store.stored_photo(photo).await?;
        let _alone = self.parts.vault.alone().await;
        let vault = Arc::clone(&self.parts.vault);
        let bytes = tokio::task::spawn_blocking(move || {
            vault
                .add_part(photo, &stored.wrapped_key, part_of(part), &bytes)
                .map(|()| bytes)
        })
        .await
        .map_err(|_| SyncError::Interrupted)??;
        let mut write = self.parts.store.write().await?;
        if !write.set_here(photo, part, true).await? {
            // It was deleted while its image came.
            drop(write);
            self.remove_file(photo).await?;
            return Err(StoreError::NotFound { what: "photo" }.into());
        }
        write.commit().await?;
        Ok(bytes)
    }
}

/// Makes the key of a photo that comes from elsewhere.
fn key_maker(vault: &Arc<Vault>) -> impl Fn(PhotoId) -> Option<Vec<u8>> + Sync + use<> {
    let vault = Arc::clone(vault);
    move |photo| match vault.new_photo_key(photo) {
        Ok(wrapped) => Some(wrapped),
        Err(error) => {
            tracing::error!(%photo, %error, "no key for a photo");
            None
        }
    }
}
