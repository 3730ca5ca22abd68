//! The tables `worklist` and `acknowledgement`: what somebody of the clinic has to look at, urgent or not, and who has.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, Write, history::parse_cursor, outbox::RecordKind};
use crate::clinical::{
    AnalysisId, BodySite, Born, LesionClass, PatientId, PersonId, PhotoId, RiskLevel, Sex, Side,
};

/// A photo whose analysis somebody has to look at, or has looked at.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct UrgentCase {
    /// The photo's latest analysis that the policy calls urgent, or where none is, the latest that it wants reviewed.
    pub analysis_id: AnalysisId,
    /// Of which photo.
    pub photo_id: PhotoId,
    /// Of whom.
    pub patient: UrgentPatient,
    /// Where.
    pub site: BodySite,
    /// Which side.
    pub side: Side,
    /// What people call the spot.
    pub lesion_label: Option<String>,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// What the policy says of it.
    pub risk: RiskLevel,
    /// The most probable class.
    pub top_class: LesionClass,
    /// Its probability, 0 to 1.
    pub confidence: f64,
    /// Said by a demo model: not medical.
    pub demo: bool,
    /// Whether the small picture is sealed on this machine.
    pub thumbnail_here: bool,
    /// The centre has confirmed the analysis. Until then this machine alone knows of it.
    pub delivered: bool,
    /// The photo was kept at another workstation.
    pub elsewhere: bool,
    /// Counts up in the order in which cases came to be known here.
    pub arrival: u32,
    /// Who has seen it; `None` while it is open.
    pub acknowledgement: Option<Acknowledgement>,
}

/// Of a patient what a list of urgent cases shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct UrgentPatient {
    /// Who.
    pub id: PatientId,
    /// As written.
    pub full_name: String,
    /// Date or year.
    pub born: Option<Born>,
    /// Where it was said.
    pub sex: Option<Sex>,
}

/// Somebody has seen an urgent case and takes care of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Acknowledgement {
    /// Full name of the first who did.
    pub by: String,
    /// RFC 3339, UTC.
    pub at: String,
    /// The centre has confirmed it.
    pub delivered: bool,
    /// How many acknowledged the same case without knowing of the first, at workstations that were offline.
    pub others: u32,
}

/// Which cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum WhichUrgent {
    /// The urgent ones that nobody has acknowledged, latest analysis first.
    Open,
    /// Those that are not urgent and that a doctor is to review, and nobody has acknowledged; latest analysis first.
    Review,
    /// The others, urgent or not, last acknowledged first.
    Acknowledged,
}

/// Some of the cases.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct UrgentPage {
    /// Newest first.
    pub cases: Vec<UrgentCase>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// How many urgent ones are open, on this page or not.
    pub open: u32,
}

/// What a badge and a banner show.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct UrgentSummary {
    /// How many urgent ones are open.
    pub open: u32,
    /// Of those the one that came to be known here last.
    pub newest: Option<UrgentCase>,
    /// How many that are not urgent wait for a review.
    pub review: u32,
}

/// The same without a word about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UrgentMark {
    /// How many are open.
    pub open: u32,
    /// The arrival of the one that came to be known here last; 0 where none is open.
    pub newest: u32,
}

impl WhichUrgent {
    /// The rows, and the column that they are in order of.
    const fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => (
                "worklist.acknowledged_at IS NULL AND worklist.urgent = 1",
                "worklist.made_at",
            ),
            Self::Review => (
                "worklist.acknowledged_at IS NULL AND worklist.urgent = 0",
                "worklist.made_at",
            ),
            Self::Acknowledged => ("worklist.acknowledged_at IS NOT NULL", "worklist.acknowledged_at"),
        }
    }
}

