//! `central …`: what the centre's own people do. No workstation is opened.

use std::{path::Path, process::ExitCode};

use seekwell_core::{
    clock::Clock,
    sync::{
        Link,
        bucket::BucketError,
        central::{self, Access, StepState},
        gcs::{Credential, Environment},
    },
};
use serde::Serialize;

use crate::{
    arguments::{Central, Enroll, Server},
    error::CliError,
    output::Output,
    secret_file::SecretFile,
};

#[derive(Serialize)]
struct Migrated {
    steps: Vec<StepJson>,
    answers_forgotten: u64,
}

#[derive(Serialize)]
struct StepJson {
    version: i32,
    name: &'static str,
    state: &'static str,
}

#[derive(Serialize)]
struct Added {
    id: uuid::Uuid,
}

#[derive(Serialize)]
struct Enrolled {
    workstation: uuid::Uuid,
    role: String,
    code: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    clinics: Vec<ClinicJson>,
}

#[derive(Serialize)]
struct ClinicJson {
    id: uuid::Uuid,
    name: String,
    bucket: String,
    workstations: Vec<WorkstationJson>,
}

#[derive(Serialize)]
struct WorkstationJson {
    id: uuid::Uuid,
    name: String,
    enrolled_at: Option<String>,
    connected_at: Option<String>,
    last_seen_at: Option<String>,
    revoked_at: Option<String>,
}

#[derive(Serialize)]
struct Revoked {
    sessions_ended: u32,
}

pub(crate) async fn run(verb: &Central, output: Output) -> Result<ExitCode, CliError> {
    match verb {
        Central::Migrate { server, dry_run } => migrate(&access(server)?, *dry_run, output).await?,
        Central::AddClinic { server, name, bucket } => {
            let added = Added {
                id: central::add_clinic(&access(server)?, name, bucket).await?,
            };
            output.answer(&added, || added.id.to_string())?;
        }
        Central::Bucket(arguments) => return super::bucket::run(arguments, output).await,
        Central::Enroll(request) => enroll(request, output).await?,
        Central::List { server } => list(&access(server)?, output).await?,
        Central::Revoke { server, workstation } => {
            let revoked = Revoked {
                sessions_ended: central::revoke(&access(server)?, *workstation).await?,
            };
            output.answer(&revoked, || {
                format!("Shut out; {} of its sessions were ended.", revoked.sessions_ended)
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn access(server: &Server) -> Result<Access, CliError> {
    let ca = server.ca.as_deref().map(read).transpose()?;
    Ok(Access::parse(&server.url, ca.as_deref())?)
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

async fn migrate(access: &Access, dry_run: bool, output: Output) -> Result<(), CliError> {
    let steps = central::migrate(access, dry_run).await?;
    let answers_forgotten = match dry_run {
        true => 0,
        false => central::forget_answers(access).await?,
    };
    let migrated = Migrated {
        steps: steps
            .iter()
            .map(|step| StepJson {
                version: step.version,
                name: step.name,
                state: match step.state {
                    StepState::AlreadyThere => "already there",
                    StepState::Applied => "applied",
                    StepState::WouldApply => "would be applied",
                },
            })
            .collect(),
        answers_forgotten,
    };
    output.answer(&migrated, || {
        let line = |step: &StepJson| format!("{}  {}  {}", step.version, step.name, step.state);
        let mut lines: Vec<_> = migrated.steps.iter().map(line).collect();
        if answers_forgotten > 0 {
            let days = central::ANSWERS_KEPT_DAYS;
            lines.push(format!(
                "Forgot {answers_forgotten} answers to operations older than {days} days."
            ));
        }
        lines.join("\n")
    })
}

async fn enroll(request: &Enroll, output: Output) -> Result<(), CliError> {
    let access = access(&request.server)?;
    // Whatever can't be read is found out before anybody is let in.
    let ca_pem = request.server.ca.as_deref().map(read).transpose()?;
    let environment = Environment::of_process();
    let service_account = request
        .service_account
        .as_ref()
        .or(environment.credentials.as_ref());
    let service_account = service_account.map(|path| read(path)).transpose()?;
    if let Some(key) = &service_account {
        let credential = Credential::ServiceAccount(key.clone().into());
        credential.check().map_err(BucketError::from)?;
    }
    let mut file = request.code_out.as_deref().map(SecretFile::create).transpose()?;
    let enrolment = central::enroll(&access, &Clock::system(), &request.clinic, &request.name).await?;
    let (host, port, database) = access.server();
    let code = Link {
        host: request.host.clone().unwrap_or_else(|| host.to_owned()),
        port,
        database: database.to_owned(),
        ca_pem,
        role: enrolment.role.clone(),
        secret: enrolment.password.expose().to_owned(),
        bucket: enrolment.bucket.clone(),
        service_account,
        storage_endpoint: request.storage_endpoint.clone().or(environment.emulator),
    }
    .to_code();
    let mut enrolled = Enrolled {
        workstation: enrolment.workstation,
        role: enrolment.role,
        code: Some(code.clone()),
    };
    if let Some(file) = &mut file {
        file.write(&code)?;
        enrolled.code = None;
    }
    output.answer(&enrolled, || match &request.code_out {
        Some(path) => format!("The code is in {}. It is good once.", path.display()),
        None => code,
    })
}

async fn list(access: &Access, output: Output) -> Result<(), CliError> {
    let time = |at: Option<seekwell_core::clock::Timestamp>| at.map(seekwell_core::clock::rfc3339);
    let clinics = central::list(access).await?.into_iter().map(|clinic| ClinicJson {
        id: clinic.id,
        name: clinic.name,
        bucket: clinic.bucket,
        workstations: clinic
            .workstations
            .into_iter()
            .map(|workstation| WorkstationJson {
                id: workstation.id,
                name: workstation.name,
                enrolled_at: time(workstation.enrolled_at),
                connected_at: time(workstation.connected_at),
                last_seen_at: time(workstation.last_seen_at),
                revoked_at: time(workstation.revoked_at),
            })
            .collect(),
    });
    let listed = Listed {
        clinics: clinics.collect(),
    };
    output.answer(&listed, || {
        let mut lines = Vec::new();
        for clinic in &listed.clinics {
            lines.push(format!("{}  ({})", clinic.name, clinic.bucket));
            for workstation in &clinic.workstations {
                let state = match (&workstation.revoked_at, &workstation.last_seen_at) {
                    (Some(at), _) => format!("shut out {at}"),
                    (None, Some(at)) => format!("last seen {at}"),
                    (None, None) => "never connected".to_owned(),
                };
                lines.push(format!("  {}  {}  {state}", workstation.id, workstation.name));
            }
        }
        lines.join("\n")
    })
}
