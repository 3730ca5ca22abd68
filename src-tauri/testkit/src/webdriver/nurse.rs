//! What a nurse does all day, as steps that several tests share. Each returns only when the window showed that
//! it worked.

use serde_json::json;

use super::{Pasted, Window, WindowError};

/// The invented clinic and the invented people of it.
pub mod demo {
    use super::DemoPatient;

    /// The clinic.
    pub const CLINIC: &str = "Trạm Y tế Mẫu";
    /// Its first person.
    pub const PERSON: &str = "Lê Thị Mai (mẫu)";
    /// By which she signs in.
    pub const EMAIL: &str = "mai@example.test";
    /// With this.
    pub const PASSWORD: &str = "mat-khau-mau";
    /// Whom she looks after.
    pub const HOA: DemoPatient = DemoPatient {
        name: "Nguyễn Văn Hòa (mẫu)",
        born: "12/03/1961",
        sex: "MALE",
    };
}

/// A patient as typed into the form.
#[derive(Debug, Clone, Copy)]
pub struct DemoPatient {
    /// Full name.
    pub name: &'static str,
    /// Date of birth, day first, or the year.
    pub born: &'static str,
    /// `MALE`, `FEMALE` or `OTHER`.
    pub sex: &'static str,
}

/// Somebody at the window.
#[derive(Debug, Clone, Copy)]
pub struct Nurse<'w> {
    window: &'w Window,
}

impl<'w> Nurse<'w> {
    /// Sits down at a window.
    pub fn at(window: &'w Window) -> Self {
        Self { window }
    }

    /// Names the clinic and its first person on the first run, and stops where the recovery key is shown.
    /// Returns its groups.
    pub async fn set_up(&self) -> Result<Vec<String>, WindowError> {
        let window = self.window;
        window.wait_for("first-run").await?;
        for (field, text) in [
            ("first-run-clinic", demo::CLINIC),
            ("first-run-name", demo::PERSON),
            ("first-run-email", demo::EMAIL),
            ("first-run-password", demo::PASSWORD),
        ] {
            window.type_into(field, text).await?;
        }
        window.click("first-run-submit").await?;
        window.wait_for("recovery-key").await?;
        let groups = "return [...document.querySelectorAll('[data-testid=recovery-key-group]')].map((one) => one.innerText.trim())";
        let groups = window.run(groups, &[]).await?;
        Ok(groups
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|group| Some(group.as_str()?.to_owned()))
            .collect())
    }

    /// Types back the groups of the recovery key that the window asks for.
    pub async fn confirm_recovery_key(&self, groups: &[String]) -> Result<(), WindowError> {
        let window = self.window;
        window.click("recovery-key-written").await?;
        for field in ["recovery-key-typed-0", "recovery-key-typed-1"] {
            window.wait_for(field).await?;
            // The field's label names the group, counted from 1, in whichever language.
            let script = "return Number(document.querySelector(`[data-testid=${arguments[0]}]`).labels[0].innerText.match(/\\d+/)[0])";
            let number = window
                .run(script, &[json!(field)])
                .await?
                .as_f64()
                .unwrap_or_default();
            let group = groups.iter().zip(1..).find(|(_, at)| f64::from(*at) == number);
            window
                .type_into(field, group.map_or("", |(group, _)| group))
                .await?;
        }
        window.click("recovery-key-confirm").await?;
        window.wait_until_gone("recovery-key-confirm").await
    }

    /// Signs in, and returns when the patients are in sight.
    pub async fn sign_in(&self) -> Result<(), WindowError> {
        let window = self.window;
        window.type_into("sign-in-email", demo::EMAIL).await?;
        window.type_into("sign-in-password", demo::PASSWORD).await?;
        window.click("sign-in-submit").await?;
        window.wait_for("nav-patients").await
    }

    /// Fills the form for a new patient and saves it; the window may then ask about duplicates.
    pub async fn fill_in(&self, patient: DemoPatient) -> Result<(), WindowError> {
        let window = self.window;
        window.click("nav-patients").await?;
        window.click("register-patient").await?;
        window.type_into("patient-name", patient.name).await?;
        window.type_into("patient-born", patient.born).await?;
        window.click(&format!("patient-sex-{}", patient.sex)).await?;
        window.click("save-patient").await
    }

    /// Registers somebody new, and returns when the banner shows the name.
    pub async fn register(&self, patient: DemoPatient) -> Result<(), WindowError> {
        self.fill_in(patient).await?;
        self.window
            .wait_for_text("patient-banner", patient.name)
            .await
            .map(drop)
    }

    /// Finds a patient by part of the name and opens the record.
    pub async fn find(&self, typed: &str, patient: DemoPatient) -> Result<(), WindowError> {
        let window = self.window;
        window.click("nav-patients").await?;
        window.type_into("patient-search", typed).await?;
        window.wait_for_text("patient-row", patient.name).await?;
        window.click("patient-row").await?;
        window
            .wait_for_text("patient-banner", patient.name)
            .await
            .map(drop)
    }

    /// Pastes photos on the patient's "new photo" screen, and returns when each has been read.
    pub async fn show_photos(&self, photos: &[Pasted<'_>]) -> Result<(), WindowError> {
        let window = self.window;
        window.click("new-photo").await?;
        window.wait_for("drop-zone").await?;
        window.paste(None, photos).await?;
        window
            .wait_for_state("staged-card", "ready", photos.len())
            .await?;
        window
            .wait_for_pictures("staged-card", photos.len())
            .await
            .map(drop)
    }

    /// Says where the photos were taken and keeps them, and returns when `count` are safe.
    pub async fn keep(&self, site: &str, side: &str, count: usize) -> Result<(), WindowError> {
        let window = self.window;
        window.click(&format!("site-{site}")).await?;
        window.click(&format!("side-{side}")).await?;
        window.click("keep-photos").await?;
        window.wait_for_state("staged-card", "kept", count).await
    }

    /// Zooms in on the photo until it is shown by the original's own pixels, and gives the widths of what is drawn: the
    /// prepared photo's, then the original's.
    pub async fn zoom_to_original(&self) -> Result<Vec<u64>, WindowError> {
        let window = self.window;
        let original = "return document.querySelectorAll('[data-testid=photo-viewer] img').length > 1";
        while window.run(original, &[]).await? != json!(true) {
            window.click("zoom-in").await?;
        }
        window.wait_for_pictures("photo-viewer", 2).await
    }
}
