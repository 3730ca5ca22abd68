//! Making an object, once: one attempt through Google's SDK, and the outcome rule for whatever it could not say.
//!
//! The SDK's word on a failure is not the bucket's: a reply that is lost after the commit, or a time-out, looks like any other
//! error, and 412 is what a second attempt gets whose first one succeeded. So after everything that may have had
//! an effect the bucket itself is asked what it has under that name.

use std::{convert::Infallible, error::Error as _, sync::Arc};

use bytes::Bytes;
use google_cloud_auth::errors::CredentialsError;
use google_cloud_storage::{
    Error,
    model::Object,
    streaming_source::{SizeHint, StreamingSource},
};

use super::{
    Bucket,
    flow::Passage,
    refusal::{not_the_bucket, refusal, silent},
    wire::{PIECE, Wire, without_token},
};
use crate::sync::{BlobError, BlobFacts, Pace};

/// What is to be made.
struct Wanted<'a> {
    name: &'a str,
    content_type: &'static str,
    bytes: Bytes,
    crc32c: u32,
}

/// How an attempt failed.
enum Failure {
    /// Nothing came any more; it may still have arrived, or arrive later.
    Stalled,
    /// The token is not taken; nothing happened.
    NotSignedIn(BlobError),
    /// It had no effect.
    Refused(BlobError),
    /// It may have had its effect.
    Unsure(BlobError),
}

pub(super) async fn put(
    bucket: &Bucket,
    name: &str,
    content_type: &'static str,
    bytes: Arc<Vec<u8>>,
) -> Result<BlobFacts, BlobError> {
    let bytes = Bytes::from_owner(Shared(bytes));
    let wanted = Wanted {
        name,
        content_type,
        crc32c: crc32c::crc32c(&bytes),
        bytes,
    };
    let mut is_first = true;
    let unsure = loop {
        let wire = bucket.api.wire();
        match attempt(bucket, &wire, &wanted).await {
            Ok(facts) => return Ok(facts),
            Err(Failure::NotSignedIn(_)) if is_first && bucket.api.sign_in_anew(&wire) => is_first = false,
            Err(Failure::NotSignedIn(error) | Failure::Refused(error)) => return Err(error),
            Err(Failure::Unsure(error)) => break error,
            Err(Failure::Stalled) => {
                bucket.api.reconnect(&wire);
                break silent();
            }
        }
    };
    let within = bucket.api.deadlines().question;
    match bucket.facts_within(name, within).await {
        Ok(Some(found)) if is_that(&found, &wanted) => Ok(found),
        Ok(Some(_)) => Err(BlobError::Different),
        Err(error) if !error.passes() => Err(error),
        Ok(None) | Err(_) => Err(unsure),
    }
}

async fn attempt(bucket: &Bucket, wire: &Wire, wanted: &Wanted<'_>) -> Result<BlobFacts, Failure> {
    let passage = Passage::begin(&bucket.flow);
    let sent = passage.watch(bucket.api.deadlines(), send(bucket, wire, wanted, &passage));
    let object = sent.await.ok_or(Failure::Stalled)??;
    let found = facts(&object).filter(|found| object.name == wanted.name && is_that(found, wanted));
    found.ok_or_else(|| Failure::Unsure(not_the_bucket(200)))
}

async fn send(
    bucket: &Bucket,
    wire: &Wire,
    wanted: &Wanted<'_>,
    passage: &Arc<Passage>,
) -> Result<Object, Failure> {
    let client = wire.uploads().await.map_err(Failure::Refused)?;
    let pieces = Pieces {
        rest: wanted.bytes.clone(),
        passage: Arc::clone(passage),
        pace: Arc::clone(&bucket.pace),
    };
    let parent = format!("projects/_/buckets/{}", bucket.api.bucket());
    let upload = client
        .write_object(parent, wanted.name, pieces)
        .set_if_generation_match(0)
        .set_content_type(wanted.content_type)
        .with_known_crc32c(wanted.crc32c);
    upload.send_buffered().await.map_err(|error| judge(&error))
}

/// The bytes in pieces, each of which is asked for when the one before has arrived.
struct Pieces {
    rest: Bytes,
    passage: Arc<Passage>,
    pace: Arc<Pace>,
}

impl StreamingSource for Pieces {
    type Error = Infallible;

    async fn next(&mut self) -> Option<Result<Bytes, Infallible>> {
        if self.rest.is_empty() {
            return None;
        }
        let piece = self.rest.split_to(PIECE.min(self.rest.len()));
        let wait = self.pace.reserve(length(&piece));
        if !wait.is_zero() {
            self.passage.hold_back(wait);
            tokio::time::sleep(wait).await;
        }
        self.passage.hand_over(length(&piece));
        Some(Ok(piece))
    }

    async fn size_hint(&self) -> Result<SizeHint, Infallible> {
        Ok(SizeHint::with_exact(length(&self.rest)))
    }
}

/// What an error of the SDK means. Its own words hold names.
fn judge(error: &Error) -> Failure {
    if let Some(status) = error.http_status_code() {
        let body = match error.status() {
            Some(status) => status.message.as_bytes(),
            None => error.http_payload().map_or(&[][..], |body| body),
        };
        let meaning = match refusal(status, body) {
            // An upload that was begun in parts is gone, or the bucket is; the question tells which.
            BlobError::Missing => BlobError::Unreachable {
                what: "the upload was forgotten".to_owned(),
            },
            meaning => meaning,
        };
        return match status {
            401 => Failure::NotSignedIn(meaning),
            // A right to make objects without one to replace them may answer 403 to what is there already.
            403 | 404 | 408 | 410 | 412 => Failure::Unsure(meaning),
            400..500 => Failure::Refused(meaning),
            _ => Failure::Unsure(meaning),
        };
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<CredentialsError>() {
            return Failure::Refused(without_token(error));
        }
        cause = error.source();
    }
    Failure::Unsure(match error {
        error if error.is_deserialization() => not_the_bucket(200),
        error if error.is_connect() => unreachable("no connection"),
        _ => unreachable("the connection broke"),
    })
}

fn unreachable(what: &str) -> BlobError {
    BlobError::Unreachable {
        what: what.to_owned(),
    }
}

fn facts(object: &Object) -> Option<BlobFacts> {
    Some(BlobFacts {
        bytes: object.size.try_into().ok()?,
        crc32c: object.checksums.as_ref()?.crc32c?,
        generation: object.generation,
    })
}

fn is_that(found: &BlobFacts, wanted: &Wanted<'_>) -> bool {
    found.crc32c == wanted.crc32c && found.bytes == length(&wanted.bytes)
}

fn length(bytes: &Bytes) -> u64 {
    bytes.len().try_into().unwrap_or(u64::MAX)
}

/// Lets `Bytes` share what the caller keeps, instead of copying it.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
