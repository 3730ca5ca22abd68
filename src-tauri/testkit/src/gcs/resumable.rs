//! Resumable uploads: opened, fed with chunks, asked for their state, given up.

use bytes::{Bytes, BytesMut};
use hyper::{
    StatusCode,
    header::{CONTENT_RANGE, LOCATION, RANGE},
};
use serde_json::Value;

use super::{
    draft::Draft,
    inbound::Inbound,
    object::Wish,
    reply::{Refusal, Reply},
    request::Asked,
    state::{Shared, State},
    upload::{flipped, read_hashes, wish},
};

/// What is kept of a chunk that is not the last, or that breaks off, comes in whole quanta of this many bytes.
const QUANTUM: usize = 256 * 1024;

/// One resumable upload.
pub(super) struct Session {
    wish: Wish,
    stage: Stage,
}

impl Session {
    /// The name that its object will have.
    pub(super) fn name(&self) -> &str {
        &self.wish.name
    }
}

enum Stage {
    Open(Draft),
    Finished(Value),
    Cancelled,
}

/// The header `Content-Range` of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ContentRange {
    /// Where the chunk begins; `None` where it has no bytes.
    start: Option<u64>,
    /// How many bytes it has; `None` means all that come.
    length: Option<u64>,
    /// Size of the whole object, where it is known.
    total: Option<u64>,
}

/// Opens an upload. Its conditions are checked here and, as only that counts, again at its end.
pub(super) fn start(shared: &Shared, asked: &Asked, bucket: &str, body: &[u8]) -> Result<Reply, Refusal> {
    let metadata = match body {
        [] => Value::Null,
        body => serde_json::from_slice(body).map_err(|_| Refusal::invalid("Parse Error"))?,
    };
    let mut wish = wish(asked, bucket, &metadata)?;
    if let Some(media_type) = asked.header("x-upload-content-type") {
        let field = wish.fields.entry("contentType");
        field.or_insert(Value::from(media_type));
    }
    let keep = shared.terms.keep_bytes;
    let id = shared.change(|state| {
        state.store.check(&wish)?;
        let id = format!("upload-{}", state.sessions.len() + 1);
        let stage = Stage::Open(Draft::new(keep));
        state.sessions.insert(id.clone(), Session { wish, stage });
        Ok(id)
    })?;
    let place = format!(
        "http://{}{}?uploadType=resumable&upload_id={id}",
        shared.host(asked.host()),
        asked.path
    );
    Ok(Reply::empty(StatusCode::OK)
        .with(LOCATION, &place)
        .with_goog("x-guploader-uploadid", &id))
}

/// How far an upload is.
pub(super) fn query(shared: &Shared, asked: &Asked, id: &str) -> Result<Reply, Refusal> {
    shared.read(|state| progress(state, asked, id))
}

/// Gives an upload up. 499 is how Google confirms that.
pub(super) fn cancel(shared: &Shared, id: &str) -> Result<Reply, Refusal> {
    shared.change(|state| {
        let session = state.sessions.get_mut(id).ok_or_else(unknown)?;
        session.stage = Stage::Cancelled;
        Err(cancelled())
    })
}

