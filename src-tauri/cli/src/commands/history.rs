//! `history`: a patient's photos, newest first, a page at a time.

use std::process::ExitCode;

use seekwell_core::{
    clinical::Analysis,
    store::{HistoryEntry, HistoryFilter},
    workstation::Workstation,
};
use serde::Serialize;

use crate::{
    arguments::History,
    error::CliError,
    json::{EntryJson, below_the_bar, spoken},
    output::Output,
    place,
};

#[derive(Serialize)]
struct Page {
    entries: Vec<EntryJson>,
    next: Option<String>,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    history: &History,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    // An unknown patient is an error, not somebody without photos.
    workstation.patient(&caller, history.patient).await?;
    let page = workstation
        .history(
            &caller,
            history.patient,
            &HistoryFilter::default(),
            history.before.as_deref(),
            history.limit,
        )
        .await?;
    let mut entries = Vec::with_capacity(page.entries.len());
    for entry in &page.entries {
        let notes = match entry.notes {
            0 => Vec::new(),
            _ => workstation.notes(&caller, analysis_of(entry)).await?,
        };
        entries.push(EntryJson::new(entry, notes));
    }
    let shown = Page {
        entries,
        next: page.next,
    };
    output.answer(&shown, || {
        let mut lines: Vec<String> = page
            .entries
            .iter()
            .zip(&shown.entries)
            .map(|(entry, json)| line(entry, json))
            .collect();
        if let Some(next) = &shown.next {
            lines.push(format!("older ones: --before {next}"));
        }
        lines.join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn analysis_of(entry: &HistoryEntry) -> seekwell_core::clinical::AnalysisId {
    match &entry.analysis {
        Analysis::Pending { id, .. } => *id,
        Analysis::Done(done) => done.id,
    }
}

fn line(entry: &HistoryEntry, json: &EntryJson) -> String {
    let label = json
        .lesion
        .as_ref()
        .map(|label| format!(" ({label})"))
        .unwrap_or_default();
    let notes: String = json
        .notes
        .iter()
        .map(|note| format!("\n    {}: {}", note.author, note.text))
        .collect();
    format!(
        "{}  {}  {} {}{label}  {}{}{notes}",
        entry.photo_id,
        entry.taken_at,
        json.site,
        json.side,
        spoken(&entry.analysis),
        below_the_bar(&entry.findings),
    )
}
