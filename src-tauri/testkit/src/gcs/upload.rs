//! Uploads in one request: `uploadType=multipart` and `uploadType=media`.

use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::{
    conditions::Conditions,
    draft::Draft,
    multipart::related,
    object::{Wish, settable},
    reply::{Refusal, Reply},
    request::Asked,
    state::Shared,
};

/// Metadata and bytes in one body.
pub(super) fn multipart(
    shared: &Shared,
    asked: &Asked,
    bucket: &str,
    body: &Bytes,
    flip: bool,
) -> Result<Reply, Refusal> {
    let content_type = asked.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let parts = related(content_type, body)?;
    let mut wish = wish(asked, bucket, &parts.metadata)?;
    if let Some(media_type) = parts.media_type {
        wish.fields.entry("contentType").or_insert(json!(media_type));
    }
    store(shared, &wish, parts.media, flip)
}

/// The body is the object.
pub(super) fn simple(
    shared: &Shared,
    asked: &Asked,
    bucket: &str,
    body: Bytes,
    flip: bool,
) -> Result<Reply, Refusal> {
    let mut wish = wish(asked, bucket, &Value::Object(Map::new()))?;
    if let Some(media_type) = asked.header(CONTENT_TYPE.as_str()) {
        wish.fields.insert("contentType".to_owned(), json!(media_type));
    }
    store(shared, &wish, body, flip)
}

/// What an upload asks for: from its metadata, query and headers.
pub(super) fn wish(asked: &Asked, bucket: &str, metadata: &Value) -> Result<Wish, Refusal> {
    let name = metadata["name"].as_str().or_else(|| asked.query.get("name"));
    let mut wish = Wish {
        bucket: bucket.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        fields: settable(metadata),
        conditions: Conditions::of(&asked.query)?,
        own_access: asked.query.get("predefinedAcl").is_some()
            || metadata["acl"].as_array().is_some_and(|rules| !rules.is_empty()),
        ..Wish::default()
    };
    wish.promise.read_metadata(metadata);
    read_hashes(&mut wish, asked);
    Ok(wish)
}

/// Adds what `x-goog-hash` headers promise.
pub(super) fn read_hashes(wish: &mut Wish, asked: &Asked) {
    for value in asked.headers.get_all("x-goog-hash") {
        wish.promise.read_header(value.to_str().unwrap_or_default());
    }
}

fn store(shared: &Shared, wish: &Wish, bytes: Bytes, flip: bool) -> Result<Reply, Refusal> {
    let bytes = if flip { flipped(&bytes) } else { bytes };
    let mut draft = Draft::new(false);
    draft.add_at(0, &bytes);
    let sums = draft.sums();
    let now = shared.now();
    shared.change(|state| {
        let resource = state
            .store
            .commit(wish, sums, Some(bytes), now, &mut state.history)?;
        Ok(Reply::json(&resource))
    })
}

/// The bytes with one bit changed in their middle.
pub(super) fn flipped(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x10;
    }
    bytes.into()
}
