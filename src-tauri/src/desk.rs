//! The desk: the open workstation and who sits at it.

use std::sync::{Arc, PoisonError, RwLock};

use seekwell_core::{
    accounts::Caller,
    clinical::{NewPerson, Person},
    error::{Code, Error, Failure},
    vault::RecoveryKey,
    workstation::{self, ChangedKind, Found, Place, RecoveryOffer, Workstation},
};
use serde::Serialize;
use tauri::{AppHandle, async_runtime};
use tauri_specta::Event;
use tokio::sync::{Mutex, MutexGuard};

use crate::{ipc::ChangedEvent, notice::Notice};

/// What the window shows first.
#[derive(Debug, Clone, Serialize, specta::Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum BootState {
    /// First run.
    NeedsSetup,
    /// The device key is gone or wrong.
    NeedsRecovery { reason: Code },
    /// Somebody has to sign in.
    SignedOut { clinic: String, people: Vec<Person> },
    /// Somebody is at work.
    SignedIn {
        clinic: String,
        person: Person,
        recovery_key_confirmed: bool,
    },
    /// It does not open; nothing was changed.
    Blocked { failure: Failure },
}

type Opening = async_runtime::JoinHandle<Result<Workstation, Error>>;

/// The open workstation and who sits at it.
pub(crate) struct Desk {
    place: Place,
    /// Held while the workstation is opened, so that two windows' questions open it once. Until the first one asks, it
    /// holds what the start of the program began.
    opening: Mutex<Option<Opening>>,
    open: RwLock<Option<Arc<Workstation>>>,
    caller: RwLock<Option<Caller>>,
}

impl Desk {
    /// Begins to open what is there: keys and database are ready about when the page is.
    pub(crate) fn new(place: Place) -> Self {
        let opening = async_runtime::spawn(Workstation::open(place.clone()));
        Self {
            place,
            opening: Mutex::new(Some(opening)),
            open: RwLock::default(),
            caller: RwLock::default(),
        }
    }

    /// Opens the workstation if it is not open yet, and says what the window shows first.
    pub(crate) async fn boot(&self, app: &AppHandle) -> BootState {
        match self.try_boot(app).await {
            Ok(state) => state,
            Err(error) => {
                let failure = Failure::from(&error);
                match failure.code {
                    // A keyring that does not answer would not take the key that the paper gives back, either.
                    Code::KeyMissing | Code::KeyWrong => BootState::NeedsRecovery { reason: failure.code },
                    _ => BootState::Blocked { failure },
                }
            }
        }
    }

    /// The first run.
    pub(crate) async fn set_up(
        &self,
        app: &AppHandle,
        clinic: &str,
        first: NewPerson,
    ) -> Result<RecoveryOffer, Error> {
        let (_turn, _) = self.turn(app).await;
        if self.workstation().is_some() {
            return Err(Error::AlreadySetUp);
        }
        let (workstation, caller, offer) = Workstation::set_up(self.place.clone(), clinic, first).await?;
        self.put(app, workstation);
        self.set_caller(Some(caller));
        Ok(offer)
    }

    /// Opens with the recovery key.
    pub(crate) async fn recover(&self, app: &AppHandle, recovery_key: &str) -> Result<(), Error> {
        let (_turn, _) = self.turn(app).await;
        if self.workstation().is_none() {
            let key = RecoveryKey::parse(recovery_key)?;
            self.put(app, Workstation::recover(self.place.clone(), &key).await?);
        }
        Ok(())
    }

    /// The workstation, whoever asks.
    pub(crate) fn opened(&self) -> Result<Arc<Workstation>, Error> {
        self.workstation().ok_or(Error::NotSetUp)
    }

    /// The workstation and who asks.
    pub(crate) fn signed_in(&self) -> Result<(Arc<Workstation>, Caller), Error> {
        let caller = self.caller.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok((self.opened()?, caller.ok_or(Error::NotSignedIn)?))
    }

