//! Sending: records in batches, images several at a time, each settled as soon as it is confirmed.

mod push;

use std::{
    collections::{HashSet, VecDeque},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::Instant};

use super::{Parts, SyncError, Worker, held, learn, part_of};
use crate::{
    clinical::PhotoId,
    clock::rfc3339,
    store::{
        Attempts, Failure, ImagePart, ObjectFacts, RecordKind, Setting, StoreError, WaitingImage,
        WaitingRecord, Write,
    },
    sync::{
        BlobError, BlobFacts,
        plan::{self, Plan, Situation},
    },
};

/// What waits is looked at anew after so long, or ten times as long as a look takes, whichever is more: a look reads all that
/// waits, and so many looks as batches would take the square of it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// After so many images in a row that the bucket was too busy for, all of them wait, and not one after another.
const BUSY_IN_A_ROW: u32 = 4;
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
    /// Patients among it, whose images may go from now on.
    patient_sent: bool,
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
        self.patient_sent |= batch.iter().any(|waiting| waiting.kind == RecordKind::Patient);
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
        let uploads_run_dry = (self.image_settled || self.patient_sent) && uploads.queue.is_empty();
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
    busy_in_a_row: u32,
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
            busy_in_a_row: 0,
        }
    }

    /// Whether the bucket is too busy for any image, as it seems.
    const fn are_turned_away(&self) -> bool {
        self.busy_in_a_row >= BUSY_IN_A_ROW
    }

    /// Notes an upload that has ended; how long it took tells how many the line can bear.
    fn ended(&mut self, sent: Sent) {
        self.busy_in_a_row = match sent.1 {
            Err(SyncError::Blob(BlobError::Busy { .. })) => self.busy_in_a_row.saturating_add(1),
            _ => 0,
        };
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
                look = self.beside(uploads, self.look()).await?;
            }
            let plan = self.plan(&look.records, &look.images);
            if plan.push.is_empty() || !self.one_by_one {
                self.refill(uploads, &plan);
            }
            let wake_at = plan.wake_at;
            let together = held(&self.pushed_together).now();
            let next = plan.push.into_iter().take(together as usize);
            let batch: Vec<WaitingRecord> = next.cloned().collect();
            if !batch.is_empty() {
                let begun = Instant::now();
                let pushed = self.beside(uploads, self.push(&batch)).await;
                let full = batch.len() == together as usize;
                learn(&self.pushed_together, full, begun.elapsed(), &pushed);
                if pushed.is_ok() {
                    look.pushed(&batch);
                }
                self.settle_finished(uploads, None, &mut look).await?;
                pushed?;
                continue;
            }
            // With none on its way there is no other to share the commit with.
            if uploads.tasks.is_empty() && !uploads.arrived.is_empty() {
                self.settle_finished(uploads, None, &mut look).await?;
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
        let outbox = self.parts.store.outbox(plan::LOOKED_AT).await?;
        Ok(Look {
            records: outbox.records,
            images: outbox.images,
            again_at: Instant::now() + LOOK_AGAIN.max(begun.elapsed() * 10),
            is_old: false,
            image_settled: false,
            patient_sent: false,
            urgent_sent: false,
        })
    }

    /// What is next of these, now and over this line.
    pub(super) fn plan<'a>(&self, records: &'a [WaitingRecord], images: &'a [WaitingImage]) -> Plan<'a> {
        plan::plan(Situation {
            now: self.parts.clock.now(),
            line: *held(&self.line),
            records,
            images,
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
        let at_once = if self.one_by_one { 1 } else { uploads.at_once };
        while !uploads.are_turned_away()
            && uploads.tasks.len() < at_once
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

    /// Does that while the uploads go on: for each that finishes meanwhile the next one begins, so that a long way to the centre is
    /// gone once for many of them, and none of them waits for this machine's disk.
    async fn beside<T>(&self, uploads: &mut Uploads, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                Some(finished) = uploads.tasks.join_next(), if !self.one_by_one => {
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
            biased;
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
        if !self.one_by_one {
            self.start_uploads(uploads);
        }
        let turned_away = uploads.are_turned_away();
        let mut settled = Vec::with_capacity(finished.len());
        for (image, _, _) in &finished {
            look.finished(image);
            settled.push((image.photo, image.part));
        }
        let over = self
            .beside(uploads, self.settle_images(finished, turned_away))
            .await?;
        for image in settled {
            uploads.under_way.remove(&image);
        }
        over.map_or(Ok(()), Err)
    }

    /// Settles them in one commit. Gives what ends the round, where something does.
    async fn settle_images(
        &self,
        finished: Vec<Sent>,
        turned_away: bool,
    ) -> Result<Option<SyncError>, SyncError> {
        let (mut arrived, mut over) = (false, None);
        let mut write = self.parts.store.write().await?;
        for (image, result, _) in finished {
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
                Err(error @ SyncError::Blob(BlobError::Unreachable { .. })) => over = Some(error),
                // The photo was deleted at the centre meanwhile.
                Err(SyncError::Store(StoreError::NotFound { .. })) => {}
                Err(SyncError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(photo = %image.photo, %error, "an image was not taken");
                    let passes = matches!(&error, SyncError::Blob(error) if error.passes());
                    let attempts = self.after(&image.attempts, passes, error.to_string());
                    write.note_image_attempt(&image, &attempts).await?;
                    if turned_away {
                        over = Some(error);
                    }
                }
            }
        }
        let delivered = match arrived {
            true => Some(self.note_delivery(&mut write).await?),
            false => None,
        };
        write.commit().await?;
        if let Some(at) = delivered {
            self.delivered(at);
        }
        Ok(over)
    }

    /// Remembers the contact past the end of the program.
    async fn note_delivery(&self, write: &mut Write<'_>) -> Result<Timestamp, SyncError> {
        let now = self.parts.clock.now();
        write.set(Setting::DeliveredAt, &rfc3339(now)).await?;
        Ok(now)
    }

    fn after(&self, before: &Attempts, passes: bool, reason: String) -> Attempts {
        let wait = plan::wait_after(before.tries, self.parts.clock.dice());
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
