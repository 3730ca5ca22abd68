//! The bucket at Google Cloud Storage: the port [`Blobs`] with Google's SDK for uploads and signatures, and the JSON API for
//! the rest.
//!
//! Every call is one attempt with deadlines of its own; when to try again is the worker's to decide. Errors and logs hold
//! no names of objects, no addresses and no tokens: an SDK's or HTTP client's own words do, and go no further than
//! this module.

mod access;
mod api;
mod deadlines;
mod download;
mod flow;
mod refusal;
mod upload;
mod wire;

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use serde_json::Value;

use super::{BlobError, BlobFacts, Blobs, Later, Pace};
use flow::Flow;

pub use access::{Access, AccessError, Credential, Environment};
pub(super) use api::{Answer, Api, Question};
pub use deadlines::Deadlines;

/// A bucket.
pub struct Bucket {
    api: Api,
    flow: Arc<Flow>,
    pace: Arc<Pace>,
}

impl Bucket {
    /// Opens a bucket; nothing is sent yet. Must be called in a Tokio runtime, where tokens are renewed in the background.
    ///
    /// # Errors
    /// What can be known to be wrong without asking anybody.
    pub fn new(access: Access, deadlines: Deadlines) -> Result<Self, AccessError> {
        Ok(Self {
            api: Api::new(access, deadlines)?,
            flow: Arc::default(),
            pace: Arc::default(),
        })
    }

    /// The same bucket, to which images are sent no faster than that.
    #[must_use]
    pub fn paced(mut self, pace: Arc<Pace>) -> Self {
        self.pace = pace;
        self
    }

    async fn facts_within(&self, name: &str, within: Duration) -> Result<Option<BlobFacts>, BlobError> {
        let bucket = self.api.bucket();
        let question = Question {
            method: Method::GET,
            path: &["b", bucket, "o", name],
            query: &[("fields", "kind,name,size,crc32c,generation")],
            body: None,
            within,
        };
        match self.api.ask(&question).await?.json() {
            Ok(object) => {
                let facts = facts(&object).filter(|_| object["name"] == name);
                facts.map(Some).ok_or_else(|| refusal::not_the_bucket(200))
            }
            Err(BlobError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete_at(&self, name: &str, generation: i64) -> Result<(), BlobError> {
        let bucket = self.api.bucket();
        let generation_text = generation.to_string();
        let within = self.api.deadlines().silence;
        let question = Question {
            method: Method::DELETE,
            path: &["b", bucket, "o", name],
            query: &[("ifGenerationMatch", &generation_text)],
            body: None,
            within,
        };
        let answer = self.api.ask(&question).await?;
        if answer.status() != 412 {
            return match answer.done() {
                Ok(()) | Err(BlobError::Missing) => Ok(()),
                Err(error) => Err(error),
            };
        }
        // No object has the generation 0, which does not match either.
        match self.facts_within(name, within).await? {
            None => Ok(()),
            Some(found) if found.generation == generation => Err(BlobError::Busy {
                what: "HTTP 412".to_owned(),
            }),
            Some(_) => Err(BlobError::Different),
        }
    }
}

impl Blobs for Bucket {
    fn put<'a>(
        &'a self,
        name: &'a str,
        content_type: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        Box::pin(upload::put(self, name, content_type, bytes))
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(self.facts_within(name, self.api.deadlines().silence))
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(download::get(&self.api, name, expected))
    }

    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>> {
        Box::pin(self.delete_at(name, generation))
    }
}

/// What an object's resource says; numbers of 64 bits are text in it.
fn facts(object: &Value) -> Option<BlobFacts> {
    let number = |field: &str| object[field].as_str();
    Some(BlobFacts {
        bytes: number("size")?.parse().ok()?,
        crc32c: download::crc32c_from(object["crc32c"].as_str()?)?,
        generation: number("generation")?.parse().ok()?,
    })
}
