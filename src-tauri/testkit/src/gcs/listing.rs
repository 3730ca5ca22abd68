//! Lists of objects, page by page.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{object::Store, reply::Refusal, request::Query};

/// Google's own limit for a page.
const PAGE: usize = 1000;

impl Store {
    /// One page of a bucket's objects in the order of their names: `prefix`, `delimiter`, `startOffset`, `endOffset`,
    /// `maxResults`, `pageToken`.
    pub(super) fn list(&self, bucket: &str, query: &Query) -> Result<Value, Refusal> {
        let objects = &self.bucket(bucket)?.objects;
        let prefix = query.get("prefix").unwrap_or_default();
        let after = query.get("pageToken").map(from_token).transpose()?;
        let limit = query
            .number("maxResults")?
            .and_then(|most| usize::try_from(most).ok());
        let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);

        let mut items: Vec<Value> = Vec::new();
        let mut prefixes: Vec<String> = Vec::new();
        let mut last: Option<String> = None;
        let mut more = false;
        for (name, object) in objects.range(prefix.to_owned()..) {
            let Some(rest) = name.strip_prefix(prefix) else {
                break;
            };
            let outside = query
                .get("startOffset")
                .is_some_and(|start| name.as_str() < start)
                || query.get("endOffset").is_some_and(|end| name.as_str() >= end);
            // What stands in the page: the object, or the folder that it is folded into.
            let folder = query
                .get("delimiter")
                .and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()))
                .map(|end| format!("{prefix}{}", &rest[..end]));
            let entry = folder.as_ref().unwrap_or(name);
            let seen = after.as_ref().is_some_and(|after| entry <= after) || last.as_ref() == Some(entry);
            if outside || seen {
                continue;
            }
            if items.len() + prefixes.len() == limit {
                more = true;
                break;
            }
            last = Some(entry.clone());
            match folder {
                Some(folder) => prefixes.push(folder),
                None => items.push(object.resource(&self.base, bucket, name)),
            }
        }

        let mut page = json!({ "kind": "storage#objects" });
        if !items.is_empty() {
            page["items"] = json!(items);
        }
        if !prefixes.is_empty() {
            page["prefixes"] = json!(prefixes);
        }
        if let Some(last) = last.filter(|_| more) {
            page["nextPageToken"] = json!(BASE64_URL_SAFE_NO_PAD.encode(last));
        }
        Ok(page)
    }
}

fn from_token(token: &str) -> Result<String, Refusal> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| Refusal::invalid("Invalid page token"))
}
