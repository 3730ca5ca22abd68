//! How long records are kept, what goes when that is over, and originals that leave this machine because the centre has them.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{ChangedKind, Error, Workstation, as_json, settings::as_number, sweep};
use crate::{
    accounts::Caller,
    clinical::retention::{
        Contacts, Fate, PATIENT_FLOOR, PHOTO_FLOOR, RetainedKind, RetentionYears, cutoff, fate,
    },
    clock::rfc3339,
    store::{Leftover, Setting},
    sync::{Registry, worker::Worker},
};

/// How often retention runs by itself.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// How often it is looked at whether a run is due: clocks are set, machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(900);

/// After how many days what another workstation has begun and not ended is ended here. One that is switched on runs every day.
const TAKEN_OVER_AFTER: u16 = 7;

/// Patients looked at together.
const PAGE: u32 = 500;

/// Originals that one commit marks.
const PURGED_TOGETHER: u32 = 32;

/// What retention would let go now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct RetentionPlan {
    /// The years that are set; none: for ever.
    pub years: RetentionYears,
    /// The fewest that may be set.
    pub floor: RetentionFloor,
    /// Whether this workstation is connected to a centre. Without one nothing is ever deleted.
    pub connected: bool,
    /// Patients who would go with everything.
    pub patients: u32,
    /// Photos that would go, those of these patients among them.
    pub photos: u32,
    /// Patients whose records would go and whom a legal hold keeps.
    pub held: u32,
    /// Patients whose records would go and of whom something is not at the centre yet.
    pub unconfirmed: u32,
    /// Patients and photos that are on their way out.
    pub under_way: u32,
    /// Why some of those wait, as the centre or the bucket said it.
    pub reasons: Vec<String>,
    /// When the daily run last came to its end, RFC 3339.
    pub ran_at: Option<String>,
}

/// The fewest years that may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct RetentionFloor {
    /// For whole records.
    pub patient: u16,
    /// For photos with what hangs on them.
    pub photo: u16,
}

/// What a run of retention did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct RetentionReport {
    /// Patients who are gone here, in the bucket and at the centre.
    pub patients: u32,
    /// Photos that are.
    pub photos: u32,
    /// Objects that were deleted in the bucket.
    pub objects: u32,
    /// Objects that this workstation's credential may not delete.
    pub denied: u32,
    /// Patients whom a legal hold keeps.
    pub held: u32,
    /// Patients of whom something is not at the centre yet.
    pub unconfirmed: u32,
    /// Patients and photos that have begun to go and are not gone.
    pub under_way: u32,
    /// Why, as the centre or the bucket said it.
    pub reasons: Vec<String>,
}

/// Originals that left this machine, or could.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, specta::Type)]
pub struct Purged {
    /// How many.
    pub photos: u32,
    /// Their bytes.
    pub bytes: f64,
}

/// What would go, counted and named.
#[derive(Default)]
struct Due {
    going: Vec<(Contacts, RetainedKind)>,
    held: u32,
    unconfirmed: u32,
}

impl Workstation {
    /// How many years records are kept.
    ///
    /// # Errors
    /// As every read.
    pub async fn retention_years(&self, _caller: &Caller) -> Result<RetentionYears, Error> {
        self.years().await
    }

    /// Sets how many years records are kept after the last contact with the patient. An administrator decides that.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`]; [`Error::Years`] below the floor.
    pub async fn set_retention_years(&self, caller: &Caller, years: RetentionYears) -> Result<(), Error> {
        caller.must_be_admin()?;
        let years = years.allowed()?;
        self.keep(&[(Setting::RetentionYears, &as_json(&years)?)]).await?;
        self.tell(&[ChangedKind::Workstation], None);
        Ok(())
    }

