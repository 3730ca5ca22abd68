//! The table `person`.

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, Write, outbox::RecordKind};
use crate::clinical::{Person, PersonId, Role};

/// A person with the hash that their password is checked against.
pub struct StoredPerson {
    /// Who.
    pub person: Person,
    /// Argon2id in PHC string format.
    pub password_hash: String,
}

impl Store {
    /// Everybody who signs in here, by name.
    ///
    /// # Errors
    /// As every read.
    pub async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, full_name, email, role FROM person WHERE NOT elsewhere ORDER BY full_name, email",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(person).collect()
    }

    /// Who signs in with that address, which is given in lower case.
    ///
    /// # Errors
    /// As every read.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<StoredPerson>, StoreError> {
        let row = sqlx::query(
            "SELECT id, full_name, email, role, password_hash FROM person
                WHERE email = ? AND NOT elsewhere",
        )
        .bind(email)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(StoredPerson {
                person: person(&row)?,
                password_hash: row.try_get("password_hash")?,
            })
        })
        .transpose()
    }
}

impl Write<'_> {
    /// Adds somebody.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn add_person(&mut self, person: &Person, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO person (id, full_name, email, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(person.id.0)
        .bind(&person.full_name)
        .bind(&person.email)
        .bind(person.role.as_word())
        .bind(password_hash)
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(constraint) if constraint.is_unique_violation() => StoreError::EmailTaken,
            _ => error.into(),
        })?;
        self.queue(RecordKind::Person, person.id.0, None, false).await
    }
}

fn person(row: &SqliteRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: PersonId(row.try_get("id")?),
        full_name: row.try_get("full_name")?,
        email: row.try_get("email")?,
        role: super::word(row, "role", Role::from_word)?,
    })
}
