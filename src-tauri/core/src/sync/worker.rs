//! The loop that does what [`super::plan`] says: it sends while anything can be sent, pulls while there is anything new, and
//! rests until something wakes it.
//!
//! Sending and pulling run beside each other, so that an hour of originals on a slow line keeps nobody's records waiting.
//! Nothing here waits for a person, and nobody waits for it.

mod receive;
mod send;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{
    BlobError, Blobs, Line, Registry, RegistryError, plan,
    status::{Contact, Trouble},
};
use crate::{
    clock::Clock,
    store::{Applied, Store, StoreError},
    vault::{Vault, VaultError},
};

/// How often the centre is asked for changes that no hint told of.
pub const PULL_EVERY: Duration = Duration::from_secs(60);

/// What the worker works on.
pub struct Parts {
    /// Records.
    pub store: Arc<Store>,
    /// Sealed images.
    pub vault: Arc<Vault>,
    /// The bucket.
    pub blobs: Arc<dyn Blobs>,
    /// The centre's records.
    pub registry: Arc<dyn Registry>,
    /// Times.
    pub clock: Clock,
}

/// What the loop tells whoever listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Records came from the centre.
    Received,
    /// How far things have come is not what it was.
    Progress,
}

/// Sends and pulls until it is stopped.
pub struct Worker {
    parts: Parts,
    line: Mutex<Line>,
    contact: Mutex<Contact>,
    /// Rung by every local write, and when somebody asks.
    send_bell: Notify,
    pull_bell: Notify,
    stopped: AtomicBool,
    stop: Notify,
    tell: Box<dyn Fn(News) + Send + Sync>,
}

/// What ends a round early.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The centre's records.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The bucket.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// This machine's database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This machine's sealed images.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The centre's answer does not fit what was asked.
    #[error("the centre's answer does not fit: {what}")]
    Answer {
        /// In a few words.
        what: &'static str,
    },
    /// A thread stopped.
    #[error("a part of the program stopped")]
    Interrupted,
}

impl SyncError {
    /// As the status shows it.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Registry(error) => match error {
                RegistryError::Unreachable { .. } => Trouble::Offline,
                RegistryError::Busy { .. } => Trouble::Busy,
                RegistryError::Denied { .. } => Trouble::Denied,
                RegistryError::Impostor { .. } => Trouble::Impostor,
                RegistryError::NotUnderstood { .. } => Trouble::NotUnderstood,
            },
            Self::Blob(error) => match error {
                BlobError::Unreachable { .. } => Trouble::Offline,
                BlobError::Busy { .. } => Trouble::Busy,
                BlobError::Denied { .. } => Trouble::Denied,
                BlobError::Missing | BlobError::Different | BlobError::Refused { .. } => Trouble::Images,
            },
            Self::Store(_) | Self::Vault(_) | Self::Interrupted => Trouble::ThisMachine,
            Self::Answer { .. } => Trouble::NotUnderstood,
        }
    }
}

impl Worker {
    /// A worker that has not begun. `tell` hears what changed; it must not wait.
    pub fn new(parts: Parts, line: Line, contact: Contact, tell: impl Fn(News) + Send + Sync + 'static) -> Self {
        Self {
            parts,
            line: Mutex::new(line),
            contact: Mutex::new(contact),
            send_bell: Notify::new(),
            pull_bell: Notify::new(),
            stopped: AtomicBool::new(false),
            stop: Notify::new(),
            tell: Box::new(tell),
        }
    }

    /// Something was written here.
    pub fn written(&self) {
        self.send_bell.notify_one();
    }

    /// Tries everything now: somebody asked, or the network is back.
    pub fn wake(&self) {
        held(&self.contact).rest_until = None;
        self.send_bell.notify_one();
        self.pull_bell.notify_one();
    }

    /// What the line is good for from now on.
    pub fn set_line(&self, line: Line) {
        *held(&self.line) = line;
        self.send_bell.notify_one();
    }

    /// What is known of the centre.
    pub fn contact(&self) -> Contact {
        held(&self.contact).clone()
    }

    /// Ends [`Worker::run`] soon; what is on its way is given up and sent again another time.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.stop.notify_waiters();
        self.stop.notify_one();
    }

    /// Sends and pulls until [`Worker::stop`].
    pub async fn run(&self) {
        let both = async {
            tokio::join!(self.keep_sending(), self.keep_receiving(), self.keep_listening());
        };
        tokio::select! {
            () = both => {}
            () = self.stop.notified() => {}
        }
    }

    /// Sends all that can be sent and pulls all that there is, once: the CLI's `sync --once`.
    ///
    /// # Errors
    /// The first that keeps the round from its end. What was done stays done.
    pub async fn once(&self) -> Result<(), SyncError> {
        self.send().await?;
        self.receive().await?;
        // What came may have let something go that waited, such as a patient's number.
        self.send().await
    }

    async fn keep_sending(&self) {
        loop {
            let next = match self.send().await {
                Ok(next) => next,
                Err(error) => {
                    self.failed(&error);
                    None
                }
            };
            let () = next.unwrap_or_default();
            self.rest(&self.send_bell, None).await;
        }
    }

    async fn keep_receiving(&self) {
        loop {
            if let Err(error) = self.receive().await {
                self.failed(&error);
            }
            self.rest(&self.pull_bell, Some(self.spread(PULL_EVERY))).await;
        }
    }

    /// Hints only wake; where there are none, the minute does.
    async fn keep_listening(&self) {
        loop {
            match self.parts.registry.hint().await {
                Ok(()) => self.pull_bell.notify_one(),
                Err(_) => tokio::time::sleep(self.spread(PULL_EVERY)).await,
            }
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
