//! Installed models, and which of them speaks.

use std::{path::PathBuf, sync::Arc};

use serde::Serialize;

use super::{ChangedKind, Error, Place, Workstation};
use crate::{
    accounts::Caller,
    analysis::{Analyzer, InstalledModel, Models, OnDevice, PixelSource},
    clock::rfc3339,
    store::{Setting, Write},
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
        let (mut rows, mut broken) = (Vec::new(), listing.broken);
        for model in listing.models {
            let sha256 = model.card.sha256.clone();
            if let Err(error) = model.is_as_installed(self.store().model_digest(&sha256).await?.as_deref()) {
                broken.push((sha256, error));
                continue;
            }
            let mut row = row(&model, active.as_deref());
            // One that turned out to be damaged when it was loaded does not speak any more.
            row.usable = !row.active || self.queue.has_model(&sha256);
            rows.push(row);
        }
        rows.extend(broken.into_iter().map(|(sha256, error)| ModelRow {
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
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`crate::analysis::ModelError`] by what is wrong with it; the
    /// model in use stays.
    pub async fn install_model(&self, caller: &Caller, folder: PathBuf) -> Result<ModelRow, Error> {
        caller.must_be_staff()?;
        let installed = self.models.install(folder, &self.threads).await?;
        let sha256 = installed.card.sha256.as_str();
        let mut write = self.store().write().await?;
        write.set_model_digest(sha256, installed.digest()).await?;
        write.commit().await?;
        let row = row(&installed, Some(sha256));
        self.use_analyser(caller, self.analyser(installed)).await?;
        Ok(row)
    }

    /// Lets an installed model analyse from now on. What others said stays as it is.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; where it is not installed, or its files changed.
    pub async fn use_model(&self, caller: &Caller, sha256: &str) -> Result<(), Error> {
        caller.must_be_staff()?;
        let model = self.installed(sha256).await?;
        self.use_analyser(caller, self.analyser(model)).await
    }

    /// Lets whatever keeps the port's promises analyse from now on, an installed model or anything else.
    ///
    /// # Errors
    /// As every write; who spoke before goes on then.
    pub async fn use_analyser(&self, _caller: &Caller, analyser: Arc<dyn Analyzer>) -> Result<(), Error> {
        let mut write = self.store().write().await?;
        write.set(Setting::ActiveModel, &analyser.card().sha256).await?;
        // With the writer in hand: see where an analysis is finished.
        let before = self.queue.replace_device(Some(analyser));
        if let Err(error) = self.reworded(write).await {
            self.queue.replace_device(before);
            return Err(error);
        }
        self.queue.wake();
        self.tell(&[ChangedKind::Models, ChangedKind::Analyses], None);
        Ok(())
    }

    /// Removes an installed model; what it said stays, and what it was asked and has not said is taken back. Where it was the one that
    /// analyses, photos wait for another.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; where its folder can't be removed.
    pub async fn remove_model(&self, caller: &Caller, sha256: &str) -> Result<(), Error> {
        caller.must_be_staff()?;
        let mut write = self.store().write().await?;
        // Nobody else could give the opinions that were asked of it.
        write.withdraw_all(sha256).await?;
        if self.store().setting(Setting::ActiveModel).await?.as_deref() == Some(sha256) {
            write.set(Setting::ActiveModel, "").await?;
            let before = self.queue.replace_device(None);
            if let Err(error) = self.reworded(write).await {
                self.queue.replace_device(before);
                return Err(error);
            }
        } else {
            write.commit().await?;
        }
        self.queue.forget_other(sha256);
        // A photo that it was looking at may be for the Space.
        self.queue.wake();
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
        match self.installed(&sha256).await {
            Ok(model) => {
                self.queue.replace_device(Some(self.analyser(model)));
                self.queue.wake();
            }
            Err(error) => {
                tracing::error!(model = sha256, %error, "the model in use can't be loaded");
                self.reworded(self.store().write().await?).await?;
            }
        }
        Ok(())
    }

    /// Commits, having said of all that wait what they wait for with those who speak now.
    pub(super) async fn reworded(&self, mut write: Write<'_>) -> Result<(), Error> {
        write.reword_pending(self.queue.speaking(), None).await?;
        Ok(write.commit().await?)
    }

    /// The model of which an opinion was asked, in memory for it where it is not the one that analyses.
    ///
    /// # Errors
    /// Where it is not installed any more, or its files changed.
    pub(super) async fn model_asked(&self, sha256: &str) -> Result<(), Error> {
        if self
            .queue
            .models()
            .iter()
            .any(|model| model.card().sha256 == sha256)
        {
            return Ok(());
        }
        let model = self.installed(sha256).await?;
        self.queue.set_other(Some(self.analyser(model)));
        Ok(())
    }

    /// An installed model whose small files say what they said when it was installed.
    async fn installed(&self, sha256: &str) -> Result<InstalledModel, Error> {
        let model = self.models.find(sha256).await?;
        model.is_as_installed(self.store().model_digest(sha256).await?.as_deref())?;
        Ok(model)
    }

    fn analyser(&self, model: InstalledModel) -> Arc<OnDevice> {
        let pixels: Arc<dyn PixelSource> = Arc::clone(&self.place.workers) as _;
        Arc::new(OnDevice::new(model, pixels, self.threads.clone()))
    }
}

/// The folder of models. One that can't be made or cleared does not stop the workstation: photos are kept without a model.
pub(super) async fn open(place: &Place) -> Models {
    let dir = place.data_dir.join("models");
    match Models::open(dir.clone()).await {
        Ok(models) => models,
        Err(error) => {
            tracing::error!(%error, "the folder of models can't be used");
            Models::unopened(dir)
        }
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
