//! Requests to a Space and what its replies mean: each read with a limit, each wait with a deadline.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{SpaceAddress, SpaceDeadlines, SpaceError, SpaceStep};
use crate::{address::is_loopback, clock::Clock};

/// More than any description of a server has: that of a page with a hundred components is some 200 kB.
const LONGEST: usize = 4 * 1024 * 1024;

/// How much of a page that should not be there is looked at.
const LOOKED_AT: usize = 64 * 1024;

/// What a line that is worth waiting for carries, in bytes per second.
const SLOWEST: u32 = 4 * 1024;

/// A connection that was idle for longer is not used again: boxes on the way forget it sooner than either end does.
const IDLE: Duration = Duration::from_secs(45);

/// One set of connections to one Space.
pub(super) struct Wire {
    web: Client,
    address: SpaceAddress,
    silence: Duration,
}

impl Wire {
    pub(super) fn new(address: SpaceAddress, deadlines: &SpaceDeadlines) -> Result<Self, SpaceError> {
        let web = Client::builder()
            // A portal redirects; the photo and the token go nowhere else.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(deadlines.connect)
            .pool_idle_timeout(IDLE);
        let web = match is_loopback(&address.base) {
            // What goes to this machine goes through no other.
            true => web.no_proxy(),
            false => web.https_only(true),
        };
        Ok(Self {
            web: web.build().map_err(|_| SpaceError::Tls)?,
            address,
            silence: deadlines.silence,
        })
    }

    pub(super) fn get(&self, path: &str) -> Result<RequestBuilder, SpaceError> {
        Ok(self.web.get(self.url(path)?))
    }

    pub(super) fn post(&self, path: &str) -> Result<RequestBuilder, SpaceError> {
        Ok(self.web.post(self.url(path)?))
    }

    /// A path below the address that the Space was given with. The caller made sure that it is plain.
    fn url(&self, path: &str) -> Result<Url, SpaceError> {
        self.address.base.join(path).map_err(|_| SpaceError::Address)
    }

