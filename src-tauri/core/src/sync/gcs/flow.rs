//! How uploads are seen to move, and when one is given up.
//!
//! A socket takes bytes long before they arrive, so bytes that were handed over are no progress. An upload moves when
//! its next piece is asked for, which is when the server has confirmed the piece before. Until then it may take as long as
//! everything under way takes on the slowest line that is waited for: several uploads share one line, and none of them
//! may be cut only because the others were sent with it.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::Deadlines;

/// Bytes that all uploads to a bucket have handed over and the server has not confirmed.
#[derive(Debug, Default)]
pub(super) struct Flow {
    under_way: AtomicU64,
}

/// One upload's part of a flow.
pub(super) struct Passage {
    flow: Arc<Flow>,
    state: Mutex<State>,
}

struct State {
    moved: Instant,
    under_way: u64,
}

impl Passage {
    /// An upload begins.
    pub(super) fn begin(flow: &Arc<Flow>) -> Arc<Self> {
        Arc::new(Self {
            flow: Arc::clone(flow),
            state: Mutex::new(State {
                moved: Instant::now(),
                under_way: 0,
            }),
        })
    }

    /// Its next piece is handed over; the one before has arrived.
    pub(super) fn hand_over(&self, bytes: u64) {
        let mut state = self.state();
        self.flow.under_way.fetch_add(bytes, Ordering::Relaxed);
        self.flow.under_way.fetch_sub(state.under_way, Ordering::Relaxed);
        state.under_way = bytes;
        state.moved = Instant::now();
    }

    /// The piece before has arrived, and the next one is held back for so long.
    pub(super) fn hold_back(&self, wait: Duration) {
        let mut state = self.state();
        self.flow.under_way.fetch_sub(state.under_way, Ordering::Relaxed);
        state.under_way = 0;
        state.moved = Instant::now() + wait;
    }

    /// Waits for the upload as long as it moves; `None` once it does not.
    pub(super) async fn watch<T>(&self, deadlines: &Deadlines, upload: impl Future<Output = T>) -> Option<T> {
        let mut upload = pin!(upload);
        loop {
            let due = self.due(deadlines);
            if let Ok(done) = timeout_at(due, &mut upload).await {
                return Some(done);
            }
            // It moved meanwhile, or others were sent after it and share the line with it.
            if self.due(deadlines) <= Instant::now() {
                return None;
            }
        }
    }

    fn due(&self, deadlines: &Deadlines) -> Instant {
        let under_way = self.flow.under_way.load(Ordering::Relaxed);
        self.state().moved + deadlines.silence + deadlines.passage(under_way)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let under_way = self.state().under_way;
        self.flow.under_way.fetch_sub(under_way, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const DEADLINES: Deadlines = Deadlines {
        silence: Duration::from_secs(10),
        question: Duration::from_secs(1),
        slowest: 1000,
    };

    #[tokio::test(start_paused = true)]
    async fn what_moves_is_waited_for_and_what_stalls_is_not() {
        let flow = Arc::new(Flow::default());
        let passage = Passage::begin(&flow);
        let moving = async {
            for _ in 0..20 {
                passage.hand_over(5000);
                sleep(Duration::from_secs(14)).await;
            }
        };
        assert!(passage.watch(&DEADLINES, moving).await.is_some());

        let begun = Instant::now();
        passage.hand_over(5000);
        assert!(
            passage
                .watch(&DEADLINES, std::future::pending::<()>())
                .await
                .is_none()
        );
        assert_eq!(begun.elapsed().as_secs(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_held_back_is_not_taken_for_stalled() {
        let passage = Passage::begin(&Arc::default());
        let paced = async {
            for _ in 0..3 {
                passage.hold_back(Duration::from_secs(100));
                sleep(Duration::from_secs(100)).await;
                passage.hand_over(5000);
                sleep(Duration::from_secs(14)).await;
            }
        };
        assert!(passage.watch(&DEADLINES, paced).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn uploads_that_share_a_line_wait_for_each_other() {
        let flow = Arc::new(Flow::default());
        let passages: Vec<_> = (0..16).map(|_| Passage::begin(&flow)).collect();
        passages.iter().for_each(|passage| passage.hand_over(4000));
        // All of them arrive together, as late as 64,000 bytes at 1000 bytes a second do.
        let arrives = sleep(Duration::from_secs(64));
        assert!(passages[0].watch(&DEADLINES, arrives).await.is_some());
        drop(passages);
        assert_eq!(flow.under_way.load(Ordering::Relaxed), 0);
    }
}
