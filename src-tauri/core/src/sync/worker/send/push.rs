//! One push: what is sent is remembered, sent, and settled by its answer.

use super::{SyncError, Worker};
use crate::{
    store::{Begun, Sending, WaitingRecord, Write},
    sync::{Answer, Operation, Outcome},
};

impl Worker {
    /// Sends one batch and settles the answers in one commit. What is sent was remembered in another commit before, so that
    /// it is sent again word for word where the answer does not come.
    pub(in crate::sync::worker) async fn push(&self, batch: &[WaitingRecord]) -> Result<(), SyncError> {
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
        let at = self.note_delivery(&mut write).await?;
        write.commit().await?;
        self.delivered(at);
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
                // The deletion was taken back: sent once more, it would take with it what the edit is about.
                Some(same) if same.deleted && !waiting.deleted => {
                    write.end_sending(waiting.kind, waiting.record).await?;
                    write.begin_sending(waiting).await?
                }
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
