//! A workstation of two people in a directory that goes again, on a clock that stands still until it is moved.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use seekwell_core::{
    accounts::Caller,
    capture::{KeepRequest, Kept},
    clinical::{
        Analysis, AnalysisId, BodySite, ConfidenceWord, LesionId, NewPerson, Patient, PatientDraft,
        PatientId, Person, PersonId, PhotoId, Probabilities, RiskLevel, RiskRule, Role, Side,
        policy::{self, Verdict},
    },
    clock::Clock,
    error::{Code, Error, Failure},
    imaging::worker::Workers,
    store::{Finished, Incoming, Open, Store},
    vault::{Envelope, KeyPlace},
    workstation::{Place, Workstation},
};
use seekwell_testkit::process::{in_memory, picture};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_imaging-worker");

pub(crate) struct Clinic {
    pub(crate) workstation: Workstation,
    /// Who set it up, and somebody else.
    pub(crate) mai: Caller,
    pub(crate) tam: Caller,
    clock: Clock,
    folder: TempDir,
}

impl Clinic {
    pub(crate) async fn new() -> Self {
        let folder = in_memory();
        let clock = Clock::simulated("2026-03-01T08:00:00Z".parse::<Timestamp>().unwrap());
        let first = NewPerson {
            full_name: "Lê Thị Mai (mẫu)".into(),
            email: "mai@example.test".into(),
            password: "một mật khẩu dài".to_owned().into(),
        };
        let (workstation, ..) = Workstation::set_up(place(folder.path(), &clock), "Trạm y tế Mẫu", first)
            .await
            .unwrap();
        workstation.close().await;
        drop(workstation);
        add_colleague(folder.path(), &clock).await;
        Self::open(folder, clock).await
    }

    /// Closes it, lets `harm` do something to the data directory with the database's key in hand, and opens it again.
    pub(crate) async fn harmed(self, harm: impl AsyncFnOnce(&Path, [u8; 32])) -> Self {
        let Self {
            workstation,
            clock,
            folder,
            ..
        } = self;
        workstation.close().await;
        drop(workstation);
        harm(&folder.path().join("data"), database_key(folder.path())).await;
        Self::open(folder, clock).await
    }

    async fn open(folder: TempDir, clock: Clock) -> Self {
        let workstation = Workstation::open(place(folder.path(), &clock)).await.unwrap();
        Self {
            mai: workstation.act_as("mai@example.test").await.unwrap(),
            tam: workstation.act_as("tam@example.test").await.unwrap(),
            workstation,
            clock,
            folder,
        }
    }

    /// Closes it, works with its store alone, and opens it again.
    pub(crate) async fn stored(self, work: impl AsyncFnOnce(&Store)) -> Self {
        let Self {
            workstation,
            clock,
            folder,
            ..
        } = self;
        workstation.close().await;
        drop(workstation);
        let store = open_store(folder.path(), &clock).await;
        work(&store).await;
        store.close().await;
        Self::open(folder, clock).await
    }

    /// Applies changes of the centre's.
    pub(crate) async fn received(self, changes: &[&Incoming]) -> Self {
        self.stored(async |store| {
            let mut write = store.write().await.unwrap();
            for change in changes {
                write.apply(change, &|_| None).await.unwrap();
            }
            write.commit().await.unwrap();
        })
        .await
    }

    /// Enters a patient who may sign in, and signs them in.
    pub(crate) async fn with_patient(self) -> (Self, Caller) {
        let hoa = Person {
            id: PersonId(self.clock.new_id()),
            full_name: "Nguyễn Văn Hòa (mẫu)".into(),
            email: "hoa@example.test".into(),
            role: Role::Patient,
        };
        let clinic = self.with_person(&hoa).await;
        let hoa = clinic.workstation.act_as("hoa@example.test").await.unwrap();
        (clinic, hoa)
    }

    /// Enters somebody whom no screen adds yet.
    pub(crate) async fn with_person(self, person: &Person) -> Self {
        self.stored(async |store| {
            let mut write = store.write().await.unwrap();
            write.add_person(person, "").await.unwrap();
            write.commit().await.unwrap();
        })
        .await
    }

