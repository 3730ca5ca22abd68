//! The recovery key: offered once, partly typed back, renewed on demand.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use zeroize::Zeroizing;

use super::{ChangedKind, Error, Workstation};
use crate::{
    accounts::{self, Caller},
    clock::rfc3339,
    store::Setting,
    vault::{Envelope, RecoveryKey, VaultError},
};

/// A recovery key as it is shown once: eight groups of four characters, two of which are typed back.
#[derive(Clone, Serialize, specta::Type)]
pub struct RecoveryOffer {
    /// In the order in which they are read.
    pub groups: Vec<String>,
    /// Which two are asked for, counted from 0.
    pub ask: Vec<u32>,
}

/// `vault.json` as it is on disk, and the offer that waits.
pub(super) struct Recovery {
    envelope: Mutex<Envelope>,
    offered: Mutex<Option<Offered>>,
}

struct Offered {
    /// What the asked groups hold.
    expected: Zeroizing<String>,
}

impl Recovery {
    pub(super) fn new(envelope: Envelope) -> Self {
        Self {
            envelope: Mutex::new(envelope),
            offered: Mutex::default(),
        }
    }

    /// Shows a key and remembers what must be typed back.
    pub(super) fn offer(&self, key: &RecoveryKey) -> Result<RecoveryOffer, Error> {
        let groups = key.groups();
        let mut random = [0_u8; 2];
        getrandom::fill(&mut random).map_err(|what| VaultError::NoRandomness { what })?;
        let first = u32::from(random[0] % 8);
        let second = (first + 1 + u32::from(random[1] % 7)) % 8;
        let ask = vec![first.min(second), first.max(second)];
        let expected = ask
            .iter()
            .filter_map(|&at| groups.get(at as usize))
            .map(String::as_str)
            .collect::<String>();
        *held(&self.offered) = Some(Offered {
            expected: Zeroizing::new(expected),
        });
        Ok(RecoveryOffer { groups, ask })
    }
}

impl Workstation {
    /// Makes a new recovery key. The old one holds until the new one was typed back.
    ///
    /// # Errors
    /// [`accounts::AccountsError::SignInRefused`] where the caller's password is wrong.
    pub async fn renew_recovery_key(&self, caller: &Caller, password: &str) -> Result<RecoveryOffer, Error> {
        accounts::sign_in(self.store(), &caller.person().email, password).await?;
        let key = RecoveryKey::random()?;
        self.rewrite(|envelope| envelope.offer_recovery(self.keeper.vault.keys(), &key))?;
        self.recovery.offer(&key)
    }

    /// Notes that the recovery key is on paper. `typed` holds the asked groups.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyWrong`]; the offer stays.
    pub async fn confirm_recovery_key(&self, _caller: &Caller, typed: &[String]) -> Result<(), Error> {
        let right = {
            let offered = held(&self.recovery.offered);
            let offered = offered.as_ref().ok_or(Error::NoRecoveryKeyOffered)?;
            RecoveryKey::same_characters(&offered.expected, &typed.concat())
        };
        if !right {
            return Err(VaultError::RecoveryKeyWrong.into());
        }
        self.rewrite(|envelope| {
            envelope.accept_recovery();
            Ok(())
        })?;
        let mut write = self.store().write().await?;
        write
            .set(Setting::RecoveryKeyConfirmedAt, &rfc3339(self.place.clock.now()))
            .await?;
        write.commit().await?;
        held(&self.recovery.offered).take();
        self.tell(&[ChangedKind::Workstation], None);
        Ok(())
    }

    /// Whether a recovery key was ever typed back.
    ///
    /// # Errors
    /// As every read.
    pub async fn recovery_key_confirmed(&self) -> Result<bool, Error> {
        Ok(self
            .store()
            .setting(Setting::RecoveryKeyConfirmedAt)
            .await?
            .is_some())
    }

    /// Changes `vault.json` on disk, then in memory.
    fn rewrite(&self, change: impl FnOnce(&mut Envelope) -> Result<(), VaultError>) -> Result<(), Error> {
        let mut envelope = held(&self.recovery.envelope);
        let mut next = envelope.clone();
        change(&mut next)?;
        next.write(&self.place.data_dir)?;
        *envelope = next;
        Ok(())
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
