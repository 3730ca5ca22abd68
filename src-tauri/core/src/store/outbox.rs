//! The table `outbox`: which records the centre has not confirmed, in which version, and what became of the last attempt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, Write};
use crate::{
    clinical::{PatientId, PersonId},
    clock::rfc3339,
};

/// A kind of record that travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum RecordKind {
    Person,
    Patient,
    Lesion,
    Photo,
    Analysis,
    Note,
    Acknowledgement,
}

impl RecordKind {
    /// In the order in which one refers to another.
    pub const ALL: [Self; 7] = [
        Self::Person,
        Self::Patient,
        Self::Lesion,
        Self::Photo,
        Self::Analysis,
        Self::Note,
        Self::Acknowledgement,
    ];

    /// As it is stored and sent.
    pub const fn as_word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Patient => "patient",
            Self::Lesion => "lesion",
            Self::Photo => "photo",
            Self::Analysis => "analysis",
            Self::Note => "note",
            Self::Acknowledgement => "acknowledgement",
        }
    }

    /// The kind of that word; `None` for one that a newer version made.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_word() == word)
    }
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The centre does not want it as it is: a person has to look. It is not tried again before it changes.
    Refused,
    /// It did not work this time.
    Failed,
}

impl Failure {
    pub(super) const fn as_word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Refused, Self::Failed]
            .into_iter()
            .find(|failure| failure.as_word() == word)
    }
}

/// What became of the last attempts to send something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempts {
    /// How many failed since it last changed.
    pub tries: u32,
    /// RFC 3339; not before then. `None`: at once, or, where it was refused, not before it changes.
    pub next_try_at: Option<String>,
    /// What kind of trouble the last one met.
    pub failure: Option<Failure>,
    /// In the centre's words, without values.
    pub reason: Option<String>,
}

/// A record that waits for the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRecord {
    /// Which table.
    pub kind: RecordKind,
    /// Its id.
    pub record: Uuid,
    /// Whose it is, where it is one patient's.
    pub patient: Option<PatientId>,
    /// Counts the changes since it was last confirmed: settling an older one leaves it waiting.
    pub version: u32,
    /// The id of sending this version.
    pub operation: Uuid,
    /// Goes before all that is not.
    pub urgent: bool,
    /// RFC 3339, of the first change that is not confirmed.
    pub queued_at: String,
    /// It goes; until the centre has confirmed that, it is here as it was.
    pub deleted: bool,
    /// What it refers to is at the centre: an analysis needs its image there, a note its analysis.
    pub ready: bool,
    /// What became of it so far.
    pub attempts: Attempts,
}

/// Whether a note under an analysis may go: the analysis is at the centre, which takes no note about one that it does not
/// have. `$id` is the analysis' id.
macro_rules! at_centre {
    ($id:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM confirmed WHERE confirmed.kind = 'analysis' AND confirmed.record = (",
            $id,
            "))"
        )
    };
}

/// Whether a record may go: the patient or the photo that takes it along has gone before it.
macro_rules! first_went {
    () => {
        "ifnull((SELECT erasure = record OR EXISTS (SELECT 1 FROM confirmed
                WHERE confirmed.kind IN ('patient', 'photo') AND confirmed.record = erasure AND confirmed.deleted)
            FROM erasure_record WHERE erasure_record.record = outbox.record), 1)"
    };
}

/// The records of [`super::Outbox`].
pub(super) async fn waiting_records(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<WaitingRecord>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT outbox.*, CASE WHEN outbox.deleted THEN ", first_went!(), " ELSE ifnull(CASE outbox.kind
            WHEN 'analysis' THEN EXISTS (SELECT 1 FROM analysis JOIN image ON image.photo_id = analysis.photo_id
                WHERE analysis.id = outbox.record AND part = 'derivative' AND generation IS NOT NULL)
            WHEN 'note' THEN ", at_centre!("SELECT analysis_id FROM note WHERE note.id = outbox.record"), "
            WHEN 'acknowledgement' THEN ",
                at_centre!("SELECT analysis_id FROM acknowledgement WHERE acknowledgement.id = outbox.record"), "
            ELSE 1 END, 1) END AS ready
         FROM outbox WHERE failure IS NOT 'refused' ORDER BY ready DESC, coalesce(next_try_at > ?, 0), urgent DESC,
            CASE outbox.kind WHEN 'person' THEN 0 WHEN 'patient' THEN 1 WHEN 'lesion' THEN 2 WHEN 'photo' THEN 3
                WHEN 'analysis' THEN 4 ELSE 5 END, queued_at LIMIT ?"
    ))
    .bind(rfc3339(now))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(waiting_record).collect()
}