    /// Finishes the analyses that wait, oldest first, one for each of these risks.
    pub(crate) async fn judge(self, risks: &[RiskLevel]) -> Self {
        self.stored(async |store| {
            let mut write = store.write().await.unwrap();
            let waiting = store.pending_analyses(None, 1_000).await.unwrap();
            for (pending, risk) in waiting.iter().zip(risks) {
                assert!(write.finish_analysis(pending.id, &finished(*risk)).await.unwrap());
            }
            write.commit().await.unwrap();
        })
        .await
    }

    /// Lets so many minutes pass.
    pub(crate) fn wait(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(crate) async fn register(&self, draft: PatientDraft) -> Patient {
        self.wait(1);
        self.workstation.register_patient(&self.mai, draft).await.unwrap()
    }

    /// The photo's analysis, done or waiting.
    pub(crate) async fn analysis(&self, photo: PhotoId) -> AnalysisId {
        let detail = self.workstation.photo(&self.mai, photo).await.unwrap();
        match detail.entry.analysis {
            Analysis::Pending { id, .. } => id,
            Analysis::Done(done) => done.id,
        }
    }

    /// Keeps a photo; a minute later than what was before.
    pub(crate) async fn keep(
        &self,
        patient: PatientId,
        seed: u64,
        site: BodySite,
        lesion_id: Option<LesionId>,
    ) -> (PhotoId, LesionId) {
        self.wait(1);
        let staged = self
            .workstation
            .stage(&self.mai, String::new(), picture(seed))
            .await
            .unwrap();
        let request = KeepRequest {
            site,
            lesion_id,
            ..KeepRequest::new(staged.staged.id, patient, BodySite::Back, Side::Left)
        };
        self.keep_as(&request).await
    }

    /// Keeps a staged photo that is not here yet.
    pub(crate) async fn keep_as(&self, request: &KeepRequest) -> (PhotoId, LesionId) {
        match self.workstation.keep_photo(&self.mai, request).await.unwrap() {
            Kept::Kept { photo_id, lesion_id } => (photo_id, lesion_id),
            Kept::AlreadyStored { photo_id, .. } => panic!("{photo_id} is there already"),
        }
    }
}

pub(crate) fn draft(name: &str) -> PatientDraft {
    PatientDraft {
        full_name: name.into(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    }
}

pub(crate) fn code(error: &Error) -> Code {
    Failure::from(error).code
}

fn place(folder: &Path, clock: &Clock) -> Place {
    let no_arguments: [&str; 0] = [];
    Place {
        data_dir: folder.join("data"),
        keys: KeyPlace::File(folder.join("device-key")),
        program: "test",
        clock: clock.clone(),
        workers: Arc::new(Workers::start(WORKER.into(), no_arguments).limited_to(2)),
    }
}

fn database_key(folder: &Path) -> [u8; 32] {
    let envelope = Envelope::read(&folder.join("data")).unwrap().unwrap();
    let device = KeyPlace::File(folder.join("device-key"))
        .load(envelope.vault)
        .unwrap();
    *envelope.unlock(&device).unwrap().database_key().expose()
}

async fn open_store(folder: &Path, clock: &Clock) -> Store {
    Store::open(
        &folder.join("data"),
        &database_key(folder),
        Open::Existing,
        clock.clone(),
    )
    .await
    .unwrap()
}

/// A second person, whom no screen adds yet.
async fn add_colleague(folder: &Path, clock: &Clock) {
    let store = open_store(folder, clock).await;
    let tam = Person {
        id: PersonId(clock.new_id()),
        full_name: "Phạm Văn Tâm (mẫu)".into(),
        email: "tam@example.test".into(),
        role: Role::Doctor,
    };
    let mut write = store.write().await.unwrap();
    write.add_person(&tam, "").await.unwrap();
    write.commit().await.unwrap();
    store.close().await;
}

fn finished(risk: RiskLevel) -> Finished {
    Finished {
        probabilities: Probabilities::new([0.05, 0.05, 0.05, 0.75, 0.05, 0.05]).unwrap(),
        verdict: Verdict {
            risk,
            rule: RiskRule::ByClass,
            confidence: ConfidenceWord::Medium,
            review: matches!(risk, RiskLevel::Urgent | RiskLevel::Uncertain),
            follow_up_days: 30,
        },
        follow_up_by: "2026-03-31".into(),
        model_name: "test".into(),
        model_sha256: "0".repeat(64),
        demo: true,
        published_accuracy: None,
        policy: policy::POLICY,
        pipeline: "test".into(),
        duration_ms: 1,
    }
}
