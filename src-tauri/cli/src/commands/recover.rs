//! `recover`: a new device key where the old one is gone.

use std::{io::Read, path::Path, process::ExitCode};

use seekwell_core::{
    vault::RecoveryKey,
    workstation::{Place, Workstation},
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{arguments::Recover, error::CliError, output::Output};

#[derive(Serialize)]
struct Recovered {
    recovered: bool,
}

pub(crate) async fn run(place: Place, recover: &Recover, output: Output) -> Result<ExitCode, CliError> {
    let text = read(&recover.recovery_key_file)?;
    let key = RecoveryKey::parse(&text).map_err(seekwell_core::error::Error::from)?;
    let workstation = Workstation::recover(place, &key).await?;
    workstation.close().await;
    output.answer(&Recovered { recovered: true }, || {
        "This machine has a new device key; the recovery key stays the same.".to_owned()
    })?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)
        .and_then(|file| file.take(4_096).read_to_string(&mut text))
        .map_err(|source| CliError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    Ok(text)
}