/// `CROSS JOIN` keeps `worklist` outermost: every other table is asked by its key, once per case that is shown.
const CASE: &str = "SELECT worklist.arrived, worklist.analysis_id, worklist.photo_id, worklist.made_at,
        worklist.acknowledged_at AS first_acknowledged_at, analysis.risk, analysis.top_class, analysis.demo,
        CASE analysis.top_class WHEN 'ACK' THEN p_ack WHEN 'BCC' THEN p_bcc WHEN 'MEL' THEN p_mel WHEN 'NEV' THEN p_nev
            WHEN 'SCC' THEN p_scc ELSE p_sek END AS confidence,
        patient.id AS patient_id, patient.full_name, patient.born, patient.sex,
        lesion.site, lesion.side, lesion.label, photo.elsewhere,
        EXISTS (SELECT 1 FROM image WHERE image.photo_id = worklist.photo_id AND part = 'thumbnail' AND here) AS thumbnail_here,
        EXISTS (SELECT 1 FROM confirmed WHERE kind = 'analysis' AND record = worklist.analysis_id) AS delivered,
        seen.acknowledged_at AS seen_at, person.full_name AS seen_by,
        EXISTS (SELECT 1 FROM confirmed WHERE kind = 'acknowledgement' AND record = seen.id) AS seen_delivered,
        (SELECT count(*) FROM acknowledgement WHERE acknowledgement.analysis_id = worklist.analysis_id) AS acknowledgements
    FROM worklist CROSS JOIN analysis ON analysis.id = worklist.analysis_id
    CROSS JOIN photo ON photo.id = worklist.photo_id
    CROSS JOIN lesion ON lesion.id = photo.lesion_id
    CROSS JOIN patient ON patient.id = photo.patient_id
    LEFT JOIN acknowledgement AS seen ON seen.id = (SELECT id FROM acknowledgement
        WHERE acknowledgement.analysis_id = worklist.analysis_id ORDER BY acknowledged_at, id LIMIT 1)
    LEFT JOIN person ON person.id = seen.acknowledged_by
    WHERE ";

impl Store {
    /// One page. `before` is the `next` of the page before. Costs what is shown and what is open, whatever else the clinic
    /// has analysed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a cursor that is none.
    pub async fn urgent_cases(
        &self,
        which: WhichUrgent,
        before: Option<&str>,
        limit: u32,
    ) -> Result<UrgentPage, StoreError> {
        let limit = limit.clamp(1, 500);
        let mut query = page(which, before, limit + 1)?;
        let rows = query.build().fetch_all(&self.readers).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let cases = rows.iter().take(shown).map(case).collect::<Result<Vec<_>, _>>()?;
        let next = match rows.get(shown.wrapping_sub(1)) {
            Some(last) if rows.len() > shown => Some(cursor(which, last)?),
            _ => None,
        };
        Ok(UrgentPage {
            cases,
            next,
            open: self.urgent_mark().await?.open,
        })
    }

    /// How many are open, and the one that came last.
    ///
    /// # Errors
    /// As every read.
    pub async fn urgent_summary(&self) -> Result<UrgentSummary, StoreError> {
        let mark = self.urgent_mark().await?;
        let mut query = QueryBuilder::<Sqlite>::new(CASE);
        let row = query
            .push("worklist.arrived = ")
            .push_bind(mark.newest)
            .build()
            .fetch_optional(&self.readers)
            .await?;
        Ok(UrgentSummary {
            open: mark.open,
            newest: row.as_ref().map(case).transpose()?,
            review: sqlx::query(REVIEWS)
                .fetch_one(&self.readers)
                .await?
                .try_get("review")?,
        })
    }

    /// The same in two numbers.
    ///
    /// # Errors
    /// As every read.
    pub async fn urgent_mark(&self) -> Result<UrgentMark, StoreError> {
        let row = sqlx::query(MARK).fetch_one(&self.readers).await?;
        Ok(UrgentMark {
            open: row.try_get("open")?,
            newest: row.try_get("newest")?,
        })
    }

    /// The case of that photo, open or not; `None` where the policy wants none of its analyses looked at.
    ///
    /// # Errors
    /// As every read.
    pub async fn urgent_case(&self, photo: PhotoId) -> Result<Option<UrgentCase>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(CASE);
        let row = query
            .push("worklist.photo_id = ")
            .push_bind(photo.0)
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(case).transpose()
    }

    /// Who was the first to acknowledge that analysis.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn acknowledgement(&self, analysis: AnalysisId) -> Result<Acknowledgement, StoreError> {
        let row = sqlx::query(
            "SELECT acknowledged_at AS seen_at, person.full_name AS seen_by,
                EXISTS (SELECT 1 FROM confirmed WHERE kind = 'acknowledgement' AND record = acknowledgement.id) AS seen_delivered,
                (SELECT count(*) FROM acknowledgement WHERE analysis_id = ?1) AS acknowledgements
             FROM acknowledgement JOIN person ON person.id = acknowledged_by
             WHERE analysis_id = ?1 ORDER BY acknowledged_at, acknowledgement.id LIMIT 1",
        )
        .bind(analysis.0)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref()
            .map(acknowledgement)
            .transpose()?
            .flatten()
            .ok_or(StoreError::NotFound {
                what: "acknowledgement",
            })
    }
}

