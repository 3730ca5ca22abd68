//! The port to the centre's records: push operations, pull changes. The methods are the functions of the centre's schema
//! `api`, so that a gateway over HTTPS could take PostgreSQL's place.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Later, status::Trouble};
use crate::store::{Fields, Incoming, RecordKind, Unfinished};

/// Most operations of one push.
pub const LARGEST_PUSH: usize = 500;
/// Most changes of one page.
pub const LARGEST_PAGE: u32 = 1000;

/// Whom the centre takes this workstation for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The clinic's id at the centre.
    pub clinic_id: Uuid,
    /// The clinic's name there.
    pub clinic: String,
    /// This workstation's id.
    pub workstation_id: Uuid,
    /// Its name there.
    pub workstation: String,
    /// Version of the centre's schema.
    pub schema: u32,
    /// The bucket of the clinic's images.
    pub bucket: String,
    /// The centre's clock, RFC 3339.
    pub now: String,
}

/// One change to send.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// The same id again is the same operation: it changes nothing and gets the same answer.
    pub operation: Uuid,
    /// Which kind of record.
    pub kind: RecordKind,
    /// Which record.
    pub record: Uuid,
    /// The revision that the changes were made on; 0 for a new record.
    pub base: u64,
    /// The fields that changed; null for one that is gone.
    pub fields: Fields,
    /// The record goes.
    pub deleted: bool,
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Answer {
    /// Which.
    pub operation: Uuid,
    /// Taken or not.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Taken or not.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The record has this revision now.
    Applied {
        /// Counts its changes.
        revision: u64,
        /// The centre's number of a patient.
        #[serde(default)]
        central_id: Option<i64>,
        /// The whole record, where it is not just what was sent laid over the base.
        #[serde(default)]
        fields: Option<Fields>,
        /// Fields that somebody else had changed as well: what was sent stands, theirs is kept apart.
        #[serde(default)]
        conflicts: Vec<String>,
    },
    /// The centre does not want it as it is.
    Refused {
        /// A word that a program can branch on.
        #[serde(default)]
        code: String,
        /// Which rule or field, never a value.
        #[serde(default)]
        reason: Option<String>,
    },
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Page {
    /// The oldest first.
    pub changes: Vec<Numbered>,
    /// The number to pull after next.
    pub last: u64,
    /// Whether there is more now.
    pub more: bool,
    /// The number of the feed's last change.
    #[serde(default)]
    pub head: Option<u64>,
}

/// A change with its number in the clinic's feed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Numbered {
    /// The centre's own, never a time.
    pub sequence: u64,
    /// The change.
    #[serde(flatten)]
    pub change: Incoming,
}

/// Where records are kept at the centre.
///
/// Every call has a deadline of its own and ends by it; dropping its future gives it up.
pub trait Registry: Send + Sync {
    /// Whom the centre takes this workstation for.
    ///
    /// # Errors
    /// Those of every call.
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>>;

    /// Sends at most [`LARGEST_PUSH`] operations. The answers come in their order; one that is refused holds up none.
    ///
    /// # Errors
    /// Those of every call. What became of the operations is unknown then, and they are sent again.
    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>>;

    /// The changes after that number, at most `page`.
    ///
    /// # Errors
    /// Those of every call.
    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>>;

    /// Says that somebody has looked at a conflict.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`]; those of every call.
    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>>;

    /// Empties a patient or a photo for good, with all that hangs on it. Its tombstone and those of its photos and analyses must
    /// be confirmed and their objects gone. The same operation again changes nothing and gets the same answer.
    ///
    /// # Errors
    /// Those of every call.
    fn erase(&self, operation: Uuid, record: Uuid) -> Later<'_, Result<Answer, RegistryError>>;

    /// What the clinic's workstations have begun to let go and not ended in so many days, the oldest first, so that another can
    /// end it. A centre of an older schema knows of none.
    ///
    /// # Errors
    /// Those of every call.
    fn unfinished(&self, days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>>;

    /// Returns when the centre hints that something changed. A hint may be lost, and may come for nothing.
    ///
    /// # Errors
    /// Those of every call.
    fn hint(&self) -> Later<'_, Result<(), RegistryError>>;
}

/// What can go wrong with the centre's records, by what helps.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No connection, or one that broke: later.
    #[error("the centre can't be reached: {what}")]
    Unreachable {
        /// In a few words.
        what: String,
    },
    /// No answer in time: later, and less at once, since the line may be too slow for so much.
    #[error("the centre did not answer in time")]
    Unanswered,
    /// It has too much to do, or two workstations met at the same record: later.
    #[error("the centre is busy: {what}")]
    Busy {
        /// In a few words.
        what: String,
    },
    /// The workstation was revoked or its secret is not valid: a person has to look.
    #[error("the centre refuses this workstation: {what}")]
    Denied {
        /// In a few words.
        what: String,
    },
    /// The server proves that it is another one: a person has to look.
    #[error("the server does not prove that it is the centre: {what}")]
    Impostor {
        /// In a few words.
        what: String,
    },
    /// It does not have what was asked about.
    #[error("the centre does not know of it: {what}")]
    Unknown {
        /// In a few words.
        what: String,
    },
    /// The centre's schema is not one that this version can speak with: a person has to look.
    #[error("the centre and this version of SeekWell do not understand each other: {what}")]
    NotUnderstood {
        /// In a few words.
        what: String,
    },
}

impl RegistryError {
    /// As the status shows it.
    pub const fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable { .. } | Self::Unanswered => Trouble::Offline,
            Self::Busy { .. } => Trouble::Busy,
            Self::Denied { .. } => Trouble::Denied,
            Self::Impostor { .. } => Trouble::Impostor,
            Self::Unknown { .. } | Self::NotUnderstood { .. } => Trouble::NotUnderstood,
        }
    }

    /// Whether trying again later may help, with nobody doing anything.
    pub const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Unanswered | Self::Busy { .. }
        )
    }
}
