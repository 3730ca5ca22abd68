//! The table `analysis`: requests that wait, and what was said once.

use serde::{Deserialize, Serialize};
use sqlx::{Row, sqlite::SqliteRow};

use super::{NewPhoto, Store, StoreError, Write, outbox::RecordKind};
use crate::clinical::{
    Analysis, AnalysisDone, AnalysisId, BodySite, ConfidenceWord, LesionClass, PatientId, PendingReason,
    PhotoId, PhotoKind, Probabilities, RiskLevel, RiskRule, policy::Verdict,
};

/// A photo that waits for its analysis, with what the risk policy needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAnalysis {
    /// Which.
    pub id: AnalysisId,
    /// Of which photo.
    pub photo: PhotoId,
    /// Of whom.
    pub patient: PatientId,
    /// Where the lesion is.
    pub site: BodySite,
    /// How the photo was taken.
    pub kind: PhotoKind,
    /// Version of the image pipeline that made its derivative.
    pub pipeline: String,
    /// How often an analyser failed on it.
    pub tries: u32,
    /// RFC 3339.
    pub requested_at: String,
    /// Whether the patient agreed that it is analysed elsewhere.
    pub consented: bool,
    /// Whose opinion is asked for; `None`: whoever speaks.
    pub asked_of: Option<Asked>,
}

/// Whose opinion is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// An installed model's, by the SHA-256 of its network.
    Model(String),
    /// The Space's.
    Space,
}

const SPACE: &str = "space";

impl Asked {
    pub(super) fn as_word(&self) -> &str {
        match self {
            Self::Model(sha256) => sha256,
            Self::Space => SPACE,
        }
    }

    pub(super) fn from_word(word: String) -> Self {
        match word.as_str() {
            SPACE => Self::Space,
            _ => Self::Model(word),
        }
    }
}

/// Whom there is to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking {
    /// A model that is installed.
    pub device: bool,
    /// A Space.
    pub space: bool,
}

/// What an analyser said, to be written once.
pub struct Finished {
    /// Six.
    pub probabilities: Probabilities,
    /// The policy's.
    pub verdict: Verdict,
    /// YYYY-MM-DD.
    pub follow_up_by: String,
    /// As the model, or the Space, calls itself.
    pub model_name: String,
    /// Of `model.onnx`; empty for a Space, whose weights nobody here saw.
    pub model_sha256: String,
    /// Not medical.
    pub demo: bool,
    /// 0 to 1.
    pub published_accuracy: Option<f64>,
    /// Version of the risk policy.
    pub policy: &'static str,
    /// Version of the image pipeline that made the photo's derivative.
    pub pipeline: String,
    /// How long the analyser took.
    pub duration_ms: u32,
}

macro_rules! pending {
    () => {
        "SELECT analysis.id, photo_id, analysis.patient_id, site, kind, photo.pipeline, tries, requested_at, asked_of,
            (SELECT cloud_consent ->> 'given' FROM patient WHERE patient.id = analysis.patient_id) AS consented FROM analysis
         JOIN photo ON photo.patient_id = analysis.patient_id AND photo.id = photo_id JOIN lesion ON lesion.id = lesion_id
         WHERE state = 'AI_PENDING' AND (asked_of IS NOT NULL OR NOT photo.elsewhere)"
    };
}

impl Store {
    /// The requests that wait, a photo's first before all second opinions, the oldest first, at most `limit` of those after `last`.
    ///
    /// # Errors
    /// As every read.
    pub async fn pending_analyses(
        &self,
        last: Option<&PendingAnalysis>,
        limit: u32,
    ) -> Result<Vec<PendingAnalysis>, StoreError> {
        if last.is_none_or(|last| last.asked_of.is_none()) {
            let first = self.pending_page(false, last, limit).await?;
            if !first.is_empty() {
                return Ok(first);
            }
        }
        let last = last.filter(|last| last.asked_of.is_some());
        self.pending_page(true, last, limit).await
    }

    /// Of second opinions, or of all others.
    async fn pending_page(
        &self,
        asked: bool,
        last: Option<&PendingAnalysis>,
        limit: u32,
    ) -> Result<Vec<PendingAnalysis>, StoreError> {
        let rows = sqlx::query(concat!(
            pending!(),
            " AND (asked_of IS NOT NULL) = ? AND (requested_at, analysis.id) > (?, ?)
             ORDER BY requested_at, analysis.id LIMIT ?"
        ))
        .bind(asked)
        .bind(last.map_or("", |last| last.requested_at.as_str()))
        .bind(last.map_or(uuid::Uuid::nil(), |last| last.id.0))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(pending).collect()
    }

    /// The request, while it waits.
    ///
    /// # Errors
    /// As every read.
    pub async fn pending(&self, id: AnalysisId) -> Result<Option<PendingAnalysis>, StoreError> {
        let row = sqlx::query(concat!(pending!(), " AND analysis.id = ?"))
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(pending).transpose()
    }

