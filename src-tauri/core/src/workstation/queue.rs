//! Who analyses, the bell that wakes the queue, and which photos are held back after a failure.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{analysis::Analyzer, clinical::AnalysisId, store::PendingAnalysis};

/// Who analyses, the bell that wakes the queue, and which photos are held back after a failure.
#[derive(Default)]
pub struct Queue {
    analyser: Mutex<Option<Arc<dyn Analyzer>>>,
    bell: Notify,
    /// Whether the bell rang since [`Queue::listen`].
    rang: AtomicBool,
    held_back: Mutex<HashMap<AnalysisId, HeldBack>>,
    /// Held while the queue is worked off, so that two callers do not analyse the same photo.
    pub(super) working: tokio::sync::Mutex<()>,
}

/// A photo that failed with the analyser that speaks now.
struct HeldBack {
    pending: PendingAnalysis,
    /// When it is tried again; `None`: not before another analyser speaks.
    until: Option<Instant>,
}

impl Queue {
    /// Puts another analyser, or none, in the place of the one that speaks, and gives that one back. What failed with it
    /// may pass with the next. Call it with the database's writer in hand: nothing can be finished meanwhile.
    pub(super) fn replace_analyser(&self, next: Option<Arc<dyn Analyzer>>) -> Option<Arc<dyn Analyzer>> {
        held(&self.held_back).clear();
        std::mem::replace(&mut *held(&self.analyser), next)
    }

    /// Takes away an analyser that needs a person first, unless another speaks by now.
    pub(super) fn silence(&self, analyser: &Arc<dyn Analyzer>) {
        let mut speaking = held(&self.analyser);
        if speaking.as_ref().is_some_and(|now| Arc::ptr_eq(now, analyser)) {
            speaking.take();
        }
    }

    pub(super) fn analyser(&self) -> Option<Arc<dyn Analyzer>> {
        held(&self.analyser).clone()
    }

    pub(super) fn has_analyser(&self) -> bool {
        held(&self.analyser).is_some()
    }

    /// Whether that one speaks still: not another one, nor the same network with other labels.
    pub(super) fn speaks(&self, analyser: &Arc<dyn Analyzer>) -> bool {
        held(&self.analyser)
            .as_ref()
            .is_some_and(|now| Arc::ptr_eq(now, analyser))
    }

    /// Whether a model of that hash speaks.
    pub(super) fn has_model(&self, sha256: &str) -> bool {
        held(&self.analyser)
            .as_ref()
            .is_some_and(|now| now.card().sha256 == sha256)
    }

    pub(super) fn wake(&self) {
        self.rang.store(true, Ordering::SeqCst);
        self.bell.notify_one();
    }

    /// From here on [`Queue::rang`] tells of newer photos.
    pub(super) fn listen(&self) {
        self.rang.store(false, Ordering::SeqCst);
    }

    pub(super) fn rang(&self) -> bool {
        self.rang.load(Ordering::SeqCst)
    }

    /// Returns when the bell rings, or at that time.
    pub(super) async fn rest(&self, until: Option<Instant>) {
        let until = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.bell.notified() => {}
            () = until => {}
        }
    }

    /// Holds a photo back for a while that grows with its tries, or until another analyser speaks.
    pub(super) fn hold_back(&self, mut pending: PendingAnalysis, for_good: bool) {
        let until = (!for_good).then(|| Instant::now() + delay(pending.tries));
        pending.tries = pending.tries.saturating_add(1);
        held(&self.held_back).insert(pending.id, HeldBack { pending, until });
    }

    pub(super) fn is_held_back(&self, id: AnalysisId) -> bool {
        held(&self.held_back).contains_key(&id)
    }

    /// Lets those go that wait for a time only: somebody asked.
    pub(super) fn let_go(&self) {
        held(&self.held_back).retain(|_, one| one.until.is_none());
    }

    pub(super) fn forget(&self, id: AnalysisId) {
        held(&self.held_back).remove(&id);
    }

    /// Those whose time has come, the longest due first.
    pub(super) fn due(&self) -> Vec<PendingAnalysis> {
        let now = Instant::now();
        let mut due: Vec<_> = held(&self.held_back)
            .values()
            .filter_map(|one| Some((one.until.filter(|until| *until <= now)?, one.pending.clone())))
            .collect();
        due.sort_by_key(|(until, _)| *until);
        due.into_iter().map(|(_, pending)| pending).collect()
    }

    /// When the next one's time comes. Without an analyser there is nothing to wait for.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if !self.has_analyser() {
            return None;
        }
        held(&self.held_back).values().filter_map(|one| one.until).min()
    }
}

/// How long a photo is held back that failed so often before: two seconds at first, twice as long each time, never more
/// than an hour.
fn delay(tries: u32) -> Duration {
    Duration::from_secs((2 << tries.min(11)).min(3_600))
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::delay;

    #[test]
    fn the_wait_grows_to_an_hour() {
        let seconds: Vec<_> = [0, 1, 2, 10, 11, 12, u32::MAX]
            .into_iter()
            .map(|tries| delay(tries).as_secs())
            .collect();
        assert_eq!(seconds, [2, 4, 8, 2_048, 3_600, 3_600, 3_600]);
    }
}
