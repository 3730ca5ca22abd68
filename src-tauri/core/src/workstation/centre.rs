//! What people see of the centre and do about it: where it is, what waits for it and why, and conflicts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::Caller,
    clinical::{NoteId, PatientId, PhotoId},
    store::{Conflict, Delivery, Failure, ImagePart, RecordKind, Waits},
    sync::{
        Line,
        status::{Contact, Item, ItemState, item},
    },
};

/// As many as one page of a history shows.
const DELIVERIES_AT_ONCE: usize = 500;

/// Fields of a patient's record that mean more than their text.
const LEGAL_HOLD: &str = "legal_hold";
const CLOUD_CONSENT: &str = "cloud_consent";

/// Items in an exported report.
const REPORTED: u32 = 10_000;

/// The centre that this workstation is connected to. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct CentreSummary {
    /// The database server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// The bucket of the clinic's images.
    pub bucket: String,
    /// This workstation's role there.
    pub role: String,
}

/// What waits for the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Unsent {
    /// First what waits for a person, then what is urgent, then the oldest.
    pub items: Vec<UnsentItem>,
    /// How many more there are.
    pub more: u32,
}

/// A record or an image that waits for the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct UnsentItem {
    /// Which kind of record; of an image, that of its photo.
    pub kind: RecordKind,
    /// Which image; `None` for a record.
    pub part: Option<ImagePart>,
    /// The record; of an image, its photo.
    pub record: Uuid,
    /// Whose, where it is one patient's.
    pub patient_id: Option<PatientId>,
    /// The patient's full name.
    pub patient_name: Option<String>,
    /// The photo that it is about.
    pub photo_id: Option<PhotoId>,
    /// Goes before all that is not.
    pub urgent: bool,
    /// Since when it waits, RFC 3339.
    pub queued_at: String,
    /// How far it has come.
    pub state: ItemState,
    /// How many attempts failed since it last changed.
    pub tries: u32,
    /// When it is tried again, RFC 3339; `None`: with the next round, or never by itself.
    pub next_try_at: Option<String>,
    /// Why the last attempt failed, in the centre's words, without values.
    pub reason: Option<String>,
}

/// What becomes of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConflictChoice {
    /// What stands is right.
    Keep,
    /// The value that was lost is right; it is written once more.
    Replace,
}

impl Workstation {
    /// Where the centre is; `None` where this workstation is not connected.
    ///
    /// # Errors
    /// As every read.
    pub async fn centre(&self, _caller: &Caller) -> Result<Option<CentreSummary>, Error> {
        Ok(self.link().await?.map(|link| CentreSummary {
            host: link.host,
            port: link.port,
            database: link.database,
            bucket: link.bucket,
            role: link.role,
        }))
    }

    /// What waits for the centre, at most `limit` of it.
    ///
    /// # Errors
    /// As every read.
    pub async fn unsent(&self, _caller: &Caller, limit: u32) -> Result<Unsent, Error> {
        let store = self.store();
        let outstanding = store.outstanding().await?;
        let all = outstanding.records.saturating_add(outstanding.images);
        let waits = store.unsent(limit).await?;
        let standing = self.standing().await?;
        let items: Vec<UnsentItem> = waits
            .into_iter()
            .map(|waits| {
                let state = standing.of(state_of(&waits, standing.line));
                shown(waits, state)
            })
            .collect();
        let more = all.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        Ok(Unsent { items, more })
    }

    /// Fields that were changed in two places and that nobody has looked at, with the value that stands now: the record may
    /// have been edited since.
    ///
    /// # Errors
    /// As every read.
    pub async fn conflicts(&self, _caller: &Caller) -> Result<Vec<Conflict>, Error> {
        let mut conflicts = self.store().conflicts().await?;
        for conflict in &mut conflicts {
            if let Some(now) = self.store().field_now(conflict).await? {
                conflict.stands = now.to_string();
            }
        }
        Ok(conflicts)
    }

    /// Says that somebody has looked at a conflict, and writes the lost value once more where that one is right. Every
    /// workstation hears of it. One that is settled already is left alone. Another text for a note is for its author to choose, or
    /// for a doctor or an administrator.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`]; as every write.
    pub async fn settle_conflict(
        &self,
        caller: &Caller,
        id: Uuid,
        choice: ConflictChoice,
    ) -> Result<(), Error> {
        caller.must_be_staff()?;
        let conflict = self.store().conflict(id).await?;
        if choice == ConflictChoice::Replace && conflict.kind == RecordKind::Note.as_word() {
            let note = self.store().note(NoteId(conflict.record), caller.id()).await?;
            if !note.mine {
                caller.must_be_admin_or_doctor()?;
            }
        }
        if choice == ConflictChoice::Replace && conflict.field == LEGAL_HOLD {
            caller.must_be_admin_or_doctor()?;
        }
        let mut write = self.store().write().await?;
        let is_first = write.settle_conflict(id, caller.id()).await?;
        if let (true, ConflictChoice::Replace, Some(kind)) =
            (is_first, choice, RecordKind::from_word(&conflict.kind))
        {
            let lost: Value = serde_json::from_str(&conflict.lost).unwrap_or_default();
            write
                .put_field(kind, conflict.record, &conflict.field, lost, caller.id())
                .await?;
        }
        match conflict.field.as_str() {
            CLOUD_CONSENT => self.consent_changed(write, conflict.patient_id).await?,
            _ => write.commit().await?,
        }
        self.tell(
            &[ChangedKind::Patients, ChangedKind::Notes, ChangedKind::Sync],
            conflict.patient_id,
        );
        Ok(())
    }

