//! The kinds of requests, by which faults are ordered and requests counted.

use hyper::{HeaderMap, Method, header::CONTENT_RANGE};

use super::request::{Query, Target};

/// What a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Metadata and bytes in one `multipart/related` body: the SDK's way for small objects.
    UploadMultipart,
    /// Bytes alone, `uploadType=media`.
    UploadSimple,
    /// Opening of a resumable upload.
    ResumableStart,
    /// Bytes for a resumable upload.
    ResumableChunk,
    /// How far is a resumable upload?
    ResumableQuery,
    /// Giving up a resumable upload.
    ResumableCancel,
    /// Metadata of an object.
    ObjectGet,
    /// Bytes of an object, `alt=media`.
    ObjectMedia,
    /// Bytes of an object by a signed URL.
    SignedGet,
    /// Names and metadata of objects.
    ObjectList,
    /// Change of an object's metadata.
    ObjectPatch,
    /// Deletion of an object.
    ObjectDelete,
    /// Making of a bucket.
    BucketInsert,
    /// Metadata of a bucket.
    BucketGet,
    /// Change of a bucket's metadata.
    BucketPatch,
    /// The project's buckets.
    BucketList,
    /// A bucket's access list.
    PolicyGet,
    /// Change of a bucket's access list.
    PolicySet,
    /// An access token for a signed assertion.
    Token,
    /// Anything else, which the server does not know.
    Other,
}

impl Kind {
    /// The requests that carry an object's bytes to the server.
    pub const UPLOADS: [Self; 3] = [Self::UploadMultipart, Self::UploadSimple, Self::ResumableChunk];

    /// Whether the request has a body.
    pub(super) fn has_body(self) -> bool {
        Self::UPLOADS.contains(&self)
            || matches!(
                self,
                Self::ResumableStart
                    | Self::ObjectPatch
                    | Self::BucketInsert
                    | Self::BucketPatch
                    | Self::PolicySet
                    | Self::Token
            )
    }

    /// What a request about a target wants.
    pub(super) fn of(method: &Method, target: &Target, query: &Query, headers: &HeaderMap) -> Self {
        let method = method.as_str();
        match (method, target) {
            ("POST", Target::Token) => Self::Token,
            ("GET", Target::Buckets) => Self::BucketList,
            ("POST", Target::Buckets) => Self::BucketInsert,
            ("GET", Target::Bucket { .. }) => Self::BucketGet,
            ("PATCH", Target::Bucket { .. }) => Self::BucketPatch,
            ("GET", Target::Policy { .. }) => Self::PolicyGet,
            ("PUT", Target::Policy { .. }) => Self::PolicySet,
            ("GET", Target::Objects { .. }) => Self::ObjectList,
            ("GET", Target::Object { .. }) if query.get("alt") == Some("media") => Self::ObjectMedia,
            ("GET", Target::Object { .. }) => Self::ObjectGet,
            ("PATCH", Target::Object { .. }) => Self::ObjectPatch,
            ("DELETE", Target::Object { .. }) => Self::ObjectDelete,
            ("GET", Target::Plain { .. }) => Self::SignedGet,
            ("POST", Target::Upload { .. }) => match query.get("uploadType") {
                Some("multipart") => Self::UploadMultipart,
                Some("media") => Self::UploadSimple,
                Some("resumable") => Self::ResumableStart,
                _ => Self::Other,
            },
            ("DELETE", Target::Session { .. }) => Self::ResumableCancel,
            ("PUT" | "POST", Target::Session { .. }) => match headers.get(CONTENT_RANGE) {
                Some(range) if range == "bytes */*" => Self::ResumableQuery,
                _ => Self::ResumableChunk,
            },
            _ => Self::Other,
        }
    }
}
