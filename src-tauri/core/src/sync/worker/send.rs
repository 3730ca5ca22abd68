//! Sending: records in batches, images several at a time, each settled as soon as it is confirmed.

use std::{
    collections::{HashSet, VecDeque},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::Instant};

use super::{Parts, SyncError, Worker, held, part_of};
use crate::{
    clinical::PhotoId,
    clock::rfc3339,
    store::{
        Attempts, Begun, Failure, ImagePart, ObjectFacts, Sending, Setting, StoreError, WaitingImage,
        WaitingRecord, Write,
    },
    sync::{
        Answer, BlobFacts, Operation, Outcome,
        plan::{self, Plan, Situation},
    },
};

/// Looked at together. More wait their turn.
const LOOKED_AT: u32 = 2000;
/// What waits is looked at anew after so long, or ten times as long as a look takes, whichever is more: a look reads all that
/// waits, and so many looks as batches would take the square of it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Images confirmed together share one commit.
const SETTLED_TOGETHER: usize = 32;

type Sent = (WaitingImage, Result<BlobFacts, SyncError>, Duration);

/// What waited at the last look, without what was sent since.
struct Look {
    records: Vec<WaitingRecord>,
    images: Vec<WaitingImage>,
    again_at: Instant,
    /// Something was sent since, so there may be more than the rest.
    is_old: bool,
    /// Images among it.
    image_settled: bool,
    /// Something urgent among it, for which more may have waited.
    urgent_sent: bool,
}

impl Look {
    fn pushed(&mut self, batch: &[WaitingRecord]) {
        let sent: HashSet<_> = batch
            .iter()
            .map(|waiting| (waiting.kind, waiting.record))
            .collect();
        self.records
            .retain(|waiting| !sent.contains(&(waiting.kind, waiting.record)));
        self.is_old = true;
        self.urgent_sent |= batch.iter().any(|waiting| waiting.urgent);
    }

    fn finished(&mut self, image: &WaitingImage) {
        self.images
            .retain(|other| (other.photo, other.part) != (image.photo, image.part));
        self.is_old = true;
        self.image_settled = true;
        self.urgent_sent |= image.urgent;
    }

    /// Whether another look is worth its time. One with nothing left that can be sent is followed by another anyway.
    fn is_due(&self, uploads: &Uploads) -> bool {
        let uploads_run_dry = self.image_settled && uploads.queue.is_empty();
        self.is_old && (self.urgent_sent || uploads_run_dry || Instant::now() >= self.again_at)
    }
}

/// The images on their way.
struct Uploads {
    tasks: JoinSet<Sent>,
    /// So many at the same time.
    at_once: usize,
    under_way: HashSet<(PhotoId, ImagePart)>,
    queue: VecDeque<WaitingImage>,
    /// Finished while something else was waited for, and not settled yet.
    arrived: Vec<Sent>,
    urgent: bool,
}

impl Uploads {
    fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
            at_once: plan::FIRST_UPLOADS,
            under_way: HashSet::new(),
            queue: VecDeque::new(),
            arrived: Vec::new(),
            urgent: false,
        }
    }

    /// Notes an upload that has ended; how long it took tells how many the line can bear.
    fn ended(&mut self, sent: Sent) {
        let bytes = sent.1.as_ref().map_or(0, |facts| facts.bytes);
        self.at_once = plan::uploads_after(self.at_once, bytes, sent.2);
        self.arrived.push(sent);
    }
}

impl Worker {
    /// Sends until nothing is left that can be sent now, and says when something will be that waits for its time: the other
    /// half of [`Worker::once`].
    ///
    /// # Errors
    /// The first that keeps it from its end. What was confirmed stays so, and nothing that was sent is forgotten.
    pub async fn send(&self) -> Result<Option<Timestamp>, SyncError> {
        let mut uploads = Uploads::new();
        let result = self.send_with(&mut uploads).await;
        // An upload that was given up is found by the next attempt, whether it arrived or not.
        uploads.tasks.shutdown().await;
        result
    }

