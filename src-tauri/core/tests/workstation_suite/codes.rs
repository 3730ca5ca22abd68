//! Which code an error gets, where a wrong one would have somebody look in the wrong place; and who may read memory.

use std::io::{self, ErrorKind};

use seekwell_core::analysis::ModelError;
use seekwell_core::capture::CaptureError;
use seekwell_core::error::{Code, Error, Failure};
use seekwell_core::imaging::Refusal;
use seekwell_core::vault::VaultError;

#[test]
fn the_code_is_about_what_went_wrong() {
    let not_stored = |kind: ErrorKind| ModelError::NotStored { source: kind.into() };
    let vault = |error: VaultError| Error::Vault(error);
    let denied = || io::Error::from(ErrorKind::PermissionDenied);
    let reading = VaultError::Unreadable {
        what: "open",
        path: "photo".into(),
        source: denied(),
    };
    let writing = VaultError::Io {
        what: "create",
        path: "photo".into(),
        source: denied(),
    };
    let refused = |refusal| Error::Capture(CaptureError::Refused(refusal));
    for (error, code) in [
        (Error::Model(not_stored(ErrorKind::StorageFull)), Code::DiskFull),
        (
            Error::Model(not_stored(ErrorKind::ReadOnlyFilesystem)),
            Code::ReadOnly,
        ),
        (Error::Model(ModelError::NotInstalled), Code::ModelMissing),
        (Error::Model(ModelError::Changed), Code::ModelInvalid),
        (vault(reading), Code::StorageFailed),
        (vault(writing), Code::ReadOnly),
        (refused(Refusal::OutOfMemory), Code::PhotoTooLarge),
        (
            refused(Refusal::NoWorker { what: String::new() }),
            Code::PhotoWorkerUnavailable,
        ),
        (Error::NoRecoveryKeyOffered, Code::RecoveryKeyNotOffered),
    ] {
        assert_eq!(Failure::from(&error).code, code, "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_goes_into_no_core_dump() {
    seekwell_core::vault::keep_memory_private();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))
        .unwrap();
    assert_eq!(
        core.split_whitespace().take(2).collect::<Vec<_>>(),
        ["0", "0"],
        "{limits}"
    );
}
