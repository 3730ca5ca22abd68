//! What a start makes of the sealed files that it finds.

use std::{collections::HashSet, sync::Arc};

use super::{Error, blocking};
use crate::{
    clinical::PhotoId,
    store::Store,
    vault::{Part, Standing, Vault},
};

/// Brings the names of sealed files into line with the rows (see [`crate::vault`] for what each name means). Only what was
/// never reported is removed. One file that can't be renamed stops nothing: a photo opens under its earlier name too.
pub(super) async fn sweep(vault: &Arc<Vault>, store: &Store) -> Result<(), Error> {
    finish_removals(vault, store).await?;
    let looked_at = Arc::clone(vault);
    let sealed = blocking(move || {
        looked_at.sweep_unfinished()?;
        looked_at.sealed_photos()
    })
    .await??;
    let ids: Vec<PhotoId> = sealed.iter().map(|(id, _)| *id).collect();
    let rowless: HashSet<PhotoId> = store.without_row(&ids).await?.into_iter().collect();
    let vault = Arc::clone(vault);
    blocking(move || {
        for (id, standing) in sealed {
            let done = match (standing, rowless.contains(&id)) {
                (Standing::Kept, false) | (Standing::Orphan, true) => continue,
                (Standing::Keeping, false) => vault.settle(id),
                (Standing::Keeping, true) => vault.discard(id),
                (Standing::Kept, true) => vault.set_apart(id),
                (Standing::Orphan, false) => vault.put_back(id),
            };
            match done {
                Ok(()) if standing == Standing::Kept => {
                    tracing::error!(photo = %id, "a sealed file has no row and stands apart: is the database an older one?");
                }
                Ok(()) => tracing::info!(photo = %id, ?standing, "a start brought a sealed file into line"),
                Err(error) => tracing::error!(photo = %id, %error, "a sealed file keeps its name"),
            }
        }
    })
    .await
}

/// Ends what a power cut stopped between a commit and the file that it is about: sealed files of photos that are deleted at
/// the centre, and originals that a purge has marked as not here. One that can't be removed stops nothing.
pub(super) async fn finish_removals(vault: &Arc<Vault>, store: &Store) -> Result<(), Error> {
    loop {
        let photos = store.files_to_remove().await?;
        let mut removed = Vec::with_capacity(photos.len());
        for photo in photos {
            let vault = Arc::clone(vault);
            match blocking(move || vault.remove_photo(photo)).await? {
                Ok(()) => removed.push(photo),
                Err(error) => tracing::error!(%photo, %error, "the sealed file of a deleted photo stays"),
            }
        }
        if removed.is_empty() {
            break;
        }
        let mut write = store.write().await?;
        write.files_removed(&removed).await?;
        write.commit().await?;
    }
    for stored in store.purging().await? {
        let (vault, photo) = (Arc::clone(vault), stored.id);
        match blocking(move || vault.remove_part(photo, &stored.wrapped_key, Part::Original)).await? {
            Ok(()) => {
                let mut write = store.write().await?;
                write.purged(photo).await?;
                write.commit().await?;
            }
            Err(error) => tracing::error!(%photo, %error, "a purged original stays in its file"),
        }
    }
    Ok(())
}
