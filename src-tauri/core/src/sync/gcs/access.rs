//! Which bucket, as whom and where: what is needed to open one, from the environment or from an enrolment.

use std::{fmt, path::PathBuf};

use reqwest::Url;
use serde_json::Value;
use zeroize::Zeroizing;

use super::wire::Identity;
use crate::{address, sync::Link};

/// Where Google's storage answers.
const GOOGLE: &str = "https://storage.googleapis.com";

/// Names of a bucket, as whom to use it, and where it is.
#[derive(Debug, Clone)]
pub struct Access {
    /// The bucket's name, without `gs://`.
    pub bucket: String,
    /// As whom.
    pub credential: Credential,
    /// Where instead of Google's own address: an emulator, as `127.0.0.1:4443` or as a URL. It has to be HTTPS, save on
    /// loopback.
    pub endpoint: Option<String>,
}

/// As whom a bucket is used.
#[derive(Clone)]
pub enum Credential {
    /// A service account's key: the text of its JSON file. It signs its own tokens and URLs, with no network.
    ServiceAccount(Zeroizing<String>),
    /// What Google's libraries find by themselves: `GOOGLE_APPLICATION_CREDENTIALS`, `gcloud`'s file, the machine's own
    /// account in Google's cloud. It can't sign URLs here.
    Application,
    /// Nobody, for an emulator.
    Anonymous,
}

impl Credential {
    /// Whether it can be one, without asking anybody. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// [`AccessError::Key`], [`AccessError::NoCredential`].
    pub fn check(&self) -> Result<(), AccessError> {
        Identity::new(self).map(drop)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ServiceAccount(_) => "ServiceAccount([REDACTED])",
            Self::Application => "Application",
            Self::Anonymous => "Anonymous",
        })
    }
}

/// Why a bucket can't even be asked for.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No bucket was named.
    #[error("no bucket is named: give its name, or set GCS_BUCKET_NAME")]
    NoBucket,
    /// Not a bucket's name.
    #[error("this is not a bucket's name: 3 to 222 small letters, digits, '-', '_' and '.'")]
    BucketName,
    /// Not an address, or one whose line anybody could read.
    #[error("the storage's address has to be HTTPS, save on this machine itself")]
    Endpoint,
    /// The file that GOOGLE_APPLICATION_CREDENTIALS names can't be read.
    #[error("the file of GOOGLE_APPLICATION_CREDENTIALS can't be read")]
    KeyFile {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key is not one.
    #[error("the service account's key is damaged or not a key")]
    Key,
    /// Google's libraries find nobody to be.
    #[error("no credential was found: set GOOGLE_APPLICATION_CREDENTIALS")]
    NoCredential,
    /// This machine can't make TLS connections.
    #[error("TLS can't be set up on this machine")]
    Tls,
}

impl From<&Link> for Access {
    /// What an enrolment hands over. Without a key, an emulator asks for none and Google for the machine's own.
    fn from(link: &Link) -> Self {
        let key = link.service_account.clone();
        Self {
            bucket: link.bucket.clone(),
            credential: match (key, &link.storage_endpoint) {
                (Some(key), _) => Credential::ServiceAccount(Zeroizing::new(key)),
                (None, Some(_)) => Credential::Anonymous,
                (None, None) => Credential::Application,
            },
            endpoint: link.storage_endpoint.clone(),
        }
    }
}

/// What the environment says, read in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GOOGLE_CLOUD_PROJECT`: the project in which a bucket is made.
    pub project: Option<String>,
    /// `GOOGLE_APPLICATION_CREDENTIALS`: a file with a credential.
    pub credentials: Option<PathBuf>,
    /// `GCS_BUCKET_NAME`.
    pub bucket: Option<String>,
    /// `STORAGE_EMULATOR_HOST`: an emulator instead of Google.
    pub emulator: Option<String>,
}

impl Environment {
    /// This process's environment.
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// An environment that `look_up` knows. An empty variable counts as none.
    pub fn of(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| look_up(name).filter(|value| !value.trim().is_empty());
        Self {
            project: set("GOOGLE_CLOUD_PROJECT"),
            credentials: set("GOOGLE_APPLICATION_CREDENTIALS").map(PathBuf::from),
            bucket: set("GCS_BUCKET_NAME"),
            emulator: set("STORAGE_EMULATOR_HOST"),
        }
    }

