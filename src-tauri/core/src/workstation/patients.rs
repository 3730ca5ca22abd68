//! Patients and their lesions, as a person asks for them.

use super::{ChangedKind, Error, Workstation, name};
use crate::{
    accounts::Caller,
    clinical::{LesionId, LesionVersion, Patient, PatientDraft, PatientId, PatientVersion},
    store::{HistoryCounts, HistoryFilter, HistoryPage, LesionRow, PatientPage, StoreError},
};

impl Workstation {
    /// Those in whose name, phone or national id every word occurs, regardless of accents and letter case.
    ///
    /// # Errors
    /// As every read.
    pub async fn find_patients(&self, _caller: &Caller, text: &str) -> Result<PatientPage, Error> {
        Ok(self.store().find_patients(text).await?)
    }

    /// Those who were seen last.
    ///
    /// # Errors
    /// As every read.
    pub async fn recent_patients(&self, _caller: &Caller) -> Result<PatientPage, Error> {
        Ok(self.store().recent_patients().await?)
    }

    /// One patient.
    ///
    /// # Errors
    /// [`crate::store::StoreError::NotFound`].
    pub async fn patient(&self, _caller: &Caller, id: PatientId) -> Result<Patient, Error> {
        Ok(self.store().patient(id).await?)
    }

    /// Who might be the same person as the draft, for a person to compare. Registering is never refused for it.
    ///
    /// # Errors
    /// The rules for a record.
    pub async fn likely_duplicates(
        &self,
        _caller: &Caller,
        draft: PatientDraft,
    ) -> Result<Vec<Patient>, Error> {
        Ok(self.store().likely_duplicates(&tidied(draft)?).await?)
    }

    /// Makes a patient's record.
    ///
    /// # Errors
    /// The rules for a record.
    pub async fn register_patient(&self, caller: &Caller, draft: PatientDraft) -> Result<Patient, Error> {
        let draft = tidied(draft)?;
        let id = PatientId(self.place.clock.new_id());
        let mut write = self.store().write().await?;
        write.add_patient(id, &draft, caller.id()).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Patients], Some(id));
        Ok(self.store().patient(id).await?)
    }

    /// Replaces what the record says; what it said is kept.
    ///
    /// # Errors
    /// [`crate::store::StoreError::ChangedMeanwhile`] where `revision` is not the record's any more.
    pub async fn edit_patient(
        &self,
        caller: &Caller,
        id: PatientId,
        revision: u32,
        draft: PatientDraft,
    ) -> Result<Patient, Error> {
        let draft = tidied(draft)?;
        let before = self.store().patient(id).await?;
        if before.revision == revision && before.draft == draft {
            return Ok(before);
        }
        let mut write = self.store().write().await?;
        write.edit_patient(id, revision, &draft, caller.id()).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Patients], Some(id));
        Ok(self.store().patient(id).await?)
    }

    /// Says that nothing of this patient may be deleted, or that it may again. An administrator or a doctor decides that; what the
    /// record said before is kept.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`]; [`crate::store::StoreError::NotFound`].
    pub async fn set_legal_hold(&self, caller: &Caller, id: PatientId, on: bool) -> Result<Patient, Error> {
        caller.must_be_admin_or_doctor()?;
        let before = self.store().patient(id).await?;
        let mut write = self.store().write().await?;
        if write.set_legal_hold(id, on, caller.id()).await? {
            write.commit().await?;
            if !on {
                // Whoever deleted meanwhile is heard now.
                let _alone = self.keeper.vault.alone().await;
                super::sweep::finish_removals(&self.keeper.vault, self.store()).await?;
            }
            self.tell(&[ChangedKind::Patients, ChangedKind::Photos], Some(id));
        }
        match self.store().patient(id).await {
            // Somebody had deleted them meanwhile, and only the hold had kept them here.
            Err(StoreError::NotFound { .. }) => Ok(Patient {
                legal_hold: on,
                revision: before.revision + 1,
                ..before
            }),
            patient => Ok(patient?),
        }
    }

    /// Records what the patient said about having photos analysed elsewhere, with now and who asked. Photos that waited for it are
    /// analysed then.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; [`crate::store::StoreError::NotFound`].
    pub async fn set_cloud_consent(
        &self,
        caller: &Caller,
        id: PatientId,
        given: bool,
    ) -> Result<Patient, Error> {
        caller.must_be_staff()?;
        let before = self.store().patient(id).await?;
        if before
            .cloud_consent
            .as_ref()
            .is_some_and(|said| said.given == given)
        {
            return Ok(before);
        }
        let mut write = self.store().write().await?;
        write.set_cloud_consent(id, given, caller.id()).await?;
        self.consent_changed(write, Some(id)).await?;
        self.tell(&[ChangedKind::Patients], Some(id));
        Ok(self.store().patient(id).await?)
    }

    /// What the record said before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn patient_versions(
        &self,
        _caller: &Caller,
        id: PatientId,
    ) -> Result<Vec<PatientVersion>, Error> {
        Ok(self.store().patient_versions(id).await?)
    }

    /// The patient's lesions, the last photographed first.
    ///
    /// # Errors
    /// As every read.
    pub async fn lesions(&self, _caller: &Caller, patient: PatientId) -> Result<Vec<LesionRow>, Error> {
        Ok(self.store().lesions(patient).await?)
    }

    /// Calls a lesion something else, or nothing; what it was called is kept.
    ///
    /// # Errors
    /// [`crate::store::StoreError::NotFound`], and the rules for a name.
    pub async fn label_lesion(
        &self,
        caller: &Caller,
        id: LesionId,
        label: Option<String>,
    ) -> Result<(), Error> {
        let label = label.filter(|label| !label.trim().is_empty());
        let label = label.as_deref().map(name).transpose()?;
        let mut write = self.store().write().await?;
        write.label_lesion(id, label, caller.id()).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Photos], None);
        Ok(())
    }

    /// What the lesion was called before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn lesion_versions(&self, _caller: &Caller, id: LesionId) -> Result<Vec<LesionVersion>, Error> {
        Ok(self.store().lesion_versions(id).await?)
    }

    /// One page of the patient's history, newest first.
    ///
    /// # Errors
    /// [`crate::store::StoreError::NotFound`] for a cursor that is none.
    pub async fn history(
        &self,
        _caller: &Caller,
        patient: PatientId,
        filter: &HistoryFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<HistoryPage, Error> {
        Ok(self.store().history(patient, filter, before, limit).await?)
    }

    /// How many entries the history has, by risk.
    ///
    /// # Errors
    /// As every read.
    pub async fn history_counts(&self, _caller: &Caller, patient: PatientId) -> Result<HistoryCounts, Error> {
        Ok(self.store().history_counts(patient).await?)
    }
}

/// The draft without white space around its texts and without empty ones.
fn tidied(draft: PatientDraft) -> Result<PatientDraft, Error> {
    let optional = |text: Option<String>| -> Result<Option<String>, Error> {
        let text = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        match &text {
            Some(long) if long.chars().count() > 500 => Err(Error::TextTooLong { limit: 500 }),
            _ => Ok(text),
        }
    };
    Ok(PatientDraft {
        full_name: name(&draft.full_name)?.to_owned(),
        born: draft.born,
        sex: draft.sex,
        phone: optional(draft.phone)?,
        national_id: optional(draft.national_id)?,
        address: optional(draft.address)?,
    })
}
