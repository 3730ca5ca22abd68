//! A patient's history: photo, lesion and analysis in one row, newest first, a page at a time.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{Store, StoreError, analysis::analysis, photo::findings};
use crate::clinical::{
    Analysis, BodySite, Finding, LesionId, PatientId, PhotoId, PhotoKind, RiskLevel, Side,
};

/// One photo in the history.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct HistoryEntry {
    /// Which photo.
    pub photo_id: PhotoId,
    /// Of whom.
    pub patient_id: PatientId,
    /// RFC 3339.
    pub taken_at: String,
    /// RFC 3339.
    pub kept_at: String,
    /// Where.
    pub site: BodySite,
    /// Which side.
    pub side: Side,
    /// How it was taken.
    pub kind: PhotoKind,
    /// Which spot.
    pub lesion_id: LesionId,
    /// What people call it.
    pub lesion_label: Option<String>,
    /// What was said, or that it waits.
    pub analysis: Analysis,
    /// How many notes.
    pub notes: u32,
    /// What makes the photo hard to use; empty where nothing does, and where that was never judged.
    pub findings: Vec<Finding>,
}

/// What to show; empty lists and `None` mean all.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, specta::Type)]
pub struct HistoryFilter {
    /// Any of these.
    pub risks: Vec<RiskLevel>,
    /// Any of these.
    pub sites: Vec<BodySite>,
    /// Only this spot.
    pub lesion_id: Option<LesionId>,
    /// Taken at this instant or later, RFC 3339 in UTC.
    pub from: Option<String>,
    /// Taken before this instant, RFC 3339 in UTC.
    pub to: Option<String>,
}

/// Some of the history.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct HistoryPage {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// How many entries of one risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct RiskCount {
    /// The risk.
    pub risk: RiskLevel,
    /// How many.
    pub count: u32,
}

/// What the filter can offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct HistoryCounts {
    /// All photos.
    pub total: u32,
    /// Those whose analysis waits.
    pub pending: u32,
    /// The others by risk, most worrying first, without those that do not occur.
    pub by_risk: Vec<RiskCount>,
}

const ENTRY: &str = "SELECT photo.id AS photo_id, photo.patient_id, photo.taken_at, photo.kept_at, photo.kind, photo.lesion_id,
    photo.quality -> 'findings' AS findings,
    lesion.site, lesion.side, lesion.label, analysis.*, analysis.id AS analysis_id, analysis.pipeline AS analysis_pipeline,
    (SELECT count(*) FROM note WHERE note.analysis_id = analysis.id) AS notes
    FROM photo JOIN lesion ON lesion.id = photo.lesion_id
    JOIN analysis ON analysis.patient_id = photo.patient_id AND analysis.photo_id = photo.id AND analysis.request = 1
    WHERE ";

impl Store {
    /// One page, newest first. `before` is the `next` of the page before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a cursor that is none.
    pub async fn history(
        &self,
        patient: PatientId,
        filter: &HistoryFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<HistoryPage, StoreError> {
        let limit = limit.clamp(1, 500);
        let mut query = QueryBuilder::<Sqlite>::new(ENTRY);
        query.push("photo.patient_id = ").push_bind(patient.0);
        if let Some(cursor) = before {
            let (taken_at, id): (_, PhotoId) = parse_cursor(cursor)?;
            query
                .push(" AND (photo.taken_at, photo.id) < (")
                .push_bind(taken_at)
                .push(", ")
                .push_bind(id.0)
                .push(")");
        }
        if let Some(lesion) = filter.lesion_id {
            query.push(" AND photo.lesion_id = ").push_bind(lesion.0);
        }
        if let Some(from) = &filter.from {
            query.push(" AND photo.taken_at >= ").push_bind(from.clone());
        }
        if let Some(to) = &filter.to {
            query.push(" AND photo.taken_at < ").push_bind(to.clone());
        }
        any_of(
            &mut query,
            "analysis.risk",
            filter.risks.iter().map(|risk| risk.as_word()),
        );
        any_of(
            &mut query,
            "lesion.site",
            filter.sites.iter().map(|site| site.as_word()),
        );
        query
            .push(" ORDER BY photo.taken_at DESC, photo.id DESC LIMIT ")
            .push_bind(limit + 1);
        let rows = query.build().fetch_all(&self.readers).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries = rows
            .iter()
            .take(shown)
            .map(entry)
            .collect::<Result<Vec<_>, _>>()?;
        let next = (rows.len() > shown)
            .then(|| {
                entries
                    .last()
                    .map(|last| format!("{}_{}", last.taken_at, last.photo_id))
            })
            .flatten();
        Ok(HistoryPage { entries, next })
    }

    /// One entry.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn history_entry(&self, photo: PhotoId) -> Result<HistoryEntry, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(ENTRY);
        let row = query
            .push("photo.id = ")
            .push_bind(photo.0)
            .build()
            .fetch_optional(&self.readers)
            .await?;
        entry(&row.ok_or(StoreError::NotFound { what: "photo" })?)
    }

