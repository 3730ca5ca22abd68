//! `connect`, `sync`, `status` and `conflicts`: this workstation and the centre.

use std::process::ExitCode;

use seekwell_core::{store::Conflict, sync::status::Overall, workstation::Workstation};
use serde::Serialize;

use crate::{arguments::Connect, error::CliError, output::Output, place};

#[derive(Serialize)]
struct Connected {
    clinic: String,
}

#[derive(Serialize)]
struct Conflicts {
    conflicts: Vec<Conflict>,
}

pub(crate) async fn connect(
    workstation: &Workstation,
    acting: Option<&str>,
    request: &Connect,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let code = match (&request.code, &request.file) {
        (Some(code), _) => code.clone(),
        (None, Some(path)) => std::fs::read_to_string(path).map_err(|source| CliError::Unreadable {
            path: path.clone(),
            source,
        })?,
        (None, None) => String::new(),
    };
    let connected = Connected {
        clinic: workstation.connect(&caller, &code).await?,
    };
    output.answer(&connected, || {
        format!(
            "Connected as a workstation of {}. Send what waits: `seekwell sync --once`.",
            connected.clinic
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Exit code 1 where something is left that waits for a person.
pub(crate) async fn sync(workstation: &Workstation, output: Output) -> Result<ExitCode, CliError> {
    workstation.join_centre().await?;
    workstation.sync_once().await?;
    told(workstation, output).await
}

pub(crate) async fn status(workstation: &Workstation, output: Output) -> Result<ExitCode, CliError> {
    told(workstation, output).await
}

async fn told(workstation: &Workstation, output: Output) -> Result<ExitCode, CliError> {
    let status = workstation.sync_status().await?;
    output.answer(&status, || {
        let word = match status.overall {
            Overall::NotConnected => "Not connected to a centre: everything is kept on this machine.",
            Overall::AtCentre => "Everything is at the centre.",
            Overall::OnItsWay => "On its way to the centre.",
            Overall::KeptHere => "Kept here until the centre can be reached.",
            Overall::NeedsYou => "Somebody has to look.",
            Overall::Alarm => "Nothing has reached the centre for 12 hours or more.",
        };
        let mut lines = vec![word.to_owned()];
        for (count, what) in [
            (status.waiting_records, "records wait"),
            (status.waiting_images, "images wait"),
            (
                status.refused,
                "of them were refused: `seekwell --json status` and the log say why",
            ),
            (status.conflicts, "conflicts: `seekwell conflicts`"),
            (status.parked, "changes of the centre's need a newer version"),
        ] {
            if count > 0 {
                lines.push(format!("{count} {what}"));
            }
        }
        lines.join("\n")
    })?;
    Ok(match status.overall {
        Overall::NeedsYou | Overall::Alarm => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

pub(crate) async fn conflicts(
    workstation: &Workstation,
    acting: Option<&str>,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    let listed = Conflicts {
        conflicts: workstation.conflicts(&caller).await?,
    };
    output.answer(&listed, || {
        let line = |one: &Conflict| {
            format!(
                "{}  {} {}  {}: {} stands, {} was lost",
                one.at, one.kind, one.record, one.field, one.stands, one.lost
            )
        };
        listed.conflicts.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}
