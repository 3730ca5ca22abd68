//! The queue: photos that wait are analysed oldest first, one at a time, each exactly once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{ChangedKind, Error, Rendition, Workstation};
use crate::{
    accounts::Caller,
    analysis::{Analyzer, Opinion},
    clinical::{PendingReason, policy},
    imaging,
    store::{Finished, PendingAnalysis, StoreError},
};

/// Who analyses, and the bell that wakes the queue.
#[derive(Default)]
pub struct Queue {
    analyser: Mutex<Option<Arc<dyn Analyzer>>>,
    bell: Notify,
    /// Held while the queue is worked off, so that two callers do not analyse the same photo.
    working: tokio::sync::Mutex<()>,
}

impl Queue {
    pub(super) fn set_analyser(&self, analyser: Arc<dyn Analyzer>) {
        *self.lock() = Some(analyser);
        self.wake();
    }

    pub(super) fn remove_analyser(&self) {
        self.lock().take();
    }

    pub(super) fn has_analyser(&self) -> bool {
        self.lock().is_some()
    }

    pub(super) fn wake(&self) {
        self.bell.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn Analyzer>>> {
        self.analyser.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workstation {
    /// Works off the queue whenever there is something in it. Never returns: the shell runs it beside everything else.
    pub async fn analyse_as_they_come(&self) {
        loop {
            if let Err(error) = self.work_off().await {
                tracing::error!(%error, "the analysis queue stopped at an error and goes on with the next photo");
            }
            self.queue.bell.notified().await;
        }
    }

    /// Works off the queue once. Gives how many photos were analysed; those that failed wait for another try.
    ///
    /// # Errors
    /// Where the database stops answering.
    pub async fn analyse_pending(&self, _caller: &Caller) -> Result<u32, Error> {
        self.work_off().await
    }

    async fn work_off(&self) -> Result<u32, Error> {
        let _one_at_a_time = self.queue.working.lock().await;
        let Some(analyser) = self.queue.lock().clone() else {
            return Ok(0);
        };
        let (mut analysed, mut failed) = (0, Vec::new());
        loop {
            // Those that failed in this round stay where they are; the others come before them.
            let look_at = u32::try_from(failed.len()).unwrap_or(u32::MAX).saturating_add(1);
            let pending = self.store().pending_analyses(look_at).await?;
            let Some(next) = pending.into_iter().find(|pending| !failed.contains(&pending.id)) else {
                return Ok(analysed);
            };
            if self.analyse(analyser.as_ref(), &next).await? {
                analysed += 1;
            } else {
                failed.push(next.id);
            }
        }
    }

    /// Analyses one photo. `false` where the analyser failed: the photo waits on, with the reason in its row.
    async fn analyse(&self, analyser: &dyn Analyzer, pending: &PendingAnalysis) -> Result<bool, Error> {
        let opinion = match self.open_image(pending.photo, Rendition::Derivative).await {
            Ok(derivative) => analyser.analyse(derivative).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        let mut write = self.store().write().await?;
        let done = match opinion {
            Ok(opinion) => {
                write
                    .finish_analysis(pending.id, &self.finished(analyser, pending, &opinion))
                    .await?;
                true
            }
            Err(Error::Store(error @ (StoreError::Failed { .. } | StoreError::Full { .. }))) => {
                return Err(error.into());
            }
            Err(error) => {
                tracing::warn!(analysis = %pending.id, photo = %pending.photo, %error, "an analysis failed");
                write.postpone_analysis(pending.id, PendingReason::Failed).await?;
                false
            }
        };
        write.commit().await?;
        self.tell(&[ChangedKind::Analyses], Some(pending.patient));
        Ok(done)
    }

    fn finished(&self, analyser: &dyn Analyzer, pending: &PendingAnalysis, opinion: &Opinion) -> Finished {
        let card = analyser.card();
        let verdict = policy::judge(&opinion.probabilities, pending.site, pending.kind, card.covers);
        let today = self
            .place
            .clock
            .now()
            .to_zoned(jiff::tz::TimeZone::system())
            .date();
        let by = today.saturating_add(jiff::Span::new().days(verdict.follow_up_days));
        Finished {
            probabilities: opinion.probabilities,
            verdict,
            follow_up_by: by.to_string(),
            model_name: card.name.clone(),
            model_sha256: card.sha256.clone(),
            demo: card.demo,
            published_accuracy: card.published_accuracy,
            policy: policy::POLICY,
            pipeline: imaging::PIPELINE,
            duration_ms: u32::try_from(opinion.duration.as_millis()).unwrap_or(u32::MAX),
        }
    }
}
