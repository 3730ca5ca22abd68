//! Receiving: pages of changes, each applied in one transaction with the place in the feed, then thumbnails ahead of whoever
//! looks.

use std::sync::Arc;

use tokio::time::Instant;

use super::{News, SyncError, Worker, held, part_of};
use crate::{
    clinical::PhotoId,
    store::{Applied, ImagePart, ObjectFacts},
    sync::{BlobError, BlobFacts, Page},
    vault::Vault,
};

/// Changes of one page: what fits into memory many times over, and commits in a fraction of a second.
const PAGE: u32 = 500;
/// Thumbnails fetched ahead in one round.
const AHEAD: u32 = 64;

impl Worker {
    /// Pulls until the feed has nothing more: one half of [`Worker::once`].
    ///
    /// # Errors
    /// The first that keeps it from its end. What was applied stays.
    pub async fn receive(&self) -> Result<(), SyncError> {
        let mut received = false;
        loop {
            let after = self.parts.store.feed_place().await?;
            let page = self.parts.registry.pull(after, PAGE).await?;
            if page.last < after || (page.more && page.last == after) {
                return Err(SyncError::Answer {
                    what: "a page of the feed that leads nowhere",
                });
            }
            if page.last > after {
                received |= self.apply(&page).await?;
            }
            if !page.more {
                break;
            }
        }
        {
            let mut contact = held(&self.contact);
            contact.pulled = Some(Instant::now());
            contact.pulled_at = Some(self.parts.clock.now());
        }
        if received {
            // A patient's number may have come, on which images waited.
            self.send_bell.notify_one();
            (self.tell)(News::Received);
        }
        self.fetch_ahead().await
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
        Ok(taken)
    }

    /// Thumbnails that are at the centre and not here, so that a history shows pictures without the network.
    async fn fetch_ahead(&self) -> Result<(), SyncError> {
        let mut fetched = false;
        for (photo, facts) in self.parts.store.thumbnails_elsewhere(AHEAD).await? {
            match self.fetch(photo, ImagePart::Thumbnail, &facts).await {
                Ok(_) => fetched = true,
                Err(SyncError::Blob(BlobError::Missing | BlobError::Different)) => {
                    tracing::warn!(%photo, "a thumbnail is not at the centre as its record says");
                }
                Err(error) => return Err(error),
            }
        }
        if fetched {
            (self.tell)(News::Received);
        }
        Ok(())
    }

    /// Fetches an image that is not here and seals it, so that it is here from now on. Gives its bytes.
    ///
    /// # Errors
    /// [`BlobError::Different`] where the bytes are not those that the record names; nothing is kept then.
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
        let vault = Arc::clone(&self.parts.vault);
        let bytes = tokio::task::spawn_blocking(move || {
            vault
                .add_part(photo, &stored.wrapped_key, part_of(part), &bytes)
                .map(|()| bytes)
        })
        .await
        .map_err(|_| SyncError::Interrupted)??;
        let mut write = self.parts.store.write().await?;
        write.set_here(photo, part, true).await?;
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
