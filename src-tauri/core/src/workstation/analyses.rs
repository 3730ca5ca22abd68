//! The queue: photos that wait are analysed one at a time, each exactly once; those of the patient on the screen first, then the oldest.

use std::{sync::Arc, time::Duration};

use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{ChangedKind, Error, Rendition, Way, Workstation};
use crate::{
    accounts::Caller,
    analysis::{AnalysisError, Analyzer, Opinion, Retry},
    clinical::{PatientId, PendingReason, PhotoId, policy},
    store::{Asked, Finished, PendingAnalysis, StoreError, Write},
    vault::VaultError,
};

/// How many requests are read at once.
const PAGE: u32 = 100;

/// How long the queue rests after the database stopped answering, unless a new photo comes.
const REST: Duration = Duration::from_secs(60);

/// How long a model that nobody asks stays in memory: a nurse photographs the next lesion within that.
const IDLE: Duration = Duration::from_secs(45);

/// What became of one photo.
enum Outcome {
    /// It has its analysis.
    Analysed,
    /// It waits on; the next one is tried.
    Waits,
    /// It waits on, and so do all others: there is nobody to ask, or nobody who can be asked now.
    NobodyToAsk,
}

/// Why nobody said anything about a photo.
struct Failures {
    /// Everybody who was asked can't speak of this photo.
    all_for_good: bool,
    /// Somebody was asked who can't be reached.
    space: bool,
    /// Nobody is left who could be asked about the next photo.
    nobody_left: bool,
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
            let idle = Instant::now() + IDLE;
            if until.is_none_or(|until| until > idle) {
                self.queue.rest(Some(idle)).await;
                if self.queue.rang() {
                    continue;
                }
                self.unload_models().await;
            }
            self.queue.rest(until).await;
        }
    }

    /// Gives back the memory of models; the next analysis loads them again.
    async fn unload_models(&self) {
        for model in self.queue.models() {
            model.unload().await;
        }
        self.queue.set_other(None);
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

    /// Asks that one and nobody else, until it is said otherwise or the program ends.
    pub fn ask_only(&self, _caller: &Caller, only: Option<Way>) {
        self.queue.ask_only(only);
    }

    /// Says whose photos are looked at: they go before the others'. `None`: nobody's.
    pub fn look_at(&self, _caller: &Caller, patient: Option<PatientId>) {
        self.queue.look_at(patient);
    }

    /// New photos first, then second opinions, then what is due for another try; a new photo that comes meanwhile goes before the rest
    /// of these.
    async fn work_off(&self) -> Result<u32, Error> {
        let _one_at_a_time = self.queue.working.lock().await;
        let mut analysed = 0;
        'new_ones: loop {
            self.queue.listen();
            let mut last = None;
            loop {
                let page = self.store().pending_analyses(last.as_ref(), PAGE).await?;
                for pending in &page {
                    if self.queue.is_held_back(pending.id) {
                        continue;
                    }
                    // Of photos that have an opinion there may be thousands; a new one waits behind none of them.
                    if pending.asked_of.is_some() && self.queue.rang() {
                        continue 'new_ones;
                    }
                    if self.on_screen_first(&mut analysed).await? {
                        return Ok(analysed);
                    }
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

    /// Analyses what waits of the patient on the screen. `true` where nobody is left to ask.
    async fn on_screen_first(&self, analysed: &mut u32) -> Result<bool, Error> {
        let Some(patient) = self.queue.on_screen() else {
            return Ok(false);
        };
        for pending in self.store().pending_of(patient).await? {
            if self.queue.is_held_back(pending.id) {
                continue;
            }
            match self.analyse(&pending).await? {
                Outcome::Analysed => *analysed += 1,
                Outcome::Waits => {}
                Outcome::NobodyToAsk => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Analyses one photo with the first who can be asked and has something to say.
    async fn analyse(&self, pending: &PendingAnalysis) -> Result<Outcome, Error> {
        // It may be done since the list was read, or deleted, and consent may be withdrawn.
        let Some(pending) = self.store().pending(pending.id).await? else {
            self.queue.forget(pending.id);
            return Ok(Outcome::Waits);
        };
        if let Some(Asked::Model(sha256)) = &pending.asked_of
            && let Err(error) = self.model_asked(sha256).await
        {
            tracing::warn!(analysis = %pending.id, %error, "a model that was asked can't be loaded");
            self.postpone(&pending, PendingReason::Failed).await?;
            self.queue.hold_back(pending, true, self.place.clock.dice());
            return Ok(Outcome::Waits);
        }
        let ways = self.queue.ways(&pending);
        if ways.is_empty() {
            // What it was held back for has passed, and must not come due again and again.
            self.queue.forget(pending.id);
            self.queue.wait_for_space(&pending);
            let speaking = self.queue.speaking();
            return Ok(match speaking.device || speaking.space {
                true => Outcome::Waits,
                false => Outcome::NobodyToAsk,
            });
        }
        let derivative = match self.open_image(pending.photo, Rendition::Derivative).await {
            Ok(derivative) => derivative,
            Err(Error::Store(error @ (StoreError::Failed { .. } | StoreError::Full { .. }))) => {
                return Err(error.into());
            }
            Err(error) => {
                tracing::warn!(analysis = %pending.id, photo = %pending.photo, %error, "a photo can't be opened for analysis");
                self.postpone(&pending, PendingReason::Failed).await?;
                self.queue
                    .hold_back(pending, retry(&error) == Retry::Never, self.place.clock.dice());
                return Ok(Outcome::Waits);
            }
        };
        let mut failures = Failures {
            all_for_good: true,
            space: false,
            nobody_left: true,
        };
        for (way, analyser) in ways {
            let said = tokio::select! {
                biased;
                // The bell rang; the photo's turn comes.
                () = self.forbidden(way, &analyser, &pending) => return Ok(Outcome::Waits),
                said = analyser.analyse(derivative.clone()) => said,
            };
            match said {
                Ok(opinion) => {
                    if way == Way::Space {
                        self.queue.space_answered();
                    }
                    return self.said(&analyser, &pending, &opinion).await;
                }
                Err(error) => {
                    tracing::warn!(analysis = %pending.id, photo = %pending.photo, ?way, %error, "an analysis failed");
                    if !self.failed(way, &analyser, &error, &mut failures).await? {
                        return Ok(Outcome::Waits);
                    }
                }
            }
        }
        let reason = if failures.space {
            PendingReason::SpaceUnreachable
        } else if self.queue.ways(&pending).is_empty() {
            self.queue.reason(pending.consented)
        } else {
            PendingReason::Failed
        };
        self.postpone(&pending, reason).await?;
        self.queue
            .hold_back(pending, failures.all_for_good, self.place.clock.dice());
        Ok(match failures.nobody_left {
            true => Outcome::NobodyToAsk,
            false => Outcome::Waits,
        })
    }

    /// Returns when the Space may not be asked about that photo, or not any more: the patient has not agreed, or another is asked
    /// in its place. It may take minutes to wake before it is shown anything.
    async fn forbidden(&self, way: Way, analyser: &Arc<dyn Analyzer>, pending: &PendingAnalysis) {
        if way == Way::Device {
            return std::future::pending().await;
        }
        let mut changes = self.queue.permissions();
        loop {
            match self.store().pending(pending.id).await {
                Ok(Some(now)) if now.consented && self.queue.speaks(analyser) => {}
                // Whether they agree is not known.
                _ => return,
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Says of all that wait, or of one patient's, what they wait for now that somebody has agreed or withdrawn that.
    pub(super) async fn consent_changed(
        &self,
        mut write: Write<'_>,
        patient: Option<PatientId>,
    ) -> Result<(), Error> {
        write.reword_pending(self.queue.speaking(), patient).await?;
        write.commit().await?;
        self.heed_consents_of_the_failed().await?;
        self.queue.wake();
        self.tell(&[ChangedKind::Analyses], patient);
        Ok(())
    }

    /// Heeds what others recorded of patients' consent, as it comes from the centre. Never returns.
    pub(super) async fn heed_consents_as_they_come(&self) {
        let mut changes = self.changes();
        loop {
            let is_news = match changes.recv().await {
                Ok(changed) => changed.what.contains(&ChangedKind::Patients),
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return std::future::pending().await,
            };
            if is_news && let Err(error) = self.heed_consents().await {
                tracing::error!(%error, "whether somebody agreed elsewhere is not known");
            }
        }
    }

    async fn heed_consents(&self) -> Result<(), Error> {
        for patient in self.store().reworded_by_consent(self.queue.speaking()).await? {
            self.consent_changed(self.store().write().await?, Some(patient))
                .await?;
        }
        self.heed_consents_of_the_failed().await
    }

    /// Tries anew what failed with all who could be asked then, where others can be asked now.
    async fn heed_consents_of_the_failed(&self) -> Result<(), Error> {
        for held in self.queue.held_for_good() {
            match self.store().pending(held.id).await? {
                Some(now) if now.consented == held.consented => {}
                _ => {
                    self.queue.forget(held.id);
                    self.queue.wake();
                }
            }
        }
        self.queue.permit_anew();
        Ok(())
    }

    /// Writes what an analyser said.
    async fn said(
        &self,
        analyser: &Arc<dyn Analyzer>,
        pending: &PendingAnalysis,
        opinion: &Opinion,
    ) -> Result<Outcome, Error> {
        let mut write = self.store().write().await?;
        // Analysers change with the writer in hand, so that this holds until the commit: a model that was removed, or
        // whose place another took while it was thinking, has no say any more. The bell rang; the photo's turn comes.
        if !self.queue.speaks(analyser) {
            return Ok(Outcome::Waits);
        }
        write
            .finish_analysis(pending.id, &self.finished(analyser.as_ref(), pending, opinion))
            .await?;
        write.commit().await?;
        self.queue.forget(pending.id);
        self.tell(
            &[ChangedKind::Analyses, ChangedKind::Urgent],
            Some(pending.patient),
        );
        Ok(Outcome::Analysed)
    }

    /// Notes what a failure means for whoever failed. `false` where another took their place while they were thinking.
    async fn failed(
        &self,
        way: Way,
        analyser: &Arc<dyn Analyzer>,
        error: &AnalysisError,
        failures: &mut Failures,
    ) -> Result<bool, Error> {
        if !self.queue.speaks(analyser) {
            return Ok(false);
        }
        let retry = error.retry();
        failures.all_for_good &= retry == Retry::Never;
        let can_speak_of_others = match (way, error) {
            (Way::Space, AnalysisError::Space { source }) if !source.concerns_every_photo() => true,
            (Way::Space, AnalysisError::Space { source }) => {
                failures.space = true;
                self.queue.let_space_rest(
                    retry == Retry::NeedsPerson,
                    source.retry_after(),
                    self.place.clock.dice(),
                );
                false
            }
            (Way::Device, _) if retry == Retry::NeedsPerson => {
                let write = self.store().write().await?;
                self.queue.silence(analyser);
                self.reworded(write).await?;
                self.tell(&[ChangedKind::Models, ChangedKind::Analyses], None);
                false
            }
            // A model that can't be read now can't be read for the next photo either.
            (_, AnalysisError::Model { .. }) => false,
            _ => true,
        };
        failures.nobody_left &= !can_speak_of_others;
        Ok(true)
    }

    async fn postpone(&self, pending: &PendingAnalysis, reason: PendingReason) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        write.postpone_analysis(pending.id, reason).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Analyses], Some(pending.patient));
        Ok(())
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
        // Until a backup of it is put back, and the program started.
        Error::Vault(VaultError::PhotoDamaged { .. }) => Retry::Never,
        // It was deleted at the centre while it waited.
        Error::Store(StoreError::NotFound { .. }) => Retry::Never,
        _ => Retry::Later,
    }
}
