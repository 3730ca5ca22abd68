//! Reading an object: by a signed URL that is made for this one reading and forgotten after it.
//!
//! The URL is a key to a photo for whoever holds it, so it lives for minutes, stays in this function, and is sent to one
//! address over TLS, which may not pass the request on to another.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use google_cloud_auth::signer::Signer;
use google_cloud_storage::builder::storage::SignedUrlBuilder;
use reqwest::{RequestBuilder, Response, Url, header::HeaderMap};
use tokio::time::timeout;

use super::{
    api::{self, Api, address, whole},
    refusal::{not_the_bucket, refusal, silent, unheard},
    wire::Wire,
};
use crate::sync::{BlobError, BlobFacts};

/// A signed URL lives no longer.
const LONGEST_LIFE: Duration = Duration::from_secs(300);

pub(super) async fn get(api: &Api, name: &str, expected: &BlobFacts) -> Result<Vec<u8>, BlobError> {
    let wire = api.wire();
    let result = match read(api, &wire, name, expected).await {
        Err(End::NotSignedIn(_)) if api.sign_in_anew(&wire) => read(api, &api.wire(), name, expected).await,
        result => result,
    };
    result.map_err(|end| match end {
        End::Silent => {
            api.reconnect(&wire);
            silent()
        }
        End::NotSignedIn(error) | End::Failed(error) => error,
    })
}

/// How a reading ended early.
enum End {
    Silent,
    NotSignedIn(BlobError),
    Failed(BlobError),
}

impl From<BlobError> for End {
    fn from(error: BlobError) -> Self {
        Self::Failed(error)
    }
}

async fn read(api: &Api, wire: &Arc<Wire>, name: &str, expected: &BlobFacts) -> Result<Vec<u8>, End> {
    let silence = api.deadlines().silence;
    let asking = async {
        match &wire.identity.signer {
            Some(signer) => ask_signed(api.bucket(), wire, signer, name).await,
            None => {
                let mut url = address(&wire.url, &["b", api.bucket(), "o", name]);
                url.set_query(Some("alt=media"));
                api::send(wire, wire.web.get(url)).await
            }
        }
    };
    let response = timeout(silence, asking).await.map_err(|_| End::Silent)??;
    let status = response.status().as_u16();
    if status != 200 {
        let body = timeout(silence, whole(response)).await;
        let meaning = refusal(status, &body.map_err(|_| End::Silent)??);
        return Err(match status {
            401 => End::NotSignedIn(meaning),
            _ => End::Failed(meaning),
        });
    }
    // Everything that the storage sends bears its checksum; what a portal sends does not.
    let sent = crc32c_of(response.headers()).ok_or_else(|| not_the_bucket(status))?;
    if response
        .content_length()
        .is_some_and(|length| length != expected.bytes)
    {
        return Err(BlobError::Different.into());
    }
    let bytes = collect(api, response, expected.bytes).await?;
    match crc32c::crc32c(&bytes) {
        crc32c if crc32c == expected.crc32c => Ok(bytes),
        _ if sent == expected.crc32c => Err(End::Failed(BlobError::Unreachable {
            what: "the bytes were damaged on the way".to_owned(),
        })),
        _ => Err(BlobError::Different.into()),
    }
}

/// The body, as long as it comes, and never more of it than was expected.
async fn collect(api: &Api, mut response: Response, expected: u64) -> Result<Vec<u8>, End> {
    let deadlines = api.deadlines();
    // A server that sends a byte now and then is as good as none; a line that others share with this is not.
    let longest = deadlines.silence + deadlines.passage(expected) * 16;
    let reading = async {
        // The bucket said that it is so long; still, memory is taken as bytes come.
        let mut bytes = Vec::new();
        loop {
            let next = timeout(deadlines.silence, response.chunk()).await;
            let next = next.map_err(|_| End::Silent)?;
            let Some(next) = next.map_err(|error| End::Failed(unheard(&error)))? else {
                break;
            };
            bytes.extend_from_slice(&next);
            if length(&bytes) > expected {
                return Err(BlobError::Different.into());
            }
        }
        match length(&bytes) == expected {
            true => Ok(bytes),
            false => Err(BlobError::Different.into()),
        }
    };
    timeout(longest, reading).await.map_err(|_| End::Silent)?
}

/// Asks by a URL that is a permission in itself, and so without a token.
async fn ask_signed(bucket: &str, wire: &Wire, signer: &Signer, name: &str) -> Result<Response, BlobError> {
    let request = signed(bucket, &wire.url, signer, name, LONGEST_LIFE).await;
    let request: RequestBuilder = wire.web.get(request?);
    request.send().await.map_err(|error| unheard(&error))
}

async fn signed(
    bucket: &str,
    base: &Url,
    signer: &Signer,
    name: &str,
    life: Duration,
) -> Result<Url, BlobError> {
    let object = SignedUrlBuilder::for_object(format!("projects/_/buckets/{bucket}"), name)
        .with_endpoint(base.as_str().trim_end_matches('/'))
        // The SDK would sign for any time.
        .with_expiration(life.min(LONGEST_LIFE));
    let unsigned = || BlobError::Denied {
        what: "the credential can't sign".to_owned(),
    };
    let url = object.sign_with(signer).await.map_err(|_| unsigned())?;
    let url = Url::parse(&url).map_err(|_| unsigned())?;
    match crate::address::is_private(&url) {
        true => Ok(url),
        false => Err(unsigned()),
    }
}

/// The checksum that the storage says the object has: `x-goog-hash: crc32c=<base64>,md5=<base64>`, or two headers.
fn crc32c_of(headers: &HeaderMap) -> Option<u32> {
    let values = headers.get_all("x-goog-hash").iter();
    let mut parts = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    parts.find_map(|part| crc32c_from(part.trim().strip_prefix("crc32c=")?))
}

/// CRC-32C as the API writes it: big-endian, in base64.
pub(super) fn crc32c_from(text: &str) -> Option<u32> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_read_as_google_writes_them() {
        // The check value of CRC-32C, over "123456789".
        assert_eq!(crc32c_from("4waSgw=="), Some(0xe306_9283));
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c_from("4waS"), None);

        let mut headers = HeaderMap::new();
        assert_eq!(crc32c_of(&headers), None);
        headers.append("x-goog-hash", "md5=AAAA".parse().unwrap());
        headers.append("x-goog-hash", "crc32c=4waSgw==".parse().unwrap());
        assert_eq!(crc32c_of(&headers), Some(0xe306_9283));
    }
}
