//! Sending: records in batches, images several at a time, each settled as soon as it is confirmed.

use std::{
    collections::{HashSet, VecDeque},
    pin::pin,
    sync::Arc,
};

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{Parts, SyncError, Worker, part_of};
use crate::{
    clinical::PhotoId,
    clock::rfc3339,
    store::{
        Attempts, Confirmed, Failure, ImagePart, ObjectFacts, WaitingImage, WaitingRecord, Write, fields,
    },
    sync::{
        Answer, BlobFacts, Operation, Outcome,
        plan::{self, Plan, Situation},
    },
};

/// Images on their way at once: enough to fill a line with a round trip of 200 ms, few enough to share a slow one.
const AT_ONCE: usize = 16;
/// Looked at together. More wait their turn.
const LOOKED_AT: u32 = 512;
/// Images confirmed together share one commit.
const SETTLED_TOGETHER: usize = 32;

type Sent = (WaitingImage, Result<BlobFacts, SyncError>);

/// The images on their way.
#[derive(Default)]
struct Uploads {
    tasks: JoinSet<Sent>,
    under_way: HashSet<(PhotoId, ImagePart)>,
    queue: VecDeque<WaitingImage>,
    /// Finished while something else was waited for, and not settled yet.
    arrived: Vec<Sent>,
    urgent: bool,
}

impl Worker {
    /// Sends until nothing is left that can be sent now, and says when something will be that waits for its time.
    pub(super) async fn send(&self) -> Result<Option<Timestamp>, SyncError> {
        let mut uploads = Uploads::default();
        let result = self.send_with(&mut uploads).await;
        // An upload that was given up is found by the next attempt, whether it arrived or not.
        uploads.tasks.shutdown().await;
        result
    }

    async fn send_with(&self, uploads: &mut Uploads) -> Result<Option<Timestamp>, SyncError> {
        loop {
            let records = self.parts.store.waiting_records(LOOKED_AT).await?;
            let images = self.parts.store.waiting_images(LOOKED_AT).await?;
            let plan = plan::plan(Situation {
                now: self.parts.clock.now(),
                line: self.line,
                records: &records,
                images: &images,
            });
            self.refill(uploads, &plan);
            if !plan.push.is_empty() {
                let pushed = self.push_beside(uploads, &plan.push).await;
                self.settle_finished(uploads, None).await?;
                pushed?;
                continue;
            }
            let Some(first) = self.next_finished(uploads).await else {
                return Ok(plan.wake_at);
            };
            self.settle_finished(uploads, first).await?;
        }
    }

    /// Starts what the plan says and there is room for. Something urgent takes the line for itself.
    fn refill(&self, uploads: &mut Uploads, plan: &Plan<'_>) {
        let urgent = plan.upload.iter().any(|image| image.urgent);
        if urgent && !uploads.urgent {
            uploads.tasks = JoinSet::new();
            uploads.under_way.clear();
        }
        uploads.urgent = urgent;
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
        while uploads.tasks.len() < AT_ONCE
            && let Some(image) = uploads.queue.pop_front()
        {
            uploads.under_way.insert((image.photo, image.part));
            let parts = self.parts.clone();
            uploads.tasks.spawn(async move {
                let sent = upload(&parts, &image).await;
                (image, sent)
            });
        }
    }

