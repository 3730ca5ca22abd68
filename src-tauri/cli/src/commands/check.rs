//! `check`: whether everything is whole. A database that does not even open is an answer too.

use std::process::ExitCode;

use seekwell_core::{
    error::{Code, Failure},
    store::Store,
    workstation::{Damage, DamagedThing, Place, Workstation},
};
use serde::Serialize;

use crate::{error::CliError, output::Output, place};

#[derive(Serialize)]
struct Report {
    ok: bool,
    damaged: Vec<Damage>,
    photos: u32,
    bytes: u64,
}

pub(crate) async fn run(place: Place, acting: Option<&str>, output: Output) -> Result<ExitCode, CliError> {
    let report = match look(place, acting, output).await {
        Ok(report) => report,
        Err(CliError::Core(error)) => {
            let failure = Failure::from(&error);
            if failure.code != Code::DatabaseDamaged {
                return Err(error.into());
            }
            let damage = Damage {
                what: DamagedThing::Database,
                id: Store::FILE.to_owned(),
                message: failure.message,
            };
            Report {
                ok: false,
                damaged: vec![damage],
                photos: 0,
                bytes: 0,
            }
        }
        Err(other) => return Err(other),
    };
    output.answer(&report, || lines(&report))?;
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn look(place: Place, acting: Option<&str>, output: Output) -> Result<Report, CliError> {
    let workstation = Workstation::open(place).await?;
    let looked = async {
        let caller = place::reader(&workstation, acting).await?;
        // How many there are is for the bar alone; where they can't be counted, the report will say why.
        let photos = workstation
            .storage_summary(&caller)
            .await
            .map_or(0, |summary| summary.photos);
        let bar = output.progress(usize::try_from(photos).unwrap_or(usize::MAX));
        let report = workstation
            .check(&caller, |read| bar.set_position(read.into()))
            .await?;
        bar.finish_and_clear();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number of bytes below 2^53"
        )]
        let bytes = report.bytes as u64;
        Ok(Report {
            ok: report.ok,
            damaged: report.damaged,
            photos: report.photos,
            bytes,
        })
    };
    let outcome = tokio::select! {
        outcome = looked => outcome,
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    };
    workstation.close().await;
    outcome
}

fn lines(report: &Report) -> String {
    if report.ok {
        return format!("{} photos, {} bytes: all whole", report.photos, report.bytes);
    }
    let damaged: Vec<String> = report
        .damaged
        .iter()
        .map(|damage| format!("damaged: {}: {}", damage.id, damage.message))
        .collect();
    damaged.join("\n")
}
