//! Takes a request apart: what it is about and what it wants.

use std::fmt::Display;

use hyper::{
    HeaderMap, Method,
    header::{AUTHORIZATION, HOST},
    http::request::Parts,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Kind, reply::Refusal};

/// What stays as it is in an encoded path or query: what RFC 3986 calls unreserved.
pub(super) const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Token,
    Login,
    Buckets,
    Bucket {
        bucket: String,
    },
    Policy {
        bucket: String,
    },
    Objects {
        bucket: String,
    },
    Object {
        bucket: String,
        name: String,
    },
    Upload {
        bucket: String,
    },
    Session {
        id: String,
    },
    /// A path of the XML API, where signed URLs lead.
    Plain {
        bucket: String,
        name: String,
    },
    Unknown,
}

/// A request without its body.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// Path as it was sent, percent signs and all.
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) target: Target,
    pub(super) kind: Kind,
}

impl Asked {
    pub(super) fn new(parts: Parts) -> Self {
        let path = parts.uri.path().to_owned();
        let query = Query::new(parts.uri.query().unwrap_or_default());
        let target = target(&path, &query);
        let kind = Kind::of(&parts.method, &target, &query, &parts.headers);
        Self {
            method: parts.method,
            path,
            query,
            headers: parts.headers,
            target,
            kind,
        }
    }

    /// A header's value as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The client's `Host`: the address by which it knows the server, perhaps without its port.
    pub(super) fn host(&self) -> &str {
        self.header(HOST.as_str()).unwrap_or("localhost")
    }

    pub(super) fn bearer(&self) -> Option<&str> {
        let value = self.header(AUTHORIZATION.as_str())?;
        value
            .strip_prefix("Bearer ")
            .or_else(|| value.strip_prefix("bearer "))
    }

    /// Path and query, for the history.
    pub(super) fn text(&self) -> String {
        match self.query.raw.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The object's name, as far as the head of the request tells.
    pub(super) fn object_name(&self) -> Option<&str> {
        match &self.target {
            Target::Object { name, .. } | Target::Plain { name, .. } => Some(name),
            Target::Upload { .. } | Target::Session { .. } => self.query.get("name"),
            _ => None,
        }
    }
}

/// Parameters of a query, decoded, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    raw: String,
    pub(super) pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn new(raw: &str) -> Self {
        let parts = raw.split('&').filter(|part| !part.is_empty());
        let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        Self {
            raw: raw.to_owned(),
            pairs: pairs
                .map(|(name, value)| {
                    (
                        decoded(&name.replace('+', " ")),
                        decoded(&value.replace('+', " ")),
                    )
                })
                .collect(),
        }
    }

    /// The first parameter of this name that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self
            .pairs
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty());
        found.next().map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid(format!("Invalid value for {name}: {text}")))
        };
        self.get(name).map(parse).transpose()
    }
}

pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A name as one segment of a path.
pub(super) fn encoded(name: &str) -> impl Display {
    utf8_percent_encode(name, STRICT)
}

fn target(path: &str, query: &Query) -> Target {
    match path {
        "/token" => return Target::Token,
        "/login" => return Target::Login,
        _ => {}
    }
    if let Some(path) = path.strip_prefix("/upload/storage/v1/b/") {
        return match (path.split_once('/'), query.get("upload_id")) {
            (Some((_, "o")), Some(id)) => Target::Session { id: id.to_owned() },
            (Some((bucket, "o")), None) => Target::Upload {
                bucket: decoded(bucket),
            },
            _ => Target::Unknown,
        };
    }
    // Links to media have a prefix; a Go client whose endpoint has no path leaves `/storage/v1` out.
    let json = path.strip_prefix("/download").unwrap_or(path);
    let json = json.strip_prefix("/storage/v1").unwrap_or(json);
    if json == "/b" {
        return Target::Buckets;
    }
    if let Some(path) = json.strip_prefix("/b/") {
        let segments: Vec<&str> = path.split('/').collect();
        return match segments[..] {
            [bucket] => Target::Bucket {
                bucket: decoded(bucket),
            },
            [bucket, "iam"] => Target::Policy {
                bucket: decoded(bucket),
            },
            [bucket, "o"] => Target::Objects {
                bucket: decoded(bucket),
            },
            // A name is one segment: its slashes must be encoded.
            [bucket, "o", name] => Target::Object {
                bucket: decoded(bucket),
                name: decoded(name),
            },
            _ => Target::Unknown,
        };
    }
    match path.trim_start_matches('/').split_once('/') {
        Some((bucket, name)) if !bucket.is_empty() && !name.is_empty() => Target::Plain {
            bucket: decoded(bucket),
            name: decoded(name),
        },
        _ => Target::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_encoded_segment_of_the_json_api_and_the_rest_of_a_plain_path() {
        let no_query = Query::default();
        let bucket = "b".to_owned();
        let name = "patients/7/à.jpg".to_owned();
        let object = Target::Object {
            bucket: bucket.clone(),
            name: name.clone(),
        };
        let path = "/storage/v1/b/b/o/patients%2F7%2F%C3%A0.jpg";
        assert_eq!(target(path, &no_query), object);
        assert_eq!(target(&format!("/download{path}"), &no_query), object);
        assert_eq!(target("/storage/v1/b/b/o/patients/7", &no_query), Target::Unknown);
        assert_eq!(
            target("/b/patients/7/%C3%A0.jpg", &no_query),
            // A path that begins with `/b/` is read as the JSON API's, as a bucket called "b" does not exist at Google.
            Target::Unknown
        );
        assert_eq!(
            target("/bucket/patients/7/%C3%A0.jpg", &no_query),
            Target::Plain {
                bucket: "bucket".to_owned(),
                name
            }
        );
    }

    #[test]
    fn a_query_is_decoded() {
        let query = Query::new("name=a%2Fb+c&empty=&ifGenerationMatch=0");
        assert_eq!(query.get("name"), Some("a/b c"));
        assert_eq!(query.get("empty"), None);
        assert_eq!(query.number("ifGenerationMatch").unwrap(), Some(0));
        assert!(query.number("name").is_err());
    }
}