    /// Pushes while the uploads go on: for each that finishes meanwhile the next one begins, so that a long way to the centre
    /// is gone once for many of them.
    async fn push_beside(&self, uploads: &mut Uploads, batch: &[&WaitingRecord]) -> Result<(), SyncError> {
        let mut push = pin!(self.push(batch));
        loop {
            tokio::select! {
                pushed = &mut push => return pushed,
                Some(finished) = uploads.tasks.join_next() => {
                    // A task that was given up, or stopped: the image goes on waiting.
                    uploads.arrived.extend(finished);
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
    async fn settle_finished(&self, uploads: &mut Uploads, first: Option<Sent>) -> Result<(), SyncError> {
        let mut finished = std::mem::take(&mut uploads.arrived);
        finished.extend(first);
        while finished.len() < SETTLED_TOGETHER
            && let Some(Ok(sent)) = uploads.tasks.try_join_next()
        {
            finished.push(sent);
        }
        if finished.is_empty() {
            return Ok(());
        }
        // Before the commit, which takes its time.
        self.start_uploads(uploads);
        let (mut arrived, mut offline) = (false, None);
        let mut write = self.parts.store.write().await?;
        for (image, result) in finished {
            uploads.under_way.remove(&(image.photo, image.part));
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
                Err(SyncError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(photo = %image.photo, %error, "an image was not taken");
                    let passes = matches!(&error, SyncError::Blob(error) if error.passes());
                    let attempts = self.after(&image.attempts, passes, error.to_string());
                    write.note_image_attempt(&image, &attempts).await?;
                }
            }
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

    /// Sends one batch and settles the answers in one commit.
    async fn push(&self, batch: &[&WaitingRecord]) -> Result<(), SyncError> {
        let mut operations = Vec::with_capacity(batch.len());
        let mut sent = Vec::with_capacity(batch.len());
        let (mut known, mut unfit) = (Vec::new(), Vec::new());
        for waiting in batch {
            let outgoing = self.parts.store.outgoing(waiting.kind, waiting.record).await?;
            if outgoing.base.revision > 0 && outgoing.changes.is_empty() {
                known.push(*waiting);
                continue;
            }
            if fields::holds_nul(&outgoing.changes) {
                unfit.push(*waiting);
                continue;
            }
            operations.push(Operation {
                operation: waiting.operation,
                kind: waiting.kind,
                record: waiting.record,
                base: outgoing.base.revision,
                fields: outgoing.changes,
                deleted: false,
            });
            sent.push((*waiting, outgoing.base));
        }
        let answers = match operations.is_empty() {
            true => Vec::new(),
            false => self.parts.registry.push(&operations).await?,
        };
        let fits = |(answer, sent): (&Answer, &Operation)| answer.operation == sent.operation;
        if answers.len() != operations.len() || !answers.iter().zip(&operations).all(fits) {
            return Err(SyncError::Answer {
                what: "not one answer for each operation",
            });
        }
        let mut write = self.parts.store.write().await?;
        for waiting in known {
            write.unqueue(waiting).await?;
        }
        for waiting in unfit {
            let attempts = self.after(&waiting.attempts, false, "a text with U+0000".to_owned());
            write.note_attempt(waiting, &attempts).await?;
        }
        for (((waiting, base), operation), answer) in sent.into_iter().zip(&operations).zip(answers) {
            self.settle(&mut write, waiting, &base, operation, answer).await?;
        }
        write.commit().await?;
        self.delivered();
        Ok(())
    }

    async fn settle(
        &self,
        write: &mut Write<'_>,
        waiting: &WaitingRecord,
        base: &Confirmed,
        operation: &Operation,
        answer: Answer,
    ) -> Result<(), SyncError> {
        match answer.outcome {
            Outcome::Applied {
                revision,
                central_id,
                fields: merged,
                ..
            } => {
                let now = merged.unwrap_or_else(|| fields::changed(&base.fields, &operation.fields));
                write.settle(waiting, revision, &now, central_id).await?;
            }
            Outcome::Refused { code, reason } => {
                tracing::warn!(kind = waiting.kind.as_word(), record = %waiting.record, code, reason, "a record was refused");
                // What it refers to may still be on its way from another workstation.
                let passes = code == "missing";
                let said = reason.map_or_else(|| code.clone(), |reason| format!("{code}: {reason}"));
                let attempts = self.after(&waiting.attempts, passes, said);
                write.note_attempt(waiting, &attempts).await?;
            }
        }
        Ok(())
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
