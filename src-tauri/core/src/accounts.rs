//! The people of this workstation: their passwords, and who asks.

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{
    clinical::{NewPerson, Person, PersonId, Role},
    store::{Store, StoreError},
};

/// Fewest characters of a password (NIST SP 800-63B asks for at least eight, and fifteen where it stands alone).
pub const SHORTEST_PASSWORD: usize = 10;

const LONGEST_TEXT: u32 = 200;

/// Who asks. Every method of the façade that a person causes takes one; only signing in and the CLI's `--as` make one.
#[derive(Debug, Clone)]
pub struct Caller {
    person: Person,
}

/// People and passwords.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// A person needs a name.
    #[error("a person needs a name")]
    NameMissing,
    /// Not an address.
    #[error("that is no e-mail address")]
    EmailInvalid,
    /// Too few characters.
    #[error("a password needs at least {shortest} characters")]
    PasswordTooShort {
        /// Characters.
        shortest: usize,
    },
    /// A name or address past its limit.
    #[error("the text has more than {limit} characters")]
    TextTooLong {
        /// Characters.
        limit: u32,
    },
    /// Somebody else has to do that.
    #[error("this needs the role {needs}")]
    NotAllowed {
        /// The roles that may, in words.
        needs: &'static str,
    },
    /// Nobody with that address, or another password; which of them is not said.
    #[error("e-mail address or password is wrong")]
    SignInRefused,
    /// The password could not be hashed.
    #[error("the password could not be hashed: {what}")]
    Hash {
        /// What Argon2 said.
        what: argon2::password_hash::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Caller {
    /// The person.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The person's id, as author.
    pub fn id(&self) -> PersonId {
        self.person.id
    }

    /// Who manages people and settings.
    ///
    /// # Errors
    /// [`AccountsError::NotAllowed`] for everybody else.
    pub fn must_be_admin(&self) -> Result<(), AccountsError> {
        match self.person.role {
            Role::Admin => Ok(()),
            Role::Patient | Role::Official | Role::Doctor => {
                Err(AccountsError::NotAllowed { needs: "ADMIN" })
            }
        }
    }

    /// Who works here: everybody but a patient with access to their own record.
    ///
    /// # Errors
    /// [`AccountsError::NotAllowed`] for a patient.
    pub fn must_be_staff(&self) -> Result<(), AccountsError> {
        match self.person.role {
            Role::Official | Role::Doctor | Role::Admin => Ok(()),
            Role::Patient => Err(AccountsError::NotAllowed {
                needs: "OFFICIAL, DOCTOR or ADMIN",
            }),
        }
    }

    /// Who answers for what is kept of a patient.
    ///
    /// # Errors
    /// [`AccountsError::NotAllowed`] for everybody else.
    pub fn must_be_admin_or_doctor(&self) -> Result<(), AccountsError> {
        match self.person.role {
            Role::Admin | Role::Doctor => Ok(()),
            Role::Patient | Role::Official => Err(AccountsError::NotAllowed {
                needs: "ADMIN or DOCTOR",
            }),
        }
    }
}

/// A person who passes the rules, with the hash of their password. Takes about a tenth of a second: call it off the
/// event loop.
///
/// # Errors
/// The rule that is broken.
pub fn admit(id: PersonId, new: &NewPerson, role: Role) -> Result<(Person, String), AccountsError> {
    let full_name = new.full_name.trim();
    if full_name.is_empty() {
        return Err(AccountsError::NameMissing);
    }
    let email = address(&new.email);
    for text in [full_name, &email] {
        if text.chars().count() > LONGEST_TEXT as usize {
            return Err(AccountsError::TextTooLong { limit: LONGEST_TEXT });
        }
    }
    if !looks_like_email(&email) {
        return Err(AccountsError::EmailInvalid);
    }
    let password = typed(&new.password);
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(AccountsError::PasswordTooShort {
            shortest: SHORTEST_PASSWORD,
        });
    }
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &SaltString::generate(&mut OsRng))
        .map_err(|what| AccountsError::Hash { what })?
        .to_string();
    Ok((
        Person {
            id,
            full_name: full_name.to_owned(),
            email,
            role,
        },
        hash,
    ))
}

/// Signs in. Takes as long for an unknown address as for a known one.
///
/// # Errors
/// [`AccountsError::SignInRefused`].
pub async fn sign_in(store: &Store, email: &str, password: &str) -> Result<Caller, AccountsError> {
    let found = store.person_by_email(&address(email)).await?;
    let (person, hash) = found.map_or_else(
        || (None, NOBODY.to_owned()),
        |known| (Some(known.person), known.password_hash),
    );
    let password = typed(password);
    let right = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        })
    })
    .await
    .unwrap_or(false);
    match person {
        Some(person) if right => Ok(Caller { person }),
        _ => Err(AccountsError::SignInRefused),
    }
}

