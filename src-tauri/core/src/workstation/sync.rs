//! The workstation's side of the centre: connecting, sync in the background, and how far things have come.

use std::sync::{Arc, PoisonError};

use serde::Serialize;

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::Caller,
    clinical::PhotoId,
    clock::rfc3339,
    store::{Conflict, ImagePart, Setting},
    sync::{
        Blobs, Line, Link, PostgresRegistry, Registry, RegistryError,
        central::Password,
        gcs::{self, Bucket},
        status::{Overall, Trouble, Waiting, overall},
        worker::{News, Parts, Worker},
    },
};

/// How far things have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct SyncStatus {
    /// In one word.
    pub overall: Overall,
    /// Records that the centre has not confirmed.
    pub waiting_records: u32,
    /// Images that the bucket has not confirmed.
    pub waiting_images: u32,
    /// Of both, those that wait for a person.
    pub refused: u32,
    /// Conflicts that nobody has looked at.
    pub conflicts: u32,
    /// Changes of the centre's that this version can't apply yet.
    pub parked: u32,
    /// Since when the oldest record waits, RFC 3339.
    pub waiting_since: Option<String>,
    /// When something last reached the centre, RFC 3339.
    pub delivered_at: Option<String>,
    /// When the centre's feed was last read to its end, RFC 3339.
    pub pulled_at: Option<String>,
    /// Why the last round ended early.
    pub trouble: Option<Trouble>,
}

impl Workstation {
    /// Takes a connection code: proves the connection, gives this workstation a secret that only it and the centre know, and
    /// keeps it in the encrypted database. Gives the clinic's name at the centre.
    ///
    /// # Errors
    /// [`Error::Link`] for what is no code; [`Error::Registry`] where the centre can't be reached or does not let it in.
    /// Before the centre has let it in, nothing is kept.
    pub async fn connect(&self, _caller: &Caller, code: &str) -> Result<String, Error> {
        let mut link = Link::from_code(code)?;
        let handed_over = PostgresRegistry::new(&link);
        let hello = handed_over.hello().await?;
        let own = Password::random().map_err(|_| Error::Interrupted)?;
        // Kept before the centre is told: whichever of the two is valid after a power cut, it is here.
        self.keep_link(&link).await?;
        self.keep_next_secret(own.expose()).await?;
        handed_over.rotate(&link.role, &own).await?;
        handed_over.close().await;
        link.secret = own.expose().to_owned();
        self.keep_link(&link).await?;
        Ok(hello.clinic)
    }

    /// How to reach the centre; `None` where this workstation is not connected.
    ///
    /// # Errors
    /// As every read.
    pub async fn link(&self) -> Result<Option<Link>, Error> {
        let json = self.store().setting(Setting::Centre).await?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Puts a worker between this workstation and the centre that it was connected to.
    ///
    /// # Errors
    /// [`Error::NotConnected`]; [`Error::Storage`] where the link names no bucket that can be asked.
    pub async fn join_centre(&self) -> Result<(), Error> {
        let link = self.link().await?.ok_or(Error::NotConnected)?;
        let bucket = Bucket::new(gcs::Access::from(&link), gcs::Deadlines::default())?;
        let registry = self.registry(link).await?;
        self.join(Arc::new(bucket), Arc::new(registry));
        Ok(())
    }

    /// The centre's records by the secret that is valid: where the answer to a change of it was lost, that is the one or the
    /// other.
    async fn registry(&self, mut link: Link) -> Result<PostgresRegistry, Error> {
        let registry = PostgresRegistry::new(&link);
        let next = self.store().setting(Setting::NextSecret).await?;
        let Some(next) = next.filter(|next| !next.is_empty() && *next != link.secret) else {
            return Ok(registry);
        };
        if !matches!(registry.hello().await, Err(RegistryError::Denied { .. })) {
            return Ok(registry);
        }
        registry.close().await;
        link.secret = next;
        let registry = PostgresRegistry::new(&link);
        if registry.hello().await.is_ok() {
            self.keep_link(&link).await?;
        }
        Ok(registry)
    }

    /// Puts a worker between this workstation and the centre's two ports. It does nothing before [`Workstation::sync`].
    pub fn join(&self, blobs: Arc<dyn Blobs>, registry: Arc<dyn Registry>) {
        let changed = self.changed.clone();
        let worker = Worker::new(
            Parts {
                store: Arc::clone(&self.keeper.store),
                vault: Arc::clone(&self.keeper.vault),
                blobs,
                registry,
                clock: self.place.clock.clone(),
            },
            Line::Everything,
            move |news| {
                let what = match news {
                    News::Received => vec![
                        ChangedKind::Patients,
                        ChangedKind::Photos,
                        ChangedKind::Analyses,
                        ChangedKind::Notes,
                        ChangedKind::Sync,
                        ChangedKind::Urgent,
                    ],
                    // What was urgent and not delivered may be now.
                    News::Progress => vec![ChangedKind::Sync, ChangedKind::Urgent],
                };
                // Nobody listening is fine.
                let _ = changed.send(super::Changed {
                    what,
                    patient_id: None,
                });
            },
        );
        *self.worker.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(worker));
    }

