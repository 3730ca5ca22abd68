//! The façade that the shell and the CLI call: an unlocked vault, an open store, the analysis queue.

mod analyses;
mod centre;
mod connection;
mod measure;
mod models;
mod opinions;
mod patients;
mod photos;
mod place;
mod queue;
mod recovery;
mod retention;
mod settings;
mod space;
mod sweep;
mod sync;
mod urgent;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use serde::Serialize;
use tokio::sync::broadcast;

pub use centre::{CentreSummary, ConflictChoice, Unsent, UnsentItem};
pub use measure::Corners;
pub use models::ModelRow;
pub use photos::{PhotoDetail, Rendition, StagedPhoto};
pub use place::default_data_dir;
pub use queue::{Queue, Way};
pub use recovery::RecoveryOffer;
pub use retention::{Purged, RetentionFloor, RetentionPlan, RetentionReport};
pub use settings::{CheckReport, Damage, DamagedThing, StorageSummary};
pub use space::{AnalysisChange, AnalysisSettings};
pub use sync::{SyncSettings, SyncStatus};

use crate::{
    accounts::{self, Caller},
    analysis::{Models, Threads},
    capture::{Keeper, Tray},
    clinical::{NewPerson, PatientId, Person, PersonId, Role},
    clock::{Clock, rfc3339},
    error::Error,
    imaging::worker::Workers,
    store::{Open, Setting, Store},
    sync::{Pace, status::Trouble, worker::Worker},
    vault::{DirectoryLock, Envelope, KeyPlace, RecoveryKey, Unlocked, Vault, VaultError},
};

/// Where a workstation's data and key are, and what it runs on.
#[derive(Clone)]
pub struct Place {
    /// Everything the workstation keeps is below it.
    pub data_dir: PathBuf,
    /// Where the device key is.
    pub keys: KeyPlace,
    /// What the lock tells the next one who comes.
    pub program: &'static str,
    /// Times and ids.
    pub clock: Clock,
    /// The processes that decode images.
    pub workers: Arc<Workers>,
}

/// Whether a data directory holds a workstation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or a set-up that a power cut ended before anything was reported.
    Nothing,
    /// A workstation; it opens or says why it does not.
    Workstation,
}

/// What went stale in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, specta::Type)]
pub struct Changed {
    /// Which kinds of records.
    pub what: Vec<ChangedKind>,
    /// Of which patient, where it is one's.
    pub patient_id: Option<PatientId>,
}

/// A kind of record that the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum ChangedKind {
    Patients,
    Photos,
    Analyses,
    Notes,
    Models,
    Workstation,
    Sync,
    Urgent,
}

/// An open workstation. It owns its data directory until [`Workstation::close`], or until the process ends.
pub struct Workstation {
    place: Place,
    keeper: Keeper,
    tray: Tray,
    models: Models,
    threads: Threads,
    queue: Queue,
    recovery: recovery::Recovery,
    changed: broadcast::Sender<Changed>,
    worker: RwLock<Option<Arc<Worker>>>,
    pace: Arc<Pace>,
    /// Held while a worker is put between this workstation and the centre.
    joining: tokio::sync::Mutex<()>,
    not_joined: Mutex<Option<Trouble>>,
    /// Held while retention or a purge runs.
    removing: tokio::sync::Mutex<()>,
    _lock: DirectoryLock,
}

/// Looks without opening anything.
///
/// # Errors
/// Where `vault.json` can't be read, and where it is gone while records or photos are there.
pub fn look(place: &Place) -> Result<Found, Error> {
    Ok(match found_envelope(place)? {
        Some(_) => Found::Workstation,
        None => Found::Nothing,
    })
}

