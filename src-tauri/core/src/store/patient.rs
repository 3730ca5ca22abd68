//! The tables `patient` and `patient_version`.

mod keys;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, WorstRisk, Write, outbox::RecordKind};
use crate::clinical::{Born, CloudConsent, Patient, PatientDraft, PatientId, PatientVersion, PersonId, Sex};

pub(super) use keys::Keys;

/// How many patients one page of a search or of the recent ones holds.
const PAGE: usize = 50;

/// A patient as a list shows them.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct PatientRow {
    /// The record.
    #[serde(flatten)]
    pub patient: Patient,
    /// How many photos.
    pub photos: u32,
    /// When the newest was taken, RFC 3339.
    pub last_photo_at: Option<String>,
    /// The most worrying risk of any analysis.
    pub worst: Option<WorstRisk>,
}

/// At most 50 patients.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct PatientPage {
    /// The last seen first.
    pub patients: Vec<PatientRow>,
    /// Whether more would match.
    pub more: bool,
}

/// All columns of a patient, or of an earlier version, with the name of who recorded the consent.
macro_rules! whole {
    ($table:literal) => {
        concat!(
            $table,
            ".*, (SELECT full_name FROM person WHERE id = unhex(cloud_consent ->> 'by', '-')) AS consent_by"
        )
    };
}

macro_rules! listed {
    ($from:literal) => {
        concat!(
            "SELECT ",
            whole!("patient"),
            ",
                (SELECT count(*) FROM photo WHERE patient_id = patient.id) AS photos,
                (SELECT max(taken_at) FROM photo WHERE patient_id = patient.id) AS last_photo_at,
                (SELECT ",
            super::worst!(),
            " FROM analysis
                    WHERE patient_id = patient.id AND risk IS NOT NULL) AS worst
             FROM ",
            $from
        )
    };
}

/// Patients as lists show them, to be joined to what the index finds.
pub(super) const FOUND: &str = listed!("patient_search");

impl Store {
    /// The patients who were seen or edited last.
    ///
    /// # Errors
    /// As every read.
    pub async fn recent_patients(&self) -> Result<PatientPage, StoreError> {
        let rows = sqlx::query(listed!("patient ORDER BY seen DESC LIMIT 51"))
            .fetch_all(&self.readers)
            .await?;
        page(&rows)
    }

    /// One patient.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn patient(&self, id: PatientId) -> Result<Patient, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            whole!("patient"),
            " FROM patient WHERE id = ?"
        ))
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        patient(&row.ok_or(StoreError::NotFound { what: "patient" })?)
    }

    /// Who might be the same person: same folded name and birth year within one (or unknown), or same phone, or same id.
    ///
    /// # Errors
    /// As every read.
    pub async fn likely_duplicates(&self, draft: &PatientDraft) -> Result<Vec<Patient>, StoreError> {
        let keys = Keys::of(draft);
        let rows = sqlx::query(concat!(
            "SELECT ",
            whole!("patient"),
            " FROM patient WHERE seen IN (
                SELECT seen FROM patient WHERE name_key = ?1
                    AND (?2 IS NULL OR birth_year IS NULL OR birth_year BETWEEN ?2 - 1 AND ?2 + 1)
                UNION SELECT seen FROM patient WHERE phone_key = ?3
                UNION SELECT seen FROM patient WHERE national_id_key = ?4
             ) ORDER BY seen DESC LIMIT 10"
        ))
        .bind(keys.name)
        .bind(keys.birth_year)
        .bind(keys.phone)
        .bind(keys.national_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(patient).collect()
    }

    /// What the record said before, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn patient_versions(&self, id: PatientId) -> Result<Vec<PatientVersion>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            whole!("patient_version"),
            ", person.full_name AS replaced_by_name FROM patient_version
                 JOIN person ON person.id = replaced_by WHERE patient_id = ? ORDER BY revision DESC"
        ))
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(PatientVersion {
                    revision: row.try_get("revision")?,
                    draft: draft(row)?,
                    legal_hold: legal_hold(row)?,
                    cloud_consent: cloud_consent(row)?,
                    replaced_at: row.try_get("replaced_at")?,
                    replaced_by: row.try_get("replaced_by_name")?,
                })
            })
            .collect()
    }
}

