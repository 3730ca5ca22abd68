//! Questions to the storage's JSON API: one request, one deadline, an answer in JSON.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Method, RequestBuilder, Response, Url, header::CONTENT_TYPE};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Deadlines,
    access::{Access, AccessError},
    refusal::{not_the_bucket, refusal, silent, unheard},
    wire::{Identity, Wire},
};
use crate::sync::BlobError;

/// No answer in JSON is longer, in bytes.
const LONGEST_ANSWER: usize = 4 << 20;

/// The API of one storage, as one identity.
pub(in crate::sync) struct Api {
    access: Access,
    deadlines: Deadlines,
    wire: Mutex<Arc<Wire>>,
}

/// What is asked.
pub(in crate::sync) struct Question<'a> {
    pub(in crate::sync) method: Method,
    /// The path below `/storage/v1/`, in segments as they are, not encoded.
    pub(in crate::sync) path: &'a [&'a str],
    pub(in crate::sync) query: &'a [(&'a str, &'a str)],
    pub(in crate::sync) body: Option<&'a Value>,
    /// Within which the whole answer has to be here.
    pub(in crate::sync) within: Duration,
}

/// What was answered.
pub(in crate::sync) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Api {
    /// Must be called in a Tokio runtime.
    pub(in crate::sync) fn new(access: Access, deadlines: Deadlines) -> Result<Self, AccessError> {
        access.bucket()?;
        let identity = Identity::new(&access.credential)?;
        let wire = Wire::new(&access, identity, &deadlines)?;
        Ok(Self {
            access,
            deadlines,
            wire: Mutex::new(Arc::new(wire)),
        })
    }

    pub(in crate::sync) fn bucket(&self) -> &str {
        &self.access.bucket
    }

    pub(in crate::sync) fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    /// The connections of now.
    pub(super) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets go of connections over which nothing came.
    pub(super) fn reconnect(&self, stale: &Arc<Wire>) {
        self.replace(stale, || Ok(stale.identity.clone()));
    }

    /// Lets go of tokens that the storage does not take, and says whether there were any. They are kept by a clock that
    /// stands still while the machine sleeps, and so for too long.
    pub(super) fn sign_in_anew(&self, stale: &Arc<Wire>) -> bool {
        stale.identity.has_tokens && self.replace(stale, || Identity::new(&self.access.credential))
    }

    /// Whether another wire than `stale` is there now.
    fn replace(&self, stale: &Arc<Wire>, identity: impl FnOnce() -> Result<Identity, AccessError>) -> bool {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else has done it already.
        if !Arc::ptr_eq(&wire, stale) {
            return true;
        }
        // What could be made once can be made again; if not, the old one stays and the next attempt tells.
        let made = identity().and_then(|identity| Wire::new(&self.access, identity, &self.deadlines));
        match made {
            Ok(made) => {
                *wire = Arc::new(made);
                true
            }
            Err(_) => false,
        }
    }

    /// Asks, once, or twice where the first token was too old.
    pub(in crate::sync) async fn ask(&self, question: &Question<'_>) -> Result<Answer, BlobError> {
        let mut is_first = true;
        loop {
            let wire = self.wire();
            let Ok(answer) = timeout(question.within, ask_over(&wire, question)).await else {
                self.reconnect(&wire);
                return Err(silent());
            };
            let answer = answer?;
            if answer.status == 401 && is_first && self.sign_in_anew(&wire) {
                is_first = false;
                continue;
            }
            return Ok(answer);
        }
    }
}

impl Answer {
    /// The answer's JSON.
    ///
    /// # Errors
    /// [`BlobError::Missing`] for a 404, what else the status means, and [`BlobError::Unreachable`] for a success that is
    /// not in JSON: a portal answers 200 to everything.
    pub(in crate::sync) fn json(&self) -> Result<Value, BlobError> {
        match (self.status, serde_json::from_slice(&self.body)) {
            (200..300, Ok(json)) => Ok(json),
            (200..300, Err(_)) => Err(not_the_bucket(self.status)),
            (status, _) => Err(refusal(status, &self.body)),
        }
    }

    /// The same where success has no words.
    pub(in crate::sync) fn done(&self) -> Result<(), BlobError> {
        match self.status {
            204 => Ok(()),
            _ => self.json().map(drop),
        }
    }

    pub(in crate::sync) fn status(&self) -> u16 {
        self.status
    }
}

/// The address of something in the API; segments are encoded, slashes in them too.
pub(super) fn address(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // It fails only for addresses without a host, and `Access` takes none.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(["storage", "v1"]).extend(path);
    }
    url
}

async fn ask_over(wire: &Wire, question: &Question<'_>) -> Result<Answer, BlobError> {
    let mut url = address(&wire.url, question.path);
    if !question.query.is_empty() {
        url.query_pairs_mut().extend_pairs(question.query);
    }
    let mut request = wire.web.request(question.method.clone(), url);
    if let Some(body) = question.body {
        request = request
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
    }
    let response = send(wire, request).await?;
    let status = response.status().as_u16();
    Ok(Answer {
        status,
        body: whole(response).await?,
    })
}

/// Sends a request in the name of the wire's identity.
pub(super) async fn send(wire: &Wire, request: RequestBuilder) -> Result<Response, BlobError> {
    let headers = wire.identity.headers().await?;
    let response = request.headers(headers).send().await;
    response.map_err(|error| unheard(&error))
}

/// A body that is expected to be short.
pub(super) async fn whole(mut response: Response) -> Result<Vec<u8>, BlobError> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(|error| unheard(&error))? {
        body.extend_from_slice(&bytes);
        if body.len() > LONGEST_ANSWER {
            return Err(not_the_bucket(response.status().as_u16()));
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment() {
        let base = Url::parse("https://storage.example/").unwrap();
        let url = address(&base, &["b", "clinic", "o", "patients/7/a b?.jpg"]);
        assert_eq!(
            url.as_str(),
            "https://storage.example/storage/v1/b/clinic/o/patients%2F7%2Fa%20b%3F.jpg"
        );
        // The library drops segments that are dots; no such name is ever made here.
        assert!(
            address(&base, &["b", "clinic", "o", ".."])
                .path()
                .ends_with("/clinic/o")
        );
    }
}
