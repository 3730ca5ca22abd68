//! The objects that are there, and the one place where one is committed or deleted.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Stored, Terms,
    bucket::Bucket,
    conditions::Conditions,
    draft::{Promise, Sums},
    history::History,
    reply::Refusal,
    request::{Query, encoded},
};

/// All buckets of the server.
pub(super) struct Store {
    terms: Terms,
    pub(super) buckets: BTreeMap<String, Bucket>,
    last_generation: i64,
    /// Where clients reach the server: `http://…`, without a slash at its end.
    pub(super) base: String,
}

/// An object that was committed.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) generation: i64,
    pub(super) metageneration: i64,
    pub(super) sums: Sums,
    /// `None` where the server keeps sizes and sums only.
    pub(super) bytes: Option<Bytes>,
    /// What the client set: content type, custom metadata, …
    pub(super) fields: Map<String, Value>,
    created: Timestamp,
    updated: Timestamp,
}

/// What a client wants to be stored, apart from the bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    pub(super) bucket: String,
    pub(super) name: String,
    pub(super) fields: Map<String, Value>,
    pub(super) promise: Promise,
    pub(super) conditions: Conditions,
    /// Whether access rules for this object alone were asked for.
    pub(super) own_access: bool,
}

/// The fields that a client may set; anything else in its metadata is ignored, as Google does.
const SETTABLE: [&str; 10] = [
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "eventBasedHold",
    "metadata",
    "storageClass",
    "temporaryHold",
];

/// The part of an object's metadata that a client may set.
pub(super) fn settable(metadata: &Value) -> Map<String, Value> {
    let set = SETTABLE
        .iter()
        .filter_map(|field| Some((*field, metadata.get(field)?)));
    set.map(|(field, value)| (field.to_owned(), value.clone()))
        .collect()
}

impl Store {
    pub(super) fn new(terms: Terms, base: String) -> Self {
        Self {
            terms,
            buckets: BTreeMap::new(),
            last_generation: 0,
            base,
        }
    }

    pub(super) fn bucket(&self, bucket: &str) -> Result<&Bucket, Refusal> {
        self.buckets.get(bucket).ok_or_else(Refusal::no_bucket)
    }

    /// The object of this name.
    pub(super) fn object(&self, bucket: &str, name: &str) -> Result<&Object, Refusal> {
        let objects = &self.bucket(bucket)?.objects;
        objects.get(name).ok_or_else(|| Refusal::no_object(bucket, name))
    }

    /// The object for a request to read it: of the generation asked for, its conditions met.
    pub(super) fn object_to_read(&self, bucket: &str, name: &str, query: &Query) -> Result<&Object, Refusal> {
        let object = self.object(bucket, name)?;
        if query
            .number("generation")?
            .is_some_and(|wanted| wanted != object.generation)
        {
            return Err(Refusal::no_object(bucket, name));
        }
        Conditions::of(query)?.check_read(object.generation, object.metageneration)?;
        Ok(object)
    }

    /// Whether an upload could be committed, were its bytes here: asked for when a resumable upload opens.
    pub(super) fn check(&self, wish: &Wish) -> Result<(), Refusal> {
        let bucket = self.bucket(&wish.bucket)?;
        if wish.name.is_empty() || wish.name.len() > 1024 || wish.name.contains(['\r', '\n']) {
            return Err(Refusal::invalid("Invalid object name"));
        }
        if wish.own_access && bucket.is_uniform() {
            return Err(Refusal::invalid(
                "Cannot insert legacy ACL for an object when uniform bucket-level access is enabled.",
            ));
        }
        let there = bucket.objects.get(&wish.name);
        let numbers = there.map_or((0, 0), |object| (object.generation, object.metageneration));
        wish.conditions.check(numbers.0, numbers.1)?;
        if there.is_some() && !wish.conditions.name_generation() && !self.terms.overwrite {
            return Err(Refusal::forbidden(format!(
                "The caller does not have storage.objects.delete access to the Google Cloud Storage object {}/{}.",
                wish.bucket, wish.name
            )));
        }
        Ok(())
    }

