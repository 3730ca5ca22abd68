//! The connection to the centre: a code that is taken, the secret that takes its place, and the worker between the two sides.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{ChangedKind, Error, Workstation, as_json};
use crate::{
    accounts::Caller,
    clock::rfc3339,
    store::Setting,
    sync::{
        Blobs, Line, Link, PostgresRegistry, Registry,
        central::Password,
        gcs::{self, Bucket},
        status::Trouble,
        worker::{News, Parts, Worker},
    },
};

/// A secret is renewed at a start of the program once it is older.
const SECRET_HOLDS: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Workstation {
    /// Takes a connection code: proves the connection, gives this workstation a secret that only it and the centre know, and
    /// keeps it in the encrypted database. Gives the clinic's name at the centre.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for whoever is no administrator; [`Error::Link`] for what is no
    /// code; [`Error::Storage`] where it names no bucket that can be asked; [`Error::Registry`] where the centre can't be reached
    /// or does not let it in; [`Error::OtherClinic`].
    /// Before the centre has let it in, nothing is kept.
    pub async fn connect(&self, caller: &Caller, code: &str) -> Result<String, Error> {
        caller.must_be_admin()?;
        let mut link = Link::from_code(code)?;
        // A bucket that can't be asked would be noticed by nobody before the first image waits.
        self.bucket(&link)?;
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
        let as_json = as_json(&link)?;
        let mut kept = vec![
            (Setting::Centre, as_json.as_str()),
            (Setting::SecretRenewedAt, ""),
        ];
        if self.store().is_centre_set_back().await? {
            // All that it has now is read anew; what is known already changes nothing.
            kept.extend([(Setting::CentreSetBack, ""), (Setting::FeedPlace, "0")]);
        }
        self.keep(&kept).await?;
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

    /// Joins it, or notes for the status why that can't be.
    async fn join_by_link(&self) -> Result<(), Error> {
        let joined = self.try_to_join().await;
        let trouble = match &joined {
            Ok(()) | Err(Error::NotConnected) => None,
            Err(Error::Storage(_)) => Some(Trouble::Denied),
            Err(_) => Some(Trouble::ThisMachine),
        };
        *self.not_joined.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        self.tell(&[ChangedKind::Sync], None);
        joined
    }

    async fn try_to_join(&self) -> Result<(), Error> {
        let link = self.link().await?.ok_or(Error::NotConnected)?;
        let bucket = self.bucket(&link)?;
        let registry = self.registry(link).await?;
        self.join(Arc::new(bucket), Arc::new(registry));
        let settings = self.sync_settings().await?;
        self.apply_sync_settings(settings);
        Ok(())
    }

    fn bucket(&self, link: &Link) -> Result<Bucket, Error> {
        let bucket = Bucket::new(gcs::Access::from(link), gcs::Deadlines::default())?;
        Ok(bucket.paced(Arc::clone(&self.pace)))
    }

    /// Why no worker could be put between this workstation and the centre that it is connected to.
    pub(super) fn not_joined(&self) -> Option<Trouble> {
        *self.not_joined.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Whether there is a centre that things could reach.
    pub(super) async fn is_connected(&self) -> Result<bool, Error> {
        Ok(self.worker().is_some() || self.link().await?.is_some())
    }

    pub(super) fn worker(&self) -> Option<Arc<Worker>> {
        self.worker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn keep_link(&self, link: &Link) -> Result<(), Error> {
        self.keep(&[(Setting::Centre, &as_json(link)?)]).await
    }
}