impl Store {
    /// The deletions that wait, what takes others along first, at most `limit`.
    ///
    /// # Errors
    /// As every read.
    pub async fn waiting_deletions(&self, limit: u32) -> Result<Vec<WaitingRecord>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT outbox.*, ",
            first_went!(),
            " AS ready FROM outbox WHERE outbox.deleted AND failure IS NOT 'refused'
             ORDER BY ready DESC, queued_at, record LIMIT ?"
        ))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(waiting_record).collect()
    }
}

impl Write<'_> {
    /// Queues the record, in the transaction that changed it. Each change is an operation of its own and raises the
    /// version; what became of the version before says nothing about this one. A deletion that waits is taken back, and so is
    /// that of the patient: they have been here.
    pub(super) async fn queue(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        patient: Option<PatientId>,
        urgent: bool,
    ) -> Result<(), StoreError> {
        if let Some(patient) = patient {
            self.withdraw_erasures_of(patient).await?;
        }
        self.enqueue(kind, record, patient, urgent, false).await
    }

    /// Queues the record's deletion. It travels as an edit does.
    pub(super) async fn queue_deletion(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        patient: Option<PatientId>,
    ) -> Result<(), StoreError> {
        self.enqueue(kind, record, patient, false, true).await
    }

    async fn enqueue(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        patient: Option<PatientId>,
        urgent: bool,
        deleted: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outbox (kind, record, patient_id, version, operation, urgent, queued_at, deleted)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)
             ON CONFLICT (kind, record) DO UPDATE SET version = version + 1, operation = excluded.operation,
                 urgent = max(urgent, excluded.urgent), tries = 0, next_try_at = NULL, failure = NULL, reason = NULL,
                 deleted = excluded.deleted",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(patient.map(|patient| patient.0))
        .bind(self.clock.new_id())
        .bind(urgent)
        .bind(self.now())
        .bind(deleted)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sends before the rest what an urgent analysis needs at the centre: its patient, lesion and photo.
    pub(super) async fn hurry(&mut self, patient: PatientId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET urgent = 1 WHERE patient_id = ? AND kind IN ('patient', 'lesion', 'photo')",
        )
        .bind(patient.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sends the person before the rest if they wait: who reads what they did has to know who they are.
    pub(super) async fn hurry_person(&mut self, person: PersonId) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET urgent = 1 WHERE kind = 'person' AND record = ?")
            .bind(person.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Takes the record off the list if this version is still the one that waits; one that changed meanwhile goes on
    /// waiting.
    pub(super) async fn unqueue(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        version: u32,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE kind = ? AND record = ? AND version = ?")
            .bind(kind.as_word())
            .bind(record)
            .bind(version)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Whether the record has changes that the centre has not confirmed.
    pub(super) async fn is_waiting(&mut self, kind: RecordKind, record: Uuid) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM outbox WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(row.is_some())
    }

    /// Notes what became of sending that version. One that changed meanwhile is left alone.
    ///
    /// # Errors
    /// As every write.
    pub async fn note_attempt(
        &mut self,
        sent: &WaitingRecord,
        attempts: &Attempts,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET tries = ?4, next_try_at = ?5, failure = ?6, reason = ?7
             WHERE kind = ?1 AND record = ?2 AND version = ?3",
        )
        .bind(sent.kind.as_word())
        .bind(sent.record)
        .bind(sent.version)
        .bind(attempts.tries)
        .bind(&attempts.next_try_at)
        .bind(attempts.failure.map(Failure::as_word))
        .bind(&attempts.reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Lets everything be tried at once that waits for its time or was refused: somebody asked, or the network is back.
    ///
    /// # Errors
    /// As every write.
    pub async fn retry_all(&mut self, refused_too: bool) -> Result<(), StoreError> {
        let which = "failure = 'failed' OR (?1 AND failure = 'refused')";
        for table in ["outbox", "image"] {
            sqlx::query(&format!(
                "UPDATE {table} SET next_try_at = NULL, failure = NULL, tries = 0 WHERE {which}"
            ))
            .bind(refused_too)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }
}

pub(super) fn attempts(row: &SqliteRow) -> Result<Attempts, StoreError> {
    Ok(Attempts {
        tries: row.try_get("tries")?,
        next_try_at: row.try_get("next_try_at")?,
        failure: super::optional_word(row, "failure", Failure::from_word)?,
        reason: row.try_get("reason")?,
    })
}

fn waiting_record(row: &SqliteRow) -> Result<WaitingRecord, StoreError> {
    Ok(WaitingRecord {
        kind: super::word(row, "kind", RecordKind::from_word)?,
        record: row.try_get("record")?,
        patient: row.try_get::<Option<Uuid>, _>("patient_id")?.map(PatientId),
        version: row.try_get("version")?,
        operation: row.try_get("operation")?,
        urgent: row.try_get("urgent")?,
        queued_at: row.try_get("queued_at")?,
        deleted: row.try_get("deleted")?,
        ready: row.try_get("ready")?,
        attempts: attempts(row)?,
    })
}
