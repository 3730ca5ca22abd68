//! Whether every page of the database authenticates and the structure holds together.

use sqlx::Row;

use super::{Store, StoreError};

/// One thing that does not fit, in SQLite's or SQLCipher's words. They hold page numbers and table names, no contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDamage(pub String);

impl Store {
    /// Reads all pages. Nothing in the list means that all is well.
    ///
    /// # Errors
    /// Where the database does not answer at all.
    pub async fn integrity(&self) -> Result<Vec<PageDamage>, StoreError> {
        let mut damage = Vec::new();
        // The pages are read past the log. After a power cut in the middle of a checkpoint the database holds torn pages whose
        // contents are in the log: nothing is lost, and nothing may be reported.
        match sqlx::query("PRAGMA wal_checkpoint(FULL)")
            .fetch_all(&self.writer)
            .await
            .map_err(StoreError::from)
        {
            Err(error @ (StoreError::Full { .. } | StoreError::ReadOnly { .. })) => return Err(error),
            Err(error) => damage.push(PageDamage(format!("wal_checkpoint: {error}"))),
            Ok(_) => {}
        }
        // Every page's authentication code first: it reports what the structure check would stumble over.
        for (pragma, well) in [
            ("cipher_integrity_check", None),
            ("integrity_check", Some("ok")),
            ("foreign_key_check", None),
        ] {
            let rows = match sqlx::query(&format!("PRAGMA {pragma}"))
                .fetch_all(&self.writer)
                .await
            {
                Ok(rows) => rows,
                Err(error) => {
                    damage.push(PageDamage(format!("{pragma}: {}", StoreError::from(error))));
                    continue;
                }
            };
            for row in rows {
                let said: String = row.try_get(0)?;
                if Some(said.as_str()) != well {
                    damage.push(PageDamage(format!("{pragma}: {said}")));
                }
            }
        }
        Ok(damage)
    }
}
