//! Whether every page of the database authenticates and the structure holds together.

use sqlx::{Row, SqliteExecutor};

use super::{Store, StoreError};

/// One thing that does not fit, in SQLite's or SQLCipher's words. They hold page numbers and table names, no contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDamage(pub String);

impl Store {
    /// Reads all pages. Nothing in the list means that all is well. Photos go on being kept meanwhile: the writer is held
    /// for the authentication of the pages alone, which must not meet a checkpoint, and the longer checks read elsewhere.
    ///
    /// # Errors
    /// Where the disk is full or read-only; every other failure is an entry of the list.
    pub async fn integrity(&self) -> Result<Vec<PageDamage>, StoreError> {
        let mut damage = Vec::new();
        // Every page's authentication code first: it reports what the structure check would stumble over.
        self.authenticate_pages(&mut damage).await?;
        examine(&self.readers, "integrity_check", &mut damage).await;
        examine(&self.readers, "foreign_key_check", &mut damage).await;
        Ok(damage)
    }

    async fn authenticate_pages(&self, damage: &mut Vec<PageDamage>) -> Result<(), StoreError> {
        let mut writer = match self.writer.acquire().await.map_err(StoreError::from) {
            Ok(writer) => writer,
            Err(error) => {
                damage.push(PageDamage(format!("the writer: {error}")));
                return Ok(());
            }
        };
        // The pages are read past the log. After a power cut in the middle of a checkpoint the database holds torn pages whose
        // contents are in the log: nothing is lost, and nothing may be reported.
        match sqlx::query("PRAGMA wal_checkpoint(FULL)")
            .fetch_all(&mut *writer)
            .await
            .map_err(StoreError::from)
        {
            Err(error @ (StoreError::Full { .. } | StoreError::ReadOnly { .. })) => return Err(error),
            Err(error) => damage.push(PageDamage(format!("wal_checkpoint: {error}"))),
            Ok(_) => {}
        }
        examine(&mut *writer, "cipher_integrity_check", damage).await;
        Ok(())
    }
}

/// What the pragma says save `ok`, or that it can't say anything.
pub(super) async fn examine<'c>(at: impl SqliteExecutor<'c>, pragma: &str, damage: &mut Vec<PageDamage>) {
    let rows = sqlx::query(&format!("PRAGMA {pragma}")).fetch_all(at).await;
    let said: Result<Vec<String>, _> = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
    match said {
        Ok(lines) => {
            let not_well = lines.into_iter().filter(|line| line != "ok");
            damage.extend(not_well.map(|line| PageDamage(format!("{pragma}: {line}"))));
        }
        Err(error) => damage.push(PageDamage(format!("{pragma}: {}", StoreError::from(error)))),
    }
}
