//! `patient add` and `patient find`.

use std::process::ExitCode;

use seekwell_core::{
    clinical::{Born, PatientDraft, PatientId},
    workstation::Workstation,
};
use serde::Serialize;

use crate::{
    arguments::{Patient, PatientAdd},
    error::CliError,
    json::PatientJson,
    output::Output,
    place,
};

#[derive(Serialize)]
struct Added {
    id: PatientId,
}

#[derive(Serialize)]
struct Found {
    patients: Vec<PatientJson>,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    patient: &Patient,
    output: Output,
) -> Result<ExitCode, CliError> {
    match patient {
        Patient::Add(patient) => add(workstation, acting, patient, output).await,
        Patient::Find { text } => find(workstation, acting, text, output).await,
    }
}

async fn add(
    workstation: &Workstation,
    acting: Option<&str>,
    patient: &PatientAdd,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let draft = PatientDraft {
        full_name: patient.name.clone(),
        born: patient.born.clone().map(Born::try_from).transpose()?,
        sex: patient.sex,
        phone: patient.phone.clone(),
        national_id: patient.national_id.clone(),
        address: patient.address.clone(),
    };
    let added = workstation.register_patient(&caller, draft).await?;
    output.answer(&Added { id: added.id }, || added.id.to_string())?;
    Ok(ExitCode::SUCCESS)
}

async fn find(
    workstation: &Workstation,
    acting: Option<&str>,
    text: &str,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    let page = workstation.find_patients(&caller, text).await?;
    let more = page.more;
    let found = Found {
        patients: page.patients.into_iter().map(PatientJson::from).collect(),
    };
    output.answer(&found, || {
        let mut lines: Vec<String> = found.patients.iter().map(line).collect();
        if more {
            lines.push("… and more: say more of the name, the phone or the id".to_owned());
        }
        lines.join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn line(patient: &PatientJson) -> String {
    format!(
        "{}  {}  {}  {}  {}",
        patient.id,
        patient.full_name,
        patient.born.as_ref().map_or("-", Born::as_str),
        patient.sex.map_or("-", seekwell_core::clinical::Sex::as_word),
        patient.phone.as_deref().unwrap_or("-"),
    )
}
