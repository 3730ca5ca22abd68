//! What an answer that is not a success means, by what helps.

use crate::sync::BlobError;

/// The error of an answer with this status and body.
pub(in crate::sync) fn refusal(status: u16, body: &[u8]) -> BlobError {
    let text = String::from_utf8_lossy(body);
    let page = is_page(&text);
    match status {
        // A redirection leads to a login page: the storage itself has none.
        ..400 | 408 | 407 | 511 => not_the_bucket(status),
        401 | 403 if page => not_the_bucket(status),
        401 | 403 if is_about_time(&text) => BlobError::Denied {
            what: format!("HTTP {status}; is the clock of this machine right?"),
        },
        401 | 403 => BlobError::Denied {
            what: format!("HTTP {status}"),
        },
        400 if is_about_time(&text) => BlobError::Denied {
            what: "HTTP 400; is the clock of this machine right?".to_owned(),
        },
        // Bytes that do not fit their own checksum were damaged on the way; they are whole here.
        400 if text.contains("CRC32C") => BlobError::Unreachable {
            what: "the bytes were damaged on the way".to_owned(),
        },
        404 if is_about_bucket(&text) => BlobError::Refused {
            what: "there is no such bucket".to_owned(),
        },
        404 if page => not_the_bucket(status),
        404 => BlobError::Missing,
        429 => busy(status),
        500.. if page => not_the_bucket(status),
        500.. => busy(status),
        _ if page => not_the_bucket(status),
        _ => BlobError::Refused {
            what: format!("HTTP {status}"),
        },
    }
}

/// Somebody else answered: a portal, a proxy, a gateway.
pub(super) fn not_the_bucket(status: u16) -> BlobError {
    BlobError::Unreachable {
        what: format!("HTTP {status} from something that is not the bucket"),
    }
}

fn busy(status: u16) -> BlobError {
    BlobError::Busy {
        what: format!("HTTP {status}"),
    }
}

/// What reqwest could not do. Its own words hold addresses, and so names and signatures.
pub(super) fn unheard(error: &reqwest::Error) -> BlobError {
    let what = match error {
        error if error.is_timeout() => "no answer in time",
        error if error.is_connect() => "no connection",
        _ => "the connection broke",
    };
    BlobError::Unreachable {
        what: what.to_owned(),
    }
}

/// Nobody answered in time.
pub(super) fn silent() -> BlobError {
    BlobError::Unreachable {
        what: "no answer in time".to_owned(),
    }
}

/// The storage answers in JSON, XML or plain text, never with a page.
fn is_page(text: &str) -> bool {
    let beginning: String = text.trim_start().chars().take(14).collect();
    let beginning = beginning.to_ascii_lowercase();
    beginning.starts_with("<!doctype html")
        || beginning.starts_with("<html")
        || beginning.starts_with("<head")
}

fn is_about_bucket(text: &str) -> bool {
    text.contains("NoSuchBucket") || text.contains("bucket does not exist")
}

/// A signature or a token that is valid at another time than the storage's.
fn is_about_time(text: &str) -> bool {
    let signs = [
        "ExpiredToken",
        "RequestTimeTooSkewed",
        "not yet valid",
        "has expired",
        "short-lived token",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error's kind as one letter.
    fn kind(status: u16, body: &str) -> char {
        match refusal(status, body.as_bytes()) {
            BlobError::Unreachable { .. } => 'U',
            BlobError::Busy { .. } => 'B',
            BlobError::Denied { .. } => 'D',
            BlobError::Missing => 'M',
            BlobError::Different => 'X',
            BlobError::Refused { .. } => 'R',
        }
    }

    #[test]
    fn answers_are_judged_by_what_helps() {
        let json = r#"{"error":{"code":0,"message":"No."}}"#;
        let page = "\n<!DOCTYPE html><title>Welcome</title>";
        let cases = [
            (302, "", 'U'),
            (400, json, 'R'),
            (
                400,
                "Provided CRC32C \"a\" doesn't match calculated CRC32C \"b\".",
                'U',
            ),
            (
                400,
                "<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>",
                'D',
            ),
            (401, json, 'D'),
            (403, json, 'D'),
            (403, page, 'U'),
            (404, "No such object: b/n", 'M'),
            (
                404,
                "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>",
                'M',
            ),
            (404, "The specified bucket does not exist.", 'R'),
            (404, page, 'U'),
            (407, "", 'U'),
            (408, json, 'U'),
            (413, "", 'R'),
            (429, json, 'B'),
            (500, json, 'B'),
            (502, "<html><head><title>502 Bad Gateway", 'U'),
            (503, json, 'B'),
            (511, "", 'U'),
        ];
        for (status, body, expected) in cases {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
    }
}
