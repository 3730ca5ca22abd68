//! A workstation on the disk that the build is on, in a folder that goes again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seekwell_core::accounts::Caller;
use seekwell_core::capture::{KeepRequest, Kept};
use seekwell_core::clinical::{BodySite, LesionId, NewPerson, PatientDraft, PatientId, PhotoId, Side};
use seekwell_core::clock::Clock;
use seekwell_core::imaging::worker::Workers;
use seekwell_core::store::Store;
use seekwell_core::vault::{Envelope, KeyPlace};
use seekwell_core::workstation::{Place, Workstation};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::program::{self, Outcome};

/// Who works there.
pub(crate) const EMAIL: &str = "mai@example.test";
/// And how they sign in.
pub(crate) const PASSWORD: &str = "mat-khau-mau";

/// The folder of one workstation, whether it is open or not.
#[derive(Debug)]
pub(crate) struct Clinic {
    folder: PathBuf,
    /// Removes it at the end; `None` where it is another process's.
    _own: Option<TempDir>,
}

impl Clinic {
    /// An empty folder.
    pub(crate) fn new() -> Outcome<Self> {
        let own = TempDir::with_prefix_in("clinic-", program::folder("clinics")?)?;
        Ok(Self {
            folder: own.path().to_owned(),
            _own: Some(own),
        })
    }

    /// A folder that another process made and removes.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder, _own: None }
    }

    /// A copy of the workstation in a folder of its own. Neither may be open.
    pub(crate) fn copied(&self) -> Outcome<Self> {
        let copy = Self::new()?;
        copy_folder(&self.data_dir(), &copy.data_dir())?;
        std::fs::copy(self.key_file(), copy.key_file())?;
        Ok(copy)
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where its key is.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.join("device-key")
    }

    /// A path beside them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The first run.
    pub(crate) async fn set_up(&self) -> Outcome<(Workstation, Caller)> {
        let first = NewPerson {
            full_name: "Lê Thị Mai (mẫu)".into(),
            email: EMAIL.into(),
            password: Zeroizing::new(PASSWORD.into()),
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

    /// Its database without the store; nobody may have it open.
    pub(crate) fn database(&self) -> Outcome<SqliteConnectOptions> {
        let key = self.database_key()?;
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(SqliteConnectOptions::new()
            .filename(self.data_dir().join(Store::FILE))
            .pragma("key", format!("\"x'{hex}'\""))
            .disable_statement_logging())
    }

    /// How many rows a table of its database has; nobody may have it open.
    pub(crate) async fn count(&self, table: &str) -> Outcome<i64> {
        let mut connection = self.database()?.connect().await?;
        let rows = sqlx::query_scalar(&format!("SELECT count(*) FROM {table}"))
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(rows)
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

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            std::fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

/// Keeps a photo that is on the tray, of a lesion of its own.
pub(crate) async fn keep(
    workstation: &Workstation,
    caller: &Caller,
    patient_id: PatientId,
    staged_id: PhotoId,
) -> Outcome<PhotoId> {
    let (photo, _) = keep_of(workstation, caller, patient_id, staged_id, None).await?;
    Ok(photo)
}

/// The same of a lesion that is known, or of a new one. Gives the lesion too.
pub(crate) async fn keep_of(
    workstation: &Workstation,
    caller: &Caller,
    patient_id: PatientId,
    staged_id: PhotoId,
    lesion_id: Option<LesionId>,
) -> Outcome<(PhotoId, LesionId)> {
    let request = KeepRequest {
        lesion_id,
        ..KeepRequest::new(staged_id, patient_id, BodySite::Back, Side::Left)
    };
    match workstation.keep_photo(caller, &request).await? {
        Kept::Kept { photo_id, lesion_id } => Ok((photo_id, lesion_id)),
        Kept::AlreadyStored { .. } => Err("the photo was there already".into()),
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
