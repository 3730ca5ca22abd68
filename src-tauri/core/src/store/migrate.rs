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
        5,
        "sending",
        include_str!("../../../../migrations/local/0005_sending.sql"),
    ),
];

pub(super) async fn run(writer: &SqlitePool) -> Result<(), StoreError> {
    let migrator = Migrator::new(Carried)
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
struct Carried;

impl<'s> MigrationSource<'s> for Carried {
    fn resolve(
        self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send + 's>> {
        let all = MIGRATIONS.iter().map(|&(version, name, sql)| {
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