impl Write<'_> {
    /// Records that somebody has seen an urgent analysis and takes care of it, or has reviewed one that is not urgent. `false` where somebody did already: nothing is
    /// written then.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::NotUrgent`].
    pub async fn acknowledge(
        &mut self,
        id: Uuid,
        analysis: AnalysisId,
        by: PersonId,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT patient_id, risk, review, EXISTS (SELECT 1 FROM acknowledgement WHERE analysis_id = analysis.id) AS acknowledged
             FROM analysis WHERE id = ?",
        )
        .bind(analysis.0)
        .fetch_optional(&mut *self.transaction)
        .await?
        .ok_or(StoreError::NotFound { what: "analysis" })?;
        let urgent = super::optional_word(&row, "risk", RiskLevel::from_word)? == Some(RiskLevel::Urgent);
        if !urgent && !row.try_get::<Option<bool>, _>("review")?.unwrap_or_default() {
            return Err(StoreError::NotUrgent);
        }
        if row.try_get("acknowledged")? {
            return Ok(false);
        }
        let patient = PatientId(row.try_get("patient_id")?);
        sqlx::query(
            "INSERT INTO acknowledgement (id, analysis_id, acknowledged_by, acknowledged_at) VALUES (?, ?, ?, ?)",
        )
        .bind(id)
        .bind(analysis.0)
        .bind(by.0)
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await?;
        self.queue(RecordKind::Acknowledgement, id, Some(patient), urgent)
            .await?;
        if urgent {
            self.hurry_person(by).await?;
        }
        Ok(true)
    }
}

const MARK: &str =
    "SELECT (SELECT count(*) FROM worklist WHERE acknowledged_at IS NULL AND urgent = 1) AS open,
    (SELECT ifnull(max(arrived), 0) FROM worklist WHERE acknowledged_at IS NULL AND urgent = 1) AS newest";
const REVIEWS: &str = "SELECT count(*) AS review FROM worklist WHERE acknowledged_at IS NULL AND urgent = 0";

fn page(
    which: WhichUrgent,
    before: Option<&str>,
    limit: u32,
) -> Result<QueryBuilder<'static, Sqlite>, StoreError> {
    let (rows, time) = which.rows();
    let mut query = QueryBuilder::<Sqlite>::new(CASE);
    query.push(rows);
    if let Some(cursor) = before {
        let (at, id): (_, AnalysisId) = parse_cursor(cursor)?;
        query
            .push(format!(" AND ({time}, worklist.analysis_id) < ("))
            .push_bind(at)
            .push(", ")
            .push_bind(id.0)
            .push(")");
    }
    query
        .push(format!(" ORDER BY {time} DESC, worklist.analysis_id DESC LIMIT "))
        .push_bind(limit);
    Ok(query)
}

/// `<time>_<analysis id>` of the last row of a page.
fn cursor(which: WhichUrgent, last: &SqliteRow) -> Result<String, StoreError> {
    let column = match which {
        WhichUrgent::Open | WhichUrgent::Review => "made_at",
        WhichUrgent::Acknowledged => "first_acknowledged_at",
    };
    let id = AnalysisId(last.try_get("analysis_id")?);
    Ok(format!("{}_{id}", last.try_get::<&str, _>(column)?))
}

fn case(row: &SqliteRow) -> Result<UrgentCase, StoreError> {
    Ok(UrgentCase {
        analysis_id: AnalysisId(row.try_get("analysis_id")?),
        photo_id: PhotoId(row.try_get("photo_id")?),
        patient: UrgentPatient {
            id: PatientId(row.try_get("patient_id")?),
            full_name: row.try_get("full_name")?,
            born: row
                .try_get::<Option<String>, _>("born")?
                .map(Born::try_from)
                .transpose()
                .map_err(|_| StoreError::Unreadable { column: "born" })?,
            sex: super::optional_word(row, "sex", Sex::from_word)?,
        },
        site: super::word(row, "site", BodySite::from_word)?,
        side: super::word(row, "side", Side::from_word)?,
        lesion_label: row.try_get("label")?,
        made_at: row.try_get("made_at")?,
        risk: super::word(row, "risk", RiskLevel::from_word)?,
        top_class: super::word(row, "top_class", LesionClass::from_word)?,
        confidence: row.try_get("confidence")?,
        demo: row.try_get("demo")?,
        thumbnail_here: row.try_get("thumbnail_here")?,
        delivered: row.try_get("delivered")?,
        elsewhere: row.try_get("elsewhere")?,
        arrival: row.try_get("arrived")?,
        acknowledgement: acknowledgement(row)?,
    })
}

fn acknowledgement(row: &SqliteRow) -> Result<Option<Acknowledgement>, StoreError> {
    let Some(at) = row.try_get("seen_at")? else {
        return Ok(None);
    };
    let all: u32 = row.try_get("acknowledgements")?;
    Ok(Some(Acknowledgement {
        by: row.try_get("seen_by")?,
        at,
        delivered: row.try_get("seen_delivered")?,
        others: all.saturating_sub(1),
    }))
}
