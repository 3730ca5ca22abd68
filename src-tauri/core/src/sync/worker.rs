//! The loop that does what [`super::plan`] says: it sends while anything can be sent, pulls while there is anything new, and
//! rests until something wakes it.
//!
//! Sending and pulling run beside each other, so that an hour of originals on a slow line keeps nobody's records waiting.
//! Nothing here waits for a person, and nobody waits for it.

mod receive;
mod retain;
mod send;
mod settling;

pub use retain::Retained;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::{
    BlobError, Blobs, Line, Pace, Registry, RegistryError,
    plan::{self, Portion},
    status::{Contact, Half, Trouble},
};
use crate::{
    clinical::PhotoId,
    clock::Clock,
    store::{ImagePart, Store, StoreError},
    vault::{Part, Vault, VaultError},
};

/// How often the centre is asked for changes that no hint told of.
pub const PULL_EVERY: Duration = Duration::from_secs(60);

/// What the worker works on.
#[derive(Clone)]
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
    /// Records or thumbnails came from the centre.
    Received,
    /// How far things have come is not what it was.
    Progress,
}

/// Sends and pulls until it is stopped.
pub struct Worker {
    parts: Parts,
    line: Mutex<Line>,
    pace: Arc<Pace>,
    one_by_one: bool,
    pushed_together: Mutex<Portion>,
    pulled_together: Mutex<Portion>,
    contact: Mutex<Contact>,
    /// Photos whose thumbnail is not at the centre as their record says. They are met once, so that they keep no older one from
    /// coming.
    without_thumbnail: Mutex<HashSet<PhotoId>>,
    /// Rung by every local write, and when somebody asks.
    send_bell: Notify,
    pull_bell: Notify,
    /// Rung when the line is there again after it was gone.
    listen_bell: Notify,
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
    /// The centre lost what it had, and gives the next changes numbers that were read already.
    #[error("the centre was set back to an earlier state")]
    SetBack,
    /// A thread stopped.
    #[error("a part of the program stopped")]
    Interrupted,
}

impl SyncError {
    /// As the status shows it.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Registry(error) => error.trouble(),
            Self::Blob(error) => match error {
                BlobError::Unreachable { .. } => Trouble::Offline,
                BlobError::Busy { .. } => Trouble::Busy,
                BlobError::Denied { .. } => Trouble::Denied,
                BlobError::Missing | BlobError::Different | BlobError::Refused { .. } => Trouble::Images,
            },
            Self::Store(_) | Self::Vault(_) | Self::Interrupted => Trouble::ThisMachine,
            Self::Answer { .. } => Trouble::NotUnderstood,
            Self::SetBack => Trouble::SetBack,
        }
    }
}

impl Worker {
    /// A worker that has not begun. `tell` hears what changed; it must not wait.
    pub fn new(parts: Parts, line: Line, tell: impl Fn(News) + Send + Sync + 'static) -> Self {
        Self {
            parts,
            line: Mutex::new(line),
            pace: Arc::default(),
            one_by_one: false,
            pushed_together: Mutex::new(Portion::PUSH),
            pulled_together: Mutex::new(Portion::PAGE),
            contact: Mutex::default(),
            without_thumbnail: Mutex::default(),
            send_bell: Notify::new(),
            pull_bell: Notify::new(),
            listen_bell: Notify::new(),
            stop: Notify::new(),
            tell: Box::new(tell),
        }
    }

    /// The same worker, which keeps to the pace that the bucket keeps to.
    #[must_use]
    pub fn paced(mut self, pace: Arc<Pace>) -> Self {
        self.pace = pace;
        self
    }

