//! Bytes of an object, whole or a range, with the headers that let a client check them.

use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_RANGE,
        ETAG,
    },
};
use serde_json::Value;

use super::{
    object::Object,
    reply::{Refusal, Reply},
    request::Asked,
};

/// The reply to a download.
pub(super) fn reply(object: &Object, asked: &Asked) -> Result<Reply, Refusal> {
    let Some(bytes) = &object.bytes else {
        return Err(Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            "notImplemented",
            "This server keeps sizes and checksums only.",
        ));
    };
    let size = bytes.len();
    let range = asked.header("range").and_then(|header| range(header, size));
    let (status, body) = match range {
        None => (StatusCode::OK, bytes.clone()),
        Some(None) => {
            let refusal = Refusal::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "requestedRangeNotSatisfiable",
                "The requested range cannot be satisfied.",
            );
            return Ok(refusal.plain().with(CONTENT_RANGE, &format!("bytes */{size}")));
        }
        Some(Some((start, end))) => (StatusCode::PARTIAL_CONTENT, bytes.slice(start..end)),
    };
    Ok(headed(object, status, body, range.flatten(), size))
}

fn headed(
    object: &Object,
    status: StatusCode,
    body: Bytes,
    range: Option<(usize, usize)>,
    size: usize,
) -> Reply {
    let media_type = object.text("contentType").unwrap_or("application/octet-stream");
    let hash = format!(
        "crc32c={},md5={}",
        object.sums.crc32c_text(),
        object.sums.md5_text()
    );
    let mut reply = Reply::empty(status)
        .typed(media_type, body)
        .with(ETAG, &object.etag())
        .with(ACCEPT_RANGES, "bytes")
        .with_goog("x-goog-hash", &hash)
        .with_goog("x-goog-generation", &object.generation.to_string())
        .with_goog("x-goog-metageneration", &object.metageneration.to_string())
        .with_goog(
            "x-goog-storage-class",
            object.text("storageClass").unwrap_or("STANDARD"),
        )
        .with_goog("x-goog-stored-content-length", &object.sums.size.to_string())
        .with_goog(
            "x-goog-stored-content-encoding",
            object.text("contentEncoding").unwrap_or("identity"),
        );
    let set = [
        (CACHE_CONTROL, "cacheControl"),
        (CONTENT_DISPOSITION, "contentDisposition"),
        (CONTENT_ENCODING, "contentEncoding"),
        (CONTENT_LANGUAGE, "contentLanguage"),
    ];
    for (header, field) in set {
        if let Some(value) = object.text(field) {
            reply = reply.with(header, value);
        }
    }
    if let Some(custom) = object.fields.get("metadata").and_then(Value::as_object) {
        for (name, value) in custom {
            let value = value.as_str().unwrap_or_default();
            reply = reply.with_goog(&format!("x-goog-meta-{}", name.to_lowercase()), value);
        }
    }
    match range {
        Some((start, end)) => reply.with(CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1)),
        None => reply,
    }
}

/// Start and end of the first range of a `Range` header. Outer `None`: not a range, and so ignored; inner `None`: it
/// can't be satisfied.
fn range(header: &str, size: usize) -> Option<Option<(usize, usize)>> {
    let (start, end) = header
        .strip_prefix("bytes=")?
        .split(',')
        .next()?
        .trim()
        .split_once('-')?;
    let found = match (start, end) {
        ("", last) => {
            let last: usize = last.parse().ok()?;
            (size.saturating_sub(last), size)
        }
        (start, "") => (start.parse().ok()?, size),
        (start, end) => (
            start.parse().ok()?,
            end.parse::<usize>().ok()?.saturating_add(1).min(size),
        ),
    };
    Some((found.0 < found.1).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_those_of_http() {
        assert_eq!(range("bytes=0-9", 100), Some(Some((0, 10))));
        assert_eq!(range("bytes=90-200", 100), Some(Some((90, 100))));
        assert_eq!(range("bytes=5-", 100), Some(Some((5, 100))));
        assert_eq!(range("bytes=-7", 100), Some(Some((93, 100))));
        assert_eq!(range("bytes=100-", 100), Some(None));
        assert_eq!(range("lines=1-2", 100), None);
    }
}
