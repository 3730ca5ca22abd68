//! What holds for the line now, which cuts are to come, and what has passed.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::Way;

/// What has happened on a line since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Connections that arrived.
    pub connections: u64,
    /// Connections that are open.
    pub open: u64,
    /// Connections that the line reset.
    pub cut: u64,
    passed: [u64; 2],
    lost: [u64; 2],
}

impl Tally {
    /// Bytes that passed in a direction, over all connections. What was lost did not pass.
    pub fn passed(&self, way: Way) -> u64 {
        self.passed[way.index()]
    }

    /// Bytes that were lost in a direction, over all connections.
    pub fn lost(&self, way: Way) -> u64 {
        self.lost[way.index()]
    }
}

/// How the line is. The pairs are by direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) round_trip: Duration,
    /// Bits per second.
    pub(super) rate: [Option<u64>; 2],
    pub(super) held: [bool; 2],
    pub(super) lost: [bool; 2],
}

pub(super) struct Shared {
    rules: watch::Sender<Rules>,
    tally: watch::Sender<Tally>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: HashMap<u64, Open>,
    for_next: VecDeque<(Way, u64)>,
    for_any: Vec<AnyTrap>,
    /// When the line is free for the next bytes, in each direction.
    free_at: [Option<Instant>; 2],
}

/// An open connection.
struct Open {
    cut: watch::Sender<bool>,
    passed: [u64; 2],
    /// Direction, and how many bytes of the connection may pass in it.
    trap: Option<(Way, u64)>,
    lost_bytes: bool,
}

/// A cut of whichever connection passes the bytes first.
struct AnyTrap {
    way: Way,
    bytes: u64,
    /// What each connection had passed when the order came; a later one had passed nothing.
    before: HashMap<u64, u64>,
}

/// One connection, as its pumps know it.
pub(super) struct Connection {
    pub(super) number: u64,
    cut: watch::Receiver<bool>,
    shared: Arc<Shared>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            rules: watch::Sender::new(Rules::default()),
            tally: watch::Sender::new(Tally::default()),
            state: Mutex::default(),
        }
    }

    pub(super) fn rule(&self, change: impl FnOnce(&mut Rules)) {
        self.rules.send_modify(change);
    }

    pub(super) fn rules(&self) -> watch::Receiver<Rules> {
        self.rules.subscribe()
    }

    pub(super) fn tally(&self) -> Tally {
        *self.tally.borrow()
    }

    pub(super) async fn until(&self, condition: impl FnMut(&Tally) -> bool) -> Tally {
        match self.tally.subscribe().wait_for(condition).await {
            Ok(tally) => *tally,
            Err(_) => self.tally(),
        }
    }

    pub(super) fn trap_next(&self, way: Way, bytes: u64) {
        self.locked().for_next.push_back((way, bytes));
    }

    pub(super) fn trap_any(&self, way: Way, bytes: u64) {
        let mut state = self.locked();
        let passed = state
            .open
            .iter()
            .map(|(number, open)| (*number, open.passed[way.index()]));
        let before = passed.collect();
        state.for_any.push(AnyTrap { way, bytes, before });
    }

    pub(super) fn cut_all(&self) -> usize {
        let state = self.locked();
        let open = state.open.values();
        open.filter(|open| !open.cut.send_replace(true)).count()
    }

    pub(super) fn heal(&self) {
        let mut state = self.locked();
        state.for_next.clear();
        state.for_any.clear();
        state.free_at = [None; 2];
        for open in state.open.values_mut() {
            open.trap = None;
            if open.lost_bytes {
                open.cut.send_replace(true);
            }
        }
        // Under the lock, so that nothing is lost between the cuts and the end of the loss.
        self.rules.send_replace(Rules::default());
    }

    /// A connection arrived.
    pub(super) fn open(self: &Arc<Self>) -> Connection {
        let mut number = 0;
        let mut state = self.locked();
        self.tally.send_modify(|tally| {
            tally.connections += 1;
            tally.open += 1;
            number = tally.connections;
        });
        let (cut, is_cut) = watch::channel(false);
        let trap = state.for_next.pop_front();
        let open = Open {
            cut,
            passed: [0; 2],
            trap,
            lost_bytes: false,
        };
        state.open.insert(number, open);
        Connection {
            number,
            cut: is_cut,
            shared: Arc::clone(self),
        }
    }

    /// Takes the line for some bytes; gives when they are through.
    pub(super) fn reserve(&self, way: Way, bytes: usize, bits_per_second: u64) -> Instant {
        let nanos = bytes as u64 * 8 * 1_000_000_000 / bits_per_second;
        let mut state = self.locked();
        let free_at = &mut state.free_at[way.index()];
        let start = free_at.unwrap_or_else(Instant::now).max(Instant::now());
        let end = start + Duration::from_nanos(nanos);
        *free_at = Some(end);
        end
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// How many of so many bytes may still pass before the connection is cut; `None` if no cut falls into them.
    pub(super) fn cut_within(&self, way: Way, bytes: usize) -> Option<usize> {
        let mut state = self.shared.locked();
        let State { open, for_any, .. } = &mut *state;
        let open = open.get_mut(&self.number)?;
        let passed = open.passed[way.index()];
        let within = |limit: u64| {
            let left = usize::try_from(limit.saturating_sub(passed)).ok()?;
            (left <= bytes).then_some(left)
        };
        if let Some((at, limit)) = open.trap
            && at == way
            && let Some(left) = within(limit)
        {
            open.trap = None;
            return Some(left);
        }
        let found = for_any.iter().enumerate().find_map(|(index, trap)| {
            let before = trap.before.get(&self.number).copied().unwrap_or_default();
            let left = within(before + trap.bytes).filter(|_| trap.way == way)?;
            Some((index, left))
        });
        let (index, left) = found?;
        for_any.remove(index);
        Some(left)
    }

    /// Notes bytes that passed.
    pub(super) fn pass(&self, way: Way, bytes: usize) {
        let bytes = bytes as u64;
        if let Some(open) = self.shared.locked().open.get_mut(&self.number) {
            open.passed[way.index()] += bytes;
        }
        self.shared
            .tally
            .send_modify(|tally| tally.passed[way.index()] += bytes);
    }

    /// Whether bytes that come now are lost; if so they are counted, and the connection is not whole any more.
    pub(super) fn loses(&self, way: Way, bytes: usize) -> bool {
        let mut state = self.shared.locked();
        let lost = self.shared.rules.borrow().lost[way.index()];
        if lost && let Some(open) = state.open.get_mut(&self.number) {
            open.lost_bytes = true;
            self.shared
                .tally
                .send_modify(|tally| tally.lost[way.index()] += bytes as u64);
        }
        lost
    }

    /// Returns when the connection is to be reset.
    pub(super) async fn until_cut(&self) {
        let _ = self.cut.clone().wait_for(|cut| *cut).await;
    }

    /// The connection ended, by a reset of ours or otherwise.
    pub(super) fn close(&self, cut: bool) {
        self.shared.locked().open.remove(&self.number);
        self.shared.tally.send_modify(|tally| {
            tally.open -= 1;
            tally.cut += u64::from(cut);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_wait_for_those_before_them_on_a_narrow_line() {
        let shared = Shared::new();
        // 32,000 bytes are a second of a line of 256 kbit/s.
        let first = shared.reserve(Way::ToServer, 32_000, 256_000);
        let second = shared.reserve(Way::ToServer, 16_000, 256_000);
        assert_eq!(second - first, Duration::from_millis(500));
        let other_way = shared.reserve(Way::ToClient, 16_000, 256_000);
        assert!(other_way < second);
    }
}