    async fn send_with(&self, uploads: &mut Uploads) -> Result<Option<Timestamp>, SyncError> {
        let mut look = self.look().await?;
        loop {
            if look.is_due(uploads) || self.rang().await {
                look = self.look().await?;
            }
            let plan = plan::plan(Situation {
                now: self.parts.clock.now(),
                line: *held(&self.line),
                records: &look.records,
                images: &look.images,
            });
            self.refill(uploads, &plan);
            let wake_at = plan.wake_at;
            let batch: Vec<WaitingRecord> = plan.push.into_iter().cloned().collect();
            if !batch.is_empty() {
                let pushed = self.push_beside(uploads, &batch).await;
                if pushed.is_ok() {
                    look.pushed(&batch);
                }
                self.settle_finished(uploads, None, &mut look).await?;
                pushed?;
                continue;
            }
            match self.next_finished(uploads).await {
                Some(Some(first)) => self.settle_finished(uploads, Some(first), &mut look).await?,
                Some(None) => look = self.look().await?,
                None if look.is_old => look = self.look().await?,
                None => return Ok(wake_at),
            }
        }
    }

    async fn look(&self) -> Result<Look, SyncError> {
        let begun = Instant::now();
        let records = self.parts.store.waiting_records(LOOKED_AT).await?;
        let images = self.parts.store.waiting_images(LOOKED_AT).await?;
        Ok(Look {
            records,
            images,
            again_at: Instant::now() + LOOK_AGAIN.max(begun.elapsed() * 10),
            is_old: false,
            image_settled: false,
            urgent_sent: false,
        })
    }

