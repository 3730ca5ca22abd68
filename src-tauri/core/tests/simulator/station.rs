//! One workstation: its disk, its clock, and the running program, which can be killed at any call and started again.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use seekwell_core::{
    clinical::PersonId,
    clock::Clock,
    store::{Open, Store},
    sync::{
        Line as Width,
        status::{Overall, Waiting, overall},
        worker::{Parts, Worker},
    },
    vault::{DeviceKey, Envelope, RecoveryKey, Vault},
};
use seekwell_testkit::process::in_memory;
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Order, line::Line};

pub(crate) struct Station {
    pub(crate) disk: TempDir,
    pub(crate) clock: Clock,
    pub(crate) nurse: PersonId,
    /// How far its clock was set from the true time.
    pub(crate) jumped: Mutex<SignedDuration>,
    pub(crate) full: Mutex<bool>,
    /// The program dies as soon as it looks.
    pub(crate) killed: Notify,
    pub(crate) line: Arc<Line>,
    order: Order,
    envelope: Envelope,
    device: DeviceKey,
    running: Mutex<Option<Arc<Running>>>,
}

/// The program while it runs.
pub(crate) struct Running {
    pub(crate) store: Arc<Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) worker: Worker,
}

impl Station {
    pub(crate) async fn new(clock: Clock, line: Line, order: Order) -> Self {
        let device = DeviceKey::random().unwrap();
        let recovery = RecoveryKey::random().unwrap();
        let (envelope, _) = Envelope::create(Uuid::from_u128(1), &device, &recovery).unwrap();
        let station = Self {
            disk: in_memory(),
            nurse: PersonId(clock.new_id()),
            clock,
            jumped: Mutex::new(SignedDuration::ZERO),
            full: Mutex::new(false),
            killed: Notify::new(),
            line: Arc::new(line),
            order,
            envelope,
            device,
            running: Mutex::new(None),
        };
        station.start(Open::Create).await;
        station
    }

    pub(crate) fn database_key(&self) -> [u8; 32] {
        *self
            .envelope
            .unlock(&self.device)
            .unwrap()
            .database_key()
            .expose()
    }

    pub(crate) async fn start(&self, open: Open) {
        let keys = self.envelope.unlock(&self.device).unwrap();
        let store = Store::open(
            self.disk.path(),
            keys.database_key().expose(),
            open,
            self.clock.clone(),
        )
        .await
        .unwrap();
        let full = *self.full.lock().unwrap();
        store.set_full(full).await.unwrap();
        let (store, vault) = (Arc::new(store), Arc::new(Vault::new(self.disk.path(), keys)));
        let parts = Parts {
            store: Arc::clone(&store),
            vault: Arc::clone(&vault),
            blobs: Arc::clone(&self.line) as _,
            registry: Arc::clone(&self.line) as _,
            clock: self.clock.clone(),
        };
        let worker = Worker::new(parts, Width::Everything, |_| ());
        let worker = match self.order {
            Order::OneByOne => worker.one_by_one(),
            Order::Beside => worker,
        };
        let running = Arc::new(Running { store, vault, worker });
        *self.running.lock().unwrap() = Some(running);
    }

    pub(crate) fn running(&self) -> Arc<Running> {
        let running = self.running.lock().unwrap().clone();
        running.unwrap()
    }

    pub(crate) async fn start_if_stopped(&self) {
        let stopped = self.running.lock().unwrap().is_none();
        if stopped {
            self.start(Open::Existing).await;
        }
    }

    /// The process is gone, with everything that it was about to do, and starts again.
    pub(crate) async fn restart(&self) {
        self.running.lock().unwrap().take();
        self.start(Open::Existing).await;
    }

    pub(crate) async fn set_full(&self, full: bool) {
        *self.full.lock().unwrap() = full;
        self.running().store.set_full(full).await.unwrap();
    }

    /// Sets the clock so far from the true time.
    pub(crate) fn set_clock(&self, from_truth: SignedDuration) {
        let mut jumped = self.jumped.lock().unwrap();
        self.clock.advance(from_truth - *jumped);
        *jumped = from_truth;
    }

    /// What the person here is told, with what it is made of.
    pub(crate) async fn status(&self) -> (Overall, Waiting) {
        let running = self.running();
        let waiting = Waiting {
            // Somebody looks at once.
            conflicts: 0,
            ..Waiting::from(running.store.outstanding().await.unwrap())
        };
        let word = overall(true, &waiting, &running.worker.contact(), self.clock.now());
        (word, waiting)
    }
}
