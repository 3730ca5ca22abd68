//! `analyse`: works off the queue, or asks about one photo.

use std::process::ExitCode;

use seekwell_core::{
    accounts::Caller,
    clinical::{Analysis, PhotoId},
    store::Asked,
    workstation::{Way, Workstation},
};
use serde::Serialize;

use crate::{
    arguments::{Analyse, With},
    error::CliError,
    output::Output,
    place,
};

#[derive(Serialize)]
struct Analysed {
    analysed: u32,
    pending: u32,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    analyse: &Analyse,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    workstation.ask_only(&caller, analyse.with.map(Way::from));
    let analysed = match analyse.photo {
        Some(photo) => one(workstation, &caller, photo, analyse.with).await?,
        None => workstation.analyse_pending(&caller).await?,
    };
    let pending = workstation.storage_summary(&caller).await?.pending_analyses;
    output.answer(&Analysed { analysed, pending }, || {
        format!("{analysed} analysed, {pending} still wait")
    })?;
    Ok(match (analyse.photo, analysed) {
        (Some(_), 0) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// The photo's own analysis where it waits, otherwise a second opinion by whoever is named.
async fn one(
    workstation: &Workstation,
    caller: &Caller,
    photo: PhotoId,
    with: Option<With>,
) -> Result<u32, CliError> {
    let detail = workstation.photo(caller, photo).await?;
    if let (Analysis::Done(_), Some(with)) = (&detail.entry.analysis, with) {
        let of = match with {
            With::Space => Asked::Space,
            With::Device => {
                let models = workstation.models(caller).await?;
                let active = models.into_iter().find(|model| model.active);
                Asked::Model(active.ok_or(CliError::NoModel)?.sha256)
            }
        };
        workstation.ask_opinion(caller, photo, of).await?;
    }
    Ok(workstation.analyse_photos(caller, &[photo]).await?)
}

impl From<With> for Way {
    fn from(with: With) -> Self {
        match with {
            With::Device => Self::Device,
            With::Space => Self::Space,
        }
    }
}