    /// What retention would let go now. Nothing is changed.
    ///
    /// # Errors
    /// As every read.
    pub async fn retention_plan(&self, _caller: &Caller) -> Result<RetentionPlan, Error> {
        let years = self.years().await?;
        let due = self.due(years, self.place.clock.now()).await?;
        let under_way = self.store().erasures_under_way().await?;
        let patients = due
            .going
            .iter()
            .filter(|(_, kind)| *kind == RetainedKind::Patient);
        Ok(RetentionPlan {
            years,
            floor: RetentionFloor {
                patient: PATIENT_FLOOR,
                photo: PHOTO_FLOOR,
            },
            connected: self.is_connected().await?,
            patients: count(patients),
            photos: due.going.iter().map(|(of, _)| of.photos).sum(),
            held: due.held,
            unconfirmed: due.unconfirmed,
            under_way: under_way.count,
            reasons: under_way.reasons,
            ran_at: self.store().setting(Setting::RetentionRanAt).await?,
        })
    }

    /// Lets go what was kept long enough: tombstones at the centre first, then objects in the bucket, the centre's rows, and the
    /// sealed files here. What was begun before and stopped anywhere goes on.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`]; [`Error::NotConnected`] without a centre, where nothing is ever deleted;
    /// [`Error::Sync`] where the centre or the bucket do not answer. What was done stays done.
    pub async fn apply_retention(&self, caller: &Caller) -> Result<RetentionReport, Error> {
        caller.must_be_admin()?;
        self.joined().await?;
        self.retain().await
    }

    /// How much the originals take that [`Workstation::purge_originals`] would let leave this machine.
    ///
    /// # Errors
    /// As every read.
    pub async fn purgeable_originals(&self, _caller: &Caller, keep_days: u16) -> Result<Purged, Error> {
        let (photos, bytes) = self.store().purgeable(&self.kept_before(keep_days)).await?;
        Ok(Purged {
            photos,
            bytes: as_number(bytes),
        })
    }

    /// Lets originals leave this machine that were kept more than `keep_days` days ago and that the centre has confirmed; whoever looks
    /// at one fetches it again. What is not confirmed is never touched.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; where the disk or the database fail. What was reported or marked until then is ended by the next start.
    pub async fn purge_originals(&self, caller: &Caller, keep_days: u16) -> Result<Purged, Error> {
        caller.must_be_staff()?;
        let _one_at_a_time = self.removing.lock().await;
        let before = self.kept_before(keep_days);
        let (mut photos, mut bytes) = (0, 0);
        loop {
            let _alone = self.keeper.vault.alone().await;
            let mut write = self.store().write().await?;
            let marked = write.mark_purged(&before, PURGED_TOGETHER).await?;
            if marked.is_empty() {
                break;
            }
            write.commit().await?;
            sweep::finish_removals(&self.keeper.vault, self.store()).await?;
            photos += count(marked.iter());
            bytes += marked.iter().sum::<u64>();
        }
        if photos > 0 {
            self.tell(&[ChangedKind::Workstation], None);
        }
        Ok(Purged {
            photos,
            bytes: as_number(bytes),
        })
    }

    /// What was never sent of records that somebody else deleted.
    ///
    /// # Errors
    /// As every read.
    pub async fn leftovers(&self, _caller: &Caller) -> Result<Vec<Leftover>, Error> {
        Ok(self.store().leftovers().await?)
    }

    /// Lets one of them go for good. An administrator or a doctor decides that.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`]; [`crate::store::StoreError::NotFound`].
    pub async fn let_go(&self, caller: &Caller, record: Uuid) -> Result<(), Error> {
        caller.must_be_admin_or_doctor()?;
        let _alone = self.keeper.vault.alone().await;
        let mut write = self.store().write().await?;
        write.let_go(record).await?;
        write.commit().await?;
        sweep::finish_removals(&self.keeper.vault, self.store()).await?;
        self.tell(&[ChangedKind::Sync], None);
        Ok(())
    }

