//! A workstation's password, and what the centre keeps of it.

use zeroize::Zeroizing;

use super::CentralError;

/// 256 random bits as 64 hexadecimal digits. Wiped when dropped, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A new one.
    ///
    /// # Errors
    /// [`CentralError::NoRandomness`].
    pub fn random() -> Result<Self, CentralError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *bytes).map_err(|what| CentralError::NoRandomness { what })?;
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in bytes.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
            }
        }
        Ok(Self(text))
    }

    /// The password as it is sent when signing in.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What PostgreSQL keeps of it (`SCRAM-SHA-256$…`), with a new salt each time: enough to check it by, not to sign in with. It
    /// stands where a password would in `CREATE ROLE` and `ALTER ROLE`.
    pub fn verifier(&self) -> String {
        postgres_protocol::password::scram_sha_256(self.0.as_bytes())
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_salts_differ_and_are_not_printed() {
        let (one, other) = (Password::random().unwrap(), Password::random().unwrap());
        assert_eq!(one.expose().len(), 64);
        assert_ne!(one, other);
        assert_ne!(one.verifier(), one.verifier());
        assert!(one.verifier().starts_with("SCRAM-SHA-256$4096:"));
        assert!(!format!("{one:?}").contains(one.expose()));
        assert!(!one.verifier().contains(one.expose()));
    }
}