/// The person of that address without a password, for who holds the device key anyway: the CLI.
///
/// # Errors
/// [`AccountsError::SignInRefused`] where there is nobody.
pub async fn act_as(store: &Store, email: &str) -> Result<Caller, AccountsError> {
    let found = store.person_by_email(&address(email)).await?;
    found
        .map(|known| Caller { person: known.person })
        .ok_or(AccountsError::SignInRefused)
}

/// As it is hashed: one keyboard gives an accented letter as one code point, another as letter and marks, and both are the
/// same password.
fn typed(password: &str) -> Zeroizing<String> {
    // Enough room from the start, so that no shorter copy is left behind unwiped.
    let mut composed = Zeroizing::new(String::with_capacity(password.len() * 3));
    composed.extend(password.nfc());
    composed
}

/// As it is stored and looked for.
fn address(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
}

/// The person who has just set the workstation up.
pub(crate) fn first_caller(person: Person) -> Caller {
    Caller { person }
}

/// The hash of no password, at the parameters of [`Argon2::default`].
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2Vla3dlbGwtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.chars().any(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_person(email: &str, password: &str) -> NewPerson {
        NewPerson {
            full_name: " Lê Thị Mai (mẫu) ".into(),
            email: email.into(),
            password: password.to_owned().into(),
        }
    }

    #[test]
    fn each_role_may_do_what_is_its_own() {
        for (role, admin, admin_or_doctor, staff) in [
            (Role::Admin, true, true, true),
            (Role::Doctor, false, true, true),
            (Role::Official, false, false, true),
            (Role::Patient, false, false, false),
        ] {
            let person = Person {
                id: PersonId(uuid::Uuid::nil()),
                full_name: "Lê Thị Mai (mẫu)".to_owned(),
                email: "mai@example.test".to_owned(),
                role,
            };
            let caller = Caller { person };
            assert_eq!(
                (
                    caller.must_be_admin().is_ok(),
                    caller.must_be_admin_or_doctor().is_ok(),
                    caller.must_be_staff().is_ok()
                ),
                (admin, admin_or_doctor, staff),
                "{role:?}"
            );
        }
    }

    #[test]
    fn a_person_is_admitted_by_the_rules() {
        let id = PersonId(uuid::Uuid::nil());
        let (person, hash) = admit(id, &new_person(" Mai@Example.test", "mười ký tự"), Role::Admin).unwrap();
        assert_eq!(
            (person.full_name.as_str(), person.email.as_str()),
            ("Lê Thị Mai (mẫu)", "mai@example.test")
        );
        assert!(hash.starts_with("$argon2id$"));
        for bad in ["", "mai", "@example.test", "mai@", "a b@example.test", "a@b@c"] {
            assert!(matches!(
                admit(id, &new_person(bad, "mười ký tự"), Role::Admin),
                Err(AccountsError::EmailInvalid)
            ));
        }
        assert!(matches!(
            admit(id, &new_person("mai@example.test", "chín ký t"), Role::Admin),
            Err(AccountsError::PasswordTooShort { shortest: 10 })
        ));
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let (composed, apart) = ("mật khẩu dài", "ma\u{323}\u{302}t kha\u{302}\u{309}u da\u{300}i");
        assert_ne!(composed, apart);
        assert_eq!(typed(composed), typed(apart));
        let id = PersonId(uuid::Uuid::nil());
        let (person, hash) = admit(id, &new_person("HO\u{300}A@example.test", apart), Role::Admin).unwrap();
        assert_eq!(person.email, address(" hòa@Example.test"));
        let hash = PasswordHash::new(&hash).unwrap();
        let right = Argon2::default().verify_password(typed(composed).as_bytes(), &hash);
        assert_eq!(right, Ok(()));
        // Ten letters with their marks apart are still ten characters.
        assert!(matches!(
            admit(
                id,
                &new_person("mai@example.test", "a\u{300}a\u{300}a\u{300}a\u{300}a\u{300}"),
                Role::Admin
            ),
            Err(AccountsError::PasswordTooShort { .. })
        ));
    }

    #[test]
    fn an_unknown_address_costs_a_real_verification() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        assert_eq!(
            Argon2::default().verify_password(b"x", &hash),
            Err(argon2::password_hash::Error::Password)
        );
    }
}
