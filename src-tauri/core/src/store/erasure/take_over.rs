//! What another workstation has begun to let go and did not end is ended here.

use serde::Deserialize;
use uuid::Uuid;

use super::begin::objects;
use crate::clinical::PatientId;
use crate::store::{StoreError, Write, fields::Fields, outbox::RecordKind};

/// A patient or a photo whose tombstone stands at the centre and whose fields are still there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Unfinished {
    /// A patient or a photo.
    pub kind: RecordKind,
    /// Which.
    pub record: Uuid,
    /// Whose: of a patient, the same.
    pub patient: Uuid,
    /// Every patient, photo and analysis that is not emptied, the record itself among them.
    pub parts: Vec<UnfinishedPart>,
}

/// A record that goes with it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct UnfinishedPart {
    /// A patient, a photo or an analysis.
    pub kind: RecordKind,
    /// Which.
    pub record: Uuid,
    /// Whether it has a tombstone too.
    pub deleted: bool,
    /// Of a photo, the images that it names.
    pub fields: Fields,
}

impl Write<'_> {
    /// Begins here what another workstation began: notes the objects and records that have to go, and queues the deletions
    /// that did not reach the centre. `false` where it is under way here already.
    ///
    /// # Errors
    /// As every write.
    pub async fn take_over(&mut self, begun: &Unfinished) -> Result<bool, StoreError> {
        let under_way = sqlx::query("SELECT 1 FROM erasure WHERE record IN (?, ?)")
            .bind(begun.record)
            .bind(begun.patient)
            .fetch_optional(&mut *self.transaction)
            .await?;
        if under_way.is_some() {
            return Ok(false);
        }
        self.insert_erasure(begun.record, begun.kind, PatientId(begun.patient))
            .await?;
        for part in &begun.parts {
            let new = self.note_part(part.kind, part.record, begun.record).await?;
            if new && !part.deleted {
                self.queue_deletion(part.kind, part.record, None).await?;
            }
            for facts in objects(&part.fields) {
                self.add_object(begun.record, &facts.name, facts.generation)
                    .await?;
            }
        }
        Ok(true)
    }
}
