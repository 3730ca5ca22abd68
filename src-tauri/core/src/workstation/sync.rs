//! The workstation's side of the centre: connecting, sync in the background, and how far things have come.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChangedKind, Error, Workstation, as_json};
use crate::{
    accounts::Caller,
    clinical::PhotoId,
    clock::rfc3339,
    store::{ImagePart, Setting},
    sync::{
        Blobs, Line, Link, PostgresRegistry, Registry, SLOWEST,
        central::Password,
        gcs::{self, Bucket},
        plan::{LOOKED_AT, Situation, plan},
        status::{Contact, Overall, Trouble, Waiting, overall},
        worker::{News, Parts, Worker},
    },
};

/// A secret is renewed at a start of the program once it is older.
const SECRET_HOLDS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the line to the centre may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
pub struct SyncSettings {
    /// What it is good for.
    pub line: Line,
    /// A cap on the images that travel, in kB (1,000 bytes) per second, at least [`SLOWEST`]; `None`: as fast as it goes.
    /// Images of urgent cases know no cap.
    pub kilobytes_per_second: Option<u32>,
}

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
    /// [`crate::accounts::AccountsError::NotAllowed`] for whoever is no administrator; [`Error::Link`] for what is no
    /// code; [`Error::Registry`] where the centre can't be reached or does not let it in; [`Error::OtherClinic`].
    /// Before the centre has let it in, nothing is kept.
    pub async fn connect(&self, caller: &Caller, code: &str) -> Result<String, Error> {
        caller.must_be_admin()?;
        let mut link = Link::from_code(code)?;
        // The same code again, after the answer to the change of its secret was lost.
        let known = self.link().await?;
        let in_doubt = known.is_some_and(|known| (&known.role, &known.secret) == (&link.role, &link.secret));
        let handed_over = match self.next_secret(&link).await? {
            Some(next) if in_doubt => PostgresRegistry::new(&link).or_by(&next),
            _ => PostgresRegistry::new(&link),
        };
        let hello = handed_over.hello().await?;
        self.must_be_the_same_clinic(hello.clinic_id).await?;
        link.secret = handed_over.secret();
        // A code's secret is known to whoever saw the code: as long as it is valid it counts as old.
        self.keep(&[
            (Setting::Centre, &as_json(&link)?),
            (Setting::SecretRenewedAt, ""),
        ])
        .await?;
        self.renew_secret(&handed_over, &mut link).await?;
        handed_over.close().await;
        Ok(hello.clinic)
    }

    /// What is here was confirmed by one clinic at one centre. At another its place in the feed and the revisions would mean
    /// something else, and its patients would be mixed with others.
    async fn must_be_the_same_clinic(&self, clinic: Uuid) -> Result<(), Error> {
        let clinic = clinic.to_string();
        match self.store().setting(Setting::ClinicAtCentre).await? {
            Some(known) if known != clinic => Err(Error::OtherClinic),
            Some(_) => Ok(()),
            None => self.keep(&[(Setting::ClinicAtCentre, &clinic)]).await,
        }
    }

    /// Gives this workstation a new secret at the centre. The old one opens no connection from then on.
    async fn renew_secret(&self, registry: &PostgresRegistry, link: &mut Link) -> Result<(), Error> {
        let own = Password::random().map_err(|_| Error::Interrupted)?;
        // Kept before the centre is told: whichever of the two is valid after a power cut, it is here.
        self.keep(&[(Setting::NextSecret, own.expose())]).await?;
        registry.rotate(&link.role, &own).await?;
        link.secret = own.expose().to_owned();
        let now = rfc3339(self.place.clock.now());
        self.keep(&[
            (Setting::Centre, &as_json(link)?),
            (Setting::SecretRenewedAt, &now),
        ])
        .await
    }

    /// Whether the secret is so old that it should be another.
    async fn is_secret_old(&self) -> Result<bool, Error> {
        let renewed = self.store().setting(Setting::SecretRenewedAt).await?;
        let renewed: Option<Timestamp> = renewed.and_then(|at| at.parse().ok());
        // A clock that was set back makes no secret young.
        Ok(renewed.is_none_or(|at| self.place.clock.now().duration_since(at).abs() >= SECRET_HOLDS))
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
        let _joining = self.joining.lock().await;
        self.join_by_link().await
    }

    /// The worker; where there is none yet, one is joined. Of several who ask at once one joins it: another would end what the first
    /// is used for.
    pub(super) async fn joined(&self) -> Result<Arc<Worker>, Error> {
        let _joining = match self.worker() {
            Some(worker) => return Ok(worker),
            None => self.joining.lock().await,
        };
        if self.worker().is_none() {
            self.join_by_link().await?;
        }
        self.worker().ok_or(Error::NotConnected)
    }

    async fn join_by_link(&self) -> Result<(), Error> {
        let link = self.link().await?.ok_or(Error::NotConnected)?;
        let bucket = Bucket::new(gcs::Access::from(&link), gcs::Deadlines::default())?;
        let registry = self.registry(link).await?;
        self.join(Arc::new(bucket.paced(Arc::clone(&self.pace))), Arc::new(registry));
        let settings = self.sync_settings().await?;
        self.apply_sync_settings(settings);
        Ok(())
    }

    /// What the line to the centre may be used for.
    ///
    /// # Errors
    /// As every read.
    pub async fn sync_settings(&self) -> Result<SyncSettings, Error> {
        let json = self.store().setting(Setting::SyncSettings).await?;
        Ok(json
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Says what the line to the centre may be used for, from now on and after a restart.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`Error::RateTooLow`]; as every write.
    pub async fn set_sync_settings(&self, caller: &Caller, settings: SyncSettings) -> Result<(), Error> {
        caller.must_be_staff()?;
        if settings.kilobytes_per_second.is_some_and(|rate| rate < SLOWEST) {
            return Err(Error::RateTooLow { at_least: SLOWEST });
        }
        self.keep(&[(Setting::SyncSettings, &as_json(&settings)?)])
            .await?;
        self.apply_sync_settings(settings);
        Ok(())
    }

    fn apply_sync_settings(&self, settings: SyncSettings) {
        self.pace.set(settings.kilobytes_per_second);
        if let Some(worker) = self.worker() {
            worker.set_line(settings.line);
        }
    }

    /// The centre's records by the secret that is valid: where the answer to a change of it was lost, that is the one or the
    /// other. An old one is renewed where the centre can be reached.
    async fn registry(&self, mut link: Link) -> Result<PostgresRegistry, Error> {
        let registry = self.by_either_secret(&link).await?;
        let in_doubt = self.next_secret(&link).await?.is_some();
        let is_old = self.is_secret_old().await?;
        if !(in_doubt || is_old) || registry.hello().await.is_err() {
            return Ok(registry);
        }
        // Known before there is a third.
        if registry.secret() != link.secret {
            link.secret = registry.secret();
            self.keep_link(&link).await?;
        }
        if !is_old {
            return Ok(registry);
        }
        if let Err(error) = self.renew_secret(&registry, &mut link).await {
            tracing::warn!(%error, "whether the secret was renewed is not known");
        }
        registry.close().await;
        self.by_either_secret(&link).await
    }

    async fn by_either_secret(&self, link: &Link) -> Result<PostgresRegistry, Error> {
        let registry = PostgresRegistry::new(link);
        Ok(match self.next_secret(link).await? {
            Some(next) => registry.or_by(&next),
            None => registry,
        })
    }

    /// The secret that the centre was told and did not confirm.
    async fn next_secret(&self, link: &Link) -> Result<Option<String>, Error> {
        let next = self.store().setting(Setting::NextSecret).await?;
        Ok(next.filter(|next| !next.is_empty() && *next != link.secret))
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
            Line::default(),
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
        let worker = Arc::new(worker.paced(Arc::clone(&self.pace)));
        let before = self
            .worker
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(worker);
        if let Some(before) = before {
            before.stop();
        }
    }

    /// Sends and pulls until [`Workstation::close`], and once a day lets go what was kept long enough. Returns at once where
    /// nothing was joined.
    pub async fn sync(&self) {
        if let Some(worker) = self.worker() {
            tokio::select! {
                () = worker.run() => {}
                () = self.retain_daily() => {}
            }
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
            held_back: self.is_held_back().await?,
            ..Waiting::from(store.outstanding().await?)
        };
        let mut contact = self.contact();
        // What was known before the program was last started.
        contact.delivered_at = contact.delivered_at.or(self.noted(Setting::DeliveredAt).await?);
        contact.pulled_at = contact.pulled_at.or(self.noted(Setting::PulledAt).await?);
        let connected = self.is_connected().await?;
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

    /// Whether anything waits that reaches the centre by itself once it can be reached.
    ///
    /// # Errors
    /// As every read.
    pub async fn has_work_for_centre(&self) -> Result<bool, Error> {
        if !self.is_connected().await? {
            return Ok(false);
        }
        let waits = self.store().outbox(LOOKED_AT).await?;
        let next = plan(Situation {
            now: self.place.clock.now(),
            line: self.sync_settings().await?.line,
            records: &waits.records,
            images: &waits.images,
        });
        Ok(!next.is_empty() || !self.store().settled_conflicts().await?.is_empty())
    }

    /// Whether nothing that waits may use the line as it is set.
    async fn is_held_back(&self) -> Result<bool, Error> {
        let restricted = self.sync_settings().await?.line != Line::Everything;
        Ok(restricted && !self.has_work_for_centre().await?)
    }

    /// An image that may be at the centre only: fetched then, and sealed here from now on. `None` where it is here.
    pub(super) async fn fetched(&self, photo: PhotoId, part: ImagePart) -> Result<Option<Vec<u8>>, Error> {
        let (here, object) = self.store().whereabouts(photo, part).await?;
        if here {
            return Ok(None);
        }
        let worker = self.joined().await?;
        let object = object.ok_or(Error::NotAtCentre)?;
        Ok(Some(worker.fetch(photo, part, &object).await?))
    }

    /// Whether there is a centre that things could reach.
    pub(super) async fn is_connected(&self) -> Result<bool, Error> {
        Ok(self.worker().is_some() || self.link().await?.is_some())
    }

    /// What is known of the centre since the program started.
    pub(super) fn contact(&self) -> Contact {
        self.worker().map(|worker| worker.contact()).unwrap_or_default()
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
        self.keep(&[(Setting::Centre, &as_json(link)?)]).await
    }

    pub(super) async fn keep(&self, settings: &[(Setting, &str)]) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        for (setting, value) in settings {
            write.set(*setting, value).await?;
        }
        Ok(write.commit().await?)
    }

    async fn noted(&self, setting: Setting) -> Result<Option<Timestamp>, Error> {
        Ok(self
            .store()
            .setting(setting)
            .await?
            .and_then(|at| at.parse().ok()))
    }
}
