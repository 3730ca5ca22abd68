//! The Space: where it is, how to be let in, and whether it is asked before the model on this machine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{ChangedKind, Error, Way, Workstation, as_json};
use crate::{
    accounts::Caller,
    analysis::{Analyzer, Space, SpaceAddress, SpaceDeadlines},
    store::Setting,
};

/// Who analyses, as the settings show it. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct AnalysisSettings {
    /// Where the Space is; `None` where none is asked.
    pub space_url: Option<String>,
    /// Whether a token is kept for it.
    pub has_token: bool,
    /// Whom to ask first, where both can be.
    pub prefer: Way,
}

/// What becomes of the settings. It may hold a secret, and so shows itself to nobody.
#[derive(Clone, Deserialize, specta::Type)]
pub struct AnalysisChange {
    /// Where the Space is; `None` or empty: none is asked.
    pub space_url: Option<String>,
    /// The token that it asks for; empty: none. `None`: the one that is kept, unless the Space is another.
    pub token: Option<String>,
    /// Whom to ask first, where both can be.
    pub prefer: Way,
}

/// The setting `space`.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    url: Option<String>,
    token: Option<Zeroizing<String>>,
    #[serde(default)]
    prefer: Way,
}

impl Kept {
    fn space(&self) -> Result<Option<Space>, Error> {
        let Some(url) = &self.url else { return Ok(None) };
        let address = SpaceAddress::new(url, self.token.clone())?;
        Ok(Some(Space::new(address, SpaceDeadlines::default())?))
    }
}

impl Workstation {
    /// Who analyses.
    ///
    /// # Errors
    /// As every read.
    pub async fn analysis_settings(&self, _caller: &Caller) -> Result<AnalysisSettings, Error> {
        let kept = self.kept_space().await?;
        Ok(AnalysisSettings {
            space_url: kept.url,
            has_token: kept.token.is_some(),
            prefer: kept.prefer,
        })
    }

    /// Says who analyses, from now on and after a restart. Photos that waited for it are analysed then.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for whoever is no administrator;
    /// [`crate::analysis::SpaceError`] for what is no address or no token. Nothing is changed then.
    pub async fn set_analysis_settings(&self, caller: &Caller, change: AnalysisChange) -> Result<(), Error> {
        caller.must_be_admin()?;
        let before = self.kept_space().await?;
        let url = change.space_url.map(|url| url.trim().to_owned());
        let url = match url.filter(|url| !url.is_empty()) {
            Some(url) => Some(SpaceAddress::new(&url, None)?.url().to_owned()),
            None => None,
        };
        // A token is for the one that it was given for.
        let known = before.token.filter(|_| url.is_some() && before.url == url);
        let token = match change.token {
            Some(token) => Some(Zeroizing::new(token.trim().to_owned())).filter(|token| !token.is_empty()),
            None => known,
        };
        let kept = Kept {
            token: token.filter(|_| url.is_some()),
            url,
            prefer: change.prefer,
        };
        let space = kept.space()?;
        let json = Zeroizing::new(as_json(&kept)?);
        let mut write = self.store().write().await?;
        write.set(Setting::Space, &json).await?;
        // With the writer in hand: see where an analysis is finished.
        self.queue.set_space(space.map(shared), kept.prefer);
        self.reworded(write).await?;
        self.queue.wake();
        self.tell(&[ChangedKind::Models, ChangedKind::Analyses], None);
        Ok(())
    }

    /// Lets whatever keeps the port's promises be asked as the Space is, until the settings change.
    pub async fn use_space(
        &self,
        _caller: &Caller,
        space: Arc<dyn Analyzer>,
        prefer: Way,
    ) -> Result<(), Error> {
        let write = self.store().write().await?;
        self.queue.set_space(Some(space), prefer);
        self.reworded(write).await?;
        self.queue.wake();
        Ok(())
    }

    /// At start: takes up the Space that was set. One that can't be asked does not stop the workstation.
    pub(super) async fn load_space(&self) -> Result<(), Error> {
        let kept = self.kept_space().await?;
        match kept.space() {
            Ok(space) => self.queue.set_space(space.map(shared), kept.prefer),
            Err(error) => tracing::error!(%error, "the Space can't be asked"),
        }
        Ok(())
    }

    async fn kept_space(&self) -> Result<Kept, Error> {
        let json = self.store().setting(Setting::Space).await?;
        let kept = json.and_then(|json| serde_json::from_str(&json).ok());
        Ok(kept.unwrap_or_default())
    }
}

fn shared(space: Space) -> Arc<dyn Analyzer> {
    Arc::new(space)
}
