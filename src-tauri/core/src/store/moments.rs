//! The moments before and after each commit: where a process that dies leaves something else behind.

use std::{
    future::pending,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

/// Counts the moments around the commits of one store, and lets the program die at one of them. Between two of them nothing
/// that is kept changes, so a run that dies at the same moment leaves the same behind.
#[derive(Debug, Default)]
pub struct Moments {
    /// Until the program dies, with that one; 0 where it goes on living.
    left: AtomicUsize,
    died: Notify,
}

impl Moments {
    /// The program dies at so many moments from now; at none where that is 0.
    pub fn die_in(&self, moments: usize) {
        self.left.store(moments, Ordering::SeqCst);
    }

    /// Until the program has died. What it was about to do never ends, and is to be dropped.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    pub(super) async fn pass(&self) {
        let counted = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted == Ok(1) {
            self.died.notify_one();
            pending::<()>().await;
        }
    }
}