    /// Whether the bell has rung since it was last listened to.
    async fn rang(&self) -> bool {
        tokio::select! {
            biased;
            () = self.send_bell.notified() => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Whether anything waits that goes by itself, now or later: nothing that waits for a person or for another line.
    ///
    /// # Errors
    /// As every read of this machine's database.
    pub async fn has_work(&self) -> Result<bool, SyncError> {
        let records = self.parts.store.waiting_records(LOOKED_AT).await?;
        let images = self.parts.store.waiting_images(LOOKED_AT).await?;
        let plan = plan::plan(Situation {
            now: self.parts.clock.now(),
            line: *held(&self.line),
            records: &records,
            images: &images,
        });
        Ok(!plan.push.is_empty() || !plan.upload.is_empty() || plan.wake_at.is_some())
    }

    /// Starts what the plan says and there is room for. Something urgent takes the line for itself.
    fn refill(&self, uploads: &mut Uploads, plan: &Plan<'_>) {
        let urgent =
            plan.upload.iter().any(|image| image.urgent) || plan.push.iter().any(|record| record.urgent);
        if urgent && !uploads.urgent {
            uploads.tasks = JoinSet::new();
            uploads.under_way.clear();
        }
        uploads.urgent = urgent;
        self.pace.lift(urgent);
        uploads.queue = plan
            .upload
            .iter()
            .filter(|image| image.urgent || !urgent)
            .filter(|image| !uploads.under_way.contains(&(image.photo, image.part)))
            .map(|image| (*image).clone())
            .collect();
        self.start_uploads(uploads);
    }

    fn start_uploads(&self, uploads: &mut Uploads) {
        while uploads.tasks.len() < uploads.at_once
            && let Some(image) = uploads.queue.pop_front()
        {
            uploads.under_way.insert((image.photo, image.part));
            let parts = self.parts.clone();
            uploads.tasks.spawn(async move {
                let begun = Instant::now();
                let sent = upload(&parts, &image).await;
                (image, sent, begun.elapsed())
            });
        }
    }

    /// Pushes while the uploads go on: for each that finishes meanwhile the next one begins, so that a long way to the centre
    /// is gone once for many of them.
    async fn push_beside(&self, uploads: &mut Uploads, batch: &[WaitingRecord]) -> Result<(), SyncError> {
        let mut push = pin!(self.push(batch));
        loop {
            tokio::select! {
                pushed = &mut push => return pushed,
                Some(finished) = uploads.tasks.join_next() => {
                    // A task that was given up, or stopped: the image goes on waiting.
                    if let Ok(sent) = finished {
                        uploads.ended(sent);
                    }
                    self.start_uploads(uploads);
                }
            }
        }
    }

    /// The next image whose fate is known; `None` where none is on its way. A local write ends the wait: it may be urgent.
    async fn next_finished(&self, uploads: &mut Uploads) -> Option<Option<Sent>> {
        if uploads.tasks.is_empty() {
            return None;
        }
        tokio::select! {
            // A task that was given up, or stopped: what waits is looked at anew.
            finished = uploads.tasks.join_next() => Some(finished?.ok()),
            () = self.send_bell.notified() => Some(None),
        }
    }

    /// Settles what has finished, several images in one commit.
    async fn settle_finished(
        &self,
        uploads: &mut Uploads,
        first: Option<Sent>,
        look: &mut Look,
    ) -> Result<(), SyncError> {
        if let Some(first) = first {
            uploads.ended(first);
        }
        while uploads.arrived.len() < SETTLED_TOGETHER
            && let Some(Ok(sent)) = uploads.tasks.try_join_next()
        {
            uploads.ended(sent);
        }
        let finished = std::mem::take(&mut uploads.arrived);
        if finished.is_empty() {
            return Ok(());
        }
        // Before the commit, which takes its time.
        self.start_uploads(uploads);
        let (mut arrived, mut offline) = (false, None);
        let mut write = self.parts.store.write().await?;
        for (image, result, _) in finished {
            uploads.under_way.remove(&(image.photo, image.part));
            look.finished(&image);
            match result {
                Ok(facts) => {
                    arrived = true;
                    let facts = ObjectFacts {
                        name: object_name(&image)?,
                        bytes: facts.bytes,
                        crc32c: facts.crc32c,
                        generation: facts.generation,
                    };
                    write.confirm_image(&image, &facts).await?;
                }
                Err(SyncError::Blob(error)) if error.is_offline() => offline = Some(error),
                // The photo was deleted at the centre meanwhile.
                Err(SyncError::Store(StoreError::NotFound { .. })) => {}
                Err(SyncError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(photo = %image.photo, %error, "an image was not taken");
                    let passes = matches!(&error, SyncError::Blob(error) if error.passes());
                    let attempts = self.after(&image.attempts, passes, error.to_string());
                    write.note_image_attempt(&image, &attempts).await?;
                }
            }
        }
        if arrived {
            self.note_delivery(&mut write).await?;
        }
        write.commit().await?;
        if arrived {
            self.delivered();
        }
        match offline {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Sends one batch and settles the answers in one commit. What is sent was remembered in another commit before, so that
    /// it is sent again word for word where the answer does not come.
    pub(super) async fn push(&self, batch: &[WaitingRecord]) -> Result<(), SyncError> {
        let sent = self.begin(batch).await?;
        if sent.is_empty() {
            return Ok(());
        }
        let operations: Vec<Operation> = sent.iter().map(|(_, sending)| operation(sending)).collect();
        let answers = self.parts.registry.push(&operations).await?;
        let fits = |(answer, sent): (&Answer, &Operation)| answer.operation == sent.operation;
        if answers.len() != operations.len() || !answers.iter().zip(&operations).all(fits) {
            return Err(SyncError::Answer {
                what: "not one answer for each operation",
            });
        }
        let mut write = self.parts.store.write().await?;
        for ((waiting, sending), answer) in sent.into_iter().zip(answers) {
            self.settle(&mut write, waiting, &sending, answer).await?;
        }
        self.note_delivery(&mut write).await?;
        write.commit().await?;
        self.delivered();
        match batch.iter().any(|waiting| waiting.deleted) {
            true => self.remove_files().await,
            false => Ok(()),
        }
    }

    /// What is sent of a batch, remembered durably.
    async fn begin<'a>(
        &self,
        batch: &'a [WaitingRecord],
    ) -> Result<Vec<(&'a WaitingRecord, Sending)>, SyncError> {
        let mut write = self.parts.store.write().await?;
        let mut unanswered = write.sendings().await?;
        let mut sent = Vec::with_capacity(batch.len());
        for waiting in batch {
            let begun = match unanswered.remove(&(waiting.kind, waiting.record)) {
                Some(same) => Begun::Sending(same),
                None => write.begin_sending(waiting).await?,
            };
            match begun {
                Begun::Sending(sending) => sent.push((waiting, sending)),
                Begun::NothingNew => {}
                Begun::Unfit => {
                    let attempts = self.after(&waiting.attempts, false, "a text with U+0000".to_owned());
                    write.note_attempt(waiting, &attempts).await?;
                }
            }
        }
        write.commit().await?;
        Ok(sent)
    }

    async fn settle(
        &self,
        write: &mut Write<'_>,
        waiting: &WaitingRecord,
        sending: &Sending,
        answer: Answer,
    ) -> Result<(), SyncError> {
        if sending.deleted {
            return self
                .settle_deletion(write, waiting, sending, answer.outcome)
                .await;
        }
        match answer.outcome {
            Outcome::Applied {
                revision,
                central_id,
                fields,
                ..
            } => {
                if !write.settle(sending, revision, fields, central_id).await? {
                    let why = "the answer refers to something that is not here yet".to_owned();
                    let attempts = self.after(&waiting.attempts, true, why);
                    write.note_attempt(waiting, &attempts).await?;
                }
            }
            Outcome::Refused { code, reason } => {
                tracing::warn!(kind = waiting.kind.as_word(), record = %waiting.record, code, reason, "a record was refused");
                write.end_sending(sending.kind, sending.record).await?;
                // What it refers to may still be on its way from another workstation.
                let passes = code == "missing";
                let said = reason.map_or_else(|| code.clone(), |reason| format!("{code}: {reason}"));
                let attempts = self.after(&waiting.attempts, passes, said);
                // What was changed meanwhile is tried by itself.
                if sending.version == waiting.version || sending.version == 0 {
                    write.note_attempt(waiting, &attempts).await?;
                }
            }
        }
        Ok(())
    }

    /// Remembers the contact past the end of the program.
    async fn note_delivery(&self, write: &mut Write<'_>) -> Result<(), SyncError> {
        let now = rfc3339(self.parts.clock.now());
        Ok(write.set(Setting::DeliveredAt, &now).await?)
    }

    async fn settle_deletion(
        &self,
        write: &mut Write<'_>,
        waiting: &WaitingRecord,
        sending: &Sending,
        outcome: Outcome,
    ) -> Result<(), SyncError> {
        let (code, reason) = match outcome {
            Outcome::Applied { revision, .. } => return Ok(write.settle_deletion(sending, revision).await?),
            Outcome::Refused { code, reason } => (code, reason),
        };
        tracing::warn!(kind = waiting.kind.as_word(), record = %waiting.record, code, reason, "a deletion was refused");
        write.end_sending(sending.kind, sending.record).await?;
        // It changed since that was decided, or may not go: it stays, and is decided on anew.
        if write.withdraw_erasure(waiting.record).await? {
            return Ok(());
        }
        // What it hung on has gone already. The next pull brings what it is deleted on.
        let attempts = self.after(&waiting.attempts, code != "unknown", code.clone());
        match sending.version == waiting.version {
            true => Ok(write.note_attempt(waiting, &attempts).await?),
            // An edit has taken the deletion's place.
            false => Ok(()),
        }
    }

    fn after(&self, before: &Attempts, passes: bool, reason: String) -> Attempts {
        let wait = plan::wait_after(before.tries, self.dice());
        let next = self.parts.clock.now().checked_add(wait).ok();
        Attempts {
            tries: before.tries.saturating_add(1),
            next_try_at: next.filter(|_| passes).map(rfc3339),
            failure: Some(if passes { Failure::Failed } else { Failure::Refused }),
            reason: Some(reason),
        }
    }
}

fn operation(sending: &Sending) -> Operation {
    Operation {
        operation: sending.operation,
        kind: sending.kind,
        record: sending.record,
        base: sending.base,
        fields: sending.fields.clone(),
        deleted: sending.deleted,
    }
}

/// Sends one image.
async fn upload(parts: &Parts, image: &WaitingImage) -> Result<BlobFacts, SyncError> {
    let name = object_name(image)?;
    let stored = parts.store.stored_photo(image.photo).await?;
    let (vault, photo, part) = (Arc::clone(&parts.vault), image.photo, part_of(image.part));
    let bytes = tokio::task::spawn_blocking(move || vault.open(photo, &stored.wrapped_key, part))
        .await
        .map_err(|_| SyncError::Interrupted)??;
    let sent = parts.blobs.put(&name, plan::content_type(image), Arc::new(bytes));
    Ok(sent.await?)
}

/// The same for every attempt: what it is made of never changes.
fn object_name(image: &WaitingImage) -> Result<String, SyncError> {
    plan::object_name(image).ok_or(SyncError::Answer {
        what: "a patient without a number",
    })
}
