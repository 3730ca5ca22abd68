//! Conflicts that somebody has looked at here: the centre is told, and every workstation hears of it by the feed.

use super::{SyncError, Worker};
use crate::sync::RegistryError;

impl Worker {
    /// Tells the centre. One that it does not know is not told again; one that it does not take holds up none of the others.
    pub(super) async fn tell_settled(&self) -> Result<(), SyncError> {
        for settled in self.parts.store.settled_conflicts().await? {
            match self
                .parts
                .registry
                .settle_conflict(settled.id, settled.by.0)
                .await
            {
                Ok(()) => {}
                Err(error @ RegistryError::Unknown { .. }) => {
                    tracing::warn!(conflict = %settled.id, %error, "a conflict that the centre does not have");
                }
                Err(error @ RegistryError::NotUnderstood { .. }) => {
                    tracing::warn!(conflict = %settled.id, %error, "the centre does not settle a conflict");
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            let mut write = self.parts.store.write().await?;
            write.settling_told(settled.id).await?;
            write.commit().await?;
        }
        Ok(())
    }
}
