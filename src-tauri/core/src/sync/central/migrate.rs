//! Brings the centre's schema up to date. Migrations are append-only; a newer database is refused by name.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor, PgConnection};

use super::{Access, CentralError};

/// Name and text of every migration, oldest first; the first has number 1.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "roles",
        include_str!("../../../../../migrations/central/0001_roles.sql"),
    ),
    (
        "clinics",
        include_str!("../../../../../migrations/central/0002_clinics.sql"),
    ),
    (
        "records",
        include_str!("../../../../../migrations/central/0003_records.sql"),
    ),
    (
        "api",
        include_str!("../../../../../migrations/central/0004_api.sql"),
    ),
    (
        "administration",
        include_str!("../../../../../migrations/central/0005_administration.sql"),
    ),
    (
        "outline",
        include_str!("../../../../../migrations/central/0006_outline.sql"),
    ),
    (
        "unfinished",
        include_str!("../../../../../migrations/central/0007_unfinished.sql"),
    ),
    (
        "revoke",
        include_str!("../../../../../migrations/central/0008_revoke.sql"),
    ),
    (
        "stolen",
        include_str!("../../../../../migrations/central/0009_stolen.sql"),
    ),
];

/// The version of the schema that this program carries.
pub const SCHEMA: i32 = 9;

/// One migration and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its number, from 1.
    pub version: i32,
    /// What it is about.
    pub name: &'static str,
    /// What became of it.
    pub state: StepState,
}

/// What became of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It had been applied before.
    AlreadyThere,
    /// It was applied now.
    Applied,
    /// It was tried in a transaction that was taken back: it would be applied.
    WouldApply,
}

/// Applies what is missing, each migration in a transaction of its own. A dry run applies all of it in one transaction and takes
/// that back, so that it finds what would fail.
///
/// # Errors
/// [`CentralError::Newer`], [`CentralError::Foreign`], [`CentralError::Migration`], and those of a connection.
pub async fn migrate(access: &Access, dry_run: bool) -> Result<Vec<Step>, CentralError> {
    let mut connection = access.connect().await?;
    let mut steps = Vec::with_capacity(MIGRATIONS.len());
    let mut work = connection.begin().await?;
    let mut known = applied(&mut work).await?;
    for (version, &(name, sql)) in (1..).zip(MIGRATIONS) {
        let state = match (known.contains(&version), dry_run) {
            (true, _) => StepState::AlreadyThere,
            (false, true) => StepState::WouldApply,
            (false, false) => StepState::Applied,
        };
        if state != StepState::AlreadyThere {
            apply(&mut work, version, name, sql)
                .await
                .map_err(|source| CentralError::Migration { version, source })?;
        }
        if state == StepState::Applied {
            work.commit().await?;
            work = connection.begin().await?;
            known = applied(&mut work).await?;
        }
        steps.push(Step { version, name, state });
    }
    work.rollback().await?;
    Ok(steps)
}

/// Which migrations the database has, each compared with the one that this program carries. Where any is missing, nobody else
/// applies one until the transaction ends.
async fn applied(work: &mut PgConnection) -> Result<BTreeSet<i32>, CentralError> {
    // A migration says with every name where it belongs, whatever the account's own settings are.
    let settings = "SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '30s'; \
                    SET LOCAL client_min_messages = warning; SET LOCAL standard_conforming_strings = on";
    work.execute(settings).await?;
    let there: bool = sqlx::query_scalar("SELECT to_regclass('seekwell.migration') IS NOT NULL")
        .fetch_one(&mut *work)
        .await?;
    if !there {
        return Ok(BTreeSet::new());
    }
    let mut found = versions(&mut *work).await?;
    if found.len() < MIGRATIONS.len() {
        work.execute("LOCK TABLE seekwell.migration IN SHARE ROW EXCLUSIVE MODE")
            .await?;
        found = versions(work).await?;
    }
    Ok(found)
}

async fn versions(work: &mut PgConnection) -> Result<BTreeSet<i32>, CentralError> {
    let rows: Vec<(i32, String)> =
        sqlx::query_as("SELECT version, sha256 FROM seekwell.migration ORDER BY version")
            .fetch_all(work)
            .await?;
    let carried: Vec<(i32, String)> = (1..)
        .zip(MIGRATIONS)
        .map(|(version, (_, sql))| (version, sha256(sql)))
        .collect();
    for (version, hash) in &rows {
        match carried.iter().find(|(known, _)| known == version) {
            None => return Err(CentralError::Newer { version: *version }),
            Some((_, known)) if known != hash => return Err(CentralError::Foreign { version: *version }),
            Some(_) => {}
        }
    }
    Ok(rows.into_iter().map(|(version, _)| version).collect())
}

async fn apply(work: &mut PgConnection, version: i32, name: &str, sql: &str) -> Result<(), sqlx::Error> {
    // Text without arguments goes as a whole, however many statements it has.
    work.execute(sql).await?;
    sqlx::query("INSERT INTO seekwell.migration (version, name, sha256) VALUES ($1, $2, $3)")
        .bind(version)
        .bind(name)
        .bind(sha256(sql))
        .execute(work)
        .await?;
    Ok(())
}

/// The same for a file that git has given other line ends.
fn sha256(sql: &str) -> String {
    let hash = Sha256::digest(sql.replace('\r', "").as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_number_of_migrations() {
        assert_eq!(usize::try_from(SCHEMA), Ok(MIGRATIONS.len()));
        assert_eq!(sha256("a\r\nb"), sha256("a\nb"));
    }
}
