//! What can go wrong before the core is asked, beside what the core says.

use std::path::PathBuf;

use seekwell_core::{
    clinical::InvalidBorn,
    error::{Code, Error, Failure, message},
    sync::{bucket::BucketError, central::CentralError},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{}", Failure::from(.0).message)]
    Core(#[from] Error),
    #[error("{}", message(.0))]
    Central(#[from] CentralError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error("to make a bucket, {what} is needed")]
    BucketNeeds { what: &'static str },
    #[error(transparent)]
    Born(#[from] InvalidBorn),
    #[error("several people are registered here: name the one who does this with --as EMAIL")]
    AuthorMissing,
    #[error("nobody with the address {email} is registered here")]
    AuthorUnknown { email: String },
    #[error("no model is in use")]
    NoModel,
    #[error("that setting can't have that value")]
    SettingValue,
    #[error("the environment names no home directory: say where the data is with --data-dir DIR")]
    NoDataDir,
    #[error("no password came from standard input")]
    NoPassword,
    #[error("the two passwords are not the same")]
    PasswordsDiffer,
    #[error("could not read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("could not write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("{} is there already; it is replaced only with --force", path.display())]
    FileThere { path: PathBuf },
    #[error("the answer could not be written: {source}")]
    Unanswered { source: std::io::Error },
    #[error("the answer has no JSON form: {source}")]
    NoDocument { source: serde_json::Error },
    #[error("the program could not start: {source}")]
    Runtime { source: std::io::Error },
    #[error("interrupted; what was reported as kept is safe")]
    Interrupted,
}

impl CliError {
    /// The core's word where it has one.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::Core(error) => Failure::from(error).code.as_word(),
            Self::Central(error) => match error {
                CentralError::Unreachable { .. } => Code::CentreUnreachable.as_word(),
                _ => Code::CentreRefuses.as_word(),
            },
            Self::Bucket(BucketError::Storage(error)) if error.passes() => Code::CentreUnreachable.as_word(),
            Self::Bucket(_) => Code::CentreRefuses.as_word(),
            Self::BucketNeeds { .. } | Self::SettingValue => "usage".to_owned(),
            Self::NoModel => Code::ModelMissing.as_word(),
            Self::Born(_) => Code::BornInvalid.as_word(),
            Self::AuthorMissing => Code::NotSignedIn.as_word(),
            Self::AuthorUnknown { .. } => Code::SignInRefused.as_word(),
            Self::NoPassword | Self::PasswordsDiffer => Code::PasswordTooShort.as_word(),
            Self::Unreadable { .. } => Code::FileUnreadable.as_word(),
            Self::FileThere { .. } => "file_exists".to_owned(),
            Self::Unwritable { source, .. } | Self::Unanswered { source } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    Code::DiskFull.as_word()
                }
                std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                    Code::ReadOnly.as_word()
                }
                _ => Code::StorageFailed.as_word(),
            },
            Self::NoDataDir => Code::NotFound.as_word(),
            Self::Runtime { .. } | Self::NoDocument { .. } => Code::StorageFailed.as_word(),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }

    /// What to do about it, where the command line has a way out.
    pub(crate) fn way_out(&self) -> Option<&'static str> {
        let Self::Core(error) = self else { return None };
        match Failure::from(error).code {
            Code::KeyMissing | Code::KeyWrong => Some(
                "Nothing is lost: put the key file or keyring of this workstation back, or run `seekwell recover \
                 --recovery-key-file FILE`.",
            ),
            Code::KeyringUnavailable => {
                Some("Unlock the keyring and try again; where there is none, use --key-file FILE.")
            }
            Code::RecoveryKeyWrong => Some("Compare it with the printed one, character by character."),
            Code::DatabaseDamaged => Some(
                "Nothing was changed. Copy the data directory somewhere safe, then put the last backup in its place.",
            ),
            Code::DatabaseNewer => Some("Update this program; the data is whole."),
            Code::DiskFull => {
                Some("Make room on that disk and try again; everything reported as kept is safe.")
            }
            Code::ReadOnly => Some("Make the data directory writable and try again."),
            Code::HeldByAnother => Some("Close the other program, or wait until it is done."),
            Code::NotFound if matches!(error, Error::NotSetUp) => {
                Some("Check --data-dir, or set up a new workstation with `seekwell init`.")
            }
            _ => None,
        }
    }
}
