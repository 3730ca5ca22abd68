//! A clinic at its desktop: set up without the window where the set-up itself is not the matter, then used through it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use seekwell_core::{
    accounts::Caller,
    capture::{KeepRequest, Kept},
    clinical::{BodySite, NewPerson, PatientDraft, PatientId, PhotoId, Side},
    clock::Clock,
    imaging::worker::{FLAG, Workers},
    vault::{KeyPlace, RecoveryKey},
    workstation::{Place, Workstation},
};
use seekwell_testkit::{
    desktop::Desktop,
    photograph,
    webdriver::{Pasted, Window, demo},
};

/// The program itself.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_seekwell-desktop");

/// Random weights under the mark of a demo.
pub(crate) const DEMO_MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testkit/demo-model");

/// A desktop, and the directories of a workstation on it.
pub(crate) struct Clinic {
    pub(crate) desktop: Desktop,
    pub(crate) data_dir: PathBuf,
    pub(crate) key_file: PathBuf,
}

impl Clinic {
    /// A desktop where nobody has set anything up.
    pub(crate) fn bare() -> Self {
        let desktop = Desktop::start().unwrap();
        let home = desktop.home();
        Self {
            data_dir: home.join("seekwell"),
            key_file: home.join("device-key"),
            desktop,
        }
    }

    /// A clinic with its first person, a recovery key on paper and the demo model.
    pub(crate) async fn founded() -> Self {
        let clinic = Self::without_model().await;
        clinic
            .behind_the_window(async |workstation, caller| {
                workstation
                    .install_model(caller, DEMO_MODEL.into())
                    .await
                    .unwrap();
            })
            .await;
        clinic
    }

    /// A clinic that has no model yet.
    pub(crate) async fn without_model() -> Self {
        let clinic = Self::bare();
        let first = NewPerson {
            full_name: demo::PERSON.into(),
            email: demo::EMAIL.into(),
            password: demo::PASSWORD.to_owned().into(),
        };
        let (workstation, caller, offer) = Workstation::set_up(clinic.place(), demo::CLINIC, first)
            .await
            .unwrap();
        let typed: Vec<String> = offer
            .ask
            .iter()
            .map(|&at| offer.groups[at as usize].clone())
            .collect();
        workstation.confirm_recovery_key(&caller, &typed).await.unwrap();
        workstation.close().await;
        clinic
    }

    /// Another desktop with a copy of everything that is on this one, as when a machine is made from another's backup.
    pub(crate) fn copied(&self) -> Self {
        let copy = Self::bare();
        copy_folder(&self.data_dir, &copy.data_dir);
        std::fs::copy(&self.key_file, &copy.key_file).unwrap();
        copy
    }

    /// Works with the workstation while no window has it.
    pub(crate) async fn behind_the_window<T>(&self, work: impl AsyncFnOnce(&Workstation, &Caller) -> T) -> T {
        let workstation = Workstation::open(self.place()).await.unwrap();
        let caller = workstation.act_as(demo::EMAIL).await.unwrap();
        let outcome = work(&workstation, &caller).await;
        workstation.close().await;
        outcome
    }

    /// Opens with a recovery key that a window showed, and a key file from now on.
    pub(crate) async fn recover(&self, groups: &[String]) {
        let key = RecoveryKey::parse(&groups.concat()).unwrap();
        Workstation::recover(self.place(), &key)
            .await
            .unwrap()
            .close()
            .await;
    }

    /// Opens the window on this clinic, whose key is in a file.
    pub(crate) async fn window(&self) -> Window {
        self.desktop
            .launch(Path::new(PROGRAM), &self.arguments())
            .await
            .unwrap()
    }

    /// What the program is started with.
    pub(crate) fn arguments(&self) -> [&OsStr; 4] {
        [
            "--data-dir".as_ref(),
            self.data_dir.as_os_str(),
            "--key-file".as_ref(),
            self.key_file.as_os_str(),
        ]
    }

    /// Opens the window on this clinic, whose key is in the keyring.
    pub(crate) async fn window_with_keyring(&self) -> Window {
        let arguments = ["--data-dir".as_ref(), self.data_dir.as_os_str()];
        self.desktop.launch(Path::new(PROGRAM), &arguments).await.unwrap()
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            data_dir: self.data_dir.clone(),
            keys: KeyPlace::File(self.key_file.clone()),
            program: "window test",
            clock: Clock::system(),
            workers: Arc::new(Workers::start(PROGRAM.into(), [FLAG])),
        }
    }

    /// Writes a file where somebody could pick it.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.desktop.home().join(name);
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
        path
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            std::fs::copy(path, copy).unwrap();
        }
    }
}

/// A record with a name and nothing else.
pub(crate) fn named(full_name: &str) -> PatientDraft {
    PatientDraft {
        full_name: full_name.to_owned(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    }
}

/// Registers a patient and keeps so many photos of one lesion on the left of the back.
pub(crate) async fn patient_with_photos(
    workstation: &Workstation,
    caller: &Caller,
    draft: PatientDraft,
    photos: u64,
) -> (PatientId, Vec<PhotoId>) {
    let patient = workstation.register_patient(caller, draft).await.unwrap().id;
    let (mut kept, mut lesion) = (Vec::new(), None);
    for number in 0..photos {
        let staged = workstation
            .stage(caller, String::new(), photo(number))
            .await
            .unwrap();
        let request = KeepRequest {
            lesion_id: lesion,
            ..KeepRequest::new(staged.staged.id, patient, BodySite::Back, Side::Left)
        };
        match workstation.keep_photo(caller, &request).await.unwrap() {
            Kept::Kept { photo_id, lesion_id } => {
                kept.push(photo_id);
                lesion = Some(lesion_id);
            }
            other => panic!("{other:?}"),
        }
    }
    workstation.analyse_pending(caller).await.unwrap();
    (patient, kept)
}

/// The `number`th synthetic photo, a good one.
pub(crate) fn photo(number: u64) -> Vec<u8> {
    photograph::demo(number + 1)
}

/// A file on the clipboard that says it is a JPEG.
pub(crate) fn pasted<'a>(name: &'a str, bytes: &'a [u8]) -> Pasted<'a> {
    Pasted {
        name,
        media_type: "image/jpeg",
        bytes,
    }
}
