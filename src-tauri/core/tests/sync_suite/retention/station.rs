//! Workstations whose clock can be turned, with records of long ago.

use std::sync::Arc;

use jiff::Timestamp;
use seekwell_core::{
    clinical::{
        Analysis, AnalysisId, ConfidenceWord, NoteId, PatientId, PhotoId, Probabilities, RiskLevel, RiskRule,
        policy::{self, Verdict},
        retention::RetentionYears,
    },
    clock::Clock,
    error::{Code, Error, Failure},
    store::{Finished, HistoryFilter, Open, Store},
    vault::{Envelope, KeyPlace},
    workstation::{Rendition, RetentionReport},
};

use crate::centre::Centre;
use crate::ward::{Opened, Ward};
use crate::watched::{Cut, Watched};

const LONG_AGO: &str = "2014-03-01T08:00:00Z";
pub(super) const TEN: RetentionYears = RetentionYears {
    patient: Some(10),
    photo: Some(10),
};

pub(super) fn long_ago() -> Clock {
    Clock::simulated(LONG_AGO.parse::<Timestamp>().unwrap())
}

/// To that instant, forward or back.
pub(super) fn turn(clock: &Clock, to: Timestamp) {
    clock.advance(to.duration_since(clock.now()));
}

pub(super) fn today(clock: &Clock) {
    turn(clock, Clock::system().now());
}

/// A workstation whose clock can be turned, joined to the centre.
pub(super) struct Station {
    pub(super) ward: Ward,
    opened: Option<Opened>,
    pub(super) clock: Clock,
}

impl Station {
    pub(super) async fn new(centre: &Centre, name: &str) -> Self {
        let clock = long_ago();
        let (ward, opened) = centre.workstation_at(name, clock.clone()).await;
        Self {
            ward,
            opened: Some(opened),
            clock,
        }
    }

    pub(super) fn at(&self) -> &Opened {
        self.opened.as_ref().unwrap()
    }

    pub(super) async fn sync(&self) {
        self.at().workstation.sync_once().await.unwrap();
    }

    /// A patient with one photo that has a note and whose analysis is done, all of long ago and at the centre.
    pub(super) async fn record(&mut self, centre: &Centre, seed: u64) -> (PatientId, PhotoId) {
        turn(&self.clock, LONG_AGO.parse().unwrap());
        let patient = self.at().patient().await;
        let photo = self.at().keep(patient, seed).await;
        self.restart(judge).await;
        centre.join(self.at()).await;
        let Analysis::Done(done) = self.at().analysis(photo).await else {
            panic!("the analysis waits");
        };
        self.note(done.id, "Ghi chú mẫu").await;
        self.sync().await;
        (patient, photo)
    }

    pub(super) async fn note(&self, analysis: AnalysisId, text: &str) -> NoteId {
        let Opened { workstation, caller } = self.at();
        workstation.add_note(caller, analysis, text).await.unwrap().id
    }

    /// Closes it, does something to what it left, and opens it again, joined to nothing.
    pub(super) async fn restart(&mut self, between: impl AsyncFnOnce(&Ward, &Clock)) {
        if let Some(opened) = self.opened.take() {
            opened.close().await;
        }
        between(&self.ward, &self.clock).await;
        self.opened = Some(self.ward.open().await.unwrap());
    }

    /// Joins it to the centre with somebody who looks at every call.
    pub(super) async fn watched(&self, centre: &Centre, cut: Option<(usize, Cut)>) -> Arc<Watched> {
        let registry = centre.registry(self.at()).await;
        let watched = Watched::new(Arc::clone(&centre.blobs), registry, centre.database(), cut);
        self.at()
            .workstation
            .join(Arc::clone(&watched) as _, Arc::clone(&watched) as _);
        watched
    }

    pub(super) async fn keep_for(&self, years: RetentionYears) {
        let Opened { workstation, caller } = self.at();
        workstation.set_retention_years(caller, years).await.unwrap();
    }

