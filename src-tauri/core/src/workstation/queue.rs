//! Who analyses, the bell that wakes the queue, and which photos are held back after a failure.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    analysis::Analyzer,
    clinical::{AnalysisId, PatientId, PendingReason, PhotoId},
    clock::wait_after,
    store::{Asked, PendingAnalysis, Speaking},
};

/// A Space that needs a person is looked at again after so long anyway: a captive portal, or a token that is valid again, can't
/// be told from here.
const LOOK_AGAIN: Duration = Duration::from_secs(3_600);

/// Who can be asked about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// An installed model.
    #[default]
    Device,
    /// The Space; only where the patient agreed to it.
    Space,
}

/// Who analyses, the bell that wakes the queue, and which photos are held back after a failure.
#[derive(Default)]
pub struct Queue {
    speakers: Mutex<Speakers>,
    bell: Notify,
    /// Whether the bell rang since [`Queue::listen`].
    rang: AtomicBool,
    held_back: Mutex<HashMap<AnalysisId, HeldBack>>,
    on_screen: Mutex<Option<PatientId>>,
    /// Tells who is asking the Space that it may not be asked any more, perhaps.
    permissions: watch::Sender<()>,
    /// Held while the queue is worked off, so that two callers do not analyse the same photo.
    pub(super) working: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Speakers {
    device: Option<Arc<dyn Analyzer>>,
    space: Option<Arc<dyn Analyzer>>,
    /// Another installed model, loaded for opinions that were asked of it.
    other: Option<Arc<dyn Analyzer>>,
    prefer: Way,
    /// Nobody else is asked.
    only: Option<Way>,
    /// The Space failed so often in a row, and is left alone until then.
    resting: Option<(u32, Instant)>,
}

/// A photo that failed with everybody who could be asked.
struct HeldBack {
    pending: PendingAnalysis,
    /// When it is tried again; `None`: not before another analyser speaks.
    until: Option<Instant>,
}

impl Queue {
    /// Puts another model, or none, in the place of the one that speaks, and gives that one back. What failed with it
    /// may pass with the next. Call it with the database's writer in hand: nothing can be finished meanwhile.
    pub(super) fn replace_device(&self, next: Option<Arc<dyn Analyzer>>) -> Option<Arc<dyn Analyzer>> {
        held(&self.held_back).clear();
        std::mem::replace(&mut held(&self.speakers).device, next)
    }

    /// Puts another Space, or none, in the place of the one that is asked, and says whom to ask first.
    pub(super) fn set_space(&self, space: Option<Arc<dyn Analyzer>>, prefer: Way) {
        held(&self.held_back).clear();
        let mut speakers = held(&self.speakers);
        speakers.space = space;
        speakers.prefer = prefer;
        speakers.resting = None;
        drop(speakers);
        self.permit_anew();
    }

    /// Whoever asks the Space looks anew whether it may.
    pub(super) fn permit_anew(&self) {
        self.permissions.send_replace(());
    }

    /// Changes of who may be asked, from now on.
    pub(super) fn permissions(&self) -> watch::Receiver<()> {
        self.permissions.subscribe()
    }

    /// Lets go of a model that was loaded for opinions asked of it alone.
    pub(super) fn forget_other(&self, sha256: &str) {
        held(&self.speakers)
            .other
            .take_if(|other| other.card().sha256 == sha256);
    }

    /// Remembers a model that was loaded for opinions asked of it alone.
    pub(super) fn set_other(&self, other: Option<Arc<dyn Analyzer>>) {
        held(&self.speakers).other = other;
    }

    /// Takes away a model that needs a person first, unless another speaks by now.
    pub(super) fn silence(&self, analyser: &Arc<dyn Analyzer>) {
        let speakers = &mut *held(&self.speakers);
        for speaking in [&mut speakers.device, &mut speakers.other] {
            if speaking.as_ref().is_some_and(|now| Arc::ptr_eq(now, analyser)) {
                speaking.take();
            }
        }
    }

