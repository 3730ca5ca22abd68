//! A plain HTTP client: a request is sent as it was spelled, once, and the reply comes back whole or not at all.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A client with connections of its own; it follows no redirect and repeats nothing.
#[derive(Debug)]
pub struct Web {
    client: legacy::Client<HttpConnector, Full<Bytes>>,
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Bytes,
}

/// Why there is no whole reply.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No connection, or it ended before the head of the reply.
    #[error("no reply")]
    NoReply {
        /// What the client saw.
        #[source]
        source: legacy::Error,
    },
    /// The connection ended in the body of the reply.
    #[error("the reply breaks off")]
    BrokenReply {
        /// What the client saw.
        #[source]
        source: hyper::Error,
    },
}

impl Web {
    /// A client without connections.
    pub fn new() -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        // By itself it repeats what a server closed the connection on, and hides what a test is about.
        let client = builder.retry_canceled_requests(false).build_http();
        Self { client }
    }

    /// Sends a request and reads its reply.
    ///
    /// # Errors
    /// If there is no whole reply.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, WebError> {
        let reply = self.client.request(request).await;
        let (parts, body) = reply.map_err(|source| WebError::NoReply { source })?.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|source| WebError::BrokenReply { source })?;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_bytes(),
        })
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}

impl Answer {
    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
