//! A workstation on the disk that the build is on, in a folder that goes again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seekwell_core::accounts::Caller;
use seekwell_core::clinical::{NewPerson, PatientDraft};
use seekwell_core::clock::Clock;
use seekwell_core::imaging::worker::Workers;
use seekwell_core::vault::{Envelope, KeyPlace};
use seekwell_core::workstation::{Place, Workstation};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::program::{self, Outcome};

/// Who works there.
pub(crate) const EMAIL: &str = "mai@example.test";

/// The folder of one workstation, whether it is open or not.
#[derive(Debug)]
pub(crate) struct Clinic {
    folder: TempDir,
}

impl Clinic {
    /// An empty folder.
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            folder: TempDir::with_prefix_in("clinic-", program::folder("clinics")?)?,
        })
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where its key is.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("device-key")
    }

    /// A path beside them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first run.
    pub(crate) async fn set_up(&self) -> Outcome<(Workstation, Caller)> {
        let first = NewPerson {
            full_name: "Lê Thị Mai (mẫu)".into(),
            email: EMAIL.into(),
            password: Zeroizing::new("một mật khẩu dài".into()),
        };
        let (workstation, caller, _) = Workstation::set_up(self.place()?, "Trạm y tế Mẫu", first).await?;
        Ok((workstation, caller))
    }

    /// Every later run.
    pub(crate) async fn open(&self) -> Outcome<(Workstation, Caller)> {
        let workstation = Workstation::open(self.place()?).await?;
        let caller = workstation.act_as(EMAIL).await?;
        Ok((workstation, caller))
    }

    /// The key of its database.
    pub(crate) fn database_key(&self) -> Outcome<[u8; 32]> {
        let envelope = Envelope::read(&self.data_dir())?.ok_or("no vault")?;
        let device = self.keys().load(envelope.vault)?;
        Ok(*envelope.unlock(&device)?.database_key().expose())
    }

    fn keys(&self) -> KeyPlace {
        KeyPlace::File(self.key_file())
    }

    fn place(&self) -> Outcome<Place> {
        Ok(Place {
            data_dir: self.data_dir(),
            keys: self.keys(),
            program: "benchmark",
            clock: Clock::system(),
            workers: Arc::new(Workers::for_current_exe()?),
        })
    }
}

/// A record of which only the name is known.
pub(crate) fn draft(full_name: &str) -> PatientDraft {
    PatientDraft {
        full_name: full_name.into(),
        born: None,
        sex: None,
        phone: None,
        national_id: None,
        address: None,
    }
}

/// How long a file on this disk takes to become durable tells what any program could reach.
pub(crate) fn is_in_memory(path: &Path) -> Outcome<bool> {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let path = path.canonicalize()?;
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let nearest = mounted
        .filter(|(at, _)| path.starts_with(at))
        .max_by_key(|(at, _)| at.len());
    Ok(nearest.is_some_and(|(_, kind)| matches!(kind, "tmpfs" | "ramfs")))
}