    /// Sends a request with so many bytes of body and gives the reply if it is a 200.
    pub(super) async fn send(
        &self,
        step: SpaceStep,
        request: RequestBuilder,
        bytes: usize,
    ) -> Result<Response, SpaceError> {
        let request = match &self.address.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        };
        let sending = Duration::from_secs(u64::try_from(bytes).unwrap_or(u64::MAX) / u64::from(SLOWEST));
        let response = timeout(self.silence.saturating_add(sending), request.send())
            .await
            .map_err(|_| SpaceError::Silent { step })?
            .map_err(|_| SpaceError::Unreachable { step })?;
        match response.status() {
            StatusCode::OK => Ok(response),
            status => Err(self.refusal(step, status, response).await),
        }
    }

    /// The whole reply as JSON.
    pub(super) async fn json(&self, step: SpaceStep, mut response: Response) -> Result<Value, SpaceError> {
        self.expect(step, &mut response, "application/json").await?;
        let body = self.up_to(step, &mut response, LONGEST).await?;
        if body.len() > LONGEST {
            return Err(SpaceError::NotASpace {
                step,
                what: "a reply without an end",
            });
        }
        serde_json::from_slice(&body).map_err(|_| SpaceError::NotASpace {
            step,
            what: "a damaged reply",
        })
    }

    /// Checks what the reply is. A page in its place says whether the Space is being started.
    pub(super) async fn expect(
        &self,
        step: SpaceStep,
        response: &mut Response,
        kind: &str,
    ) -> Result<(), SpaceError> {
        let said = response.headers().get(CONTENT_TYPE);
        let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
        let said = said.split(';').next().unwrap_or_default().trim();
        if said.eq_ignore_ascii_case(kind) {
            return Ok(());
        }
        let retry_after = retry_after(response.headers(), Clock::system().now());
        let page = self.up_to(step, response, LOOKED_AT).await?;
        match says_that_it_starts(&page) {
            true => Err(SpaceError::NotReady { retry_after }),
            false => Err(SpaceError::NotASpace {
                step,
                what: "a page in place of a reply",
            }),
        }
    }

    /// The next bytes of a reply; `None` at its end.
    pub(super) async fn piece(
        &self,
        step: SpaceStep,
        response: &mut Response,
    ) -> Result<Option<bytes::Bytes>, SpaceError> {
        timeout(self.silence, response.chunk())
            .await
            .map_err(|_| SpaceError::Silent { step })?
            .map_err(|_| SpaceError::Unreachable { step })
    }

    /// Reads until the end, or until a piece goes past the limit.
    async fn up_to(
        &self,
        step: SpaceStep,
        response: &mut Response,
        limit: usize,
    ) -> Result<Vec<u8>, SpaceError> {
        let mut body = Vec::new();
        while body.len() <= limit
            && let Some(piece) = self.piece(step, response).await?
        {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// What a reply means that is no 200.
    async fn refusal(&self, step: SpaceStep, status: StatusCode, mut response: Response) -> SpaceError {
        let retry_after = retry_after(response.headers(), Clock::system().now());
        match status {
            StatusCode::TOO_MANY_REQUESTS => return SpaceError::Busy { retry_after },
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                return SpaceError::NotReady { retry_after };
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return SpaceError::Refused {
                    status: status.as_u16(),
                };
            }
            StatusCode::PAYLOAD_TOO_LARGE => return SpaceError::TooLarge,
            status if status.is_redirection() => return SpaceError::SendsElsewhere { step },
            _ => {}
        }
        // What the page says where it can be read; the status says enough where not.
        let page = self.up_to(step, &mut response, LOOKED_AT).await;
        if page.is_ok_and(|page| says_that_it_starts(&page)) {
            return SpaceError::NotReady { retry_after };
        }
        match status.is_server_error() {
            true => SpaceError::Broken {
                step,
                status: status.as_u16(),
            },
            false => SpaceError::NotASpace {
                step,
                what: "it does not know what was asked",
            },
        }
    }
}

/// Whether it is the page that Hugging Face shows in place of a Space that is built, started or woken, or a short reply that
/// says `loading`. Any portal's page may have such a word somewhere, so a page has to name its house.
fn says_that_it_starts(page: &[u8]) -> bool {
    let page = String::from_utf8_lossy(page).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| page.contains(word));
    if page.trim_start().starts_with('<') {
        has(&["huggingface", "hugging face", "hf.space"])
            && has(&[
                "building",
                "starting",
                "preparing",
                "loading",
                "sleeping",
                "waking",
            ])
    } else {
        page.len() < 1_000 && has(&["loading", "starting", "building"]) && !has(&["failed"])
    }
}

/// `Retry-After`, in either of its two forms (RFC 9110, section 10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTimeParser::new().parse_timestamp(said).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_to_be_left_alone_is_read_in_both_forms() {
        let now = "1994-11-06T08:49:07Z".parse().unwrap();
        let read = |said: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, said.parse().unwrap());
            retry_after(&headers, now)
        };
        for (said, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(said), seconds.map(Duration::from_secs), "{said}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_page_that_says_that_a_space_starts_is_told_from_a_portal() {
        for starting in [
            "<html><title>Some Space - a Hugging Face Space</title><h1>Building</h1>",
            "\n<!DOCTYPE html><link href=https://huggingface.co/x.css><p>Preparing Space…",
            r#"{"error":"Model some/model is currently loading","estimated_time":20.0}"#,
            "Loading…",
        ] {
            assert!(says_that_it_starts(starting.as_bytes()), "{starting}");
        }
        for other in [
            "<html><title>Wi-Fi</title><p>Please accept the terms. Loading…",
            "<html><title>404</title><p>Sorry, this Hugging Face page is not there.",
            r#"{"detail":"Not Found"}"#,
            "MODEL LOADING FAILED",
            "",
        ] {
            assert!(!says_that_it_starts(other.as_bytes()), "{other}");
        }
    }
}
