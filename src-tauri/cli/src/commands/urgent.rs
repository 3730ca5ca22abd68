//! `urgent` and `acknowledge`: what somebody of the clinic has to look at, and who has.

use std::process::ExitCode;

use seekwell_core::{
    clinical::AnalysisId,
    store::{Acknowledgement, UrgentCase, WhichUrgent},
    workstation::Workstation,
};

use crate::{arguments::Urgent, error::CliError, output::Output, place};

pub(crate) async fn list(
    workstation: &Workstation,
    acting: Option<&str>,
    urgent: &Urgent,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    let which = match (urgent.acknowledged, urgent.review) {
        (true, _) => WhichUrgent::Acknowledged,
        (_, true) => WhichUrgent::Review,
        _ => WhichUrgent::Open,
    };
    let page = workstation
        .urgent_cases(&caller, which, urgent.before.as_deref(), urgent.limit)
        .await?;
    output.answer(&page, || {
        let mut lines: Vec<String> = page.cases.iter().map(line).collect();
        match which {
            WhichUrgent::Open if page.cases.is_empty() => lines.push("No urgent case is open.".to_owned()),
            WhichUrgent::Review if page.cases.is_empty() => {
                lines.push("Nothing waits for a review.".to_owned())
            }
            _ => {}
        }
        if let Some(next) = &page.next {
            lines.push(format!("older ones: --before {next}"));
        }
        lines.join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn acknowledge(
    workstation: &Workstation,
    acting: Option<&str>,
    analysis: AnalysisId,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::author(workstation, acting).await?;
    let acknowledgement = workstation.acknowledge(&caller, analysis).await?;
    output.answer(&acknowledgement, || seen(&acknowledgement))?;
    Ok(ExitCode::SUCCESS)
}

fn line(case: &UrgentCase) -> String {
    let label = case
        .lesion_label
        .as_ref()
        .map(|label| format!(" ({label})"))
        .unwrap_or_default();
    let demo = if case.demo {
        "; demo model, not medical"
    } else {
        ""
    };
    let place = if case.delivered { "" } else { "; not yet delivered" };
    let seen = case
        .acknowledgement
        .as_ref()
        .map(|acknowledgement| format!("\n    {}", seen(acknowledgement)))
        .unwrap_or_default();
    format!(
        "{}  {}  {}  {}  {} {}{label}  {} {:.0} %{demo}{place}{seen}",
        case.analysis_id,
        case.risk,
        case.made_at,
        case.patient.full_name,
        case.site,
        case.side,
        case.top_class,
        case.confidence * 100.0,
    )
}

fn seen(acknowledgement: &Acknowledgement) -> String {
    let others = match acknowledgement.others {
        0 => String::new(),
        others => format!(" and {others} others"),
    };
    format!(
        "acknowledged by {}{others} at {}",
        acknowledgement.by, acknowledgement.at
    )
}