    /// Sends and pulls until [`Workstation::close`]. Returns at once where nothing was joined.
    pub async fn sync(&self) {
        if let Some(worker) = self.worker() {
            worker.run().await;
        }
    }

    /// Sends all that can be sent and pulls all that there is, once.
    ///
    /// # Errors
    /// [`Error::NotConnected`]; [`Error::Sync`] where the round did not come to its end. What was done stays done.
    pub async fn sync_once(&self) -> Result<(), Error> {
        Ok(self.worker().ok_or(Error::NotConnected)?.once().await?)
    }

    /// Tries everything now that waits for its time or was refused.
    ///
    /// # Errors
    /// As every write.
    pub async fn retry_sync(&self, _caller: &Caller) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        write.retry_all(true).await?;
        write.commit().await?;
        if let Some(worker) = self.worker() {
            worker.wake();
        }
        Ok(())
    }

    /// How far things have come.
    ///
    /// # Errors
    /// As every read.
    pub async fn sync_status(&self) -> Result<SyncStatus, Error> {
        let store = self.store();
        let waiting = Waiting {
            records: store.waiting().await?,
            images: store.waiting_image_count().await?,
            refused: store.refused_count().await?,
            conflicts: store.conflict_count().await?,
            parked: store.parked_count().await?,
            since: store.waiting_since().await?.and_then(|since| since.parse().ok()),
        };
        let worker = self.worker();
        let contact = worker.as_ref().map(|worker| worker.contact()).unwrap_or_default();
        let connected = worker.is_some() || self.link().await?.is_some();
        Ok(SyncStatus {
            overall: overall(connected, &waiting, &contact, self.place.clock.now()),
            waiting_records: waiting.records,
            waiting_images: waiting.images,
            refused: waiting.refused,
            conflicts: waiting.conflicts,
            parked: waiting.parked,
            waiting_since: waiting.since.map(rfc3339),
            delivered_at: contact.delivered_at.map(rfc3339),
            pulled_at: contact.pulled_at.map(rfc3339),
            trouble: contact.trouble(),
        })
    }

    /// Fields that were changed in two places and that nobody has looked at.
    ///
    /// # Errors
    /// As every read.
    pub async fn conflicts(&self, _caller: &Caller) -> Result<Vec<Conflict>, Error> {
        Ok(self.store().conflicts().await?)
    }

    /// An image that may be at the centre only: fetched then, and sealed here from now on. `None` where it is here.
    pub(super) async fn fetched(&self, photo: PhotoId, part: ImagePart) -> Result<Option<Vec<u8>>, Error> {
        let (here, object) = self.store().whereabouts(photo, part).await?;
        if here {
            return Ok(None);
        }
        let worker = match self.worker() {
            Some(worker) => worker,
            None => {
                self.join_centre().await?;
                self.worker().ok_or(Error::NotConnected)?
            }
        };
        let object = object.ok_or(Error::NotAtCentre)?;
        Ok(Some(worker.fetch(photo, part, &object).await?))
    }

    /// Tells the worker that something was written here.
    pub(super) fn written(&self) {
        if let Some(worker) = self.worker() {
            worker.written();
        }
    }

    pub(super) fn worker(&self) -> Option<Arc<Worker>> {
        self.worker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn keep_link(&self, link: &Link) -> Result<(), Error> {
        let json = serde_json::to_string(link).map_err(|_| Error::Interrupted)?;
        let mut write = self.store().write().await?;
        write.set(Setting::Centre, &json).await?;
        Ok(write.commit().await?)
    }

    async fn keep_next_secret(&self, secret: &str) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        write.set(Setting::NextSecret, secret).await?;
        Ok(write.commit().await?)
    }
}
