//! What was reported as kept survives killed processes, power cuts and double clicks, and damage is told, never shown.
//!
//! The short forms run with all tests; the long ones by name (minutes each):
//! ```text
//! cargo test -p seekwell --test durability -- --ignored --nocapture killed_a_thousand_times
//! cargo test -p seekwell --test durability -- --ignored --nocapture killed_two_hundred_times_in_the_queue
//! cargo test -p seekwell --test durability -- --ignored --nocapture ten_thousand_power_cuts
//! cargo test -p seekwell --test durability -- --ignored --nocapture ten_thousand_flipped_bits
//! ```
//! A failure prints `SEEKWELL_SEED=…`; the same variable in the environment makes the same choices again.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "these are tests"
)]

mod flip;
mod keep;
#[cfg(unix)]
mod kill;
#[cfg(target_os = "linux")]
mod power;
#[cfg(unix)]
mod queue;

use std::{path::Path, sync::Arc};

use seekwell_core::{
    accounts::Caller,
    clinical::PhotoId,
    clock::Clock,
    error::Error,
    imaging::worker::{FLAG, Workers},
    vault::KeyPlace,
    workstation::{Place, Rendition, Workstation},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_seekwell");

/// The workstation in that directory, in this process.
async fn open(data_dir: &Path, key_file: &Path) -> Result<(Workstation, Caller), Error> {
    let place = Place {
        data_dir: data_dir.to_owned(),
        keys: KeyPlace::File(key_file.to_owned()),
        program: "test",
        clock: Clock::system(),
        workers: Arc::new(Workers::start(PROGRAM.into(), [FLAG])),
    };
    let workstation = Workstation::open(place).await?;
    match workstation.act_as("mai@example.test").await {
        Ok(caller) => Ok((workstation, caller)),
        Err(error) => {
            workstation.close().await;
            Err(error)
        }
    }
}

/// What is wrong with a workstation that has to hold these photos, each as it came. Nothing where all is well.
async fn faults(data_dir: &Path, key_file: &Path, photos: &[(PhotoId, Vec<u8>)]) -> Vec<String> {
    let (workstation, caller) = match open(data_dir, key_file).await {
        Ok(opened) => opened,
        Err(error) => return vec![format!("it does not open: {error}")],
    };
    let mut faults = Vec::new();
    for (id, original) in photos {
        match workstation.image(&caller, *id, Rendition::Original).await {
            Ok(image) if image == *original => {}
            Ok(_) => faults.push(format!("photo {id} is another one")),
            Err(error) => faults.push(format!("photo {id} was reported and is lost: {error}")),
        }
    }
    match workstation.check(&caller, |_| {}).await {
        Ok(report) => faults.extend(
            report
                .damaged
                .iter()
                .map(|damage| format!("{}: {}", damage.id, damage.message)),
        ),
        Err(error) => faults.push(format!("it can't be checked: {error}")),
    }
    workstation.close().await;
    faults
}

/// The photos that `open` said it kept, of files that are called by the seed of their picture. A line that was cut short
/// reported nothing.
fn reported(said: &str) -> Vec<(PhotoId, u64)> {
    said.split_inclusive('\n')
        .filter_map(|line| {
            let mut words = line.strip_suffix('\n')?.strip_prefix("kept  ")?.split("  ");
            let (id, file) = (words.next()?, words.next()?);
            let seed = Path::new(file).file_stem()?.to_str()?.parse().ok()?;
            Some((id.parse().ok()?, seed))
        })
        .collect()
}