impl Write<'_> {
    /// Adds a patient at revision 1.
    ///
    /// # Errors
    /// As every write.
    pub async fn add_patient(
        &mut self,
        id: PatientId,
        draft: &PatientDraft,
        by: PersonId,
    ) -> Result<(), StoreError> {
        let keys = Keys::of(draft);
        let added = sqlx::query(
            "INSERT INTO patient (seen, id, revision, full_name, name_key, born, birth_year, sex, phone, phone_key,
                national_id, national_id_key, search_key, address, created_at, created_by, updated_at, updated_by)
             VALUES ((SELECT ifnull(max(seen), 0) + 1 FROM patient), ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                ?14, ?13, ?14)",
        )
        .bind(id.0)
        .bind(&draft.full_name)
        .bind(&keys.name)
        .bind(draft.born.as_ref().map(Born::as_str))
        .bind(keys.birth_year)
        .bind(draft.sex.map(Sex::as_word))
        .bind(&draft.phone)
        .bind(&keys.phone)
        .bind(&draft.national_id)
        .bind(&keys.national_id)
        .bind(&keys.search)
        .bind(&draft.address)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        self.index_patient(added.last_insert_rowid(), &keys.search)
            .await?;
        self.queue(RecordKind::Patient, id.0, Some(id), false).await
    }

    /// Replaces what the record says and keeps what it said.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`] where `revision` is no longer the record's; [`StoreError::NotFound`].
    pub async fn edit_patient(
        &mut self,
        id: PatientId,
        revision: u32,
        draft: &PatientDraft,
        by: PersonId,
    ) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT revision FROM patient WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "patient" })?;
        let current: u32 = row.try_get("revision")?;
        if current != revision {
            return Err(StoreError::ChangedMeanwhile {
                what: "patient",
                revision: current,
            });
        }
        self.keep_patient_version(id, by).await?;
        let keys = Keys::of(draft);
        sqlx::query(
            "UPDATE patient SET revision = revision + 1, full_name = ?2, name_key = ?3, born = ?4, birth_year = ?5, sex = ?6,
                phone = ?7, phone_key = ?8, national_id = ?9, national_id_key = ?10, search_key = ?11, address = ?12,
                updated_at = ?13, updated_by = ?14 WHERE id = ?1",
        )
        .bind(id.0)
        .bind(&draft.full_name)
        .bind(&keys.name)
        .bind(draft.born.as_ref().map(Born::as_str))
        .bind(keys.birth_year)
        .bind(draft.sex.map(Sex::as_word))
        .bind(&draft.phone)
        .bind(&keys.phone)
        .bind(&draft.national_id)
        .bind(&keys.national_id)
        .bind(&keys.search)
        .bind(&draft.address)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        self.move_to_top(id, &keys.search).await?;
        self.queue(RecordKind::Patient, id.0, Some(id), false).await
    }

    /// Says that nothing of this patient may be deleted, or that it may again, and keeps what the record said. `false` where
    /// it says so already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_legal_hold(
        &mut self,
        id: PatientId,
        on: bool,
        by: PersonId,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT legal_hold FROM patient WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *self.transaction)
            .await?
            .ok_or(StoreError::NotFound { what: "patient" })?;
        if legal_hold(&row)? == on {
            return Ok(false);
        }
        self.keep_patient_version(id, by).await?;
        sqlx::query(
            "UPDATE patient SET revision = revision + 1, legal_hold = ?2, updated_at = ?3, updated_by = ?4 WHERE id = ?1",
        )
        .bind(id.0)
        .bind(on)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        self.queue(RecordKind::Patient, id.0, Some(id), false).await?;
        if !on {
            self.hide_what_was_held(id).await?;
        }
        Ok(true)
    }

    /// Records what the patient said about having photos analysed elsewhere, and keeps what the record said.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_cloud_consent(
        &mut self,
        id: PatientId,
        given: bool,
        by: PersonId,
    ) -> Result<(), StoreError> {
        self.keep_patient_version(id, by).await?;
        let now = self.now();
        let said = json!({ "given": given, "at": now, "by": by });
        let changed = sqlx::query(
            "UPDATE patient SET revision = revision + 1, cloud_consent = ?2, updated_at = ?3, updated_by = ?4 WHERE id = ?1",
        )
        .bind(id.0)
        .bind(said.to_string())
        .bind(now)
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "patient" });
        }
        self.queue(RecordKind::Patient, id.0, Some(id), false).await
    }

    /// Keeps what the record says until now beside its earlier versions.
    async fn keep_patient_version(&mut self, id: PatientId, by: PersonId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO patient_version SELECT id, revision, full_name, born, sex, phone, national_id, address, ?2, ?3,
                legal_hold, cloud_consent FROM patient WHERE id = ?1",
        )
        .bind(id.0)
        .bind(self.now())
        .bind(by.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Moves the patient to the top of the recent ones.
    pub(super) async fn patient_seen(&mut self, id: PatientId) -> Result<(), StoreError> {
        let below = sqlx::query(
            "SELECT search_key FROM patient WHERE id = ? AND seen < (SELECT max(seen) FROM patient)",
        )
        .bind(id.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        // Who is at the top already, as between two photos of one visit, stays there.
        match below {
            Some(row) => self.move_to_top(id, row.try_get("search_key")?).await,
            None => Ok(()),
        }
    }

    /// Puts new words into the index for a patient who stays where they are.
    pub(super) async fn reindex_patient(&mut self, id: Uuid, search_key: &str) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT seen FROM patient WHERE id = ?")
            .bind(id)
            .fetch_one(&mut *self.transaction)
            .await?;
        let seen = row.try_get("seen")?;
        self.unindex_patient(seen).await?;
        self.index_patient(seen, search_key).await
    }

    /// Gives the patient the highest number, and the index their words under it.
    async fn move_to_top(&mut self, id: PatientId, search_key: &str) -> Result<(), StoreError> {
        let before = sqlx::query("SELECT seen FROM patient WHERE id = ?")
            .bind(id.0)
            .fetch_one(&mut *self.transaction)
            .await?;
        let after = sqlx::query(
            "UPDATE patient SET seen = (SELECT max(seen) + 1 FROM patient) WHERE id = ? RETURNING seen",
        )
        .bind(id.0)
        .fetch_one(&mut *self.transaction)
        .await?;
        self.unindex_patient(before.try_get("seen")?).await?;
        self.index_patient(after.try_get("seen")?, search_key).await
    }
}

