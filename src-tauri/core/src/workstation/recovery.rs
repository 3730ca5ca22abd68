//! The recovery key: offered once, partly typed back, renewed on demand.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

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

/// `vault.json` as it is on disk, and the offer that waits, under one lock: what is shown is what is stored.
pub(super) struct Recovery {
    state: Mutex<State>,
}

struct State {
    envelope: Envelope,
    offered: Option<Offered>,
    /// How many offers there were.
    offers: u64,
}

struct Offered {
    key: RecoveryKey,
    /// What the asked groups hold.
    expected: Zeroizing<String>,
    number: u64,
}

impl Recovery {
    pub(super) fn new(envelope: Envelope) -> Self {
        Self {
            state: Mutex::new(State {
                envelope,
                offered: None,
                offers: 0,
            }),
        }
    }

    /// Shows a key that `vault.json` has already, and remembers what must be typed back.
    pub(super) fn offer(&self, key: RecoveryKey) -> Result<RecoveryOffer, Error> {
        held(&self.state).offer(key)
    }
}

impl State {
    fn offer(&mut self, key: RecoveryKey) -> Result<RecoveryOffer, Error> {
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
        self.offers += 1;
        self.offered = Some(Offered {
            key,
            expected: Zeroizing::new(expected),
            number: self.offers,
        });
        Ok(RecoveryOffer { groups, ask })
    }

    /// Changes `vault.json` on disk, then in memory.
    fn rewrite(
        &mut self,
        data_dir: &Path,
        change: impl FnOnce(&mut Envelope) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let mut next = self.envelope.clone();
        change(&mut next)?;
        next.write(data_dir)?;
        self.envelope = next;
        Ok(())
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
        let mut state = held(&self.recovery.state);
        state.rewrite(&self.place.data_dir, |envelope| {
            envelope.offer_recovery(self.keeper.vault.keys(), &key)
        })?;
        state.offer(key)
    }

    /// Notes that the recovery key is on paper. `typed` holds the asked groups.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyWrong`]; the offer stays.
    pub async fn confirm_recovery_key(&self, _caller: &Caller, typed: &[String]) -> Result<(), Error> {
        let number = self.accept_recovery_key(typed)?;
        let mut write = self.store().write().await?;
        write
            .set(Setting::RecoveryKeyConfirmedAt, &rfc3339(self.place.clock.now()))
            .await?;
        write.commit().await?;
        held(&self.recovery.state)
            .offered
            .take_if(|offered| offered.number == number);
        self.tell(&[ChangedKind::Workstation], None);
        Ok(())
    }

    /// Lets the offered key take the old one's place, if it was typed back and opens what is stored for it. Gives the
    /// offer's number.
    fn accept_recovery_key(&self, typed: &[String]) -> Result<u64, Error> {
        let mut state = held(&self.recovery.state);
        let Some(offered) = state.offered.take() else {
            return Err(Error::NoRecoveryKeyOffered);
        };
        let number = offered.number;
        let accepted = if RecoveryKey::same_characters(&offered.expected, &typed.concat()) {
            state.rewrite(&self.place.data_dir, |envelope| {
                envelope.accept_recovery(&offered.key)
            })
        } else {
            Err(VaultError::RecoveryKeyWrong)
        };
        state.offered = Some(offered);
        accepted?;
        Ok(number)
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
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
