//! The port to the bucket: objects that are made once and never changed.

use std::sync::Arc;

use crate::later::Later;

/// What the bucket says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobFacts {
    /// Its length in bytes.
    pub bytes: u64,
    /// CRC-32C of its bytes.
    pub crc32c: u32,
    /// The bucket's own number of this object; another object of the same name would have another.
    pub generation: i64,
}

/// Where images are kept at the centre.
///
/// Every call has a deadline of its own and ends by it; dropping its future gives it up.
pub trait Blobs: Send + Sync {
    /// Makes the object, once. A second call with the same bytes finds it and answers the same, also where the reply to the
    /// first was lost.
    ///
    /// # Errors
    /// [`BlobError::Different`] where an object of that name has other bytes; it is not touched.
    fn put<'a>(
        &'a self,
        name: &'a str,
        content_type: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>>;

    /// What the bucket says of the object; `None` where there is none.
    ///
    /// # Errors
    /// Those of every call.
    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>>;

    /// Its bytes, compared with `expected`: no more than that length is read.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Different`].
    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>>;

    /// Deletes that very object. One that is gone already is fine.
    ///
    /// # Errors
    /// [`BlobError::Different`] where another has taken its name.
    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>>;
}

/// What can go wrong with the bucket, by what helps.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No connection, no answer in time, or an answer that is not the bucket's: later.
    #[error("the image store can't be reached: {what}")]
    Unreachable {
        /// In a few words, without names of objects.
        what: String,
    },
    /// It asks to be left alone for a while: later.
    #[error("the image store is busy: {what}")]
    Busy {
        /// In a few words.
        what: String,
    },
    /// The credential is not valid, or may not do that: a person has to look.
    #[error("the image store refuses this workstation: {what}")]
    Denied {
        /// In a few words.
        what: String,
    },
    /// There is no object of that name.
    #[error("the image is not at the centre")]
    Missing,
    /// There is an object of that name with other bytes than it should have: a person has to look.
    #[error("the centre has another image under that name")]
    Different,
    /// The bucket does not want the request as it is: a person has to look.
    #[error("the image store does not accept this: {what}")]
    Refused {
        /// In a few words.
        what: String,
    },
}

impl BlobError {
    /// Whether trying again later may help, with nobody doing anything.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. })
    }
}
