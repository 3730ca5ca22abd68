//! The analyser that runs an installed model on this machine.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::network::{self, Network};
use super::{AnalysisError, Analyzer, InstalledModel, Later, ModelCard, Opinion, PixelSource, Threads};
use crate::clinical::Probabilities;

/// Runs one model. The network is loaded, its hash checked again, at the first analysis, and stays in memory
/// until [`OnDevice::unload`]. Inferences run one after the other on a blocking thread: side by side they would
/// share the same cores and need twice the memory.
pub struct OnDevice {
    model: Arc<InstalledModel>,
    pixels: Arc<dyn PixelSource>,
    threads: Threads,
    /// Held for the length of an inference.
    loaded: Arc<Mutex<Option<Network>>>,
}

impl OnDevice {
    /// Reads nothing yet.
    pub fn new(model: InstalledModel, pixels: Arc<dyn PixelSource>, threads: Threads) -> Self {
        Self {
            model: Arc::new(model),
            pixels,
            threads,
            loaded: Arc::default(),
        }
    }

    async fn opinion(&self, derivative: Vec<u8>) -> Result<Opinion, AnalysisError> {
        let begun = Instant::now();
        let wanted = self.model.preprocessing;
        let rgb = self
            .pixels
            .pixels(derivative, wanted.width, wanted.height, wanted.resample)
            .await
            .map_err(|source| AnalysisError::Pixels { source })?;
        let decoding = begun.elapsed();

        let mut loaded = self.loaded.clone().lock_owned().await;
        let model = self.model.clone();
        let threads = self.threads.clone();
        let inference = move || {
            // Taken out for the time of the inference: should it panic, the next one loads afresh.
            let network = match loaded.take() {
                Some(network) => network,
                None => model.load().map_err(|source| AnalysisError::Model { source })?,
            };
            let begun = Instant::now();
            let logits = network.logits(&rgb, &threads);
            let took = begun.elapsed();
            *loaded = Some(network);
            let probabilities = model.labels.in_class_order(network::softmax(logits?));
            let probabilities = Probabilities::new(probabilities).map_err(|_| AnalysisError::NotAnAnswer)?;
            Ok(Opinion {
                probabilities,
                duration: decoding + took,
                speaker: None,
            })
        };
        tokio::task::spawn_blocking(inference)
            .await
            .unwrap_or_else(|source| Err(AnalysisError::BrokeOff { source }))
    }
}

impl Analyzer for OnDevice {
    fn card(&self) -> &ModelCard {
        &self.model.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        Box::pin(self.opinion(derivative))
    }

    /// Waits for an analysis that is running.
    fn unload(&self) -> Later<'_, ()> {
        Box::pin(async move { drop(self.loaded.lock().await.take()) })
    }
}
