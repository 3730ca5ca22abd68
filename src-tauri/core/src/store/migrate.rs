//! Brings the tables up to date. Migrations are append-only; a newer database is refused by name.

use std::borrow::Cow;

use sqlx::{
    SqlitePool,
    error::BoxDynError,
    migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator},
};

use super::StoreError;

/// Number, name and text of every migration, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "clinic",
        include_str!("../../../../migrations/local/0001_clinic.sql"),
    ),
    (
        2,
        "sync",
        include_str!("../../../../migrations/local/0002_sync.sql"),
    ),
    (
        3,
        "settling",
        include_str!("../../../../migrations/local/0003_settling.sql"),
    ),
    (
        4,
        "retention",
        include_str!("../../../../migrations/local/0004_retention.sql"),
    ),
    (
        5,
        "sending",
        include_str!("../../../../migrations/local/0005_sending.sql"),
    ),
    (
        6,
        "urgent",
        include_str!("../../../../migrations/local/0006_urgent.sql"),
    ),
    (
        7,
        "unsent",
        include_str!("../../../../migrations/local/0007_unsent.sql"),
    ),
    (
        8,
        "analysis",
        include_str!("../../../../migrations/local/0008_analysis.sql"),
    ),
    (
        9,
        "judgement",
        include_str!("../../../../migrations/local/0009_judgement.sql"),
    ),
];

pub(super) async fn run(writer: &SqlitePool) -> Result<(), StoreError> {
    run_to(writer, i64::MAX).await
}

/// Up to that one: what an older program left.
pub(super) async fn run_to(writer: &SqlitePool, newest: i64) -> Result<(), StoreError> {
    let migrator = Migrator::new(Carried { newest })
        .await
        .map_err(|source| StoreError::Migration { source })?;
    migrator.run(writer).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => StoreError::Newer { version },
        MigrateError::VersionMismatch(version) => StoreError::Foreign { version },
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => source.into(),
        source => StoreError::Migration { source },
    })
}

#[derive(Debug)]
struct Carried {
    newest: i64,
}

impl<'s> MigrationSource<'s> for Carried {
    fn resolve(
        self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send + 's>> {
        let newest = self.newest;
        let carried = MIGRATIONS.iter().filter(move |(version, ..)| *version <= newest);
        let all = carried.map(|&(version, name, sql)| {
            Migration::new(
                version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                Cow::Borrowed(sql),
                false,
            )
        });
        Box::pin(std::future::ready(Ok(all.collect())))
    }
}
