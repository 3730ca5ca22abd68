//! What the centre's own people do with the bucket: make it, and see whether it keeps patients' images to itself.
//!
//! One bucket's settings are a page of JSON, read and patched through the JSON API; its access list is another.

mod settings;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    BlobError,
    gcs::{Access, AccessError, Answer, Api, Deadlines, Question},
};
pub use settings::{Aspect, Finding, Verdict};
use settings::{State, findings, leftovers, private, with_leftovers, without_everybody};

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
