//! Sync in the background: what the line may be used for, and how far things have come.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Workstation, as_json};
use crate::{
    accounts::Caller,
    clinical::PhotoId,
    clock::rfc3339,
    store::{ImagePart, Setting},
    sync::{
        Line, SLOWEST,
        plan::{LOOKED_AT, Situation, plan},
        status::{Contact, Overall, Trouble, Waiting, overall},
    },
};

/// What the line to the centre may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
pub struct SyncSettings {
    /// What it is good for.
    pub line: Line,
    /// A cap on the images that travel, in kB (1,000 bytes) per second, at least [`SLOWEST`]; `None`: as fast as it goes.
    /// Images of urgent cases know no cap.
    pub kilobytes_per_second: Option<u32>,
}

/// How far things have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct SyncStatus {
    /// In one word.
    pub overall: Overall,
    /// Records that the centre has not confirmed.
    pub waiting_records: u32,
    /// Images that the bucket has not confirmed.
    pub waiting_images: u32,
    /// Of both, those that wait for a person.
    pub refused: u32,
    /// Conflicts that nobody has looked at.
    pub conflicts: u32,
    /// Changes of the centre's that this version can't apply yet.
    pub parked: u32,
    /// Since when the oldest record waits, RFC 3339.
    pub waiting_since: Option<String>,
    /// When something last reached the centre, RFC 3339.
    pub delivered_at: Option<String>,
    /// When the centre's feed was last read to its end, RFC 3339.
    pub pulled_at: Option<String>,
    /// Why the last round ended early, or why there is none.
    pub trouble: Option<Trouble>,
}

impl Workstation {
    /// What the line to the centre may be used for.
    ///
    /// # Errors
    /// As every read.
    pub async fn sync_settings(&self) -> Result<SyncSettings, Error> {
        let json = self.store().setting(Setting::SyncSettings).await?;
        Ok(json
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Says what the line to the centre may be used for, from now on and after a restart.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`Error::RateTooLow`]; as every write.
    pub async fn set_sync_settings(&self, caller: &Caller, settings: SyncSettings) -> Result<(), Error> {
        caller.must_be_staff()?;
        if settings.kilobytes_per_second.is_some_and(|rate| rate < SLOWEST) {
            return Err(Error::RateTooLow { at_least: SLOWEST });
        }
        self.keep(&[(Setting::SyncSettings, &as_json(&settings)?)])
            .await?;
        self.apply_sync_settings(settings);
        Ok(())
    }

    pub(super) fn apply_sync_settings(&self, settings: SyncSettings) {
        self.pace.set(settings.kilobytes_per_second);
        if let Some(worker) = self.worker() {
            worker.set_line(settings.line);
        }
    }

    /// Sends and pulls until [`Workstation::close`], and once a day lets go what was kept long enough. Returns at once where
    /// nothing was joined.
    pub async fn sync(&self) {
        if let Some(worker) = self.worker() {
            tokio::select! {
                () = worker.run() => {}
                () = self.retain_daily() => {}
                () = self.heed_consents_as_they_come() => {}
            }
        }
    }

    /// Sends all that can be sent and pulls all that there is, once.
    ///
    /// # Errors
    /// [`Error::NotConnected`]; [`Error::Sync`] where the round did not come to its end. What was done stays done.
    pub async fn sync_once(&self) -> Result<(), Error> {
        Ok(self.worker().ok_or(Error::NotConnected)?.once().await?)
    }

    /// Tries everything now that waits for its time or was refused.
    ///
    /// # Errors
    /// As every write.
    pub async fn retry_sync(&self, _caller: &Caller) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        write.retry_all(true).await?;
        write.commit().await?;
        if let Some(worker) = self.worker() {
            worker.wake();
        }
        Ok(())
    }

    /// How far things have come.
    ///
    /// # Errors
    /// As every read.
    pub async fn sync_status(&self) -> Result<SyncStatus, Error> {
        let waiting = Waiting {
            held_back: self.is_held_back().await?,
            ..Waiting::from(self.store().outstanding().await?)
        };
        let mut contact = self.contact();
        // What was known before the program was last started.
        contact.delivered_at = contact.delivered_at.or(self.noted(Setting::DeliveredAt).await?);
        contact.pulled_at = contact.pulled_at.or(self.noted(Setting::PulledAt).await?);
        let connected = self.is_connected().await?;
        Ok(SyncStatus {
            overall: overall(connected, &waiting, &contact, self.place.clock.now()),
            waiting_records: waiting.records,
            waiting_images: waiting.images,
            refused: waiting.refused,
            conflicts: waiting.conflicts,
            parked: waiting.parked,
            waiting_since: waiting.since.map(rfc3339),
            delivered_at: contact.delivered_at.map(rfc3339),
            pulled_at: contact.pulled_at.map(rfc3339),
            trouble: contact.trouble(),
        })
    }

    /// Whether anything waits that reaches the centre by itself once it can be reached.
    ///
    /// # Errors
    /// As every read.
    pub async fn has_work_for_centre(&self) -> Result<bool, Error> {
        if !self.is_connected().await? || (self.worker().is_none() && self.not_joined().is_some()) {
            return Ok(false);
        }
        let waits = self.store().outbox(LOOKED_AT).await?;
        let next = plan(Situation {
            now: self.place.clock.now(),
            line: self.sync_settings().await?.line,
            records: &waits.records,
            images: &waits.images,
        });
        Ok(!next.is_empty() || !self.store().settled_conflicts().await?.is_empty())
    }

    /// Whether nothing that waits may use the line as it is set.
    async fn is_held_back(&self) -> Result<bool, Error> {
        let restricted = self.sync_settings().await?.line != Line::Everything;
        Ok(restricted && !self.has_work_for_centre().await?)
    }

    /// An image that may be at the centre only: fetched then, and sealed here from now on. `None` where it is here.
    pub(super) async fn fetched(&self, photo: PhotoId, part: ImagePart) -> Result<Option<Vec<u8>>, Error> {
        let (here, object) = self.store().whereabouts(photo, part).await?;
        if here {
            return Ok(None);
        }
        let worker = self.joined().await?;
        let object = object.ok_or(Error::NotAtCentre)?;
        Ok(Some(worker.fetch(photo, part, &object).await?))
    }

    /// An image whose sealed file is damaged here, where the centre has it and can be reached. It is sealed anew.
    pub(super) async fn whole_at_centre(&self, photo: PhotoId, part: ImagePart) -> Option<Vec<u8>> {
        let object = self.store().whereabouts(photo, part).await.ok()?.1?;
        let fetched = self.joined().await.ok()?.fetch(photo, part, &object).await;
        fetched
            .inspect_err(
                |error| tracing::warn!(%photo, %error, "a damaged image does not come from the centre"),
            )
            .ok()
    }

    /// What is known of the centre since the program started.
    pub(super) fn contact(&self) -> Contact {
        match self.worker() {
            Some(worker) => worker.contact(),
            None => Contact::without(self.not_joined()),
        }
    }

    /// Tells the worker that something was written here.
    pub(super) fn written(&self) {
        if let Some(worker) = self.worker() {
            worker.written();
        }
    }

    pub(super) async fn keep(&self, settings: &[(Setting, &str)]) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        for (setting, value) in settings {
            write.set(*setting, value).await?;
        }
        Ok(write.commit().await?)
    }

    async fn noted(&self, setting: Setting) -> Result<Option<Timestamp>, Error> {
        Ok(self
            .store()
            .setting(setting)
            .await?
            .and_then(|at| at.parse().ok()))
    }
}
