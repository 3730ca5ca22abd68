//! What the centre's own people do with the bucket: make it, and see whether it keeps patients' images to itself.
//!
//! One bucket's settings are a page of JSON, read and patched through the JSON API; its access list is another.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    BlobError,
    gcs::{Access, AccessError, Answer, Api, Deadlines, Question},
};

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

/// What making a bucket came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Whether it was not there before.
    pub is_new: bool,
    /// What was not as it should be and was mended.
    pub mended: Vec<Aspect>,
    /// How it is now.
    pub findings: Vec<Finding>,
}

/// Why a bucket could not be looked at or made.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Nobody can be asked.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The storage did not do it.
    #[error(transparent)]
    Storage(#[from] BlobError),
    /// There is no bucket of that name.
    #[error("there is no bucket of that name")]
    NotThere,
    /// Names of buckets are one list for the whole world.
    #[error("the bucket's name is taken by somebody else")]
    Taken,
    /// Somebody else changed it at the same moment.
    #[error("the bucket was changed by somebody else just now; look again")]
    ChangedMeanwhile,
    /// The storage's description of the bucket lacks what every bucket has.
    #[error("the storage's answer about the bucket is not understood")]
    NotUnderstood,
}

/// Looks at the bucket. `location` is where it should lie, as `asia-southeast1`; without one, where it lies is only told.
///
/// # Errors
/// [`BucketError::NotThere`], and that nobody or nothing could be asked.
pub async fn check(access: Access, location: Option<&str>) -> Result<Vec<Finding>, BucketError> {
    let office = Office::open(access)?;
    let state = office.state().await?;
    Ok(findings(&state, location))
}

/// Makes the bucket in a project, or sets what is not as it should be where it is there already. The location of a
/// bucket that is there can't be changed: it is a finding.
///
/// # Errors
/// [`BucketError::Taken`], [`BucketError::ChangedMeanwhile`], and that nobody or nothing could be asked.
pub async fn create(access: Access, project: &str, location: &str) -> Result<Made, BucketError> {
    let office = Office::open(access)?;
    let is_new = office.insert(project, location).await?;
    let before = office.state().await.map_err(|error| match error {
        // It is there, and yet not to be seen: it is somebody else's.
        BucketError::Storage(BlobError::Denied { .. }) if !is_new => BucketError::Taken,
        error => error,
    })?;
    let mended = office.mend(&before, location).await?;
    let state = match mended.is_empty() {
        true => before,
        false => office.state().await?,
    };
    Ok(Made {
        is_new,
        mended,
        findings: findings(&state, Some(location)),
    })
}

/// Where a bucket is administered.
struct Office {
    api: Api,
}

/// A bucket's settings and its access list, as the API describes them.
struct State {
    bucket: Value,
    policy: Value,
}

impl Office {
    fn open(access: Access) -> Result<Self, BucketError> {
        Ok(Self {
            api: Api::new(access, Deadlines::default())?,
        })
    }

    /// Whether the bucket was made; `false` where there was one.
    async fn insert(&self, project: &str, location: &str) -> Result<bool, BucketError> {
        let wanted = json!({
            "name": self.api.bucket(),
            "location": location,
            "storageClass": "STANDARD",
            "iamConfiguration": private(),
            "lifecycle": { "rule": [leftovers()] },
        });
        let answer = self
            .ask(Method::POST, &["b"], &[("project", project)], Some(&wanted))
            .await?;
        match answer.status() {
            409 => Ok(false),
            _ => Ok(answer.json().map(|_| true)?),
        }
    }

    async fn state(&self) -> Result<State, BucketError> {
        let name = self.api.bucket();
        let bucket = self.ask(Method::GET, &["b", name], &[], None).await?.json();
        let bucket = bucket.map_err(not_there)?;
        if bucket["name"] != name || !bucket["iamConfiguration"].is_object() {
            return Err(BucketError::NotUnderstood);
        }
        // Version 3 holds conditions too; an older one would lose them when it is written back.
        let query = [("optionsRequestedPolicyVersion", "3")];
        let policy = self.ask(Method::GET, &["b", name, "iam"], &query, None).await?;
        let policy = policy.json().map_err(not_there)?;
        Ok(State { bucket, policy })
    }

    /// Sets what is not as it should be.
    async fn mend(&self, state: &State, location: &str) -> Result<Vec<Aspect>, BucketError> {
        let bad = findings(state, Some(location));
        let bad = bad.iter().filter(|finding| finding.verdict == Verdict::Bad);
        let bad: Vec<Aspect> = bad.map(|finding| finding.aspect).collect();
        let name = self.api.bucket();
        let mut mended = Vec::new();
        // Before the bucket's own settings: with prevention on, an access list that names everybody can't be written.
        if bad.contains(&Aspect::Members) {
            let policy = without_everybody(&state.policy);
            let path = ["b", name, "iam"];
            changed(self.ask(Method::PUT, &path, &[], Some(&policy)).await?)?;
            mended.push(Aspect::Members);
        }
        let mut changes = json!({});
        for aspect in bad {
            match aspect {
                Aspect::UniformAccess | Aspect::PublicAccessPrevention => {
                    changes["iamConfiguration"] = private()
                }
                Aspect::Lifecycle => changes["lifecycle"] = with_leftovers(&state.bucket["lifecycle"]),
                // The first is mended above, the second can't be, and the others are never bad.
                Aspect::Members | Aspect::Location | Aspect::Versioning | Aspect::SoftDelete => continue,
            }
            mended.push(aspect);
        }
        if changes != json!({}) {
            let metageneration = state.bucket["metageneration"].as_str().unwrap_or_default();
            let query = [("ifMetagenerationMatch", metageneration)];
            let path = ["b", name];
            changed(self.ask(Method::PATCH, &path, &query, Some(&changes)).await?)?;
        }
        mended.sort();
        Ok(mended)
    }

    async fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, BlobError> {
        let question = Question {
            method,
            path,
            query,
            body,
            within: self.api.deadlines().silence,
        };
        self.api.ask(&question).await
    }
}

fn changed(answer: Answer) -> Result<(), BucketError> {
    match answer.status() {
        409 | 412 => Err(BucketError::ChangedMeanwhile),
        _ => Ok(answer.done()?),
    }
}

fn not_there(error: BlobError) -> BucketError {
    match error {
        BlobError::Missing => BucketError::NotThere,
        // The storage says so in words, too, when it is asked about an object.
        BlobError::Refused { what } if what.contains("no such bucket") => BucketError::NotThere,
        error => BucketError::Storage(error),
    }
}

fn private() -> Value {
    json!({
        "uniformBucketLevelAccess": { "enabled": true },
        "publicAccessPrevention": "enforced",
    })
}

fn leftovers() -> Value {
    json!({
        "action": { "type": "AbortIncompleteMultipartUpload" },
        "condition": { "age": LEFTOVERS_AFTER },
    })
}

/// The rules that are there, and the one for leftovers.
fn with_leftovers(lifecycle: &Value) -> Value {
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
fn without_everybody(policy: &Value) -> Value {
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

fn findings(state: &State, location: Option<&str>) -> Vec<Finding> {
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
