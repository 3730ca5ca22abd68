//! The table `model`: which models were installed and which one speaks.

use sqlx::Row;

use super::{Store, StoreError, Write};

/// An installed model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Of `model.onnx`, 64 hex digits; the folder's name too.
    pub sha256: String,
    /// RFC 3339.
    pub installed_at: String,
    /// Whether it is the one that analyses.
    pub active: bool,
}

impl Store {
    /// All installed models, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn models(&self) -> Result<Vec<ModelRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM model ORDER BY installed_at DESC, sha256").fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                Ok(ModelRow {
                    sha256: row.try_get("sha256")?,
                    installed_at: row.try_get("installed_at")?,
                    active: row.try_get("active")?,
                })
            })
            .collect()
    }
}

impl Write<'_> {
    /// Notes that a model is installed. Its second installation changes nothing.
    ///
    /// # Errors
    /// As every write.
    pub async fn add_model(&mut self, sha256: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO model (sha256, installed_at, active) VALUES (?, ?, 0) ON CONFLICT DO NOTHING")
            .bind(sha256)
            .bind(self.now())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Lets that model, and no other, analyse from now on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn use_model(&mut self, sha256: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE model SET active = 0 WHERE active = 1").execute(&mut *self.transaction).await?;
        let changed = sqlx::query("UPDATE model SET active = 1 WHERE sha256 = ?")
            .bind(sha256)
            .execute(&mut *self.transaction)
            .await?;
        if changed.rows_affected() == 0 { Err(StoreError::NotFound { what: "model" }) } else { Ok(()) }
    }

    /// Forgets a model; what it said stays.
    ///
    /// # Errors
    /// As every write.
    pub async fn remove_model(&mut self, sha256: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM model WHERE sha256 = ?").bind(sha256).execute(&mut *self.transaction).await?;
        Ok(())
    }
}