    /// Commits an object if its sums are those that were promised and every condition is met; gives its metadata.
    pub(super) fn commit(
        &mut self,
        wish: &Wish,
        sums: Sums,
        bytes: Option<Bytes>,
        now: Timestamp,
        history: &mut History,
    ) -> Result<Value, Refusal> {
        wish.promise.check(&sums)?;
        self.check(wish)?;
        // As at Google a generation is a time in microseconds, but never less than one more than the last.
        self.last_generation = now.as_microsecond().max(self.last_generation + 1);
        let object = Object {
            generation: self.last_generation,
            metageneration: 1,
            sums,
            bytes: bytes.filter(|_| self.terms.keep_bytes),
            fields: wish.fields.clone(),
            created: now,
            updated: now,
        };
        history.store(Stored {
            bucket: wish.bucket.clone(),
            name: wish.name.clone(),
            generation: object.generation,
            crc32c: sums.crc32c,
            size: sums.size,
            at: now,
            gone_at: None,
        });
        let resource = object.resource(&self.base, &wish.bucket, &wish.name);
        let bucket = self
            .buckets
            .get_mut(&wish.bucket)
            .ok_or_else(Refusal::no_bucket)?;
        bucket.objects.insert(wish.name.clone(), object);
        Ok(resource)
    }

    /// Merges fields into an object's metadata: `null` removes one, and `metadata` is merged key by key.
    pub(super) fn patch(
        &mut self,
        (bucket, name): (&str, &str),
        query: &Query,
        changes: &Value,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let there = self.object_to_read(bucket, name, query)?;
        Conditions::of(query)?.check(there.generation, there.metageneration)?;
        let mut object = there.clone();
        let mut fields = Value::Object(object.fields);
        merge(&mut fields, &Value::Object(settable(changes)));
        object.fields = fields.as_object().cloned().unwrap_or_default();
        object.metageneration += 1;
        object.updated = now;
        let resource = object.resource(&self.base, bucket, name);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.objects.insert(name.to_owned(), object);
        }
        Ok(resource)
    }

    /// Deletes an object, at its generation where the request names one.
    pub(super) fn delete(&mut self, bucket: &str, name: &str, query: &Query) -> Result<(), Refusal> {
        let object = self.object(bucket, name)?;
        if query
            .number("generation")?
            .is_some_and(|wanted| wanted != object.generation)
        {
            return Err(Refusal::no_object(bucket, name));
        }
        Conditions::of(query)?.check(object.generation, object.metageneration)?;
        let held = |hold: &str| object.fields.get(hold).and_then(Value::as_bool) == Some(true);
        if !self.terms.delete || held("temporaryHold") || held("eventBasedHold") {
            return Err(Refusal::forbidden(format!(
                "The caller may not delete {bucket}/{name}, or it is held."
            )));
        }
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.objects.remove(name);
        }
        Ok(())
    }
}

impl Object {
    /// The `Object` resource of the JSON API; 64-bit numbers are text there.
    pub(super) fn resource(&self, base: &str, bucket: &str, name: &str) -> Value {
        let generation = self.generation.to_string();
        let path = format!("storage/v1/b/{bucket}/o/{}", encoded(name));
        let mut resource = json!({
            "kind": "storage#object",
            "id": format!("{bucket}/{name}/{generation}"),
            "bucket": bucket,
            "name": name,
            "selfLink": format!("{base}/{path}"),
            "mediaLink": format!("{base}/download/{path}?generation={generation}&alt=media"),
            "generation": generation,
            "metageneration": self.metageneration.to_string(),
            "size": self.sums.size.to_string(),
            "crc32c": self.sums.crc32c_text(),
            "md5Hash": self.sums.md5_text(),
            "etag": self.etag(),
            "storageClass": "STANDARD",
            "timeCreated": text(self.created),
            "timeFinalized": text(self.created),
            "timeStorageClassUpdated": text(self.created),
            "updated": text(self.updated),
        });
        if let Some(resource) = resource.as_object_mut() {
            resource.extend(self.fields.clone());
        }
        resource
    }

    pub(super) fn etag(&self) -> String {
        format!("{}/{}", self.generation, self.metageneration)
    }

    /// One of the text fields that the client set.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }
}

/// RFC 3339 with milliseconds, as Google writes times.
pub(super) fn text(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A merge patch (RFC 7396), which is what the API's PATCH does.
pub(super) fn merge(target: &mut Value, changes: &Value) {
    let Some(changes) = changes.as_object() else {
        *target = changes.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    for (key, change) in changes {
        match change {
            Value::Null => drop(target.remove(key)),
            change => merge(target.entry(key).or_insert(Value::Null), change),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_merged_and_null_removes() {
        let mut target = json!({ "a": { "b": 1, "c": 2 }, "d": 3 });
        merge(
            &mut target,
            &json!({ "a": { "b": null, "e": { "f": null } }, "d": [4] }),
        );
        assert_eq!(target, json!({ "a": { "c": 2, "e": {} }, "d": [4] }));
    }
}