    pub(super) async fn apply(&self) -> Result<RetentionReport, Error> {
        let Opened { workstation, caller } = self.at();
        workstation.apply_retention(caller).await
    }

    pub(super) fn sealed(&self, photo: PhotoId) -> bool {
        let folder = format!("photos/{:02x}", photo.0.as_bytes()[15]);
        let file = format!("{photo}.sealed");
        self.ward.data_dir().join(folder).join(file).exists()
    }

    /// Nothing of the patient is found, by whatever way.
    pub(super) async fn knows_nothing_of(&self, patient: PatientId, photo: PhotoId) {
        let Opened { workstation, caller } = self.at();
        let found = workstation.find_patients(caller, "nguyen van hoa").await.unwrap();
        assert!(!found.patients.iter().any(|row| row.patient.id == patient));
        let recent = workstation.recent_patients(caller).await.unwrap();
        assert!(!recent.patients.iter().any(|row| row.patient.id == patient));
        let page = workstation
            .history(caller, patient, &HistoryFilter::default(), None, 10)
            .await
            .unwrap();
        assert_eq!(page.entries, []);
        assert_eq!(
            workstation.history_counts(caller, patient).await.unwrap().total,
            0
        );
        assert_eq!(workstation.lesions(caller, patient).await.unwrap(), []);
        assert_eq!(workstation.patient_versions(caller, patient).await.unwrap(), []);
        for error in [
            workstation.patient(caller, patient).await.map(drop).unwrap_err(),
            workstation.photo(caller, photo).await.map(drop).unwrap_err(),
            workstation
                .image(caller, photo, Rendition::Thumbnail)
                .await
                .map(drop)
                .unwrap_err(),
        ] {
            assert_eq!(Failure::from(&error).code, Code::NotFound, "{error}");
        }
        assert!(!self.sealed(photo));
        let check = workstation.check(caller, |_| ()).await.unwrap();
        assert!(check.ok, "{check:?}");
    }
}

/// A workstation with a record of long ago, and another one that knows of it, where it is today and that lets go what is ten years old.
pub(super) struct Pair {
    pub(super) a: Station,
    pub(super) b: Station,
    pub(super) patient: PatientId,
    pub(super) photo: PhotoId,
}

impl Pair {
    pub(super) async fn new(centre: &Centre) -> Self {
        let mut a = Station::new(centre, "A").await;
        let b = Station::new(centre, "B").await;
        let (patient, photo) = a.record(centre, 1).await;
        b.sync().await;
        today(&b.clock);
        b.keep_for(TEN).await;
        Self { a, b, patient, photo }
    }
}

pub(crate) fn database_key(ward: &Ward) -> [u8; 32] {
    let envelope = Envelope::read(&ward.data_dir()).unwrap().unwrap();
    let device = KeyPlace::File(ward.key_file()).load(envelope.vault).unwrap();
    *envelope.unlock(&device).unwrap().database_key().expose()
}

/// Finishes the analyses that wait.
async fn judge(ward: &Ward, clock: &Clock) {
    let store = Store::open(
        &ward.data_dir(),
        &database_key(ward),
        Open::Existing,
        clock.clone(),
    )
    .await
    .unwrap();
    let mut write = store.write().await.unwrap();
    for pending in store.pending_analyses(None, 100).await.unwrap() {
        let finished = Finished {
            probabilities: Probabilities::new([0.05, 0.05, 0.05, 0.75, 0.05, 0.05]).unwrap(),
            verdict: Verdict {
                risk: RiskLevel::Low,
                rule: RiskRule::ByClass,
                confidence: ConfidenceWord::Medium,
                review: false,
                follow_up_days: 90,
            },
            follow_up_by: "2014-05-30".into(),
            model_name: "test".into(),
            model_sha256: "0".repeat(64),
            demo: true,
            published_accuracy: None,
            policy: policy::POLICY,
            pipeline: pending.pipeline.clone(),
            duration_ms: 1,
        };
        assert!(write.finish_analysis(pending.id, &finished).await.unwrap());
    }
    write.commit().await.unwrap();
    store.close().await;
}
