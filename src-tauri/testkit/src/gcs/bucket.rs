//! Buckets: made, read and changed, with what makes one private.

use std::collections::BTreeMap;

use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    conditions::Conditions,
    object::{Object, Store, merge, text},
    reply::Refusal,
    request::Query,
};

/// A bucket and its objects.
pub(super) struct Bucket {
    /// The `Bucket` resource of the JSON API, without what is computed.
    resource: Value,
    metageneration: i64,
    /// The access list's bindings, and how often they were set.
    bindings: Value,
    policies: i64,
    pub(super) objects: BTreeMap<String, Object>,
}

impl Bucket {
    /// Whether rules of access hold for the bucket as a whole, so that no object can have its own.
    pub(super) fn is_uniform(&self) -> bool {
        self.resource["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] == true
    }

    /// As the API shows it.
    pub(super) fn resource(&self) -> Value {
        let mut resource = self.resource.clone();
        resource["metageneration"] = json!(self.metageneration.to_string());
        resource["etag"] = json!(format!("b{}", self.metageneration));
        resource
    }
}

/// What a bucket is unless it was said otherwise: not uniform, and public access not prevented, as at Google.
fn defaults() -> Value {
    json!({
        "location": "US",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "iamConfiguration": {
            "uniformBucketLevelAccess": { "enabled": false },
            "bucketPolicyOnly": { "enabled": false },
            "publicAccessPrevention": "inherited",
        },
    })
}

impl Store {
    /// Makes a bucket from the body of an insert; gives its resource.
    pub(super) fn insert_bucket(&mut self, wanted: &Value, now: Timestamp) -> Result<Value, Refusal> {
        let name = wanted["name"].as_str().unwrap_or_default();
        if !is_bucket_name(name) {
            return Err(Refusal::invalid(format!("Invalid bucket name: '{name}'")));
        }
        if self.buckets.contains_key(name) {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "conflict",
                "Your previous request to create the named bucket succeeded and you already own it.",
            ));
        }
        let mut resource = defaults();
        merge(&mut resource, wanted);
        resource["kind"] = json!("storage#bucket");
        resource["id"] = json!(name);
        resource["projectNumber"] = json!("1");
        resource["timeCreated"] = json!(text(now));
        let bucket = Bucket {
            resource,
            metageneration: 0,
            bindings: json!([]),
            policies: 0,
            objects: BTreeMap::new(),
        };
        self.buckets.insert(name.to_owned(), bucket);
        self.change_bucket(name, &json!({}), now)
    }

    /// Merges fields into a bucket's resource.
    pub(super) fn patch_bucket(
        &mut self,
        name: &str,
        query: &Query,
        changes: &Value,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let there = self.bucket(name)?;
        Conditions::of(query)?.check(0, there.metageneration)?;
        for fixed in ["name", "location"] {
            let other = changes
                .get(fixed)
                .filter(|value| **value != there.resource[fixed]);
            if other.is_some() {
                return Err(Refusal::invalid(format!("The {fixed} of a bucket can't change.")));
            }
        }
        self.change_bucket(name, changes, now)
    }

    fn change_bucket(&mut self, name: &str, changes: &Value, now: Timestamp) -> Result<Value, Refusal> {
        let bucket = self.buckets.get_mut(name).ok_or_else(Refusal::no_bucket)?;
        let mut resource = bucket.resource.clone();
        merge(&mut resource, changes);
        let iam = &mut resource["iamConfiguration"];
        if !["enforced", "inherited"]
            .map(Value::from)
            .contains(&iam["publicAccessPrevention"])
        {
            return Err(Refusal::invalid("Invalid argument: publicAccessPrevention."));
        }
        // The old name of the same thing, which the API still shows.
        iam["bucketPolicyOnly"] = iam["uniformBucketLevelAccess"].clone();
        if let Some(location) = resource["location"].as_str() {
            let location = location.to_uppercase();
            let one_place = location.contains('-');
            resource["locationType"] = json!(if one_place { "region" } else { "multi-region" });
            resource["location"] = json!(location);
        }
        resource["updated"] = json!(text(now));
        bucket.resource = resource;
        bucket.metageneration += 1;
        Ok(bucket.resource())
    }

    /// The resources of all buckets.
    pub(super) fn list_buckets(&self) -> Value {
        let items: Vec<Value> = self.buckets.values().map(Bucket::resource).collect();
        json!({ "kind": "storage#buckets", "items": items })
    }

    /// One bucket's resource, if the conditions hold.
    pub(super) fn get_bucket(&self, name: &str, query: &Query) -> Result<Value, Refusal> {
        let bucket = self.bucket(name)?;
        Conditions::of(query)?.check_read(0, bucket.metageneration)?;
        Ok(bucket.resource())
    }
}

impl Bucket {
    /// The access list as the API shows it.
    fn policy(&self) -> Value {
        json!({
            "kind": "storage#policy",
            "version": 1,
            "etag": format!("p{}", self.policies),
            "bindings": self.bindings,
        })
    }
}

impl Store {
    /// A bucket's access list.
    pub(super) fn policy(&self, name: &str) -> Result<Value, Refusal> {
        Ok(self.bucket(name)?.policy())
    }

    /// Sets a bucket's access list. One that names an older `etag` is refused, and so is one that names everybody
    /// where public access is prevented.
    pub(super) fn set_policy(&mut self, name: &str, wanted: &Value) -> Result<Value, Refusal> {
        let bucket = self.buckets.get_mut(name).ok_or_else(Refusal::no_bucket)?;
        let etag = &wanted["etag"];
        if !etag.is_null() && *etag != bucket.policy()["etag"] {
            return Err(Refusal::precondition());
        }
        let bindings = wanted["bindings"].as_array().cloned().unwrap_or_default();
        let members = bindings
            .iter()
            .filter_map(|binding| binding["members"].as_array());
        let is_public = members
            .flatten()
            .any(|member| *member == "allUsers" || *member == "allAuthenticatedUsers");
        if is_public && bucket.resource["iamConfiguration"]["publicAccessPrevention"] == "enforced" {
            return Err(Refusal::precondition());
        }
        bucket.bindings = Value::Array(bindings);
        bucket.policies += 1;
        Ok(bucket.policy())
    }
}

/// Google's rules for names, without those for names with dots.
fn is_bucket_name(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
    let ends = name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    (3..=63).contains(&name.len()) && letters && ends
}
