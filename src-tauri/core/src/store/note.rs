//! The tables `note` and `note_version`.

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, Write, outbox::RecordKind};
use crate::clinical::{AnalysisId, Note, NoteId, NoteVersion, PatientId, PersonId};

impl Store {
    /// The notes under one analysis, oldest first; `asker` tells which are their own.
    ///
    /// # Errors
    /// As every read.
    pub async fn notes(&self, analysis: AnalysisId, asker: PersonId) -> Result<Vec<Note>, StoreError> {
        let rows = sqlx::query(
            "SELECT note.*, person.full_name AS author_name, note.author = ?2 AS mine FROM note
             JOIN person ON person.id = note.author WHERE analysis_id = ?1 ORDER BY note.created_at, note.id",
        )
        .bind(analysis.0)
        .bind(asker.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(note).collect()
    }

    /// One note.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn note(&self, id: NoteId, asker: PersonId) -> Result<Note, StoreError> {
        let row = sqlx::query(
            "SELECT note.*, person.full_name AS author_name, note.author = ?2 AS mine FROM note
             JOIN person ON person.id = note.author WHERE note.id = ?1",
        )
        .bind(id.0)
        .bind(asker.0)
        .fetch_optional(&self.readers)
        .await?;
        note(&row.ok_or(StoreError::NotFound { what: "note" })?)
    }

    /// Whose skin the note is about.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn patient_of_analysis(&self, analysis: AnalysisId) -> Result<PatientId, StoreError> {
        let row = sqlx::query("SELECT patient_id FROM analysis WHERE id = ?")
            .bind(analysis.0)
            .fetch_optional(&self.readers)
            .await?
            .ok_or(StoreError::NotFound { what: "analysis" })?;
        Ok(PatientId(row.try_get("patient_id")?))
    }

    /// What the note said before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn note_versions(&self, id: NoteId) -> Result<Vec<NoteVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT text, replaced_at FROM note_version WHERE note_id = ? ORDER BY revision DESC",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(NoteVersion {
                    text: row.try_get("text")?,
                    replaced_at: row.try_get("replaced_at")?,
                })
            })
            .collect()
    }
}

impl Write<'_> {
    /// Adds a note.
    ///
    /// # Errors
    /// As every write.
    pub async fn add_note(
        &mut self,
        id: NoteId,
        analysis: AnalysisId,
        text: &str,
        author: PersonId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO note (id, analysis_id, text, author, created_at, revision) VALUES (?, ?, ?, ?, ?, 1)",
        )
        .bind(id.0)
        .bind(analysis.0)
        .bind(text)
        .bind(author.0)
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await?;
        self.queue_note(id).await
    }

    /// Replaces the text and keeps the old one.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`], [`StoreError::NotFound`].
    pub async fn edit_note(&mut self, id: NoteId, revision: u32, text: &str) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT revision FROM note WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "note" })?;
        let current: u32 = row.try_get("revision")?;
        if current != revision {
            return Err(StoreError::ChangedMeanwhile {
                what: "note",
                revision: current,
            });
        }
        sqlx::query("INSERT INTO note_version SELECT id, revision, text, ?2 FROM note WHERE id = ?1")
            .bind(id.0)
            .bind(self.now())
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query("UPDATE note SET text = ?2, edited_at = ?3, revision = revision + 1 WHERE id = ?1")
            .bind(id.0)
            .bind(text)
            .bind(self.now())
            .execute(&mut *self.transaction)
            .await?;
        self.queue_note(id).await
    }
}

impl Write<'_> {
    async fn queue_note(&mut self, id: NoteId) -> Result<(), StoreError> {
        let row = sqlx::query(
            "SELECT patient_id FROM analysis WHERE id = (SELECT analysis_id FROM note WHERE id = ?)",
        )
        .bind(id.0)
        .fetch_one(&mut *self.transaction)
        .await?;
        let patient = PatientId(row.try_get("patient_id")?);
        self.queue(RecordKind::Note, id.0, Some(patient), false).await
    }
}

fn note(row: &SqliteRow) -> Result<Note, StoreError> {
    Ok(Note {
        id: NoteId(row.try_get("id")?),
        text: row.try_get("text")?,
        author: row.try_get("author_name")?,
        created_at: row.try_get("created_at")?,
        edited_at: row.try_get("edited_at")?,
        revision: row.try_get("revision")?,
        mine: row.try_get("mine")?,
    })
}
