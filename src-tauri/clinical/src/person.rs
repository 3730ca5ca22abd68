//! The people who sign in.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::PersonId;

/// What somebody may do. Enforced in the core and by the centre, never only in the UI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// A patient with access to their own record.
    Patient,
    /// A nurse or health official.
    Official,
    /// A doctor, who reviews.
    Doctor,
    /// Who manages people and settings.
    Admin,
}
super::words!(Role { Patient => "PATIENT", Official => "OFFICIAL", Doctor => "DOCTOR", Admin => "ADMIN" });

/// Somebody who signs in at this workstation and is the author of what they do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Person {
    /// Local key.
    pub id: PersonId,
    /// As written, at most 200 characters.
    pub full_name: String,
    /// Lower case; what they sign in with.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// What the first run, or an administrator, says of a person.
#[derive(Clone, Deserialize, specta::Type)]
pub struct NewPerson {
    /// As written.
    pub full_name: String,
    /// Any letter case.
    pub email: String,
    /// At least ten characters.
    #[specta(type = String)]
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPerson([REDACTED])")
    }
}
