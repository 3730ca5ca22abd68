//! Which workstation is meant, and who asks it.

use std::sync::Arc;

use seekwell_core::{
    accounts::Caller,
    clinical::Role,
    clock::Clock,
    imaging::worker::Workers,
    vault::KeyPlace,
    workstation::{Place, Workstation, default_data_dir},
};

use crate::{arguments::Arguments, error::CliError};

/// Where data and key are, by the arguments or by this platform.
pub(crate) fn place(arguments: &Arguments) -> Result<Place, CliError> {
    let data_dir = arguments
        .data_dir
        .clone()
        .or_else(default_data_dir)
        .ok_or(CliError::NoDataDir)?;
    let keys = arguments
        .key_file
        .clone()
        .map_or(KeyPlace::Keyring, KeyPlace::File);
    let workers = Workers::for_current_exe().map_err(|source| CliError::Runtime { source })?;
    Ok(Place {
        data_dir,
        keys,
        program: "seekwell",
        clock: Clock::system(),
        workers: Arc::new(workers),
    })
}

/// Who is recorded as the author: the one who is named, or the only one there is.
pub(crate) async fn author(workstation: &Workstation, acting: Option<&str>) -> Result<Caller, CliError> {
    if let Some(email) = acting {
        return named(workstation, email).await;
    }
    match workstation.people().await?.as_slice() {
        [only] => named(workstation, &only.email).await,
        _ => Err(CliError::AuthorMissing),
    }
}

/// Who looks: the one who is named, or else an administrator, since who holds the device key reads everything.
pub(crate) async fn reader(workstation: &Workstation, acting: Option<&str>) -> Result<Caller, CliError> {
    if let Some(email) = acting {
        return named(workstation, email).await;
    }
    let people = workstation.people().await?;
    let administrator = people
        .iter()
        .find(|person| person.role == Role::Admin)
        .ok_or(CliError::AuthorMissing)?;
    named(workstation, &administrator.email).await
}

async fn named(workstation: &Workstation, email: &str) -> Result<Caller, CliError> {
    use seekwell_core::{accounts::AccountsError, error::Error};
    workstation.act_as(email).await.map_err(|error| match error {
        Error::Accounts(AccountsError::SignInRefused) => CliError::AuthorUnknown {
            email: email.to_owned(),
        },
        other => other.into(),
    })
}
