//! From a request that arrived whole to the part of the server that answers it.

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::Value;

use super::{
    Kind, media,
    reply::{Refusal, Reply, or_refusal},
    request::{Asked, Target},
    resumable, signed,
    state::Shared,
    token, upload,
};

const LOGIN: &str = "<!doctype html><title>Sign in</title><form method=post><input name=user><input type=password name=password></form>";

/// Every request but the chunks of resumable uploads.
pub(super) fn route(shared: &Shared, asked: &Asked, body: &Bytes, flip: bool) -> Reply {
    let query = &asked.query;
    let now = shared.now();
    let found = |result: Result<Value, Refusal>| or_refusal(result.map(|value| Reply::json(&value)));
    match (&asked.target, asked.kind) {
        (Target::Token, Kind::Token) => token::grant(shared, body),
        (Target::Login, _) => Reply::html(StatusCode::OK, LOGIN),
        (Target::Buckets, Kind::BucketList) => Reply::json(&shared.read(|state| state.store.list_buckets())),
        (Target::Buckets, Kind::BucketInsert) => found(
            parsed(body).and_then(|wanted| shared.change(|state| state.store.insert_bucket(&wanted, now))),
        ),
        (Target::Bucket { bucket }, Kind::BucketGet) => {
            found(shared.read(|state| state.store.get_bucket(bucket, query)))
        }
        (Target::Bucket { bucket }, Kind::BucketPatch) => found(parsed(body).and_then(|changes| {
            shared.change(|state| state.store.patch_bucket(bucket, query, &changes, now))
        })),
        (Target::Policy { bucket }, Kind::PolicyGet) => {
            found(shared.read(|state| state.store.policy(bucket)))
        }
        (Target::Policy { bucket }, Kind::PolicySet) => found(
            parsed(body).and_then(|wanted| shared.change(|state| state.store.set_policy(bucket, &wanted))),
        ),
        (Target::Objects { bucket }, Kind::ObjectList) => {
            found(shared.read(|state| state.store.list(bucket, query)))
        }
        (Target::Object { bucket, name }, Kind::ObjectGet) => found(shared.read(|state| {
            let object = state.store.object_to_read(bucket, name, query)?;
            Ok(object.resource(&state.store.base, bucket, name))
        })),
        (Target::Object { bucket, name }, Kind::ObjectMedia) => {
            let reply =
                shared.read(|state| media::reply(state.store.object_to_read(bucket, name, query)?, asked));
            downloaded(reply.unwrap_or_else(|refusal| refusal.plain()), flip)
        }
        (Target::Plain { bucket, name }, Kind::SignedGet) => {
            downloaded(by_signed_url(shared, asked, bucket, name), flip)
        }
        (Target::Object { bucket, name }, Kind::ObjectPatch) => found(parsed(body).and_then(|changes| {
            shared.change(|state| state.store.patch((bucket, name), query, &changes, now))
        })),
        (Target::Object { bucket, name }, Kind::ObjectDelete) => or_refusal(shared.change(|state| {
            state.store.delete(bucket, name, query)?;
            state.history.lose(bucket, name, now);
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        })),
        (Target::Upload { bucket }, Kind::UploadMultipart) => {
            or_refusal(upload::multipart(shared, asked, bucket, body, flip))
        }
        (Target::Upload { bucket }, Kind::UploadSimple) => {
            or_refusal(upload::simple(shared, asked, bucket, body.clone(), flip))
        }
        (Target::Upload { bucket }, Kind::ResumableStart) => {
            or_refusal(resumable::start(shared, asked, bucket, body))
        }
        (Target::Session { id }, Kind::ResumableQuery) => or_refusal(resumable::query(shared, asked, id)),
        (Target::Session { id }, Kind::ResumableCancel) => or_refusal(resumable::cancel(shared, id)),
        _ => Refusal::new(StatusCode::NOT_FOUND, "notFound", "Not Found").reply(),
    }
}

fn parsed(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::invalid("Parse Error"))
}

fn by_signed_url(shared: &Shared, asked: &Asked, bucket: &str, name: &str) -> Reply {
    let now = shared.now();
    shared.read(|state| {
        if let Err(refused) = signed::check(asked, &state.accounts, now) {
            return refused.reply();
        }
        match state.store.object_to_read(bucket, name, &asked.query) {
            Ok(object) => media::reply(object, asked).unwrap_or_else(|refusal| refusal.plain()),
            Err(refusal) if refusal.status == StatusCode::NOT_FOUND => signed::Refused::no_key().reply(),
            Err(refusal) => refusal.plain(),
        }
    })
}

fn downloaded(mut reply: Reply, flip: bool) -> Reply {
    if flip && reply.status.is_success() {
        reply.body = upload::flipped(&reply.body);
    }
    reply
}