impl Workstation {
    /// The first run: names the clinic and makes its first person, an administrator. Gives the recovery key, which is
    /// shown this once.
    ///
    /// # Errors
    /// [`Error::AlreadySetUp`] where a database, photos or a finished set-up are there; the rules for a person.
    pub async fn set_up(
        place: Place,
        clinic: &str,
        first: NewPerson,
    ) -> Result<(Self, Caller, RecoveryOffer), Error> {
        let clinic = name(clinic)?.to_owned();
        let id = PersonId(place.clock.new_id());
        let (person, hash) = blocking(move || accounts::admit(id, &first, Role::Admin)).await??;
        let lock = lock(&place)?;
        clear_unfinished_set_up(&place)?;
        let recovery_key = RecoveryKey::random()?;
        let (mut envelope, keys) = new_vault(&place, &recovery_key).await?;
        let store = Store::open(
            &place.data_dir,
            database_key(&keys),
            Open::Create,
            place.clock.clone(),
        )
        .await?;
        write_first_records(&store, &clinic, &person, &hash).await?;
        envelope.complete = true;
        envelope.write(&place.data_dir)?;
        let workstation = Self::assemble(place, lock, envelope, keys, store).await?;
        let offer = workstation.recovery.offer(recovery_key)?;
        Ok((workstation, accounts::first_caller(person), offer))
    }

    /// Opens with this machine's key.
    ///
    /// # Errors
    /// [`Error::NotSetUp`], and every reason why vault or database do not open. Nothing is made anew then.
    pub async fn open(place: Place) -> Result<Self, Error> {
        // Before the lock, which would make the directory: a mistyped path leaves nothing behind.
        complete_envelope(&place)?;
        let lock = lock(&place)?;
        let envelope = complete_envelope(&place)?;
        let (keys_at, vault) = (place.keys.clone(), envelope.vault);
        let device = blocking(move || keys_at.load(vault)).await??;
        let keys = envelope.unlock(&device)?;
        let store = Store::open(
            &place.data_dir,
            database_key(&keys),
            Open::Existing,
            place.clock.clone(),
        )
        .await?;
        if let Err(error) = envelope.mend(&place.data_dir) {
            tracing::error!(%error, "one of the two files of the vault's keys stays as it is");
        }
        Self::assemble(place, lock, envelope, keys, store).await
    }

    /// Opens with the recovery key and gives this machine a key again: a new one, or the one that is there, which may open
    /// other vaults.
    ///
    /// # Errors
    /// As [`Workstation::open`]. The old device key goes on opening the vault until the new one is stored.
    pub async fn recover(place: Place, recovery_key: &RecoveryKey) -> Result<Self, Error> {
        complete_envelope(&place)?;
        let lock = lock(&place)?;
        let mut envelope = complete_envelope(&place)?;
        let (keys_at, vault) = (place.keys.clone(), envelope.vault);
        let (device, new) = blocking(move || keys_at.for_recovery(vault)).await??;
        let keys = envelope.recover(recovery_key, &device)?;
        let store = Store::open(
            &place.data_dir,
            database_key(&keys),
            Open::Existing,
            place.clock.clone(),
        )
        .await?;
        if new {
            let keys_at = place.keys.clone();
            blocking(move || keys_at.replace(vault, &device)).await??;
        }
        envelope.write(&place.data_dir)?;
        Self::assemble(place, lock, envelope, keys, store).await
    }

    /// Checkpoints and closes the database. Call it before the process ends.
    pub async fn close(&self) {
        if let Some(worker) = self.worker.write().unwrap_or_else(PoisonError::into_inner).take() {
            worker.stop();
        }
        self.keeper.store.close().await;
    }

