//! `status`: how far things have come, since when, and what waits for a person.

use std::process::ExitCode;

use seekwell_core::{
    store::{ImagePart, RecordKind},
    sync::status::{ItemState, Overall},
    workstation::{SyncStatus, UnsentItem, Workstation},
};
use serde::Serialize;
use uuid::Uuid;

use crate::{error::CliError, output::Output, place};

/// So many of those that wait for a person are named; the counts say of how many.
const NAMED: u32 = 100;

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    status: SyncStatus,
    needs_you: Vec<NeedsYou>,
}

/// A record or an image that the centre does not want as it is; no word about a patient.
#[derive(Serialize)]
struct NeedsYou {
    kind: RecordKind,
    part: Option<ImagePart>,
    record: Uuid,
    tries: u32,
    reason: Option<String>,
}

/// Exit code 1 where something waits for a person, or nothing has reached the centre for long.
pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    output: Output,
) -> Result<ExitCode, CliError> {
    let reader = place::reader(workstation, acting).await?;
    let waits = workstation.unsent(&reader, NAMED).await?.items.into_iter();
    let told = Told {
        status: workstation.sync_status().await?,
        needs_you: waits
            .filter(|item| item.state == ItemState::NeedsYou)
            .map(NeedsYou::from)
            .collect(),
    };
    output.answer(&told, || lines(&told).join("\n"))?;
    Ok(match told.status.overall {
        Overall::NeedsYou | Overall::Alarm => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

fn lines(told: &Told) -> Vec<String> {
    let status = &told.status;
    let waits = status.waiting_records > 0 || status.waiting_images > 0 || status.parked > 0;
    let mut lines = vec![
        match status.overall {
            Overall::NotConnected => "Not connected to a centre: everything is kept on this machine.",
            Overall::AtCentre => "Everything is at the centre.",
            Overall::OnItsWay if waits => "On its way to the centre.",
            Overall::OnItsWay => {
                "Nothing waits here. `seekwell sync --once` says whether the centre has anything new."
            }
            Overall::KeptHere if status.trouble.is_none() => {
                "Kept here: the line is set to records and the images of urgent cases."
            }
            Overall::KeptHere => "Kept here until the centre can be reached.",
            Overall::NeedsYou => "Somebody has to look.",
            Overall::Alarm => "Nothing has reached the centre for 12 hours or more.",
        }
        .to_owned(),
    ];
    for (count, what) in [
        (status.waiting_records, "records wait"),
        (status.waiting_images, "images wait"),
        (status.refused, "of them were refused"),
        (status.conflicts, "conflicts: `seekwell conflicts`"),
        (status.parked, "changes of the centre's can't be shown yet"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}"));
        }
    }
    for (at, what) in [
        (&status.waiting_since, "The oldest record waits since"),
        (&status.delivered_at, "Something last reached the centre at"),
        (&status.pulled_at, "The centre was last read to its end at"),
    ] {
        if let Some(at) = at {
            lines.push(format!("{what} {at}"));
        }
    }
    lines.extend(told.needs_you.iter().map(NeedsYou::line));
    lines
}

impl NeedsYou {
    fn line(&self) -> String {
        let what = self
            .part
            .map_or_else(String::new, |part| format!(" {}", part.as_word()));
        let reason = self.reason.as_deref().unwrap_or("refused");
        format!("{}{what} {}: {reason}", self.kind.as_word(), self.record)
    }
}

impl From<UnsentItem> for NeedsYou {
    fn from(item: UnsentItem) -> Self {
        Self {
            kind: item.kind,
            part: item.part,
            record: item.record,
            tries: item.tries,
            reason: item.reason,
        }
    }
}