    pub(crate) fn set_caller(&self, caller: Option<Caller>) -> Option<Caller> {
        std::mem::replace(
            &mut *self.caller.write().unwrap_or_else(PoisonError::into_inner),
            caller,
        )
    }

    /// Sends and fetches in the background from now on, through the connection that was just made.
    pub(crate) fn keep_in_step(&self) {
        if let Some(workstation) = self.workstation() {
            async_runtime::spawn(in_step(workstation));
        }
    }

    /// Whoever sat here has gone; the workstation stays open.
    pub(crate) fn leave(&self) {
        if let (Some(caller), Some(workstation)) = (self.set_caller(None), self.workstation()) {
            workstation.sign_out(caller);
        }
    }

    /// Closes the database before the process ends.
    pub(crate) async fn close(&self) {
        if let Some(workstation) = self.workstation() {
            workstation.close().await;
        } else if let Some(begun) = self.opening.lock().await.take()
            && let Ok(Ok(workstation)) = begun.await
        {
            workstation.close().await;
        }
    }

    /// Waits until nobody else opens the workstation. The first to come puts on the desk what the start began, or hears
    /// why it failed.
    async fn turn(&self, app: &AppHandle) -> (MutexGuard<'_, Option<Opening>>, Option<Error>) {
        let mut turn = self.opening.lock().await;
        let failed = match turn.take() {
            None => None,
            Some(begun) => match begun.await {
                Ok(Ok(workstation)) => {
                    self.put(app, workstation);
                    None
                }
                Ok(Err(Error::NotSetUp)) => None,
                Ok(Err(error)) => Some(error),
                Err(_) => Some(Error::Interrupted),
            },
        };
        (turn, failed)
    }

    async fn try_boot(&self, app: &AppHandle) -> Result<BootState, Error> {
        let (_turn, failed) = self.turn(app).await;
        if let Some(error) = failed {
            return Err(error);
        }
        let workstation = match self.workstation() {
            Some(open) => open,
            None if workstation::look(&self.place)? == Found::Nothing => return Ok(BootState::NeedsSetup),
            None => self.put(app, Workstation::open(self.place.clone()).await?),
        };
        let clinic = workstation.clinic().await?;
        let caller = self.caller.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(match caller {
            Some(caller) => BootState::SignedIn {
                clinic,
                person: caller.person().clone(),
                recovery_key_confirmed: workstation.recovery_key_confirmed().await?,
            },
            None => BootState::SignedOut {
                clinic,
                people: workstation.people().await?,
            },
        })
    }

    fn workstation(&self) -> Option<Arc<Workstation>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts an open workstation on the desk: its queue and its sync run from now on, and the window hears what changes.
    fn put(&self, app: &AppHandle, workstation: Workstation) -> Arc<Workstation> {
        let workstation = Arc::new(workstation);
        let queue = Arc::clone(&workstation);
        async_runtime::spawn(async move { queue.analyse_as_they_come().await });
        async_runtime::spawn(in_step(Arc::clone(&workstation)));
        let (mut changes, app) = (workstation.changes(), app.clone());
        let urgent = Arc::clone(&workstation);
        async_runtime::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            let mut notice = Notice::begin(&urgent).await;
            loop {
                match changes.recv().await {
                    Ok(changed) => {
                        if changed.what.contains(&ChangedKind::Urgent) {
                            notice.look(&urgent, &app).await;
                        }
                        // A window that is being opened anew asks for everything by itself.
                        let _ = ChangedEvent(changed).emit(&app);
                    }
                    Err(RecvError::Lagged(_)) => notice.look(&urgent, &app).await,
                    Err(RecvError::Closed) => return,
                }
            }
        });
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&workstation));
        workstation
    }
}

/// Sends and fetches in the background, where this workstation is connected to a centre. Nobody waits for it.
async fn in_step(workstation: Arc<Workstation>) {
    match workstation.join_centre().await {
        Ok(()) => workstation.sync().await,
        Err(Error::NotConnected) => {}
        Err(error) => tracing::error!(%error, "the centre can't be joined"),
    }
}
