//! One newtype per kind of id, so that a lesion's id cannot be passed for a photo's. All are UUIDv7: they sort by time.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A person with a record.
    PatientId,
    /// One spot on one patient's skin.
    LesionId,
    /// One image of a lesion; also the sealed file's name and the central key.
    PhotoId,
    /// What an analyser said about one photo.
    AnalysisId,
    /// Text under one analysis.
    NoteId,
    /// Somebody who signs in at this workstation.
    PersonId,
}
