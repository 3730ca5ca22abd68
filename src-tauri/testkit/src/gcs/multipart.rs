//! Takes a `multipart/related` body apart: one part of JSON, one of bytes.

use bytes::Bytes;
use serde_json::Value;

use super::reply::Refusal;

/// The two parts of an upload.
pub(super) struct Related {
    pub(super) metadata: Value,
    pub(super) media: Bytes,
    /// `Content-Type` of the second part.
    pub(super) media_type: Option<String>,
}

/// Splits a body by the boundary that its `Content-Type` names.
pub(super) fn related(content_type: &str, body: &Bytes) -> Result<Related, Refusal> {
    let malformed = || Refusal::invalid("Malformed multipart body.");
    if !content_type.to_ascii_lowercase().starts_with("multipart/") {
        return Err(malformed());
    }
    let parameters = content_type.split(';').map(str::trim);
    let boundary = parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    let boundary = boundary.ok_or_else(malformed)?.1.trim_matches('"');

    let first = format!("--{boundary}\r\n").into_bytes();
    let between = format!("\r\n--{boundary}\r\n").into_bytes();
    let last = format!("\r\n--{boundary}--").into_bytes();

    let start = find(body, &first).ok_or_else(malformed)? + first.len();
    let middle = start + find(&body[start..], &between).ok_or_else(malformed)?;
    // From the end: what closes the body stands there, and the bytes before it need no search.
    let end = find_last(body, &last).ok_or_else(malformed)?;
    let second = middle + between.len();
    if end < second {
        return Err(malformed());
    }
    let (_, json) = part(body.slice(start..middle)).ok_or_else(malformed)?;
    let (head, media) = part(body.slice(second..end)).ok_or_else(malformed)?;
    Ok(Related {
        metadata: serde_json::from_slice(&json).map_err(|_| malformed())?,
        media,
        media_type: head.lines().find_map(content_type_of),
    })
}

fn content_type_of(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("content-type")
        .then(|| value.trim().to_owned())
}

/// A part's head and its bytes.
fn part(part: Bytes) -> Option<(String, Bytes)> {
    if let Some(bytes) = part.strip_prefix(b"\r\n") {
        return Some((String::new(), part.slice_ref(bytes)));
    }
    let head = find(&part, b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&part[..head]).into_owned();
    Some((text, part.slice(head + 4..)))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_found_even_if_the_bytes_look_like_a_boundary() {
        let media = "\r\n--xx\r\n\r\n--x-- and \0 more\r\n";
        let body = format!(
            "--x\r\nContent-Type: application/json\r\n\r\n{{\"a\":1}}\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n{media}\r\n--x--\r\n"
        );
        let body = Bytes::from(body);
        let found = related("multipart/related; boundary=\"x\"", &body).unwrap();
        assert_eq!(found.metadata["a"], 1);
        assert_eq!(found.media, media);
        assert_eq!(found.media_type.as_deref(), Some("image/jpeg"));
        assert!(related("multipart/related; boundary=y", &body).is_err());
        assert!(related("application/json", &body).is_err());
    }

    #[test]
    fn an_empty_object_has_parts_too() {
        let body = Bytes::from("--x\r\n\r\n{}\r\n--x\r\nContent-Length: 0\r\n\r\n\r\n--x--");
        assert!(
            related("multipart/related; boundary=x", &body)
                .unwrap()
                .media
                .is_empty()
        );
    }
}