/// One page, of one row more than it holds where there are more.
pub(super) fn page(rows: &[SqliteRow]) -> Result<PatientPage, StoreError> {
    let patients = rows
        .iter()
        .take(PAGE)
        .map(patient_row)
        .collect::<Result<_, _>>()?;
    Ok(PatientPage {
        patients,
        more: rows.len() > PAGE,
    })
}

fn patient_row(row: &SqliteRow) -> Result<PatientRow, StoreError> {
    Ok(PatientRow {
        patient: patient(row)?,
        photos: row.try_get("photos")?,
        last_photo_at: row.try_get("last_photo_at")?,
        worst: super::worst_risk(row.try_get("worst")?),
    })
}

fn patient(row: &SqliteRow) -> Result<Patient, StoreError> {
    Ok(Patient {
        id: PatientId(row.try_get("id")?),
        revision: row.try_get("revision")?,
        draft: draft(row)?,
        legal_hold: legal_hold(row)?,
        cloud_consent: cloud_consent(row)?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn legal_hold(row: &SqliteRow) -> Result<bool, StoreError> {
    Ok(row.try_get::<Option<bool>, _>("legal_hold")?.unwrap_or_default())
}

fn cloud_consent(row: &SqliteRow) -> Result<Option<CloudConsent>, StoreError> {
    let unreadable = |_| StoreError::Unreadable {
        column: "cloud_consent",
    };
    let Some(json) = row.try_get::<Option<String>, _>("cloud_consent")? else {
        return Ok(None);
    };
    let said: Said = serde_json::from_str(&json).map_err(unreadable)?;
    Ok(Some(CloudConsent {
        given: said.given,
        at: said.at,
        by: row
            .try_get::<Option<String>, _>("consent_by")?
            .unwrap_or_default(),
    }))
}

/// Of the column `cloud_consent` what is read here.
#[derive(Deserialize)]
struct Said {
    given: bool,
    at: String,
}

fn draft(row: &SqliteRow) -> Result<PatientDraft, StoreError> {
    let born: Option<String> = row.try_get("born")?;
    Ok(PatientDraft {
        full_name: row.try_get("full_name")?,
        born: born
            .map(Born::try_from)
            .transpose()
            .map_err(|_| StoreError::Unreadable { column: "born" })?,
        sex: super::optional_word(row, "sex", Sex::from_word)?,
        phone: row.try_get("phone")?,
        national_id: row.try_get("national_id")?,
        address: row.try_get("address")?,
    })
}