    /// What goes stale from now on.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changed.subscribe()
    }

    /// The clinic's name.
    ///
    /// # Errors
    /// As every read.
    pub async fn clinic(&self) -> Result<String, Error> {
        Ok(self.store().setting(Setting::Clinic).await?.unwrap_or_default())
    }

    /// Everybody who can sign in here, for the sign-in screen.
    ///
    /// # Errors
    /// As every read.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        Ok(self.store().people().await?)
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// [`accounts::AccountsError::SignInRefused`].
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Caller, Error> {
        Ok(accounts::sign_in(self.store(), email, password).await?)
    }

    /// Signs out: nothing that was staged stays in memory.
    pub fn sign_out(&self, _caller: Caller) {
        self.tray.clear();
    }

    /// Somebody without a password, for the CLI: who reads the device key needs none.
    ///
    /// # Errors
    /// [`accounts::AccountsError::SignInRefused`].
    pub async fn act_as(&self, email: &str) -> Result<Caller, Error> {
        Ok(accounts::act_as(self.store(), email).await?)
    }

    async fn assemble(
        place: Place,
        lock: DirectoryLock,
        envelope: Envelope,
        keys: Unlocked,
        store: Store,
    ) -> Result<Self, Error> {
        let vault = Arc::new(Vault::new(&place.data_dir, keys));
        let store = Arc::new(store);
        sweep::sweep(&vault, &store).await?;
        let models = models::open(&place).await;
        let workstation = Self {
            keeper: Keeper {
                vault: Arc::clone(&vault),
                store,
                clock: place.clock.clone(),
            },
            tray: Tray::default(),
            models,
            threads: Threads::of_this_machine(),
            queue: Queue::default(),
            recovery: recovery::Recovery::new(envelope),
            changed: broadcast::channel(64).0,
            worker: RwLock::default(),
            pace: Arc::default(),
            joining: tokio::sync::Mutex::default(),
            not_joined: Mutex::default(),
            removing: tokio::sync::Mutex::default(),
            place,
            _lock: lock,
        };
        workstation.load_space().await?;
        workstation.load_model().await?;
        Ok(workstation)
    }

    fn store(&self) -> &Store {
        &self.keeper.store
    }

    /// Tells the window and whoever sends to the centre. Nobody listening is fine.
    fn tell(&self, what: &[ChangedKind], patient_id: Option<PatientId>) {
        self.written();
        let _ = self.changed.send(Changed {
            what: what.to_vec(),
            patient_id,
        });
    }
}

/// Waits for work that would hold up the event loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Interrupted)
}

/// As a setting holds it.
fn as_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Interrupted)
}

fn lock(place: &Place) -> Result<DirectoryLock, Error> {
    Ok(DirectoryLock::take(
        &place.data_dir,
        place.program,
        &rfc3339(place.clock.now()),
    )?)
}

fn complete_envelope(place: &Place) -> Result<Envelope, Error> {
    found_envelope(place)?.ok_or(Error::NotSetUp)
}

/// The envelope of a finished set-up. `None` only where nothing can be lost: photos, or a database that no unfinished set-up
/// explains, are a workstation that has lost its keys, never a first run.
fn found_envelope(place: &Place) -> Result<Option<Envelope>, Error> {
    let begun = match Envelope::read(&place.data_dir)? {
        Some(envelope) if envelope.complete => return Ok(Some(envelope)),
        Some(_) => true,
        None => false,
    };
    let database = place.data_dir.join(Store::FILE).exists();
    if place.data_dir.join("photos").exists() || (database && !begun) {
        return Err(VaultError::EnvelopeDamaged.into());
    }
    Ok(None)
}

fn database_key(keys: &Unlocked) -> &[u8; 32] {
    keys.database_key().expose()
}

/// Removes what a set-up left that ended before anything was reported. Refuses where there is more than that.
fn clear_unfinished_set_up(place: &Place) -> Result<(), Error> {
    let begun = match Envelope::read(&place.data_dir)? {
        Some(envelope) if envelope.complete => return Err(Error::AlreadySetUp),
        Some(_) => true,
        None => false,
    };
    let database = place.data_dir.join(Store::FILE);
    let photos = place.data_dir.join("photos").exists();
    if photos || (database.exists() && !begun) {
        return Err(Error::AlreadySetUp);
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut file = database.clone().into_os_string();
        file.push(suffix);
        crate::vault::remove(&PathBuf::from(file))?;
    }
    Ok(())
}

/// Makes the keys and stores the device key before `vault.json` needs it.
async fn new_vault(place: &Place, recovery_key: &RecoveryKey) -> Result<(Envelope, Unlocked), Error> {
    let vault = place.clock.new_id();
    let keys_at = place.keys.clone();
    let device = blocking(move || keys_at.establish(vault)).await??;
    let (envelope, keys) = Envelope::create(vault, &device, recovery_key)?;
    envelope.write(&place.data_dir)?;
    Ok((envelope, keys))
}

async fn write_first_records(store: &Store, clinic: &str, person: &Person, hash: &str) -> Result<(), Error> {
    let mut write = store.write().await?;
    write.set(Setting::Clinic, clinic).await?;
    write.add_person(person, hash).await?;
    write.commit().await?;
    Ok(())
}

/// A name of 1 to 200 characters without white space around it.
fn name(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::NameMissing),
        1..=200 => Ok(text),
        _ => Err(Error::TextTooLong { limit: 200 }),
    }
}
