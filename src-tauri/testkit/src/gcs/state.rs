//! What all connections of one server share: objects, uploads under way, orders, history, the clock.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use tokio::sync::watch;

use super::{Terms, fault::Armed, history::History, object::Store, resumable::Session};

type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

pub(super) struct Shared {
    pub(super) terms: Terms,
    state: Mutex<State>,
    clock: Mutex<Clock>,
    known_as: Mutex<SocketAddr>,
    /// Counts changes, for those who wait for one.
    changed: watch::Sender<u64>,
    /// Counts releases: a stall waits for the next one.
    released: watch::Sender<u64>,
}

pub(super) struct State {
    pub(super) store: Store,
    /// Resumable uploads by their id. Finished ones stay, since their status may be asked for.
    pub(super) sessions: HashMap<String, Session>,
    pub(super) orders: Vec<Armed>,
    pub(super) history: History,
    /// Public keys (PKCS#1 DER) of the service accounts that are known, by e-mail.
    pub(super) accounts: HashMap<String, Vec<u8>>,
    /// Access tokens that were granted: to whom.
    pub(super) tokens: HashMap<String, String>,
    pub(super) stalled: usize,
}

impl Shared {
    pub(super) fn new(terms: Terms, address: SocketAddr) -> Self {
        let state = State {
            store: Store::new(terms.clone(), format!("http://{address}")),
            sessions: HashMap::new(),
            orders: Vec::new(),
            history: History::default(),
            accounts: HashMap::new(),
            tokens: HashMap::new(),
            stalled: 0,
        };
        Self {
            terms,
            state: Mutex::new(state),
            clock: Mutex::new(Box::new(system_time)),
            known_as: Mutex::new(address),
            changed: watch::Sender::new(0),
            released: watch::Sender::new(0),
        }
    }

    pub(super) fn know_as(&self, address: SocketAddr) {
        *locked(&self.known_as) = address;
        self.change(|state| state.store.base = format!("http://{address}"));
    }

    /// Where a client goes on that asked for `host`. Google's Rust SDK leaves the port out of it.
    pub(super) fn host(&self, host: &str) -> String {
        match host.contains(':') {
            true => host.to_owned(),
            false => locked(&self.known_as).to_string(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        locked(&self.clock)()
    }

    pub(super) fn set_clock(&self, clock: Clock) {
        *locked(&self.clock) = clock;
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&locked(&self.state))
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut locked(&self.state));
        self.changed.send_modify(|count| *count += 1);
        result
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Stands still until the next release.
    pub(super) async fn stall(&self) {
        // Subscribed before it is announced, so that a release that follows the announcement is not missed.
        let mut released = self.released.subscribe();
        self.change(|state| state.stalled += 1);
        let _ = released.changed().await;
    }

    pub(super) fn release(&self) {
        self.change(|state| state.stalled = 0);
        self.released.send_modify(|count| *count += 1);
    }
}

/// The state stays usable after a panic elsewhere: the test that panicked fails by itself.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server that no test gave a clock tells the real time"
)]
fn system_time() -> Timestamp {
    Timestamp::now()
}
