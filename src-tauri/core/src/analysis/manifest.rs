//! `seekwell.json`: what a model is called, whether it is a demo, how good it is said to be and what it has seen.

use serde::{Deserialize, Serialize};

use super::folder::{MANIFEST, ModelError};
use crate::clinical::PhotoKind;
use crate::clinical::policy::Coverage;

/// Optional in a folder that somebody installs; an installed folder always has one.
///
/// A key that is not known here is refused: were `demo` misspelt and ignored, random weights would pass as
/// medical.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// 1 to 100 characters.
    pub(super) name: String,
    #[serde(default)]
    pub(super) demo: bool,
    /// 0 to 1.
    #[serde(default)]
    pub(super) published_accuracy: Option<f64>,
    #[serde(default = "clinical_only")]
    pub(super) covers: Vec<PhotoKind>,
}

impl Manifest {
    /// Of a folder that says nothing about itself.
    pub(super) fn unsaid(folder_name: &str) -> Self {
        let name: String = folder_name
            .chars()
            .filter(|c| !c.is_control())
            .take(NAME_CHARS)
            .collect();
        let name = if name.trim().is_empty() {
            "model".to_owned()
        } else {
            name
        };
        Self {
            name,
            demo: false,
            published_accuracy: None,
            covers: clinical_only(),
        }
    }

    pub(super) fn read(json: &[u8]) -> Result<Self, ModelError> {
        let manifest: Self = serde_json::from_slice(json).map_err(|source| ModelError::Json {
            file: MANIFEST,
            source,
        })?;
        let name = &manifest.name;
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
            return Err(ModelError::Manifest {
                reason: "its name is not 1 to 100 characters",
            });
        }
        if manifest
            .published_accuracy
            .is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            return Err(ModelError::Manifest {
                reason: "its published accuracy is not a share from 0 to 1",
            });
        }
        if manifest.covers.is_empty() {
            return Err(ModelError::Manifest {
                reason: "it covers no kind of photo",
            });
        }
        Ok(manifest)
    }

    pub(super) fn coverage(&self) -> Coverage {
        Coverage::of(&self.covers)
    }
}

const NAME_CHARS: usize = 100;

fn clinical_only() -> Vec<PhotoKind> {
    Coverage::CLINICAL.kinds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_takes_the_careful_value() {
        let manifest = Manifest::read(br#"{"name":"SeekWell ViT"}"#).unwrap();
        assert_eq!(manifest, Manifest::unsaid("SeekWell ViT"));
        assert!(!manifest.demo);
        assert_eq!(manifest.coverage(), Coverage::CLINICAL);
    }

    #[test]
    fn a_manifest_speaks_for_the_kinds_it_names() {
        let manifest = Manifest::read(
            br#"{"name":"x","demo":true,"published_accuracy":0.69,"covers":["clinical","dermoscopic"]}"#,
        )
        .unwrap();
        assert!(manifest.demo && manifest.coverage().covers(PhotoKind::Dermoscopic));
        assert_eq!(manifest.published_accuracy, Some(0.69));
    }

    #[test]
    fn a_manifest_that_can_not_be_meant_is_refused() {
        for bad in [
            r"{}",
            r#"{"name":"  "}"#,
            r#"{"name":"a\nb"}"#,
            r#"{"name":"x","demoo":true}"#,
            r#"{"name":"x","demo":"yes"}"#,
            r#"{"name":"x","published_accuracy":69}"#,
            r#"{"name":"x","published_accuracy":-0.1}"#,
            r#"{"name":"x","covers":[]}"#,
            r#"{"name":"x","covers":["radiological"]}"#,
        ] {
            assert!(Manifest::read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Manifest::read(format!(r#"{{"name":"{}"}}"#, "x".repeat(101)).as_bytes()).is_err());
        assert_eq!(Manifest::unsaid("\n").name, "model");
    }
}
