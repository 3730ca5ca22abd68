//! The recovery key: 152 random bits and one byte that catches a slip of the pen, as eight groups of four characters.
//!
//! The alphabet is Crockford's base 32 (no I, L, O, U), and what people confuse is read as what they meant.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Secret, VaultError};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What is printed once at set-up and opens the vault where the device key is gone. Wiped when dropped, never printed by `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RecoveryKey([u8; 20]);

impl RecoveryKey {
    /// A new one.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<Self, VaultError> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes[..19]).map_err(|what| VaultError::NoRandomness { what })?;
        bytes[19] = check_byte(&bytes);
        Ok(Self(bytes))
    }

    /// Reads what a person typed: spaces and hyphens anywhere, any letter case, `O` for `0` and `I` or `L` for `1`.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyWrong`] for another length, another character, or a mistyped one.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut bytes = [0_u8; 20];
        let mut bits = 0;
        for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let value = value_of(character).ok_or(VaultError::RecoveryKeyWrong)?;
            if bits + 5 > 160 {
                return Err(VaultError::RecoveryKeyWrong);
            }
            for bit in (0..5).rev() {
                bytes[bits / 8] |= ((value >> bit) & 1) << (7 - bits % 8);
                bits += 1;
            }
        }
        let key = Self(bytes);
        if bits == 160 && bytes[19] == check_byte(&bytes) {
            Ok(key)
        } else {
            Err(VaultError::RecoveryKeyWrong)
        }
    }

    /// Eight groups of four characters, as they are printed.
    pub fn groups(&self) -> Vec<String> {
        let digit = |at: usize| {
            let value = (0..5).fold(0, |value, bit| {
                let position = at * 5 + bit;
                value << 1 | usize::from(self.0[position / 8] >> (7 - position % 8) & 1)
            });
            char::from(ALPHABET[value])
        };
        (0..8)
            .map(|group| (0..4).map(|i| digit(group * 4 + i)).collect())
            .collect()
    }

    /// Whether two pieces of a key have the same characters, read as carelessly as [`RecoveryKey::parse`] does.
    pub fn same_characters(one: &str, other: &str) -> bool {
        let values = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace() && *c != '-')
                .map(value_of)
                .collect::<Option<Vec<u8>>>()
        };
        values(one).is_some_and(|one| Some(one) == values(other))
    }

    /// The key that wraps the data key. The recovery key is random, so one hash is enough: there is nothing to guess.
    pub(super) fn wrapping_key(&self) -> Secret {
        let mut hash = Sha256::new();
        hash.update(b"seekwell recovery key v1");
        hash.update(self.0);
        Secret::from_slice(&hash.finalize()).unwrap_or_else(|| unreachable!("SHA-256 has 32 bytes"))
    }
}

impl std::fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryKey([REDACTED])")
    }
}

fn check_byte(bytes: &[u8; 20]) -> u8 {
    Sha256::digest(&bytes[..19])[0]
}

fn value_of(character: char) -> Option<u8> {
    let meant = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|known| char::from(*known) == meant)
        .and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::RecoveryKey;

    #[test]
    fn what_was_printed_can_be_typed_back_carelessly() {
        let key = RecoveryKey::random().unwrap();
        let printed = key.groups();
        assert_eq!(printed.len(), 8);
        let careless = printed
            .join(" ")
            .to_lowercase()
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(RecoveryKey::parse(&careless).unwrap().groups(), printed);
    }

    #[test]
    fn one_wrong_character_is_noticed_nearly_always_and_a_wrong_length_always() {
        let printed = RecoveryKey::random().unwrap().groups().join("");
        let first = if printed.starts_with('7') { "8" } else { "7" };
        let noticed = (0..printed.len())
            .filter(|&at| {
                let mut typed = printed.clone();
                typed.replace_range(at..=at, if &typed[at..=at] == first { "9" } else { first });
                RecoveryKey::parse(&typed).is_err()
            })
            .count();
        assert!(noticed >= 28, "{noticed} of 32 slips noticed");
        assert!(RecoveryKey::parse(&printed[1..]).is_err());
        assert!(RecoveryKey::parse(&format!("{printed}0")).is_err());
    }
}