    /// Runs retention once a day, by a time that is remembered. Never returns.
    pub(super) async fn retain_daily(&self) {
        loop {
            match self.retain_if_due().await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "the daily run of retention goes on later"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Runs it if the last run is a day ago, or lies in the future because a clock was set back.
    async fn retain_if_due(&self) -> Result<(), Error> {
        let ran_at = self.store().setting(Setting::RetentionRanAt).await?;
        let ran_at: Option<Timestamp> = ran_at.and_then(|at| at.parse().ok());
        let now = self.place.clock.now();
        let recent = ran_at.is_some_and(|at| {
            let ago = now.duration_since(at);
            ago >= SignedDuration::ZERO && ago < EVERY
        });
        let nothing_to_do =
            self.years().await?.fewest().is_none() && self.store().erasures_under_way().await?.count == 0;
        if recent || nothing_to_do {
            return Ok(());
        }
        let report = self.retain().await?;
        tracing::info!(?report, "the daily run of retention");
        self.keep(&[(Setting::RetentionRanAt, &rfc3339(self.place.clock.now()))])
            .await?;
        self.tell(&[ChangedKind::Workstation], None);
        Ok(())
    }

    /// Pulls first, as somebody may have been seen at another workstation. By the earlier of the two clocks: one that is set
    /// years ahead must let nothing go.
    async fn retain(&self) -> Result<RetentionReport, Error> {
        let _one_at_a_time = self.removing.lock().await;
        let worker = self.worker().ok_or(Error::NotConnected)?;
        worker.receive().await?;
        let now = self.place.clock.now().min(centre_clock(&worker).await?);
        let years = self.years().await?;
        if years.fewest().is_some() {
            self.take_over(&worker).await?;
        }
        let due = self.due(years, now).await?;
        for (of, kind) in &due.going {
            let mut write = self.store().write().await?;
            if write.begin_erasure(of, *kind).await? {
                write.commit().await?;
            }
        }
        let retained = worker.retain().await?;
        // What the centre emptied comes back as a change, and is known from then on.
        worker.receive().await?;
        let under_way = self.store().erasures_under_way().await?;
        self.tell(
            &[
                ChangedKind::Patients,
                ChangedKind::Photos,
                ChangedKind::Analyses,
                ChangedKind::Notes,
                ChangedKind::Workstation,
                ChangedKind::Sync,
            ],
            None,
        );
        Ok(RetentionReport {
            patients: retained.patients,
            photos: retained.photos,
            objects: retained.objects,
            denied: retained.denied,
            held: due.held,
            unconfirmed: due.unconfirmed,
            under_way: under_way.count,
            reasons: under_way.reasons,
        })
    }

    /// Begins here what another workstation began and did not end, as one that was stolen.
    async fn take_over(&self, worker: &Worker) -> Result<(), Error> {
        for begun in worker.registry().unfinished(TAKEN_OVER_AFTER).await? {
            let mut write = self.store().write().await?;
            if write.take_over(&begun).await? {
                tracing::info!(record = %begun.record, "ends what another workstation began to let go");
                write.commit().await?;
            }
        }
        Ok(())
    }

    async fn due(&self, years: RetentionYears, now: Timestamp) -> Result<Due, Error> {
        let mut due = Due::default();
        let Some(before) = years.fewest().and_then(|years| cutoff(years, now)) else {
            return Ok(due);
        };
        let (before, mut after) = (rfc3339(before), None);
        loop {
            let (page, last) = self.store().last_contacts(&before, after, PAGE).await?;
            if last.is_none() {
                return Ok(due);
            }
            after = last;
            for of in page {
                match fate(&of, years, now) {
                    Fate::Stays => {}
                    Fate::Held => due.held += 1,
                    Fate::Unconfirmed => due.unconfirmed += 1,
                    Fate::Goes(kind) => due.going.push((of, kind)),
                }
            }
        }
    }

    async fn years(&self) -> Result<RetentionYears, Error> {
        let json = self.store().setting(Setting::RetentionYears).await?;
        let years: Option<RetentionYears> = json.and_then(|json| serde_json::from_str(&json).ok());
        // Years that a later version would not let anybody set let nothing go either.
        Ok(years.and_then(|years| years.allowed().ok()).unwrap_or_default())
    }

    fn kept_before(&self, keep_days: u16) -> String {
        let now = self.place.clock.now();
        let before = now.checked_sub(SignedDuration::from_hours(24 * i64::from(keep_days)));
        rfc3339(before.unwrap_or(Timestamp::MIN))
    }
}

/// The time by the centre's clock.
async fn centre_clock(worker: &Worker) -> Result<Timestamp, Error> {
    let registry: Arc<dyn Registry> = worker.registry();
    let hello = registry.hello().await?;
    hello.now.parse().map_err(|_| {
        crate::sync::RegistryError::NotUnderstood {
            what: "the time by the centre's clock".to_owned(),
        }
        .into()
    })
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}