    /// The same worker, which sends one thing after another: no image beside another or beside records, and as many records
    /// together whatever time they take. What happens to it happens in one order then, and can be played again.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.one_by_one = true;
        self.pushed_together = Mutex::new(Portion::PUSH.whole());
        self.pulled_together = Mutex::new(Portion::PAGE.whole());
        self
    }

    /// Says what the line is good for from now on.
    pub fn set_line(&self, line: Line) {
        *held(&self.line) = line;
        self.wake();
    }

    /// Something was written here.
    pub fn written(&self) {
        self.send_bell.notify_one();
    }

    /// Tries everything now: somebody asked, or the network is back.
    pub fn wake(&self) {
        self.send_bell.notify_one();
        self.pull_bell.notify_one();
    }

    /// The centre's records, for whoever has a question of their own.
    pub fn registry(&self) -> Arc<dyn Registry> {
        Arc::clone(&self.parts.registry)
    }

    /// What is known of the centre.
    pub fn contact(&self) -> Contact {
        held(&self.contact).clone()
    }

    /// Ends [`Worker::run`] soon; what is on its way is given up and sent again another time.
    pub fn stop(&self) {
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
        self.tell_settled().await?;
        self.receive().await?;
        // What came may have let something go that waited, such as a patient's number.
        self.send().await.map(drop)
    }

    async fn keep_sending(&self) {
        loop {
            let sent = self.send_and_settle().await;
            self.went(|contact| &mut contact.sending, &self.pull_bell, &sent);
            let wait = match sent {
                Err(_) => self.pause(|contact| contact.sending),
                Ok(Some(at)) => until(at, self.parts.clock.now()).min(self.spread(PULL_EVERY)),
                Ok(None) => self.spread(PULL_EVERY),
            };
            rest(&self.send_bell, wait).await;
        }
    }

    async fn send_and_settle(&self) -> Result<Option<Timestamp>, SyncError> {
        let wake_at = self.send().await?;
        self.tell_settled().await?;
        Ok(wake_at)
    }

    async fn keep_receiving(&self) {
        loop {
            let received = self.receive().await;
            self.went(|contact| &mut contact.receiving, &self.send_bell, &received);
            let wait = match received {
                Ok(()) => self.spread(PULL_EVERY),
                Err(_) => self.pause(|contact| contact.receiving),
            };
            rest(&self.pull_bell, wait).await;
        }
    }

    /// Hints only wake; where there are none, the minute does. Whoever listened while the line was gone may be deaf without
    /// knowing it, and begins anew.
    async fn keep_listening(&self) {
        loop {
            tokio::select! {
                biased;
                () = self.listen_bell.notified() => {}
                hinted = self.parts.registry.hint() => match hinted {
                    Ok(()) => self.pull_bell.notify_one(),
                    Err(_) => rest(&self.listen_bell, self.spread(PULL_EVERY)).await,
                },
            }
        }
    }
}

impl Worker {
    /// Notes how a round of one half went, and wakes the others where the centre is back.
    fn went<T>(&self, half: fn(&mut Contact) -> &mut Half, other: &Notify, round: &Result<T, SyncError>) {
        let mut contact = held(&self.contact);
        let before = contact.trouble();
        let half = half(&mut contact);
        let back = half.trouble.is_some() && round.is_ok();
        *half = match round {
            Ok(_) => Half::default(),
            Err(error) => {
                tracing::warn!(%error, "a round of sync ended early");
                Half {
                    trouble: Some(error.trouble()),
                    failures: half.failures.saturating_add(1),
                }
            }
        };
        let changed = contact.trouble() != before;
        drop(contact);
        if back {
            other.notify_one();
            self.listen_bell.notify_one();
        }
        if changed {
            (self.tell)(News::Progress);
        }
    }

    /// Something reached the centre.
    fn delivered(&self, at: Timestamp) {
        held(&self.contact).delivered_at = Some(at);
        (self.tell)(News::Progress);
    }

    /// How long a half leaves the line alone after it failed.
    fn pause(&self, half: fn(&Contact) -> Half) -> Duration {
        let failures = half(&held(&self.contact)).failures;
        unsigned(plan::wait_after(
            failures.saturating_sub(1),
            self.parts.clock.dice(),
        ))
    }

    /// Three quarters to five quarters of it, so that the workstations of a country do not ask all at once.
    fn spread(&self, about: Duration) -> Duration {
        about.mul_f64(0.75 + self.parts.clock.dice() / 2.0)
    }
}

/// What an answer that took so long, or that did not come, tells of how many records may go together.
fn learn<T>(portion: &Mutex<Portion>, full: bool, took: Duration, answer: &Result<T, SyncError>) {
    let mut portion = held(portion);
    *portion = match answer {
        Ok(_) => portion.answered(full, took),
        Err(SyncError::Registry(RegistryError::Unanswered)) => portion.unanswered(),
        Err(_) => *portion,
    };
}

/// Until the bell rings, and no longer than that.
async fn rest(bell: &Notify, at_most: Duration) {
    tokio::select! {
        () = bell.notified() => {}
        () = tokio::time::sleep(at_most) => {}
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    unsigned(at.duration_since(now))
}

fn unsigned(duration: SignedDuration) -> Duration {
    Duration::try_from(duration).unwrap_or_default()
}

fn part_of(part: ImagePart) -> Part {
    match part {
        ImagePart::Derivative => Part::Derivative,
        ImagePart::Thumbnail => Part::Thumbnail,
        ImagePart::Original => Part::Original,
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
