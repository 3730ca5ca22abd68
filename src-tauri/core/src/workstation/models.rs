//! Installed models, and which of them speaks.

use std::{path::PathBuf, sync::Arc};

use serde::Serialize;

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::Caller,
    analysis::{InstalledModel, OnDevice, PixelSource},
    clinical::PendingReason,
    clock::rfc3339,
    store::Setting,
};

/// An installed model as the settings show it.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct ModelRow {
    /// As its manifest or its folder says.
    pub name: String,
    /// Of `model.onnx`, 64 hex digits.
    pub sha256: String,
    /// Random weights: not medical.
    pub demo: bool,
    /// Whether its files are what they were when it was installed.
    pub usable: bool,
    /// In the order of the model's outputs.
    pub labels: Vec<String>,
    /// Size of `model.onnx`.
    pub bytes: f64,
    /// RFC 3339.
    pub installed_at: String,
    /// Whether it is the one that analyses.
    pub active: bool,
}

impl Workstation {
    /// All installed models, broken ones too.
    ///
    /// # Errors
    /// Where the folder can't be read.
    pub async fn models(&self, _caller: &Caller) -> Result<Vec<ModelRow>, Error> {
        let active = self.store().setting(Setting::ActiveModel).await?;
        let listing = self.models.list().await?;
        let mut rows: Vec<ModelRow> = listing
            .models
            .iter()
            .map(|model| row(model, active.as_deref()))
            .collect();
        rows.extend(listing.broken.into_iter().map(|(sha256, error)| ModelRow {
            name: error.to_string(),
            active: active.as_deref() == Some(&sha256),
            sha256,
            demo: false,
            usable: false,
            labels: Vec::new(),
            bytes: 0.0,
            installed_at: String::new(),
        }));
        Ok(rows)
    }

    /// Verifies the folder's model, copies it here and lets it analyse from now on.
    ///
    /// # Errors
    /// [`crate::analysis::ModelError`] by what is wrong with it; the model in use stays.
    pub async fn install_model(&self, caller: &Caller, folder: PathBuf) -> Result<ModelRow, Error> {
        let installed = self.models.install(folder, &self.threads).await?;
        self.use_model(caller, &installed.card.sha256).await?;
        Ok(row(&installed, Some(&installed.card.sha256)))
    }

    /// Lets an installed model analyse from now on. What others said stays as it is.
    ///
    /// # Errors
    /// Where it is not installed, or its files changed.
    pub async fn use_model(&self, _caller: &Caller, sha256: &str) -> Result<(), Error> {
        let model = self.models.find(sha256).await?;
        let mut write = self.store().write().await?;
        write.set(Setting::ActiveModel, sha256).await?;
        write.all_pending_wait_for(PendingReason::Queued).await?;
        write.commit().await?;
        self.queue.set_analyser(self.analyser(model));
        self.tell(&[ChangedKind::Models, ChangedKind::Analyses], None);
        Ok(())
    }

    /// Removes an installed model; what it said stays. Where it was the one that analyses, photos wait for another.
    ///
    /// # Errors
    /// Where its folder can't be removed.
    pub async fn remove_model(&self, _caller: &Caller, sha256: &str) -> Result<(), Error> {
        let active = self.store().setting(Setting::ActiveModel).await?;
        if active.as_deref() == Some(sha256) {
            self.queue.remove_analyser();
            let mut write = self.store().write().await?;
            write.set(Setting::ActiveModel, "").await?;
            write.all_pending_wait_for(PendingReason::NoModel).await?;
            write.commit().await?;
        }
        self.models.remove(sha256).await?;
        self.tell(&[ChangedKind::Models, ChangedKind::Analyses], None);
        Ok(())
    }

    /// At start: takes up the model that was in use. One that is broken does not stop the workstation.
    pub(super) async fn load_model(&self) -> Result<(), Error> {
        let Some(sha256) = self
            .store()
            .setting(Setting::ActiveModel)
            .await?
            .filter(|sha256| !sha256.is_empty())
        else {
            return Ok(());
        };
        match self.models.find(&sha256).await {
            Ok(model) => self.queue.set_analyser(self.analyser(model)),
            Err(error) => tracing::error!(model = sha256, %error, "the model in use can't be loaded"),
        }
        Ok(())
    }

    fn analyser(&self, model: InstalledModel) -> Arc<OnDevice> {
        let pixels: Arc<dyn PixelSource> = Arc::clone(&self.place.workers) as _;
        Arc::new(OnDevice::new(model, pixels, self.threads.clone()))
    }
}

fn row(model: &InstalledModel, active: Option<&str>) -> ModelRow {
    #[expect(clippy::cast_precision_loss, reason = "a model is smaller than 9 petabytes")]
    let bytes = model.card.bytes as f64;
    ModelRow {
        name: model.card.name.clone(),
        sha256: model.card.sha256.clone(),
        demo: model.card.demo,
        usable: true,
        labels: model.card.labels.clone(),
        bytes,
        installed_at: rfc3339(model.installed_at),
        active: active == Some(model.card.sha256.as_str()),
    }
}
