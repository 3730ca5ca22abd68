//! What these tests share: a workstation in a directory of its own, with one patient.

use std::path::PathBuf;
use std::sync::Arc;

use seekwell_core::accounts::Caller;
use seekwell_core::capture::{KeepRequest, Kept};
use seekwell_core::clinical::{Analysis, BodySite, NewPerson, PatientDraft, PatientId, PhotoId, Side};
use seekwell_core::clock::Clock;
use seekwell_core::error::Error;
use seekwell_core::imaging::worker::{FLAG, Workers};
use seekwell_core::vault::{KeyPlace, RecoveryKey};
use seekwell_core::workstation::{Place, RecoveryOffer, Workstation};
use seekwell_testkit::process::{in_memory, picture};
use tempfile::TempDir;

pub(super) const PASSWORD: &str = "một mật khẩu dài";

/// Directories of one workstation.
pub(super) struct Ward {
    dir: TempDir,
    clock: Clock,
}

/// An open one.
pub(super) struct Opened {
    pub(super) workstation: Arc<Workstation>,
    pub(super) caller: Caller,
}

impl Ward {
    /// Nothing yet.
    pub(super) fn bare() -> Self {
        Self::bare_at(Clock::system())
    }

    fn bare_at(clock: Clock) -> Self {
        Self {
            dir: in_memory(),
            clock,
        }
    }

    /// Set up, and open.
    pub(super) async fn found() -> (Self, Opened, RecoveryOffer) {
        Self::found_at(Clock::system()).await
    }

    /// The same by that clock.
    pub(super) async fn found_at(clock: Clock) -> (Self, Opened, RecoveryOffer) {
        let ward = Self::bare_at(clock);
        let first = NewPerson {
            full_name: "Lê Thị Mai (mẫu)".to_owned(),
            email: "mai@example.test".to_owned(),
            password: PASSWORD.to_owned().into(),
        };
        let (workstation, caller, offer) = Workstation::set_up(ward.place(), "Trạm y tế Mẫu", first)
            .await
            .unwrap();
        let workstation = Arc::new(workstation);
        (ward, Opened { workstation, caller }, offer)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.dir.path().join("device-key")
    }

    pub(super) fn place(&self) -> Place {
        Place {
            data_dir: self.data_dir(),
            keys: KeyPlace::File(self.key_file()),
            program: "test",
            clock: self.clock.clone(),
            workers: Arc::new(
                Workers::start(env!("CARGO_BIN_EXE_imaging-worker").into(), [FLAG]).limited_to(1),
            ),
        }
    }

    /// A folder with those files, to install a model from.
    pub(super) fn folder(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = self.dir.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, bytes) in files {
            write(&folder.join(file), bytes);
        }
        folder
    }

    pub(super) async fn open(&self) -> Result<Opened, Error> {
        Opened::of(Workstation::open(self.place()).await?).await
    }

    pub(super) async fn recover(&self, key: &RecoveryKey) -> Result<Opened, Error> {
        Opened::of(Workstation::recover(self.place(), key).await?).await
    }
}

impl Opened {
    async fn of(workstation: Workstation) -> Result<Self, Error> {
        let caller = workstation.act_as("mai@example.test").await?;
        Ok(Self {
            workstation: Arc::new(workstation),
            caller,
        })
    }

    /// Closes it and gives the directory back.
    pub(super) async fn close(self) {
        self.workstation.close().await;
    }

    pub(super) async fn patient(&self) -> PatientId {
        self.patient_living_at(None).await
    }

    /// A patient with that address, which is most of the record's length.
    pub(super) async fn patient_living_at(&self, address: Option<String>) -> PatientId {
        let draft = PatientDraft {
            full_name: "Nguyễn Văn Hòa (mẫu)".to_owned(),
            born: None,
            sex: None,
            phone: None,
            national_id: None,
            address,
        };
        self.workstation
            .register_patient(&self.caller, draft)
            .await
            .unwrap()
            .id
    }

    /// Keeps the photo of that seed.
    pub(super) async fn keep(&self, patient_id: PatientId, seed: u64) -> PhotoId {
        self.keep_bytes(patient_id, picture(seed)).await
    }

    /// Keeps a photo of these bytes.
    pub(super) async fn keep_bytes(&self, patient_id: PatientId, bytes: Vec<u8>) -> PhotoId {
        let staged = self
            .workstation
            .stage(&self.caller, "a.bmp".to_owned(), bytes)
            .await
            .unwrap();
        let request = KeepRequest::new(staged.staged.id, patient_id, BodySite::Face, Side::Left);
        match self.workstation.keep_photo(&self.caller, &request).await.unwrap() {
            Kept::Kept { photo_id, .. } => photo_id,
            other @ Kept::AlreadyStored { .. } => panic!("{other:?}"),
        }
    }

    pub(super) async fn analysis(&self, photo: PhotoId) -> Analysis {
        self.workstation
            .photo(&self.caller, photo)
            .await
            .unwrap()
            .entry
            .analysis
    }

    pub(super) async fn analyse(&self) -> u32 {
        self.workstation.analyse_pending(&self.caller).await.unwrap()
    }
}

pub(super) fn write(path: &std::path::Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), bytes).unwrap();
}