    /// Who can be asked about that photo, the preferred one first. Of the Space nothing where the patient has not agreed, or
    /// while it is left alone.
    pub(super) fn ways(&self, pending: &PendingAnalysis) -> Vec<(Way, Arc<dyn Analyzer>)> {
        let speakers = held(&self.speakers);
        let device = speakers.device.clone().map(|device| (Way::Device, device));
        let space = speakers
            .space
            .clone()
            .filter(|_| pending.consented && !is_resting(&speakers))
            .map(|space| (Way::Space, space));
        let asked = match (&pending.asked_of, speakers.prefer) {
            (Some(Asked::Model(sha256)), _) => {
                let speaking = [&speakers.device, &speakers.other];
                let mut speaking = speaking.into_iter().flatten();
                let model = speaking.find(|model| model.card().sha256 == *sha256);
                [model.cloned().map(|model| (Way::Device, model)), None]
            }
            (Some(Asked::Space), _) => [space, None],
            (None, Way::Device) => [device, space],
            (None, Way::Space) => [space, device],
        };
        let only = speakers.only;
        asked
            .into_iter()
            .flatten()
            .filter(|(way, _)| only.is_none_or(|only| only == *way))
            .collect()
    }

    /// Asks that one and nobody else, until it is said otherwise or the program ends.
    pub(super) fn ask_only(&self, only: Option<Way>) {
        held(&self.speakers).only = only;
    }

    /// Whom there is to ask at all, resting or not.
    pub(super) fn speaking(&self) -> Speaking {
        let speakers = held(&self.speakers);
        Speaking {
            device: speakers.device.is_some(),
            space: speakers.space.is_some(),
        }
    }

    /// What a new photo waits for.
    pub(super) fn reason(&self, consented: bool) -> PendingReason {
        match self.speaking() {
            Speaking { device: true, .. } => PendingReason::Queued,
            Speaking { space: true, .. } if consented => PendingReason::Queued,
            Speaking { space: true, .. } => PendingReason::NoConsent,
            Speaking { .. } => PendingReason::NoModel,
        }
    }

    /// Whether that one speaks still: not another one, nor the same network with other labels.
    pub(super) fn speaks(&self, analyser: &Arc<dyn Analyzer>) -> bool {
        let speakers = held(&self.speakers);
        [&speakers.device, &speakers.space, &speakers.other]
            .into_iter()
            .flatten()
            .any(|now| Arc::ptr_eq(now, analyser))
    }

    /// Whether a model of that hash speaks.
    pub(super) fn has_model(&self, sha256: &str) -> bool {
        held(&self.speakers)
            .device
            .as_ref()
            .is_some_and(|now| now.card().sha256 == sha256)
    }

    /// The models in memory.
    pub(super) fn models(&self) -> Vec<Arc<dyn Analyzer>> {
        let speakers = held(&self.speakers);
        let models = [&speakers.device, &speakers.other];
        models.into_iter().flatten().cloned().collect()
    }

    /// The Space answered.
    pub(super) fn space_answered(&self) {
        held(&self.speakers).resting = None;
    }

    /// The Space did not answer, or not as one: it is left alone for a while that grows with each failure in a row, or for an
    /// hour. `dice` from 0 to 1 spreads the workstations that lost it together.
    pub(super) fn let_space_rest(&self, needs_person: bool, at_least: Option<Duration>, dice: f64) {
        let mut speakers = held(&self.speakers);
        let failures = speakers.resting.map_or(0, |(failures, _)| failures);
        let wait = match needs_person {
            true => LOOK_AGAIN,
            false => delay(failures, dice),
        };
        let wait = wait.max(at_least.unwrap_or_default()).min(LOOK_AGAIN);
        speakers.resting = Some((failures.saturating_add(1), Instant::now() + wait));
    }

    pub(super) fn wake(&self) {
        self.rang.store(true, Ordering::SeqCst);
        self.bell.notify_one();
    }

    /// The patient whose photos go before the others'.
    pub(super) fn look_at(&self, patient: Option<PatientId>) {
        *held(&self.on_screen) = patient;
    }

