//! `init`: the first run without a window.

use std::{
    io::{BufRead, IsTerminal},
    process::ExitCode,
};

use seekwell_core::{
    clinical::{NewPerson, PersonId},
    workstation::{Place, RecoveryOffer, Workstation},
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    arguments::Init,
    error::CliError,
    output::{Named, Output},
    secret_file::SecretFile,
};

#[derive(Serialize)]
struct Answer<'a> {
    clinic: &'a str,
    person: PersonJson<'a>,
    /// `null` where it went to a file.
    recovery_key: Option<&'a str>,
    recovery_key_file: Option<Named<'a>>,
}

#[derive(Serialize)]
struct PersonJson<'a> {
    id: PersonId,
    email: &'a str,
}

pub(crate) async fn run(place: Place, init: &Init, output: Output) -> Result<ExitCode, CliError> {
    let password = password()?;
    // Before any key exists: a recovery key that can't be written down would be lost with its first showing.
    let mut file = init
        .recovery_key_out
        .as_deref()
        .map(SecretFile::create)
        .transpose()?;
    let first = NewPerson {
        full_name: init.full_name.clone(),
        email: init.email.clone(),
        password,
    };
    let (workstation, caller, offer) = Workstation::set_up(place, &init.clinic, first).await?;
    let key = Zeroizing::new(offer.groups.join("-"));
    let kept = match &mut file {
        Some(file) => keep(&workstation, &caller, &offer, file, &key).await,
        None => Ok(()),
    };
    workstation.close().await;
    let written = kept.is_ok() && file.is_some();
    let person = PersonJson {
        id: caller.id(),
        email: &caller.person().email,
    };
    let answer = Answer {
        clinic: init.clinic.trim(),
        person,
        recovery_key: (!written).then_some(key.as_str()),
        recovery_key_file: init.recovery_key_out.as_deref().filter(|_| written).map(Named),
    };
    // Where the file failed after all, the key is shown all the same: there is no second chance.
    let answered = output.answer(&answer, || lines(&answer));
    kept.and(answered).map(|()| ExitCode::SUCCESS)
}

fn lines(answer: &Answer<'_>) -> String {
    let key = match (answer.recovery_key, answer.recovery_key_file) {
        (_, Some(Named(file))) => format!(
            "The recovery key is in {}: move it off this machine.",
            file.display()
        ),
        (key, None) => format!(
            "Recovery key, shown this once:\n\n    {}\n\nWrite it down and keep it away from this machine: it opens the \
             records where the device key is gone.",
            key.unwrap_or_default()
        ),
    };
    format!(
        "{} is set up; {} signs in.\n{key}",
        answer.clinic, answer.person.email
    )
}

/// Writes the key, and confirms it: what stands in a file needs no typing back.
async fn keep(
    workstation: &Workstation,
    caller: &seekwell_core::accounts::Caller,
    offer: &RecoveryOffer,
    file: &mut SecretFile<'_>,
    key: &str,
) -> Result<(), CliError> {
    file.write(key)?;
    let asked: Vec<String> = offer
        .ask
        .iter()
        .filter_map(|&at| offer.groups.get(usize::try_from(at).ok()?).cloned())
        .collect();
    Ok(workstation.confirm_recovery_key(caller, &asked).await?)
}

/// Asked for twice on a terminal, else one line of standard input. Never an argument: those are seen by everybody.
fn password() -> Result<Zeroizing<String>, CliError> {
    if std::io::stdin().is_terminal() {
        let ask = |what: &str| {
            rpassword::prompt_password(what)
                .map(Zeroizing::new)
                .map_err(|_| CliError::NoPassword)
        };
        let (first, second) = (ask("Password: ")?, ask("The same again: ")?);
        return if *first == *second {
            Ok(first)
        } else {
            Err(CliError::PasswordsDiffer)
        };
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|_| CliError::NoPassword)?;
    if line.is_empty() {
        return Err(CliError::NoPassword);
    }
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
