//! `retention`, `purge`, `hold` and `leftovers`: what goes, and what may not.

use std::process::ExitCode;

use seekwell_core::{
    clinical::{PatientId, retention::RetentionYears},
    store::Leftover,
    workstation::{RetentionPlan, RetentionReport, Workstation},
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    arguments::{Hold, RetentionArguments},
    error::CliError,
    output::Output,
    place,
};

#[derive(Serialize)]
struct Freed {
    photos: u32,
    bytes: u64,
}

#[derive(Serialize)]
struct Held {
    patient: PatientId,
    legal_hold: bool,
}

#[derive(Serialize)]
struct Leftovers {
    leftovers: Vec<Leftover>,
}

/// Exit code 1 where something that began to go is held up.
pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    retention: &RetentionArguments,
    output: Output,
) -> Result<ExitCode, CliError> {
    if retention.apply {
        let caller = place::author(workstation, acting).await?;
        let report = workstation.apply_retention(&caller).await?;
        output.answer(&report, || did(&report))?;
        return Ok(match report.under_way {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        });
    }
    if !retention.dry_run {
        let caller = place::author(workstation, acting).await?;
        let before = workstation.retention_years(&caller).await?;
        let years = |said: Option<u16>, before| match said {
            None => before,
            Some(0) => None,
            Some(years) => Some(years),
        };
        let years = RetentionYears {
            patient: years(retention.patients, before.patient),
            photo: years(retention.photos, before.photo),
        };
        workstation.set_retention_years(&caller, years).await?;
    }
    let caller = place::reader(workstation, acting).await?;
    let plan = workstation.retention_plan(&caller).await?;
    output.answer(&plan, || would(&plan))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn purge(
    workstation: &Workstation,
    acting: Option<&str>,
    older_than: u16,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let purged = workstation.purge_originals(&caller, older_than).await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of bytes below 2^53"
    )]
    let bytes = purged.bytes as u64;
    let freed = Freed {
        photos: purged.photos,
        bytes,
    };
    output.answer(&freed, || {
        format!(
            "{} originals, {} bytes, left this machine; the centre has them",
            freed.photos, freed.bytes
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn hold(
    workstation: &Workstation,
    acting: Option<&str>,
    hold: &Hold,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let patient = workstation.set_legal_hold(&caller, hold.patient, hold.on).await?;
    let held = Held {
        patient: patient.id,
        legal_hold: patient.legal_hold,
    };
    output.answer(&held, || match held.legal_hold {
        true => format!("{}: nothing may be deleted", held.patient),
        false => format!("{}: no legal hold", held.patient),
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn leftovers(
    workstation: &Workstation,
    acting: Option<&str>,
    let_go: Option<Uuid>,
    output: Output,
) -> Result<ExitCode, CliError> {
    if let Some(record) = let_go {
        let caller = place::author(workstation, acting).await?;
        workstation.let_go(&caller, record).await?;
    }
    let caller = place::reader(workstation, acting).await?;
    let listed = Leftovers {
        leftovers: workstation.leftovers(&caller).await?,
    };
    output.answer(&listed, || {
        let line = |one: &Leftover| format!("{}  {}  {}", one.at, one.kind.as_word(), one.record);
        listed.leftovers.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

const WITHOUT_CENTRE: &str = "Not connected to a centre: nothing is ever deleted.";

fn years(years: Option<u16>) -> String {
    match years {
        Some(years) => format!("{years} years after the last contact"),
        None => "for ever".to_owned(),
    }
}

fn would(plan: &RetentionPlan) -> String {
    let mut lines = vec![
        format!(
            "Patients are kept {}, photos {}.",
            years(plan.years.patient),
            years(plan.years.photo)
        ),
        format!("{} patients and {} photos would go.", plan.patients, plan.photos),
    ];
    if !plan.connected {
        lines.push(WITHOUT_CENTRE.to_owned());
    }
    lines.extend(left(plan.held, plan.unconfirmed, plan.under_way, &plan.reasons));
    lines.join("\n")
}

fn did(report: &RetentionReport) -> String {
    let mut lines = vec![format!(
        "{} patients and {} photos are gone, with {} objects of the bucket.",
        report.patients, report.photos, report.objects
    )];
    if report.denied > 0 {
        lines.push(format!(
            "{} objects may not be deleted with this workstation's credential: the bucket's people have to allow it.",
            report.denied
        ));
    }
    lines.extend(left(
        report.held,
        report.unconfirmed,
        report.under_way,
        &report.reasons,
    ));
    lines.join("\n")
}

/// What stays although its years are over, and why.
fn left(held: u32, unconfirmed: u32, under_way: u32, reasons: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (count, what) in [
        (held, "patients stay under a legal hold"),
        (
            unconfirmed,
            "patients stay because something of theirs is not at the centre",
        ),
        (under_way, "have begun to go and are not gone"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}"));
        }
    }
    lines.extend(reasons.iter().map(|reason| format!("  because: {reason}")));
    lines
}