    /// The requests of a patient that wait, in the same order.
    ///
    /// # Errors
    /// As every read.
    pub async fn pending_of(&self, patient: PatientId) -> Result<Vec<PendingAnalysis>, StoreError> {
        let rows = sqlx::query(concat!(
            pending!(),
            " AND analysis.patient_id = ? ORDER BY asked_of IS NOT NULL, requested_at, analysis.id LIMIT 1000"
        ))
        .bind(patient.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(pending).collect()
    }

    /// Patients of whom a request says that it waits for their consent, which is there, or that it waits for its turn, which comes
    /// only with consent.
    ///
    /// # Errors
    /// As every read.
    pub async fn reworded_by_consent(&self, speaking: Speaking) -> Result<Vec<PatientId>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT patient_id FROM analysis JOIN patient ON patient.id = patient_id WHERE state = 'AI_PENDING'
                AND CASE WHEN ifnull(cloud_consent ->> 'given', 0) THEN awaits IS 'consent'
                    ELSE pending_reason = 'queued' AND CASE WHEN asked_of IS NULL THEN NOT ?1 ELSE asked_of = 'space' END END",
        )
        .bind(speaking.device)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok(PatientId(row.try_get("patient_id")?)))
            .collect()
    }

    /// The request of that photo, while it waits.
    ///
    /// # Errors
    /// As every read.
    pub async fn pending_analysis(&self, photo: PhotoId) -> Result<Option<PendingAnalysis>, StoreError> {
        let row = sqlx::query(concat!(
            pending!(),
            " AND photo.id = ? ORDER BY analysis.request LIMIT 1"
        ))
        .bind(photo.0)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(pending).transpose()
    }

    /// How many wait.
    ///
    /// # Errors
    /// As every read.
    pub async fn pending_count(&self) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS waiting FROM analysis JOIN photo ON photo.id = photo_id
             WHERE state = 'AI_PENDING' AND request = 1 AND NOT elsewhere",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get("waiting")?)
    }
}