/// Takes bytes. `None` means that the connection broke: there is nobody to answer.
pub(super) async fn chunk(
    shared: &Shared,
    asked: &Asked,
    id: &str,
    mut body: Inbound,
    flip: bool,
) -> Option<Result<Reply, Refusal>> {
    let range = content_range(asked, &body);
    let offset = shared.read(|state| offset(state, id));
    let (range, persisted) = match (range, offset) {
        (Ok(range), Ok(Some(persisted))) => (range, persisted),
        // What does not depend on the bytes is said after they came, since a client sends before it listens.
        (range, offset) => {
            body.collect().await.ok()?;
            let refusal = range.err().or(offset.err());
            return Some(refusal.map_or_else(|| query(shared, asked, id), Err));
        }
    };
    let begin = range.start.unwrap_or(persisted);
    let mut at = begin;
    let mut waiting = BytesMut::new();
    let mut flip = flip;
    let whole = loop {
        match body.next().await {
            Ok(Some(frame)) => {
                let frame = if flip { flipped(&frame) } else { frame };
                flip = flip && frame.is_empty();
                waiting.extend_from_slice(&frame);
                while waiting.len() >= QUANTUM {
                    let quantum = waiting.split_to(QUANTUM).freeze();
                    if let Err(refusal) = keep(shared, id, &mut at, &quantum) {
                        return Some(Err(refusal));
                    }
                }
            }
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    if !whole {
        return None;
    }
    let end = at + waiting.len() as u64;
    if range.length.is_some_and(|length| length != end - begin) {
        return Some(Err(Refusal::invalid(
            "The body is not as long as Content-Range says.",
        )));
    }
    // `bytes 0-*/*`: what has come is all.
    let total = range.total.or(range.length.is_none().then_some(end));
    Some(finish(shared, asked, id, &mut at, waiting.freeze(), total))
}

/// The end of a chunk: the end of the object, or not yet.
fn finish(
    shared: &Shared,
    asked: &Asked,
    id: &str,
    at: &mut u64,
    rest: Bytes,
    total: Option<u64>,
) -> Result<Reply, Refusal> {
    if total == Some(*at + rest.len() as u64) {
        keep(shared, id, at, &rest)?;
    }
    let now = shared.now();
    shared.change(|state| {
        let persisted = offset(state, id)?;
        if persisted.is_none() || persisted != total {
            return progress(state, asked, id);
        }
        // Taken out: an upload whose end was refused is over.
        let Some(mut session) = state.sessions.remove(id) else {
            return Err(unknown());
        };
        let Stage::Open(draft) = session.stage else {
            return Err(unknown());
        };
        read_hashes(&mut session.wish, asked);
        let (sums, bytes) = (draft.sums(), draft.into_bytes());
        let resource = state
            .store
            .commit(&session.wish, sums, bytes, now, &mut state.history)?;
        session.stage = Stage::Finished(resource.clone());
        state.sessions.insert(id.to_owned(), session);
        Ok(Reply::json(&resource))
    })
}

/// Keeps bytes that belong at an offset and moves the offset on.
fn keep(shared: &Shared, id: &str, at: &mut u64, bytes: &[u8]) -> Result<(), Refusal> {
    shared.change(|state| {
        let session = state.sessions.get_mut(id).ok_or_else(unknown)?;
        match &mut session.stage {
            Stage::Open(draft) => {
                let persisted = draft.size();
                if !draft.add_at(*at, bytes) {
                    return Err(Refusal::invalid(format!(
                        "Invalid request. According to the Content-Range header, the upload offset is {at} byte(s), \
                         which exceeds already uploaded size of {persisted} byte(s)."
                    )));
                }
                *at += bytes.len() as u64;
            }
            // A duplicate that came late: its bytes are there.
            Stage::Finished(_) => *at += bytes.len() as u64,
            Stage::Cancelled => return Err(cancelled()),
        }
        Ok(())
    })
}

/// How many bytes an upload has; `None` once it is finished.
fn offset(state: &State, id: &str) -> Result<Option<u64>, Refusal> {
    match &state.sessions.get(id).ok_or_else(unknown)?.stage {
        Stage::Open(draft) => Ok(Some(draft.size())),
        Stage::Finished(_) => Ok(None),
        Stage::Cancelled => Err(cancelled()),
    }
}

/// The answer about an upload's state: the object, or 308 and what has come.
fn progress(state: &State, asked: &Asked, id: &str) -> Result<Reply, Refusal> {
    let session = state.sessions.get(id).ok_or_else(unknown)?;
    let size = match &session.stage {
        Stage::Open(draft) => draft.size(),
        Stage::Finished(resource) => return Ok(Reply::json(resource)),
        Stage::Cancelled => return Err(cancelled()),
    };
    // Go's client can't tell 308 from a redirect and asks for it in a header.
    let reply = match asked.header("x-guploader-no-308") {
        Some("yes") => Reply::empty(StatusCode::OK).with_goog("x-http-status-code-override", "308"),
        _ => Reply::empty(StatusCode::PERMANENT_REDIRECT),
    };
    Ok(match size {
        0 => reply,
        size => reply.with(RANGE, &format!("bytes=0-{}", size - 1)),
    })
}

fn content_range(asked: &Asked, body: &Inbound) -> Result<ContentRange, Refusal> {
    let Some(header) = asked.header(CONTENT_RANGE.as_str()) else {
        // Without the header the body is the whole object.
        return Ok(ContentRange {
            start: Some(0),
            length: body.expected(),
            total: body.expected(),
        });
    };
    parse(header).ok_or_else(|| Refusal::invalid(format!("Failed to parse Content-Range header: {header}")))
}

/// `bytes 0-99/200`, `bytes 0-99/*`, `bytes 0-*/*`, `bytes */200`.
fn parse(header: &str) -> Option<ContentRange> {
    let (range, total) = header.strip_prefix("bytes ")?.split_once('/')?;
    let number = |text: &str| match text {
        "*" => Some(None),
        text => text.parse::<u64>().ok().map(Some),
    };
    let total = number(total)?;
    if range == "*" {
        return Some(ContentRange {
            start: None,
            length: Some(0),
            total,
        });
    }
    let (start, end) = range.split_once('-')?;
    let start: u64 = start.parse().ok()?;
    let length = match number(end)? {
        Some(end) => Some((end + 1).checked_sub(start)?),
        None => None,
    };
    let fits = length.is_none_or(|length| total.is_none_or(|total| start + length <= total));
    fits.then_some(ContentRange {
        start: Some(start),
        length,
        total,
    })
}

fn unknown() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "notFound",
        "Upload session not found: it never was, or it is over.",
    )
}

fn cancelled() -> Refusal {
    let status = StatusCode::from_u16(499).unwrap_or(StatusCode::GONE);
    Refusal::new(status, "clientClosedRequest", "The upload was cancelled.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_content_range_is_read() {
        let range = |start, length, total| Some(ContentRange { start, length, total });
        assert_eq!(parse("bytes 0-99/200"), range(Some(0), Some(100), Some(200)));
        assert_eq!(parse("bytes 100-199/*"), range(Some(100), Some(100), None));
        assert_eq!(parse("bytes 0-*/*"), range(Some(0), None, None));
        assert_eq!(parse("bytes */0"), range(None, Some(0), Some(0)));
        assert_eq!(parse("bytes 0-200/200"), None);
        assert_eq!(parse("bytes 5-3/200"), None);
        assert_eq!(parse("0-3/4"), None);
    }
}
