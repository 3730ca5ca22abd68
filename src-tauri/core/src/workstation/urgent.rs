//! Urgent cases of the whole clinic, and acknowledging them.

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::Caller,
    clinical::{AnalysisId, PhotoId},
    store::{Acknowledgement, UrgentCase, UrgentMark, UrgentPage, UrgentSummary, WhichUrgent},
};

impl Workstation {
    /// One page of the clinic's urgent cases, made here or at another workstation. `before` is the `next` of the page before.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`crate::store::StoreError::NotFound`] for a cursor that is
    /// none.
    pub async fn urgent_cases(
        &self,
        caller: &Caller,
        which: WhichUrgent,
        before: Option<&str>,
        limit: u32,
    ) -> Result<UrgentPage, Error> {
        caller.must_be_staff()?;
        Ok(self.store().urgent_cases(which, before, limit).await?)
    }

    /// How many are open, and the one that came last.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient.
    pub async fn urgent_summary(&self, caller: &Caller) -> Result<UrgentSummary, Error> {
        caller.must_be_staff()?;
        Ok(self.store().urgent_summary().await?)
    }

    /// The urgent case of that photo, if it is one.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient.
    pub async fn urgent_case(&self, caller: &Caller, photo: PhotoId) -> Result<Option<UrgentCase>, Error> {
        caller.must_be_staff()?;
        Ok(self.store().urgent_case(photo).await?)
    }

    /// Whether something new is open, in numbers that say nothing about anybody: for a notice while nobody is signed in.
    ///
    /// # Errors
    /// As every read.
    pub async fn urgent_mark(&self) -> Result<UrgentMark, Error> {
        Ok(self.store().urgent_mark().await?)
    }

    /// Records that the caller has seen an urgent analysis and takes care of it, and sends that before the rest. Where
    /// somebody did already, theirs is given and nothing is written.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`crate::store::StoreError::NotFound`],
    /// [`crate::store::StoreError::NotUrgent`].
    pub async fn acknowledge(&self, caller: &Caller, analysis: AnalysisId) -> Result<Acknowledgement, Error> {
        caller.must_be_staff()?;
        let mut write = self.store().write().await?;
        let first = write
            .acknowledge(self.place.clock.new_id(), analysis, caller.id())
            .await?;
        write.commit().await?;
        if first {
            let patient = self.store().patient_of_analysis(analysis).await?;
            self.tell(&[ChangedKind::Urgent], Some(patient));
        }
        Ok(self.store().acknowledgement(analysis).await?)
    }
}
