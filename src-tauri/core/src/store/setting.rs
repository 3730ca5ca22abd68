//! The table `setting`: the few facts about this workstation itself.

use sqlx::Row;

use super::{Store, StoreError, Write};

/// The names that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The clinic's name.
    Clinic,
    /// When the recovery key was typed back, RFC 3339.
    RecoveryKeyConfirmedAt,
    /// SHA-256 of the model that analyses; empty where none does.
    ActiveModel,
    /// Where the Space is, how to be let in and when to ask it, as JSON.
    Space,
    /// How to reach the centre, as JSON; empty where it is not connected.
    Centre,
    /// The secret that the centre is being told of: it or the one in the link is valid.
    NextSecret,
    /// How far the centre's feed was applied.
    FeedPlace,
    /// "yes" where the centre was found set back to an earlier state, until this workstation is connected anew.
    CentreSetBack,
    /// When the centre last got a new secret for this workstation, RFC 3339.
    SecretRenewedAt,
    /// The clinic's id at the centre that this workstation was first connected to.
    ClinicAtCentre,
    /// When something last reached the centre, RFC 3339.
    DeliveredAt,
    /// When the centre's feed was last read to its end, RFC 3339, to ten minutes.
    PulledAt,
    /// What the line to the centre is good for, as JSON.
    SyncSettings,
    /// How many years records are kept, as JSON; empty for ever.
    RetentionYears,
    /// When the daily run of retention last came to its end, RFC 3339.
    RetentionRanAt,
}

impl Setting {
    const fn name(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::RecoveryKeyConfirmedAt => "recovery_key_confirmed_at",
            Self::ActiveModel => "active_model",
            Self::Space => "space",
            Self::Centre => "centre",
            Self::NextSecret => "next_secret",
            Self::FeedPlace => "feed_place",
            Self::CentreSetBack => "centre_set_back",
            Self::SecretRenewedAt => "secret_renewed_at",
            Self::ClinicAtCentre => "clinic_at_centre",
            Self::DeliveredAt => "delivered_at",
            Self::PulledAt => "pulled_at",
            Self::SyncSettings => "sync_settings",
            Self::RetentionYears => "retention_years",
            Self::RetentionRanAt => "retention_ran_at",
        }
    }
}

impl Store {
    /// The setting's value.
    ///
    /// # Errors
    /// As every read.
    pub async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT value FROM setting WHERE name = ?")
            .bind(setting.name())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    /// The number in the centre's feed up to which everything was applied; 0 at first.
    ///
    /// # Errors
    /// As every read.
    pub async fn feed_place(&self) -> Result<u64, StoreError> {
        let place = self.setting(Setting::FeedPlace).await?;
        Ok(place.and_then(|place| place.parse().ok()).unwrap_or_default())
    }

    /// Whether the centre was found set back to an earlier state, and this workstation was not connected anew since.
    ///
    /// # Errors
    /// As every read.
    pub async fn is_centre_set_back(&self) -> Result<bool, StoreError> {
        let found = self.setting(Setting::CentreSetBack).await?;
        Ok(found.is_some_and(|found| !found.is_empty()))
    }

    /// What the small files of an installed model were when it was installed, by the hash of its network.
    ///
    /// # Errors
    /// As every read.
    pub async fn model_digest(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT value FROM setting WHERE name = ?")
            .bind(digest_of(sha256))
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }
}

fn digest_of(sha256: &str) -> String {
    format!("model_digest {sha256}")
}

impl Write<'_> {
    /// Sets or replaces it.
    ///
    /// # Errors
    /// As every write.
    pub async fn set(&mut self, setting: Setting, value: &str) -> Result<(), StoreError> {
        self.put(setting.name(), value).await
    }

    /// Notes that the centre's feed was applied up to that number, in the transaction that applied it.
    ///
    /// # Errors
    /// As every write.
    pub async fn set_feed_place(&mut self, place: u64) -> Result<(), StoreError> {
        self.set(Setting::FeedPlace, &place.to_string()).await
    }

    /// Notes what the small files of a model are, by the hash of its network.
    ///
    /// # Errors
    /// As every write.
    pub async fn set_model_digest(&mut self, sha256: &str, digest: &str) -> Result<(), StoreError> {
        self.put(&digest_of(sha256), digest).await
    }

    async fn put(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