    pub(super) fn on_screen(&self) -> Option<PatientId> {
        *held(&self.on_screen)
    }

    /// From here on [`Queue::rang`] tells of newer photos.
    pub(super) fn listen(&self) {
        self.rang.store(false, Ordering::SeqCst);
    }

    pub(super) fn rang(&self) -> bool {
        self.rang.load(Ordering::SeqCst)
    }

    /// Returns when the bell rings, or at that time.
    pub(super) async fn rest(&self, until: Option<Instant>) {
        let until = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.bell.notified() => {}
            () = until => {}
        }
    }

    /// Holds a photo back for a while that grows with its tries, or until another analyser speaks.
    pub(super) fn hold_back(&self, mut pending: PendingAnalysis, for_good: bool, dice: f64) {
        let until = (!for_good).then(|| Instant::now() + delay(pending.tries, dice));
        pending.tries = pending.tries.saturating_add(1);
        held(&self.held_back).insert(pending.id, HeldBack { pending, until });
    }

    /// Holds a photo back that only the Space may speak of, while that is left alone. Otherwise it waits for nothing that comes by
    /// itself.
    pub(super) fn wait_for_space(&self, pending: &PendingAnalysis) {
        let until = {
            let speakers = held(&self.speakers);
            let asks = pending.consented && speakers.space.is_some();
            speakers.resting.map(|(_, until)| until).filter(|_| asks)
        };
        if let Some(until) = until {
            let pending = pending.clone();
            let until = Some(until);
            held(&self.held_back).insert(pending.id, HeldBack { pending, until });
        }
    }

    /// Photos of which nobody who could be asked can speak.
    pub(super) fn held_for_good(&self) -> Vec<PendingAnalysis> {
        let held = held(&self.held_back);
        let for_good = held.values().filter(|one| one.until.is_none());
        for_good.map(|one| one.pending.clone()).collect()
    }

    pub(super) fn is_held_back(&self, id: AnalysisId) -> bool {
        held(&self.held_back).contains_key(&id)
    }

    /// Lets those go that wait for a time only, and the Space: somebody asked.
    pub(super) fn let_go(&self) {
        held(&self.held_back).retain(|_, one| one.until.is_none());
        held(&self.speakers).resting = None;
    }

    pub(super) fn forget(&self, id: AnalysisId) {
        held(&self.held_back).remove(&id);
    }

    pub(super) fn forget_photo(&self, photo: PhotoId) {
        held(&self.held_back).retain(|_, one| one.pending.photo != photo);
    }

    /// Those whose time has come, the longest due first.
    pub(super) fn due(&self) -> Vec<PendingAnalysis> {
        let now = Instant::now();
        let mut due: Vec<_> = held(&self.held_back)
            .values()
            .filter_map(|one| Some((one.until.filter(|until| *until <= now)?, one.pending.clone())))
            .collect();
        due.sort_by(|(one, first), (other, second)| {
            (one, &first.requested_at).cmp(&(other, &second.requested_at))
        });
        due.into_iter().map(|(_, pending)| pending).collect()
    }

    /// When the next one's time comes. Without anybody to ask there is nothing to wait for.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let Speaking { device, space } = self.speaking();
        if !device && !space {
            return None;
        }
        held(&self.held_back).values().filter_map(|one| one.until).min()
    }
}

fn is_resting(speakers: &Speakers) -> bool {
    speakers.resting.is_some_and(|(_, until)| until > Instant::now())
}

/// How long somebody is left alone who failed so often before, never more than an hour.
fn delay(tries: u32, dice: f64) -> Duration {
    wait_after(tries, LOOK_AGAIN, dice)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::delay;

    #[test]
    fn the_wait_grows_to_an_hour() {
        let seconds: Vec<_> = [0, 1, 2, 10, 11, 12, u32::MAX]
            .into_iter()
            .map(|tries| delay(tries, 1.0).as_secs())
            .collect();
        assert_eq!(seconds, [2, 4, 8, 2_048, 3_600, 3_600, 3_600]);
        assert_eq!(delay(2, 0.0).as_secs(), 4);
    }
}