    /// Access to `bucket`, or to the one that the environment names.
    ///
    /// # Errors
    /// [`AccessError::NoBucket`], [`AccessError::KeyFile`].
    pub fn access(&self, bucket: Option<&str>) -> Result<Access, AccessError> {
        let bucket = bucket.map(str::to_owned).or_else(|| self.bucket.clone());
        Ok(Access {
            bucket: bucket.ok_or(AccessError::NoBucket)?,
            credential: self.credential()?,
            endpoint: self.emulator.clone(),
        })
    }

    fn credential(&self) -> Result<Credential, AccessError> {
        let Some(file) = &self.credentials else {
            return Ok(match self.emulator {
                Some(_) => Credential::Anonymous,
                None => Credential::Application,
            });
        };
        let text = std::fs::read_to_string(file).map_err(|source| AccessError::KeyFile { source })?;
        let text = Zeroizing::new(text);
        let is_key = serde_json::from_str::<Value>(&text).is_ok_and(|json| json["type"] == "service_account");
        Ok(match is_key {
            true => Credential::ServiceAccount(text),
            // Another kind of file: the libraries find it by the same variable.
            false => Credential::Application,
        })
    }
}

impl Access {
    /// The project of the service account, for want of a named one.
    pub fn project(&self) -> Option<String> {
        let Credential::ServiceAccount(key) = &self.credential else {
            return None;
        };
        let key: Value = serde_json::from_str(key).ok()?;
        key["project_id"].as_str().map(str::to_owned)
    }

    /// The address of the storage, checked.
    pub(super) fn url(&self) -> Result<Url, AccessError> {
        let given = self.endpoint.as_deref().unwrap_or(GOOGLE).trim();
        let whole = match given.contains("://") {
            true => given.to_owned(),
            false => format!("http://{given}"),
        };
        let mut url = Url::parse(&whole).map_err(|_| AccessError::Endpoint)?;
        // Clients differ in whether the path of the API is a part of the address; this one adds its own.
        url.set_path("");
        url.set_query(None);
        match address::is_private(&url) {
            true => Ok(url),
            false => Err(AccessError::Endpoint),
        }
    }

    /// The bucket's name, checked.
    pub(super) fn bucket(&self) -> Result<&str, AccessError> {
        let fits = self
            .bucket
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
        match fits && (3..=222).contains(&self.bucket.len()) {
            true => Ok(&self.bucket),
            false => Err(AccessError::BucketName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(endpoint: &str) -> Result<String, AccessError> {
        let access = Access {
            bucket: "clinic-images".to_owned(),
            credential: Credential::Anonymous,
            endpoint: Some(endpoint.to_owned()),
        };
        access.url().map(|url| url.to_string())
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert_eq!(at("127.0.0.1:4443").unwrap(), "http://127.0.0.1:4443/");
        assert_eq!(at("http://[::1]:4443/storage/v1/").unwrap(), "http://[::1]:4443/");
        assert_eq!(at("https://storage.example").unwrap(), "https://storage.example/");
        for open in ["http://storage.example", "10.0.0.1:80", "ftp://127.0.0.1", ""] {
            assert!(matches!(at(open), Err(AccessError::Endpoint)), "{open}");
        }
    }

    #[test]
    fn the_environment_names_bucket_credential_and_emulator() {
        let none = Environment::of(|_| Some(" ".to_owned()));
        assert_eq!(none, Environment::default());
        assert!(matches!(none.access(None), Err(AccessError::NoBucket)));
        let google = none.access(Some("clinic-images")).unwrap();
        assert!(matches!(google.credential, Credential::Application));

        let named = Environment::of(|name| Some(format!("{}-value", name.to_lowercase())));
        assert_eq!(named.project.as_deref(), Some("google_cloud_project-value"));
        assert!(matches!(named.access(None), Err(AccessError::KeyFile { .. })));

        let emulated = Environment {
            credentials: None,
            ..named
        };
        let emulated = emulated.access(None).unwrap();
        assert_eq!(emulated.bucket, "gcs_bucket_name-value");
        assert!(matches!(emulated.credential, Credential::Anonymous));
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = Credential::ServiceAccount(Zeroizing::new("-----BEGIN".to_owned()));
        assert_eq!(format!("{key:?}"), "ServiceAccount([REDACTED])");
    }
}
