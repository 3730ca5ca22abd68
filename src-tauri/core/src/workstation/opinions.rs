//! Second opinions: another model, or the Space, about a photo that somebody else has analysed. They stand beside the first.

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::Caller,
    clinical::{AnalysisId, PhotoId},
    store::{Asked, Reanalysis, Setting},
};

impl Workstation {
    /// Asks for another opinion about a photo; it comes with the queue.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`Error::AskedAlready`]; [`Error::NoConsent`] and
    /// [`Error::NoSpace`] of the Space; [`crate::analysis::ModelError`] of a model that is not installed as it was.
    pub async fn ask_opinion(&self, caller: &Caller, photo: PhotoId, of: Asked) -> Result<AnalysisId, Error> {
        caller.must_be_staff()?;
        let patient = self.store().stored_photo(photo).await?.patient;
        match &of {
            Asked::Model(sha256) => self.model_asked(sha256).await?,
            Asked::Space if !self.queue.speaking().space => return Err(Error::NoSpace),
            Asked::Space if !self.store().patient(patient).await?.lets_photos_out() => {
                return Err(Error::NoConsent);
            }
            Asked::Space => {}
        }
        if self.store().is_asked(photo, &of).await? {
            return Err(Error::AskedAlready);
        }
        let mut write = self.store().write().await?;
        let id = write.ask_opinion(photo, &of).await?;
        write.commit().await?;
        self.queue.wake();
        self.tell(&[ChangedKind::Analyses], Some(patient));
        Ok(id)
    }

    /// Takes back a second opinion that nobody has given yet. One that is there stays.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; as every write.
    pub async fn withdraw_opinion(&self, caller: &Caller, id: AnalysisId) -> Result<(), Error> {
        caller.must_be_staff()?;
        let mut write = self.store().write().await?;
        write.withdraw_opinion(id).await?;
        write.commit().await?;
        self.queue.forget(id);
        self.tell(&[ChangedKind::Analyses], None);
        Ok(())
    }

    /// How many photos other models have analysed, and how far the model that analyses now is with them.
    ///
    /// # Errors
    /// As every read.
    pub async fn reanalysis(&self, _caller: &Caller) -> Result<Reanalysis, Error> {
        match self.active_model().await? {
            Some(sha256) => Ok(self.store().reanalysis(&sha256).await?),
            None => Ok(Reanalysis::default()),
        }
    }

    /// Asks the model that analyses now about every photo that others have analysed. New photos go before them.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; as every write: what was asked until then stays asked.
    pub async fn reanalyse(&self, caller: &Caller) -> Result<u32, Error> {
        caller.must_be_staff()?;
        let Some(sha256) = self.active_model().await? else {
            return Ok(0);
        };
        let mut asked = 0;
        loop {
            let mut write = self.store().write().await?;
            let some = write.ask_about_all(&sha256).await?;
            write.commit().await?;
            asked += some;
            if some == 0 {
                break;
            }
        }
        self.queue.wake();
        self.tell(&[ChangedKind::Analyses, ChangedKind::Models], None);
        Ok(asked)
    }

    /// Takes back all that the model that analyses now was asked and has not said. What it said stays.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; as every write.
    pub async fn cancel_reanalysis(&self, caller: &Caller) -> Result<u32, Error> {
        caller.must_be_staff()?;
        let Some(sha256) = self.active_model().await? else {
            return Ok(0);
        };
        let mut write = self.store().write().await?;
        let withdrawn = write.withdraw_all(&sha256).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Analyses, ChangedKind::Models], None);
        Ok(withdrawn)
    }

    async fn active_model(&self) -> Result<Option<String>, Error> {
        let active = self.store().setting(Setting::ActiveModel).await?;
        Ok(active.filter(|sha256| !sha256.is_empty()))
    }
}
