//! The queue: photos that wait are analysed oldest first, one at a time, each exactly once.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{ChangedKind, Error, Rendition, Workstation};
use crate::{
    accounts::Caller,
    analysis::{AnalysisError, Analyzer, Opinion, Retry},
    clinical::{PendingReason, PhotoId, policy},
    store::{Finished, PendingAnalysis, StoreError},
    vault::VaultError,
};

/// How many requests are read at once.
const PAGE: u32 = 100;

/// How long the queue rests after the database stopped answering, unless a new photo comes.
const REST: Duration = Duration::from_secs(60);

/// What became of one photo.
enum Outcome {
    /// It has its analysis.
    Analysed,
    /// It waits on; the next one is tried.
    Waits,
    /// It waits on, and so do all others: there is no analyser, or none that can be used now.
    NobodyToAsk,
}

impl Workstation {
    /// Works off the queue whenever there is something in it. Never returns: the shell runs it beside everything else.
    pub async fn analyse_as_they_come(&self) {
        loop {
            let until = match self.work_off().await {
                Ok(_) => self.queue.next_due(),
                Err(error) => {
                    tracing::error!(%error, "the analysis queue stopped at an error and goes on later");
                    Some(Instant::now() + REST)
                }
            };
            self.queue.rest(until).await;
        }
    }

    /// Works off the queue once, those too that would be tried again later only. Gives how many photos were analysed;
    /// those that failed wait on.
    ///
    /// # Errors
    /// Where the database stops answering.
    pub async fn analyse_pending(&self, _caller: &Caller) -> Result<u32, Error> {
        self.queue.let_go();
        self.work_off().await
    }

    /// Analyses these photos now, whatever else waits; one that has its analysis is left alone. Gives how many were
    /// analysed; those that failed wait on.
    ///
    /// # Errors
    /// Where the database stops answering.
    pub async fn analyse_photos(&self, _caller: &Caller, photos: &[PhotoId]) -> Result<u32, Error> {
        let _one_at_a_time = self.queue.working.lock().await;
        let mut analysed = 0;
        for photo in photos {
            let Some(pending) = self.store().pending_analysis(*photo).await? else {
                continue;
            };
            match self.analyse(&pending).await? {
                Outcome::Analysed => analysed += 1,
                Outcome::Waits => {}
                Outcome::NobodyToAsk => break,
            }
        }
        Ok(analysed)
    }

    /// New photos first, then those whose time for another try has come; a new one that comes meanwhile goes before the
    /// rest of them.
    async fn work_off(&self) -> Result<u32, Error> {
        let _one_at_a_time = self.queue.working.lock().await;
        let mut analysed = 0;
        'new_ones: loop {
            self.queue.listen();
            let mut last = None;
            loop {
                let page = self.store().pending_analyses(last.as_ref(), PAGE).await?;
                for pending in page.iter().filter(|one| !self.queue.is_held_back(one.id)) {
                    match self.analyse(pending).await? {
                        Outcome::Analysed => analysed += 1,
                        Outcome::Waits => {}
                        Outcome::NobodyToAsk => return Ok(analysed),
                    }
                }
                last = page.into_iter().last();
                if last.is_none() {
                    break;
                }
            }
            for pending in self.queue.due() {
                if self.queue.rang() {
                    continue 'new_ones;
                }
                match self.analyse(&pending).await? {
                    Outcome::Analysed => analysed += 1,
                    Outcome::Waits => {}
                    Outcome::NobodyToAsk => return Ok(analysed),
                }
            }
            if !self.queue.rang() {
                return Ok(analysed);
            }
        }
    }

    /// Analyses one photo with whoever speaks at this moment.
    async fn analyse(&self, pending: &PendingAnalysis) -> Result<Outcome, Error> {
        let Some(analyser) = self.queue.analyser() else {
            return Ok(Outcome::NobodyToAsk);
        };
        let opinion = match self.open_image(pending.photo, Rendition::Derivative).await {
            Ok(derivative) => analyser.analyse(derivative).await.map_err(Error::from),
            Err(Error::Store(error @ (StoreError::Failed { .. } | StoreError::Full { .. }))) => {
                return Err(error.into());
            }
            Err(error) => Err(error),
        };
        let mut write = self.store().write().await?;
        // Analysers change with the writer in hand, so that this holds until the commit: a model that was removed, or
        // whose place another took while it was thinking, has no say any more. The bell rang; the photo's turn comes.
        if !self.queue.speaks(&analyser) {
            return Ok(Outcome::Waits);
        }
        let outcome = match opinion {
            Ok(opinion) => {
                write
                    .finish_analysis(pending.id, &self.finished(analyser.as_ref(), pending, &opinion))
                    .await?;
                write.commit().await?;
                self.queue.forget(pending.id);
                Outcome::Analysed
            }
            Err(error) => {
                tracing::warn!(analysis = %pending.id, photo = %pending.photo, %error, "an analysis failed");
                let retry = retry(&error);
                write.postpone_analysis(pending.id, PendingReason::Failed).await?;
                if retry == Retry::NeedsPerson {
                    write.all_pending_wait_for(PendingReason::NoModel).await?;
                }
                write.commit().await?;
                self.wait(&analyser, pending, &error, retry)
            }
        };
        self.tell(
            &[ChangedKind::Analyses, ChangedKind::Urgent],
            Some(pending.patient),
        );
        Ok(outcome)
    }

    /// Says when the photo, or the analyser, is asked again.
    fn wait(
        &self,
        analyser: &Arc<dyn Analyzer>,
        pending: &PendingAnalysis,
        error: &Error,
        retry: Retry,
    ) -> Outcome {
        match retry {
            Retry::NeedsPerson => {
                self.queue.silence(analyser);
                self.tell(&[ChangedKind::Models], None);
                return Outcome::NobodyToAsk;
            }
            Retry::Later => self.queue.hold_back(pending.clone(), false),
            Retry::Never => self.queue.hold_back(pending.clone(), true),
        }
        match error {
            // A model that can't be read now can't be read for the next photo either.
            Error::Analysis(AnalysisError::Model { .. }) => Outcome::NobodyToAsk,
            Error::Analysis(AnalysisError::Space { source }) if source.concerns_every_photo() => {
                Outcome::NobodyToAsk
            }
            _ => Outcome::Waits,
        }
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
            model_name: opinion.speaker.clone().unwrap_or_else(|| card.name.clone()),
            model_sha256: card.sha256.clone(),
            demo: card.demo,
            published_accuracy: card.published_accuracy,
            policy: policy::POLICY,
            pipeline: pending.pipeline.clone(),
            duration_ms: u32::try_from(opinion.duration.as_millis()).unwrap_or(u32::MAX),
        }
    }
}

/// Whether to ask the same analyser about the same photo again.
fn retry(error: &Error) -> Retry {
    match error {
        Error::Analysis(error) => error.retry(),
        // Until a backup of it is put back, and the program started.
        Error::Vault(VaultError::PhotoDamaged { .. }) => Retry::Never,
        // It was deleted at the centre while it waited.
        Error::Store(StoreError::NotFound { .. }) => Retry::Never,
        _ => Retry::Later,
    }
}
