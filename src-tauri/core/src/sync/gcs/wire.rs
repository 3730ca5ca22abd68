//! One set of connections to the storage, and who is at this end of them.

use google_cloud_auth::{
    credentials::{self, CacheableResource, Credentials, anonymous, service_account},
    errors::CredentialsError,
    signer::Signer,
};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::client::Storage;
use reqwest::{Client, Url, header::HeaderMap, redirect::Policy};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{
    Deadlines,
    access::{Access, AccessError, Credential},
};
use crate::sync::BlobError;

/// Connections that are kept open, for questions and for uploads. After a silence they are dropped with the whole wire,
/// since any of them may lead nowhere any more, and each would cost another silence.
pub(super) struct Wire {
    pub(super) url: Url,
    pub(super) web: Client,
    pub(super) identity: Identity,
    uploads: OnceCell<Storage>,
}

/// Who is at this end.
#[derive(Clone)]
pub(super) struct Identity {
    credentials: Credentials,
    /// Signs URLs, with no network.
    pub(super) signer: Option<Signer>,
    /// Whether there are tokens, which may have become old.
    pub(super) has_tokens: bool,
}

/// Bytes that an upload sends before it wants to hear that they arrived: what the API takes at least.
pub(super) const PIECE: usize = 256 * 1024;

/// A connection that was idle for longer is not used again: boxes on the way forget it sooner than either end does.
const IDLE: std::time::Duration = std::time::Duration::from_secs(45);

impl Wire {
    pub(super) fn new(
        access: &Access,
        identity: Identity,
        deadlines: &Deadlines,
    ) -> Result<Self, AccessError> {
        let url = access.url()?;
        let web = Client::builder()
            .redirect(Policy::none())
            .https_only(!crate::address::is_loopback(&url))
            .referer(false)
            .http1_only()
            .connect_timeout(deadlines.silence)
            .pool_idle_timeout(IDLE);
        Ok(Self {
            url,
            web: web.build().map_err(|_| AccessError::Tls)?,
            identity,
            uploads: OnceCell::new(),
        })
    }

    /// Google's client for uploads. It tries once: what comes next is the caller's to decide.
    pub(super) async fn uploads(&self) -> Result<&Storage, BlobError> {
        let make = || async {
            // Without the slash that a URL ends in: the client puts paths after it.
            let endpoint = self.url.as_str().trim_end_matches('/').to_owned();
            let builder = Storage::builder()
                .with_endpoint(endpoint)
                .with_credentials(self.identity.credentials.clone())
                .with_retry_policy(NeverRetry)
                .with_resumable_upload_threshold(PIECE + 1)
                .with_resumable_upload_buffer_size(PIECE);
            builder.build().await
        };
        self.uploads
            .get_or_try_init(make)
            .await
            .map_err(|_| BlobError::Denied {
                what: "the credential does not fit this storage".to_owned(),
            })
    }
}

impl Identity {
    /// Must be called in a Tokio runtime, where tokens are renewed in the background.
    pub(super) fn new(credential: &Credential) -> Result<Self, AccessError> {
        let (credentials, signer) = match credential {
            Credential::ServiceAccount(key) => {
                let key: Value = serde_json::from_str(key).map_err(|_| AccessError::Key)?;
                let signer = service_account::Builder::new(key.clone()).build_signer();
                let credentials = service_account::Builder::new(key).build();
                let made = credentials.map_err(|_| AccessError::Key)?;
                (made, Some(signer.map_err(|_| AccessError::Key)?))
            }
            Credential::Application => {
                let found = credentials::Builder::default().build();
                (found.map_err(|_| AccessError::NoCredential)?, None)
            }
            Credential::Anonymous => (anonymous::Builder::new().build(), None),
        };
        Ok(Self {
            credentials,
            signer,
            has_tokens: !matches!(credential, Credential::Anonymous),
        })
    }

    /// The headers that say who asks.
    pub(super) async fn headers(&self) -> Result<HeaderMap, BlobError> {
        match self.credentials.headers(Default::default()).await {
            Ok(CacheableResource::New { data, .. }) => Ok(data),
            Ok(CacheableResource::NotModified) => Ok(HeaderMap::new()),
            Err(error) => Err(without_token(&error)),
        }
    }
}

/// What it means that there is no token.
pub(super) fn without_token(error: &CredentialsError) -> BlobError {
    match error.is_transient() {
        true => BlobError::Unreachable {
            what: "no token could be had".to_owned(),
        },
        false => BlobError::Denied {
            what: "the credential is not valid".to_owned(),
        },
    }
}
