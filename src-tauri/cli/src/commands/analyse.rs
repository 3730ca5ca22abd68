//! `analyse --pending`: works off the queue.

use std::process::ExitCode;

use seekwell_core::workstation::Workstation;
use serde::Serialize;

use crate::{error::CliError, output::Output, place};

#[derive(Serialize)]
struct Analysed {
    analysed: u32,
    pending: u32,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    let analysed = workstation.analyse_pending(&caller).await?;
    let pending = workstation.storage_summary(&caller).await?.pending_analyses;
    output.answer(&Analysed { analysed, pending }, || {
        format!("{analysed} analysed, {pending} still wait")
    })?;
    Ok(ExitCode::SUCCESS)
}
