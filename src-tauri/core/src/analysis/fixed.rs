//! An analyser that says what it was told to say, for tests of whatever stands behind the port.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{AnalysisError, Analyzer, Later, ModelCard, Opinion, labels};
use crate::clinical::Probabilities;
use crate::clinical::policy::Coverage;

/// No model: an opinion that follows from the derivative's bytes alone. An empty derivative fails.
pub struct FixedAnalyzer {
    card: ModelCard,
    always: Option<Probabilities>,
}

impl FixedAnalyzer {
    /// Says the same about every photo.
    pub fn saying(probabilities: Probabilities) -> Self {
        Self {
            always: Some(probabilities),
            ..Self::by_bytes()
        }
    }

    /// Says something else about every photo, and always the same about one.
    pub fn by_bytes() -> Self {
        let card = ModelCard {
            name: "fixed answers".to_owned(),
            sha256: "0".repeat(64),
            demo: true,
            labels: labels::of_classes(),
            bytes: 0,
            published_accuracy: None,
            covers: Coverage::CLINICAL,
        };
        Self { card, always: None }
    }

    fn opinion(&self, derivative: &[u8]) -> Result<Opinion, AnalysisError> {
        if derivative.is_empty() {
            return Err(AnalysisError::PixelCount {
                expected: 1,
                found: 0,
            });
        }
        let probabilities = match self.always {
            Some(probabilities) => probabilities,
            None => {
                let digest = Sha256::digest(derivative);
                let mut weights = [0.0; 6];
                for (weight, byte) in weights.iter_mut().zip(digest) {
                    *weight = f64::from(byte) + 1.0;
                }
                let sum: f64 = weights.iter().sum();
                Probabilities::new(weights.map(|weight| weight / sum))
                    .map_err(|_| AnalysisError::NotAnAnswer)?
            }
        };
        Ok(Opinion {
            probabilities,
            duration: Duration::ZERO,
            speaker: None,
        })
    }
}

impl Analyzer for FixedAnalyzer {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        let opinion = self.opinion(&derivative);
        Box::pin(std::future::ready(opinion))
    }
}
