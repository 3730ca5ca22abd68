//! A bucket's settings and its access list: how they should be, what is not so, and what is written to mend it.

use serde_json::{Value, json};

/// Days after which the parts of an upload that was never finished are thrown away.
const LEFTOVERS_AFTER: u32 = 7;

/// Whom an access list names when it means everybody.
const EVERYBODY: [&str; 2] = ["allUsers", "allAuthenticatedUsers"];

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub aspect: Aspect,
    /// As it should be or not.
    pub verdict: Verdict,
    /// How it is, in a few words.
    pub found: String,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Uniform bucket-level access: no object has an access list of its own, so that the bucket's tells everything.
    UniformAccess,
    /// Public access prevention: nobody can make it public by mistake.
    PublicAccessPrevention,
    /// Where the images lie.
    Location,
    /// Leftovers of uploads that were never finished are thrown away.
    Lifecycle,
    /// Nobody in the access list is everybody.
    Members,
    /// Whether deleted objects stay as old versions, and so images that retention has deleted.
    Versioning,
    /// For how long deleted objects can be had back, and so images that retention has deleted.
    SoftDelete,
}

/// Whether it is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// It is for people to decide; they should know.
    Note,
}

/// A bucket's settings and its access list, as the API describes them.
pub(super) struct State {
    pub(super) bucket: Value,
    pub(super) policy: Value,
}

/// Nobody's access but by the bucket's own list, and never everybody's.
pub(super) fn private() -> Value {
    json!({
        "uniformBucketLevelAccess": { "enabled": true },
        "publicAccessPrevention": "enforced",
    })
}

/// The rule that throws away what was never finished.
pub(super) fn leftovers() -> Value {
    json!({
        "action": { "type": "AbortIncompleteMultipartUpload" },
        "condition": { "age": LEFTOVERS_AFTER },
    })
}

/// The rules that are there, and the one for leftovers.
pub(super) fn with_leftovers(lifecycle: &Value) -> Value {
    let mut rules = lifecycle["rule"].as_array().cloned().unwrap_or_default();
    rules.push(leftovers());
    json!({ "rule": rules })
}

fn aborts_leftovers(rule: &Value) -> bool {
    let condition = rule["condition"].as_object();
    // A rule with more conditions is for some uploads only.
    rule["action"]["type"] == "AbortIncompleteMultipartUpload"
        && condition.is_some_and(|condition| condition.len() == 1 && condition.contains_key("age"))
}

/// The access list without everybody; its `etag` stays, so that nobody else's change is overwritten.
pub(super) fn without_everybody(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let Some(bindings) = policy["bindings"].as_array_mut() else {
        return policy;
    };
    for binding in bindings.iter_mut() {
        if let Some(members) = binding["members"].as_array_mut() {
            members.retain(|member| !is_everybody(member));
        }
    }
    bindings.retain(|binding| {
        binding["members"]
            .as_array()
            .is_some_and(|members| !members.is_empty())
    });
    policy
}

fn is_everybody(member: &Value) -> bool {
    EVERYBODY.iter().any(|everybody| *member == **everybody)
}

/// What there is to say of it. `location` is where it should lie.
pub(super) fn findings(state: &State, location: Option<&str>) -> Vec<Finding> {
    let State { bucket, policy } = state;
    let iam = &bucket["iamConfiguration"];
    let is_uniform = iam["uniformBucketLevelAccess"]["enabled"] == true;
    let prevention = iam["publicAccessPrevention"].as_str().unwrap_or("not set");
    let lies = bucket["location"].as_str().unwrap_or("unknown");
    let rules = bucket["lifecycle"]["rule"].as_array();
    let aborts = rules.is_some_and(|rules| rules.iter().any(aborts_leftovers));
    vec![
        found(
            Aspect::UniformAccess,
            is_good(is_uniform),
            if is_uniform { "on" } else { "off" },
        ),
        found(
            Aspect::PublicAccessPrevention,
            is_good(prevention == "enforced"),
            prevention,
        ),
        found(
            Aspect::Location,
            location.map_or(Verdict::Note, |wanted| is_good(wanted.eq_ignore_ascii_case(lies))),
            lies,
        ),
        found(
            Aspect::Lifecycle,
            is_good(aborts),
            if aborts {
                "leftovers are thrown away"
            } else {
                "no rule for leftovers"
            },
        ),
        members(policy),
        versioning(bucket),
        soft_delete(bucket),
    ]
}

