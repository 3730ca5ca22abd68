//! Every module's error, joined, and mapped to the short closed list of codes that the window words.

use serde::{Deserialize, Serialize};

use crate::{
    accounts::AccountsError,
    analysis::AnalysisError,
    analysis::ModelError,
    analysis::SpaceError,
    capture::CaptureError,
    clinical::{OutlineError, ScaleError, retention::YearsNotAllowed},
    imaging::Refusal,
    store::StoreError,
    sync::{LinkError, RegistryError, gcs::AccessError, status::Trouble, worker::SyncError},
    vault::VaultError,
};

/// Anything that the façade reports.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Keys, locks, sealed files.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// People and passwords.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// Taking photos in.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// Speaking about photos.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// Model folders.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The Space's address, or the Space.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// Only the Space was asked for, and none is set.
    #[error("no Space is set")]
    NoSpace,
    /// The Space was asked for, and the patient has not agreed.
    #[error("the patient has not agreed that photos are analysed elsewhere")]
    NoConsent,
    /// It has said all that it has to say about that photo, or will.
    #[error("this photo was asked about already")]
    AskedAlready,
    /// A connection code.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The centre's records.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A round of sync.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The bucket can't even be asked for.
    #[error(transparent)]
    Storage(#[from] AccessError),
    /// Years below the floor.
    #[error(transparent)]
    Years(#[from] YearsNotAllowed),
    /// Corners that make no outline.
    #[error(transparent)]
    Outline(#[from] OutlineError),
    /// A number that is no scale.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// This workstation was never connected to a centre.
    #[error("this workstation is not connected to a centre")]
    NotConnected,
    /// The code is for another clinic than the one whose records are here.
    #[error("this workstation holds the records of another clinic at the centre")]
    OtherClinic,
    /// The image is not here, and the workstation that has it has not sent it yet.
    #[error("the image has not reached the centre yet")]
    NotAtCentre,
    /// The data directory holds a workstation already.
    #[error("this data directory is set up already")]
    AlreadySetUp,
    /// The data directory holds no workstation.
    #[error("this data directory is not set up")]
    NotSetUp,
    /// Nobody has signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// A record was found without a required text.
    #[error("a name is required")]
    NameMissing,
    /// A text without letters.
    #[error("the text is empty")]
    TextEmpty,
    /// A text past its limit.
    #[error("the text has more than {limit} characters")]
    TextTooLong {
        /// Characters.
        limit: u32,
    },
    /// Nothing is waiting to be confirmed.
    #[error("no recovery key waits to be confirmed; make a new one")]
    NoRecoveryKeyOffered,
    /// A cap under which nothing would arrive in a useful time.
    #[error("images need at least {at_least} kB a second")]
    RateTooLow {
        /// kB per second.
        at_least: u32,
    },
    /// Work that was handed to another thread did not come back.
    #[error("a part of the program stopped")]
    Interrupted,
}

/// Why something did not work, as short as the window can branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it, and the window words each one")]
pub enum Code {
    NameMissing,
    BornInvalid,
    EmailInvalid,
    EmailTaken,
    PasswordTooShort,
    TextEmpty,
    TextTooLong,
    PhotoEmpty,
    PhotoTruncated,
    PhotoNotAnImage,
    PhotoHeic,
    PhotoUnsupported,
    PhotoTooSmall,
    PhotoTooLarge,
    PhotoBomb,
    PhotoDecoderFailed,
    PhotoDecoderTimeout,
    PhotoWorkerUnavailable,
    FileUnreadable,
    StagingFull,
    StagedGone,
    LesionElsewhere,
    KeyMissing,
    KeyWrong,
    KeyringUnavailable,
    RecoveryKeyWrong,
    RecoveryKeyNotOffered,
    PhotoDamaged,
    DatabaseDamaged,
    DatabaseNewer,
    DiskFull,
    ReadOnly,
    HeldByAnother,
    StorageFailed,
    NotFound,
    ChangedMeanwhile,
    NotSignedIn,
    SignInRefused,
    AlreadySetUp,
    ModelMissing,
    ModelInvalid,
    AnalysisFailed,
    SpaceAddressInvalid,
    SpaceTokenInvalid,
    SpaceUnreachable,
    NoSpace,
    NoConsent,
    AskedAlready,
    ConnectionCodeInvalid,
    CentreUnreachable,
    CentreRefuses,
    NotConnected,
    ImageNotHere,
    NotAllowed,
    RateTooLow,
    YearsNotAllowed,
    NotUrgent,
    OtherClinic,
    OutlineInvalid,
    ScaleInvalid,
}

impl Code {
    /// The word that stands for it in JSON.
    pub fn as_word(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// An error on the wire: to the window, and on the CLI's standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Failure {
    /// What the sentence is chosen by.
    pub code: Code,
    /// Technical English, for "details". No patient data.
    pub message: String,
    /// What the sentence is about, such as who holds the directory.
    pub subject: Option<String>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let subject = match error {
            Error::Vault(VaultError::Held { holder }) => Some(holder.clone()),
            Error::Capture(CaptureError::Refused(Refusal::NotAnImage { looks_like })) => {
                Some(looks_like.clone())
            }
            Error::Capture(CaptureError::Refused(Refusal::TooSmall { width, height })) => {
                Some(format!("{width} × {height}"))
            }
            Error::RateTooLow { at_least } => Some(at_least.to_string()),
            Error::Years(YearsNotAllowed { floor }) => Some(floor.to_string()),
            _ => None,
        };
        Self {
            code: code(error),
            message: message(error),
            subject,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// The error and what caused it, each after the other.
pub fn message(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let said = source.to_string();
        if !message.ends_with(&said) {
            message.push_str(": ");
            message.push_str(&said);
        }
        cause = source.source();
    }
    message
}

fn code(error: &Error) -> Code {
    match error {
        Error::Vault(error) => of_vault(error),
        Error::Store(error) => of_store(error),
        Error::Accounts(error) => match error {
            AccountsError::NameMissing => Code::NameMissing,
            AccountsError::EmailInvalid => Code::EmailInvalid,
            AccountsError::PasswordTooShort { .. } => Code::PasswordTooShort,
            AccountsError::TextTooLong { .. } => Code::TextTooLong,
            AccountsError::NotAllowed { .. } => Code::NotAllowed,
            AccountsError::SignInRefused => Code::SignInRefused,
            AccountsError::Hash { .. } => Code::StorageFailed,
            AccountsError::Store(error) => of_store(error),
        },
        Error::Capture(error) => match error {
            CaptureError::Refused(refusal) => of_refusal(refusal),
            CaptureError::TrayFull { .. } => Code::StagingFull,
            CaptureError::NotOnTray => Code::StagedGone,
            CaptureError::LesionElsewhere => Code::LesionElsewhere,
            CaptureError::Interrupted => Code::StorageFailed,
            CaptureError::Vault(error) => of_vault(error),
            CaptureError::Store(error) => of_store(error),
        },
        Error::Analysis(_) => Code::AnalysisFailed,
        Error::Model(error) => match error {
            ModelError::NotStored { source } => of_writing(source),
            ModelError::NotInstalled => Code::ModelMissing,
            _ => Code::ModelInvalid,
        },
        Error::Space(error) => match error {
            SpaceError::Address => Code::SpaceAddressInvalid,
            SpaceError::Token => Code::SpaceTokenInvalid,
            _ => Code::SpaceUnreachable,
        },
        Error::NoSpace => Code::NoSpace,
        Error::NoConsent => Code::NoConsent,
        Error::AskedAlready => Code::AskedAlready,
        Error::Link(_) => Code::ConnectionCodeInvalid,
        Error::Registry(error) => of_centre(error.trouble()),
        Error::Sync(error) => match error {
            SyncError::Store(error) => of_store(error),
            SyncError::Vault(error) => of_vault(error),
            error => of_centre(error.trouble()),
        },
        Error::Storage(_) => Code::CentreRefuses,
        Error::Years(_) => Code::YearsNotAllowed,
        Error::Outline(_) => Code::OutlineInvalid,
        Error::Scale(_) => Code::ScaleInvalid,
        Error::NotConnected => Code::NotConnected,
        Error::NotAtCentre => Code::ImageNotHere,
        Error::AlreadySetUp => Code::AlreadySetUp,
        Error::NotSetUp => Code::NotFound,
        Error::NotSignedIn => Code::NotSignedIn,
        Error::NameMissing => Code::NameMissing,
        Error::TextEmpty => Code::TextEmpty,
        Error::TextTooLong { .. } => Code::TextTooLong,
        Error::NoRecoveryKeyOffered => Code::RecoveryKeyNotOffered,
        Error::RateTooLow { .. } => Code::RateTooLow,
        Error::OtherClinic => Code::OtherClinic,
        Error::Interrupted => Code::StorageFailed,
    }
}

fn of_centre(trouble: Trouble) -> Code {
    match trouble {
        Trouble::Offline | Trouble::Busy => Code::CentreUnreachable,
        Trouble::Denied | Trouble::Impostor | Trouble::NotUnderstood | Trouble::SetBack => {
            Code::CentreRefuses
        }
        Trouble::Images => Code::ImageNotHere,
        Trouble::ThisMachine => Code::StorageFailed,
    }
}

fn of_vault(error: &VaultError) -> Code {
    match error {
        VaultError::KeyMissing { .. } => Code::KeyMissing,
        VaultError::KeyWrong { .. } => Code::KeyWrong,
        VaultError::KeyringUnavailable { .. } => Code::KeyringUnavailable,
        VaultError::RecoveryKeyWrong => Code::RecoveryKeyWrong,
        VaultError::EnvelopeDamaged => Code::DatabaseDamaged,
        VaultError::EnvelopeNewer { .. } => Code::DatabaseNewer,
        VaultError::PhotoDamaged { .. } => Code::PhotoDamaged,
        VaultError::Held { .. } => Code::HeldByAnother,
        // A file that its owner may not read does not become readable by making the directory writable.
        VaultError::NoRandomness { .. } | VaultError::Unreadable { .. } => Code::StorageFailed,
        VaultError::Io { source, .. } => of_writing(source),
    }
}

/// Why something could not be written.
fn of_writing(source: &std::io::Error) -> Code {
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::DiskFull,
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => Code::ReadOnly,
        _ => Code::StorageFailed,
    }
}

fn of_store(error: &StoreError) -> Code {
    match error {
        StoreError::Missing
        | StoreError::Emptied
        | StoreError::Damaged { .. }
        | StoreError::Unreadable { .. } => Code::DatabaseDamaged,
        StoreError::AlreadyThere => Code::AlreadySetUp,
        StoreError::Newer { .. } | StoreError::Foreign { .. } => Code::DatabaseNewer,
        StoreError::Full { .. } => Code::DiskFull,
        StoreError::ReadOnly { .. } => Code::ReadOnly,
        StoreError::NotFound { .. } => Code::NotFound,
        StoreError::ChangedMeanwhile { .. } => Code::ChangedMeanwhile,
        StoreError::EmailTaken => Code::EmailTaken,
        StoreError::NotUrgent => Code::NotUrgent,
        StoreError::Migration { .. } | StoreError::Failed { .. } => Code::StorageFailed,
    }
}

fn of_refusal(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::Empty => Code::PhotoEmpty,
        Refusal::Truncated => Code::PhotoTruncated,
        Refusal::NotAnImage { .. } => Code::PhotoNotAnImage,
        Refusal::Heic => Code::PhotoHeic,
        Refusal::Unsupported { .. } => Code::PhotoUnsupported,
        Refusal::TooSmall { .. } => Code::PhotoTooSmall,
        Refusal::TooLarge { .. } | Refusal::FileTooLarge { .. } | Refusal::OutOfMemory => Code::PhotoTooLarge,
        Refusal::Bomb { .. } => Code::PhotoBomb,
        Refusal::DecoderFailed { .. } | Refusal::DecoderDied => Code::PhotoDecoderFailed,
        Refusal::NoWorker { .. } => Code::PhotoWorkerUnavailable,
        Refusal::TimedOut { .. } => Code::PhotoDecoderTimeout,
    }
}
