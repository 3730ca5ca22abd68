//! One file per group of verbs. Each asks the core and answers; none decides.

mod analyse;
mod bucket;
mod central;
mod check;
mod connect;
mod export;
mod history;
mod init;
mod model;
mod open;
mod patient;
mod recover;
mod retention;
mod settings;
mod status;
mod urgent;

use std::{process::ExitCode, sync::Arc};

use seekwell_core::workstation::{Place, Workstation};

use crate::{
    arguments::{Arguments, Command},
    error::CliError,
    output::Output,
    place,
};

/// Does what the arguments say. The workstation is closed whatever comes of it.
pub(crate) async fn run(arguments: Arguments, output: &Output) -> Result<ExitCode, CliError> {
    if let Command::Central(central) = &arguments.command {
        return central::run(central, *output).await;
    }
    let place = place::place(&arguments)?;
    match &arguments.command {
        Command::Init(init) => init::run(place, init, *output).await,
        Command::Recover(recover) => recover::run(place, recover, *output).await,
        Command::Check => check::run(place, arguments.acting.as_deref(), *output).await,
        _ => with_workstation(place, &arguments, *output).await,
    }
}

async fn with_workstation(place: Place, arguments: &Arguments, output: Output) -> Result<ExitCode, CliError> {
    let workstation = Arc::new(Workstation::open(place).await?);
    let outcome = tokio::select! {
        outcome = dispatch(&workstation, arguments, output) => outcome,
        // What was reported is durable; what was not is undone by the next start.
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    };
    workstation.close().await;
    outcome
}

async fn dispatch(
    workstation: &Arc<Workstation>,
    arguments: &Arguments,
    output: Output,
) -> Result<ExitCode, CliError> {
    let acting = arguments.acting.as_deref();
    match &arguments.command {
        Command::Patient(patient) => patient::run(workstation, acting, patient, output).await,
        Command::Open(open) => open::run(workstation, acting, open, output).await,
        Command::History(history) => history::run(workstation, acting, history, output).await,
        Command::Urgent(urgent) => urgent::list(workstation, acting, urgent, output).await,
        Command::Acknowledge { analysis } => {
            urgent::acknowledge(workstation, acting, *analysis, output).await
        }
        Command::Export(export) => export::run(workstation, acting, export, output).await,
        Command::Model(model) => model::run(workstation, acting, model, output).await,
        Command::Analyse(analyse) => analyse::run(workstation, acting, analyse, output).await,
        Command::Settings(settings) => settings::run(workstation, acting, settings, output).await,
        Command::Consent(consent) => settings::consent(workstation, acting, consent, output).await,
        Command::Connect(connect) => connect::connect(workstation, acting, connect, output).await,
        Command::Sync(_) => connect::sync(workstation, acting, output).await,
        Command::Status => status::run(workstation, acting, output).await,
        Command::Conflicts => connect::conflicts(workstation, acting, output).await,
        Command::Retention(retention) => retention::run(workstation, acting, retention, output).await,
        Command::Purge { older_than } => retention::purge(workstation, acting, *older_than, output).await,
        Command::Hold(hold) => retention::hold(workstation, acting, hold, output).await,
        Command::Leftovers { let_go } => retention::leftovers(workstation, acting, *let_go, output).await,
        Command::Init(_) | Command::Recover(_) | Command::Check | Command::Central(_) => {
            Ok(ExitCode::SUCCESS)
        }
    }
}