    /// How far things have come and what waits, as JSON for whoever helps: ids and reasons, no word about a patient.
    ///
    /// # Errors
    /// As every read.
    pub async fn sync_report(&self, caller: &Caller) -> Result<String, Error> {
        let unsent = self.unsent(caller, REPORTED).await?;
        let items: Vec<Value> = unsent
            .items
            .iter()
            .map(|item| {
                json!({
                    "kind": item.kind, "part": item.part, "record": item.record, "urgent": item.urgent,
                    "queued_at": item.queued_at, "state": item.state, "tries": item.tries,
                    "next_try_at": item.next_try_at, "reason": item.reason,
                })
            })
            .collect();
        let conflicts: Vec<Value> = self
            .store()
            .conflicts()
            .await?
            .iter()
            .map(|one| json!({ "id": one.id, "kind": one.kind, "record": one.record, "field": one.field, "at": one.at }))
            .collect();
        let report = json!({
            "program": env!("CARGO_PKG_VERSION"),
            "made_at": crate::clock::rfc3339(self.place.clock.now()),
            "centre": self.centre(caller).await?,
            "settings": self.sync_settings().await?,
            "status": self.sync_status().await?,
            "items": items,
            "more": unsent.more,
            "conflicts": conflicts,
        });
        serde_json::to_string_pretty(&report).map_err(|_| Error::Interrupted)
    }

    /// How far photos have come, each with all that belongs to it, in their order; the first [`DELIVERIES_AT_ONCE`] of them.
    /// A photo that is not here counts as delivered.
    ///
    /// # Errors
    /// As every read.
    pub async fn deliveries(&self, _caller: &Caller, photos: &[PhotoId]) -> Result<Vec<ItemState>, Error> {
        let standing = self.standing().await?;
        let mut states = Vec::new();
        for photo in photos.iter().take(DELIVERIES_AT_ONCE) {
            states.push(standing.of_photo(self.store().delivery(*photo).await?));
        }
        Ok(states)
    }

    /// How far one photo has come with all that belongs to it.
    pub(super) async fn delivery(&self, photo: PhotoId) -> Result<ItemState, Error> {
        Ok(self
            .standing()
            .await?
            .of_photo(self.store().delivery(photo).await?))
    }

    async fn standing(&self) -> Result<Standing, Error> {
        Ok(Standing {
            connected: self.is_connected().await?,
            line: self.sync_settings().await?.line,
            contact: self.contact(),
        })
    }
}

/// What the state of anything on its way to the centre depends on, beside the thing itself.
struct Standing {
    connected: bool,
    line: Line,
    contact: Contact,
}

impl Standing {
    fn of(&self, thing: Item) -> ItemState {
        item(self.connected, thing, &self.contact)
    }

    fn of_photo(&self, found: Delivery) -> ItemState {
        self.of(Item {
            waits: found.waits,
            refused: found.refused,
            failed: false,
            held_back: self.line == Line::RecordsAndUrgent && !found.urgent,
            conflict: found.conflict,
        })
    }
}

fn state_of(waits: &Waits, line: Line) -> Item {
    // An analysis goes when its image has gone.
    let heavy = waits.part.is_some() || waits.kind == RecordKind::Analysis;
    Item {
        waits: true,
        refused: waits.attempts.failure == Some(Failure::Refused),
        failed: waits.attempts.failure == Some(Failure::Failed),
        held_back: line == Line::RecordsAndUrgent && heavy && !waits.urgent,
        conflict: false,
    }
}

fn shown(waits: Waits, state: ItemState) -> UnsentItem {
    let (patient_id, patient_name) = waits.patient.unzip();
    UnsentItem {
        kind: waits.kind,
        part: waits.part,
        record: waits.record,
        patient_id,
        patient_name,
        photo_id: waits.photo,
        urgent: waits.urgent,
        queued_at: waits.since,
        state,
        tries: waits.attempts.tries,
        next_try_at: waits.attempts.next_try_at,
        reason: waits.attempts.reason,
    }
}
