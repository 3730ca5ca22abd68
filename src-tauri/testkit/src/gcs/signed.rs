//! Signed URLs, version 4: verified as Google verifies them, from the request alone.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use hyper::StatusCode;
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::{
    reply::Reply,
    request::{Asked, STRICT, decoded},
    token::is_signed,
};

/// The longest life of a signed URL, in seconds: 7 days.
const LONGEST: i64 = 604_800;

/// What a canonical request leaves as it is in its path.
const STRICT_PATH: &AsciiSet = &STRICT.remove(b'/');

/// A signed URL that is refused, in the words of the XML API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

impl Refused {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
        }
    }

    const fn malformed(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
    }

    pub(super) const fn no_key() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NoSuchKey",
            "The specified key does not exist.",
        )
    }

    pub(super) fn reply(&self) -> Reply {
        let Self { code, message, .. } = self;
        let xml = format!(
            "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Reply::empty(self.status).typed("application/xml; charset=UTF-8", xml)
    }
}

/// Checks form, time and, as far as keys are known, signature.
pub(super) fn check(asked: &Asked, keys: &HashMap<String, Vec<u8>>, now: Timestamp) -> Result<(), Refused> {
    let signed = Signed::of(asked)?;
    let begin = signed.date;
    let end = begin + SignedDuration::from_secs(signed.life);
    if now >= end {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "ExpiredToken",
            "Invalid argument. The provided token has expired.",
        ));
    }
    // Google lets the signer's clock be a quarter of an hour ahead.
    if now < begin - SignedDuration::from_mins(15) {
        return Err(Refused::new(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "Request is not yet valid.",
        ));
    }
    let mismatch = Refused::new(
        StatusCode::FORBIDDEN,
        "SignatureDoesNotMatch",
        "Access denied. The request signature we calculated does not match the signature you provided.",
    );
    match keys.get(signed.account) {
        Some(key) => match signed.is_by(key, asked) {
            true => Ok(()),
            false => Err(mismatch),
        },
        None if keys.is_empty() => Ok(()),
        None => Err(mismatch),
    }
}

/// The parameters of a signed URL.
struct Signed<'a> {
    account: &'a str,
    /// `<day>/<location>/storage/goog4_request`.
    scope: &'a str,
    date_text: &'a str,
    date: Timestamp,
    /// Seconds.
    life: i64,
    headers: Vec<&'a str>,
    signature: Vec<u8>,
}

impl<'a> Signed<'a> {
    fn of(asked: &'a Asked) -> Result<Self, Refused> {
        let get = |name| asked.query.get(name);
        let Some(signature) = get("X-Goog-Signature") else {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.",
            ));
        };
        if get("X-Goog-Algorithm") != Some("GOOG4-RSA-SHA256") {
            return Err(Refused::malformed("X-Goog-Algorithm is not GOOG4-RSA-SHA256."));
        }
        let credential = get("X-Goog-Credential").and_then(|credential| credential.split_once('/'));
        let (account, scope) = credential.ok_or(Refused::malformed("X-Goog-Credential is missing."))?;
        let date_text = get("X-Goog-Date").unwrap_or_default();
        let date = date(date_text).ok_or(Refused::malformed("X-Goog-Date is not a date."))?;
        let scope_parts: Vec<&str> = scope.split('/').collect();
        let day = date_text.get(..8).unwrap_or_default();
        if !matches!(scope_parts[..], [scoped, _, "storage", "goog4_request"] if scoped == day) {
            return Err(Refused::malformed(
                "X-Goog-Credential has a scope that does not fit.",
            ));
        }
        let life = get("X-Goog-Expires").and_then(|life| life.parse().ok());
        let life = life.filter(|life| (1..=LONGEST).contains(life));
        let headers: Vec<&str> = get("X-Goog-SignedHeaders")
            .unwrap_or_default()
            .split(';')
            .collect();
        if !headers.contains(&"host") || !headers.is_sorted() {
            return Err(Refused::malformed(
                "X-Goog-SignedHeaders must be sorted and hold host.",
            ));
        }
        Ok(Self {
            account,
            scope,
            date_text,
            date,
            life: life.ok_or(Refused::malformed("X-Goog-Expires must be 1 to 604800 seconds."))?,
            headers,
            signature: unhex(signature)
                .filter(|signature| signature.len() == 256)
                .ok_or(Refused::malformed(
                    "X-Goog-Signature is not an RSA signature in hexadecimal.",
                ))?,
        })
    }

    fn is_by(&self, key: &[u8], asked: &Asked) -> bool {
        // The SDK signs the host without its port, although the client then sends it with one.
        let host = asked.host();
        let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
        [host, bare].iter().any(|host| {
            let Some(request) = self.canonical_request(asked, host) else {
                return false;
            };
            let hash = hex(digest(&SHA256, request.as_bytes()).as_ref());
            let message = format!("GOOG4-RSA-SHA256\n{}\n{}\n{hash}", self.date_text, self.scope);
            is_signed(key, message.as_bytes(), &self.signature)
        })
    }

    /// What was signed, in the one form that both sides agree on; `None` where a signed header is missing.
    fn canonical_request(&self, asked: &Asked, host: &str) -> Option<String> {
        let path = decoded(&asked.path);
        let path = utf8_percent_encode(&path, STRICT_PATH);
        let pairs = asked.query.pairs.iter();
        let mut pairs: Vec<String> = pairs
            .filter(|(name, _)| name != "X-Goog-Signature")
            .map(|(name, value)| {
                let encode = |text| utf8_percent_encode(text, STRICT);
                format!("{}={}", encode(name.as_str()), encode(value.as_str()))
            })
            .collect();
        pairs.sort();
        let mut headers = String::new();
        for name in &self.headers {
            let value = match *name {
                "host" => host,
                name => asked.header(name)?,
            };
            let words: Vec<&str> = value.split_whitespace().collect();
            headers.push_str(&format!("{name}:{}\n", words.join(" ")));
        }
        let payload = asked
            .header("x-goog-content-sha256")
            .unwrap_or("UNSIGNED-PAYLOAD");
        let payload = match self.headers.contains(&"x-goog-content-sha256") {
            true => payload,
            false => "UNSIGNED-PAYLOAD",
        };
        let method = asked.method.as_str();
        let query = pairs.join("&");
        let names = self.headers.join(";");
        Some(format!(
            "{method}\n{path}\n{query}\n{headers}\n{names}\n{payload}"
        ))
    }
}

/// `20261125T093000Z`.
fn date(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(
        TimeZone::UTC
            .to_ambiguous_zoned(civil)
            .unambiguous()
            .ok()?
            .timestamp(),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| Some(digit.to_digit(16)? as u8))
        .collect();
    let digits = digits?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
