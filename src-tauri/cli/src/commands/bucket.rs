//! `central bucket`: the bucket of the images, made or looked at.

use std::process::ExitCode;

use seekwell_core::sync::{
    bucket::{self, Aspect, BucketError, Finding, Verdict},
    gcs::{AccessError, Environment},
};
use serde::Serialize;

use crate::{arguments::BucketArguments, error::CliError, output::Output};

#[derive(Serialize)]
struct Report {
    ok: bool,
    made: bool,
    mended: Vec<&'static str>,
    findings: Vec<FindingJson>,
}

#[derive(Serialize)]
struct FindingJson {
    aspect: &'static str,
    verdict: &'static str,
    found: String,
}

/// Exit code 1 where the bucket is not as it should be.
pub(super) async fn run(arguments: &BucketArguments, output: Output) -> Result<ExitCode, CliError> {
    let environment = Environment::of_process();
    let access = environment
        .access(arguments.name.as_deref())
        .map_err(BucketError::from)?;
    let (made, mended, findings) = if arguments.create {
        let project = arguments
            .project
            .clone()
            .or(environment.project)
            .or(access.project());
        let project = project.ok_or(CliError::BucketNeeds { what: "--project" })?;
        let location = arguments.location.as_deref();
        let location = location.ok_or(CliError::BucketNeeds { what: "--location" })?;
        let made = bucket::create(access, &project, location).await?;
        (made.is_new, made.mended, made.findings)
    } else {
        (
            false,
            Vec::new(),
            bucket::check(access, arguments.location.as_deref()).await?,
        )
    };
    let report = Report {
        ok: findings.iter().all(|finding| finding.verdict != Verdict::Bad),
        made,
        mended: mended.into_iter().map(aspect).collect(),
        findings: findings.into_iter().map(FindingJson::from).collect(),
    };
    output.answer(&report, || {
        let line = |one: &FindingJson| format!("{:<5} {}: {}", one.verdict, one.aspect, one.found);
        report.findings.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(match report.ok {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl From<Finding> for FindingJson {
    fn from(finding: Finding) -> Self {
        Self {
            aspect: aspect(finding.aspect),
            verdict: match finding.verdict {
                Verdict::Good => "good",
                Verdict::Bad => "bad",
                Verdict::Note => "note",
            },
            found: finding.found,
        }
    }
}

fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::UniformAccess => "uniform bucket-level access",
        Aspect::PublicAccessPrevention => "public access prevention",
        Aspect::Location => "location",
        Aspect::Lifecycle => "lifecycle",
        Aspect::Members => "access list",
        Aspect::Versioning => "versioning",
        Aspect::SoftDelete => "soft delete",
    }
}

impl From<AccessError> for CliError {
    fn from(error: AccessError) -> Self {
        Self::Bucket(error.into())
    }
}