impl Write<'_> {
    pub(super) async fn request_analysis(
        &mut self,
        id: AnalysisId,
        photo: &NewPhoto,
        waits_for: PendingReason,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO analysis (id, photo_id, patient_id, requested_at, state, pending_reason, awaits)
             VALUES (?, ?, ?, ?, 'AI_PENDING', ?, ?)",
        )
        .bind(id.0)
        .bind(photo.id.0)
        .bind(photo.patient.0)
        .bind(&photo.kept_at)
        .bind(words(waits_for).0)
        .bind(words(waits_for).1)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes what the analyser said. `false` where somebody else did already; the first word stays.
    ///
    /// # Errors
    /// As every write.
    pub async fn finish_analysis(&mut self, id: AnalysisId, said: &Finished) -> Result<bool, StoreError> {
        let top = said.probabilities.top();
        let p = |class| said.probabilities.of(class);
        let done = sqlx::query(
            "UPDATE analysis SET state = 'DONE', pending_reason = NULL, risk = ?2, rule = ?3, top_class = ?4, p_ack = ?5,
                p_bcc = ?6, p_mel = ?7, p_nev = ?8, p_scc = ?9, p_sek = ?10, confidence_word = ?11, review = ?12,
                follow_up_days = ?13, follow_up_by = ?14, model_name = ?15, model_sha256 = ?16, demo = ?17,
                published_accuracy = ?18, policy = ?19, pipeline = ?20, made_at = ?21, duration_ms = ?22
             WHERE id = ?1 AND state = 'AI_PENDING'",
        )
        .bind(id.0)
        .bind(said.verdict.risk.as_word())
        .bind(said.verdict.rule.as_word())
        .bind(top.class.as_word())
        .bind(p(LesionClass::Ack))
        .bind(p(LesionClass::Bcc))
        .bind(p(LesionClass::Mel))
        .bind(p(LesionClass::Nev))
        .bind(p(LesionClass::Scc))
        .bind(p(LesionClass::Sek))
        .bind(said.verdict.confidence.as_word())
        .bind(said.verdict.review)
        .bind(said.verdict.follow_up_days)
        .bind(&said.follow_up_by)
        .bind(&said.model_name)
        .bind(&said.model_sha256)
        .bind(said.demo)
        .bind(said.published_accuracy)
        .bind(said.policy)
        .bind(&said.pipeline)
        .bind(self.now())
        .bind(said.duration_ms)
        .execute(&mut *self.transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let row = sqlx::query("SELECT patient_id FROM analysis WHERE id = ?")
            .bind(id.0)
            .fetch_one(&mut *self.transaction)
            .await?;
        let patient = PatientId(row.try_get("patient_id")?);
        let urgent = said.verdict.risk == RiskLevel::Urgent;
        self.queue(RecordKind::Analysis, id.0, Some(patient), urgent)
            .await?;
        if urgent {
            self.hurry(patient).await?;
        }
        Ok(true)
    }

    /// Notes why a request still waits. A finished one is left alone.
    ///
    /// # Errors
    /// As every write.
    pub async fn postpone_analysis(
        &mut self,
        id: AnalysisId,
        reason: PendingReason,
    ) -> Result<(), StoreError> {
        let (reason, awaits) = words(reason);
        sqlx::query(
            "UPDATE analysis SET pending_reason = ?2, awaits = ?3, tries = tries + (?2 = 'failed')
             WHERE id = ?1 AND state = 'AI_PENDING'",
        )
        .bind(id.0)
        .bind(reason)
        .bind(awaits)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Says of all that wait, or of one patient's, what they wait for when other analysers speak, or the patient has agreed or
    /// withdrawn that.
    ///
    /// # Errors
    /// As every write.
    pub async fn reword_pending(
        &mut self,
        speaking: Speaking,
        patient: Option<PatientId>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE analysis SET (pending_reason, awaits) = (
                SELECT CASE WHEN asked THEN 'queued' ELSE 'no_model' END, CASE WHEN NOT asked AND ?2 THEN 'consent' END
                FROM (SELECT CASE WHEN asked_of IS NULL THEN ?1 ELSE asked_of <> 'space' END
                    OR ?2 AND ifnull((SELECT cloud_consent ->> 'given' FROM patient WHERE patient.id = analysis.patient_id), 0)
                    AS asked))
             WHERE state = 'AI_PENDING' AND (?3 IS NULL OR patient_id = ?3)",
        )
        .bind(speaking.device)
        .bind(speaking.space)
        .bind(patient.map(|patient| patient.0))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

/// The two columns that say what a request waits for.
const fn words(reason: PendingReason) -> (&'static str, Option<&'static str>) {
    match reason {
        PendingReason::NoModel => ("no_model", None),
        PendingReason::NoConsent => ("no_model", Some("consent")),
        PendingReason::Queued => ("queued", None),
        PendingReason::Failed => ("failed", None),
        PendingReason::SpaceUnreachable => ("failed", Some("space")),
    }
}

fn reason(row: &SqliteRow) -> Result<PendingReason, StoreError> {
    let reason: String = row.try_get("pending_reason")?;
    let awaits: Option<String> = row.try_get("awaits")?;
    let all = [
        PendingReason::NoModel,
        PendingReason::NoConsent,
        PendingReason::Queued,
        PendingReason::Failed,
        PendingReason::SpaceUnreachable,
    ];
    all.into_iter()
        .find(|one| words(*one) == (&reason, awaits.as_deref()))
        .ok_or(StoreError::Unreadable {
            column: "pending_reason",
        })
}

fn pending(row: &SqliteRow) -> Result<PendingAnalysis, StoreError> {
    Ok(PendingAnalysis {
        id: AnalysisId(row.try_get("id")?),
        photo: PhotoId(row.try_get("photo_id")?),
        patient: PatientId(row.try_get("patient_id")?),
        site: super::word(row, "site", BodySite::from_word)?,
        kind: super::word(row, "kind", PhotoKind::from_word)?,
        pipeline: row.try_get("pipeline")?,
        tries: row.try_get("tries")?,
        requested_at: row.try_get("requested_at")?,
        consented: row.try_get::<Option<bool>, _>("consented")?.unwrap_or_default(),
        asked_of: row
            .try_get::<Option<String>, _>("asked_of")?
            .map(Asked::from_word),
    })
}

/// Reads the columns of `analysis` from a row in which its id is called `analysis_id`.
pub(super) fn analysis(row: &SqliteRow) -> Result<Analysis, StoreError> {
    let id = AnalysisId(row.try_get("analysis_id")?);
    let state: String = row.try_get("state")?;
    if state == "AI_PENDING" {
        return Ok(Analysis::Pending {
            id,
            reason: reason(row)?,
        });
    }
    let columns = ["p_ack", "p_bcc", "p_mel", "p_nev", "p_scc", "p_sek"];
    let mut in_order = [0.0; 6];
    for (value, column) in in_order.iter_mut().zip(columns) {
        *value = row.try_get(column)?;
    }
    let probabilities =
        Probabilities::new(in_order).map_err(|_| StoreError::Unreadable { column: "p_mel" })?;
    let top_class = super::word(row, "top_class", LesionClass::from_word)?;
    Ok(Analysis::Done(AnalysisDone {
        id,
        risk: super::word(row, "risk", RiskLevel::from_word)?,
        rule: super::word(row, "rule", RiskRule::from_word)?,
        top_class,
        probabilities: probabilities.ranked().to_vec(),
        confidence: probabilities.of(top_class),
        confidence_word: super::word(row, "confidence_word", ConfidenceWord::from_word)?,
        review: row.try_get("review")?,
        follow_up_days: row.try_get("follow_up_days")?,
        follow_up_by: row.try_get("follow_up_by")?,
        model_name: row.try_get("model_name")?,
        model_sha256: row.try_get("model_sha256")?,
        demo: row.try_get("demo")?,
        published_accuracy: row.try_get("published_accuracy")?,
        policy: row.try_get("policy")?,
        pipeline: row.try_get("analysis_pipeline")?,
        made_at: row.try_get("made_at")?,
        duration_ms: row.try_get("duration_ms")?,
    }))
}
