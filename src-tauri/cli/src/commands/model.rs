//! `model`: installed models.

use std::process::ExitCode;

use seekwell_core::{accounts::Caller, workstation::Workstation};
use serde::Serialize;

use crate::{arguments::Model, error::CliError, json::ModelJson, output::Output, place};

#[derive(Serialize)]
struct Listed {
    models: Vec<ModelJson>,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    model: &Model,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    match model {
        Model::Install { folder } => {
            let installed: ModelJson = workstation.install_model(&caller, folder.clone()).await?.into();
            output.answer(&installed, || {
                format!(
                    "{}\nPhotos that wait: `seekwell analyse --pending`.",
                    line(&installed)
                )
            })?;
        }
        Model::List => list(workstation, &caller, output).await?,
        Model::Use { sha256 } => {
            workstation.use_model(&caller, sha256).await?;
            list(workstation, &caller, output).await?;
        }
        Model::Remove { sha256 } => {
            workstation.remove_model(&caller, sha256).await?;
            list(workstation, &caller, output).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(workstation: &Workstation, caller: &Caller, output: Output) -> Result<(), CliError> {
    let models = workstation.models(caller).await?;
    let listed = Listed {
        models: models.into_iter().map(ModelJson::from).collect(),
    };
    output.answer(&listed, || {
        listed.models.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

fn line(model: &ModelJson) -> String {
    let mut words = vec![model.sha256.as_str(), model.name.as_str()];
    if model.active {
        words.push("(in use)");
    }
    if model.demo {
        words.push("(demo model, not medical)");
    }
    if !model.usable {
        words.push("(not usable)");
    }
    words.join("  ")
}