fn members(policy: &Value) -> Finding {
    let bindings = policy["bindings"].as_array();
    let open: Vec<&str> = bindings
        .into_iter()
        .flatten()
        .filter(|binding| {
            let members = binding["members"].as_array();
            members.is_some_and(|members| members.iter().any(is_everybody))
        })
        .filter_map(|binding| binding["role"].as_str())
        .collect();
    match open.is_empty() {
        true => found(Aspect::Members, Verdict::Good, "nobody is everybody"),
        false => found(
            Aspect::Members,
            Verdict::Bad,
            &format!("everybody has {}", open.join(", ")),
        ),
    }
}

fn versioning(bucket: &Value) -> Finding {
    match bucket["versioning"]["enabled"] == true {
        true => found(
            Aspect::Versioning,
            Verdict::Note,
            "on: what is deleted stays as an old version",
        ),
        false => found(Aspect::Versioning, Verdict::Good, "off"),
    }
}

fn soft_delete(bucket: &Value) -> Finding {
    // 64-bit numbers are text in the API.
    let seconds = bucket["softDeletePolicy"]["retentionDurationSeconds"].as_str();
    let seconds: u64 = seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    match seconds {
        0 => found(Aspect::SoftDelete, Verdict::Good, "off"),
        seconds => {
            let hours = seconds.div_ceil(3600);
            let told = format!("on: what is deleted can be had back for {hours} hours");
            found(Aspect::SoftDelete, Verdict::Note, &told)
        }
    }
}

fn is_good(good: bool) -> Verdict {
    match good {
        true => Verdict::Good,
        false => Verdict::Bad,
    }
}

fn found(aspect: Aspect, verdict: Verdict, found: &str) -> Finding {
    Finding {
        aspect,
        verdict,
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(bucket: Value, policy: Value, location: Option<&str>) -> Vec<Verdict> {
        let found = findings(&State { bucket, policy }, location);
        found.into_iter().map(|finding| finding.verdict).collect()
    }

    #[test]
    fn a_bucket_as_google_makes_it_by_default_is_not_good_enough() {
        let bucket = json!({
            "location": "US",
            "iamConfiguration": {
                "uniformBucketLevelAccess": { "enabled": false },
                "publicAccessPrevention": "inherited",
            },
            "versioning": { "enabled": true },
            "softDeletePolicy": { "retentionDurationSeconds": "604800" },
            // For some uploads only.
            "lifecycle": { "rule": [{
                "action": { "type": "AbortIncompleteMultipartUpload" },
                "condition": { "age": 7, "matchesPrefix": ["a/"] },
            }] },
        });
        let policy = json!({ "bindings": [
            { "role": "roles/storage.objectViewer", "members": ["user:a@example.org", "allUsers"] },
        ] });
        use Verdict::{Bad, Note};
        assert_eq!(
            verdicts(bucket.clone(), policy.clone(), Some("asia-southeast1")),
            [Bad, Bad, Bad, Bad, Bad, Note, Note]
        );
        assert_eq!(verdicts(bucket, policy, None)[2], Note);
    }

    #[test]
    fn a_private_bucket_is_good() {
        let bucket = json!({
            "location": "ASIA-SOUTHEAST1",
            "iamConfiguration": private(),
            "lifecycle": with_leftovers(&Value::Null),
        });
        assert_eq!(
            verdicts(bucket, json!({}), Some("asia-southeast1")),
            [Verdict::Good; 7]
        );
    }

    #[test]
    fn everybody_leaves_the_access_list_and_the_others_stay() {
        let policy = json!({ "etag": "CAE=", "version": 3, "bindings": [
            { "role": "a", "members": ["allUsers"] },
            { "role": "b", "members": ["allAuthenticatedUsers", "group:doctors@example.org"] },
        ] });
        assert_eq!(
            without_everybody(&policy),
            json!({ "etag": "CAE=", "version": 3, "bindings": [
                { "role": "b", "members": ["group:doctors@example.org"] },
            ] })
        );
    }
}
