//! `connect`, `sync` and `conflicts`: this workstation and the centre.

use std::process::ExitCode;

use seekwell_core::{store::Conflict, workstation::Workstation};
use serde::Serialize;

use super::status;
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

/// Answers as `status` does.
pub(crate) async fn sync(
    workstation: &Workstation,
    acting: Option<&str>,
    output: Output,
) -> Result<ExitCode, CliError> {
    workstation.join_centre().await?;
    workstation.sync_once().await?;
    status::run(workstation, acting, output).await
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