    /// The same patient's next newer and next older photo.
    ///
    /// # Errors
    /// As every read.
    pub async fn neighbours(
        &self,
        entry: &HistoryEntry,
    ) -> Result<(Option<PhotoId>, Option<PhotoId>), StoreError> {
        let newer = "SELECT id FROM photo WHERE patient_id = ? AND (taken_at, id) > (?, ?) ORDER BY taken_at, id LIMIT 1";
        let older = "SELECT id FROM photo WHERE patient_id = ? AND (taken_at, id) < (?, ?) ORDER BY taken_at DESC, id DESC LIMIT 1";
        let mut found = [None, None];
        for (place, query) in found.iter_mut().zip([newer, older]) {
            let row = sqlx::query(query)
                .bind(entry.patient_id.0)
                .bind(&entry.taken_at)
                .bind(entry.photo_id.0)
                .fetch_optional(&self.readers)
                .await?;
            *place = row.map(|row| row.try_get("id").map(PhotoId)).transpose()?;
        }
        Ok((found[0], found[1]))
    }

    /// How many entries there are of each risk.
    ///
    /// # Errors
    /// As every read.
    pub async fn history_counts(&self, patient: PatientId) -> Result<HistoryCounts, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT risk, count(*) AS count FROM analysis WHERE patient_id = ? AND request = 1 GROUP BY risk ORDER BY ",
            super::severity!()
        ))
        .bind(patient.0)
        .fetch_all(&self.readers)
        .await?;
        let mut counts = HistoryCounts {
            total: 0,
            pending: 0,
            by_risk: Vec::new(),
        };
        for row in rows {
            let count = row.try_get("count")?;
            counts.total += count;
            match super::optional_word(&row, "risk", RiskLevel::from_word)? {
                Some(risk) => counts.by_risk.push(RiskCount { risk, count }),
                None => counts.pending = count,
            }
        }
        Ok(counts)
    }
}

fn any_of<'a>(
    query: &mut QueryBuilder<'_, Sqlite>,
    column: &str,
    words: impl Iterator<Item = &'static str> + 'a,
) {
    let mut words = words.peekable();
    if words.peek().is_none() {
        return;
    }
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for word in words {
        list.push_bind(word);
    }
    query.push(")");
}

/// `<time>_<id>`.
pub(super) fn parse_cursor<Id: FromStr>(cursor: &str) -> Result<(String, Id), StoreError> {
    cursor
        .rsplit_once('_')
        .and_then(|(time, id)| Some((time.to_owned(), id.parse().ok()?)))
        .ok_or(StoreError::NotFound { what: "page" })
}

fn entry(row: &SqliteRow) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        photo_id: PhotoId(row.try_get("photo_id")?),
        patient_id: PatientId(row.try_get("patient_id")?),
        taken_at: row.try_get("taken_at")?,
        kept_at: row.try_get("kept_at")?,
        site: super::word(row, "site", BodySite::from_word)?,
        side: super::word(row, "side", Side::from_word)?,
        kind: super::word(row, "kind", PhotoKind::from_word)?,
        lesion_id: LesionId(row.try_get("lesion_id")?),
        lesion_label: row.try_get("label")?,
        analysis: analysis(row)?,
        notes: row.try_get("notes")?,
        findings: findings(row)?,
    })
}
