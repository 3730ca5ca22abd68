//! `settings` and `consent`: who analyses, and whose photos may be analysed elsewhere.

use std::{io::Read, process::ExitCode};

use seekwell_core::workstation::{AnalysisChange, AnalysisSettings, Way, Workstation};
use serde::Serialize;

use crate::{
    arguments::{Consent, SettingName, Settings},
    error::CliError,
    output::Output,
    place,
};

/// As long as a token may be, with room to spare.
const LONGEST_TOKEN: u64 = 10_000;

#[derive(Serialize)]
struct Said {
    patient: String,
    given: bool,
    at: String,
    by: String,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    settings: &Settings,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = match settings {
        Settings::List => place::reader(workstation, acting).await?,
        Settings::Set { .. } => place::author(workstation, acting).await?,
    };
    if let Settings::Set { name, value } = settings {
        let before = workstation.analysis_settings(&caller).await?;
        let mut change = AnalysisChange {
            space_url: before.space_url,
            token: None,
            prefer: before.prefer,
        };
        match (name, value) {
            (SettingName::SpaceUrl, value) => change.space_url.clone_from(value),
            (SettingName::SpaceToken, None) => change.token = Some(typed_token()?),
            (SettingName::SpaceToken, Some(value)) if value.is_empty() => {
                change.token = Some(String::new());
            }
            (SettingName::Prefer, Some(value)) if value == "device" => change.prefer = Way::Device,
            (SettingName::Prefer, Some(value)) if value == "space" => change.prefer = Way::Space,
            (SettingName::SpaceToken | SettingName::Prefer, _) => return Err(CliError::SettingValue),
        }
        workstation.set_analysis_settings(&caller, change).await?;
    }
    let now = workstation.analysis_settings(&caller).await?;
    output.answer(&now, || lines(&now))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn consent(
    workstation: &Workstation,
    acting: Option<&str>,
    consent: &Consent,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let patient = workstation
        .set_cloud_consent(&caller, consent.patient, consent.given)
        .await?;
    if let Some(said) = patient.cloud_consent {
        let said = Said {
            patient: patient.id.to_string(),
            given: said.given,
            at: said.at,
            by: said.by,
        };
        output.answer(&said, || {
            let word = if said.given { "may" } else { "may not" };
            format!(
                "photos {word} be analysed elsewhere; recorded {} by {}",
                said.at, said.by
            )
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// From standard input, so that it stands in no list of processes and no history of a shell.
fn typed_token() -> Result<String, CliError> {
    let mut token = String::new();
    std::io::stdin()
        .take(LONGEST_TOKEN)
        .read_to_string(&mut token)
        .map_err(|_| CliError::SettingValue)?;
    Ok(token.trim().to_owned())
}

fn lines(settings: &AnalysisSettings) -> String {
    let prefer = match settings.prefer {
        Way::Device => "device",
        Way::Space => "space",
    };
    format!(
        "space-url    {}\nspace-token  {}\nprefer       {prefer}",
        settings.space_url.as_deref().unwrap_or("(none)"),
        if settings.has_token { "(kept)" } else { "(none)" },
    )
}
