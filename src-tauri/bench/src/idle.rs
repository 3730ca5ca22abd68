//! What the program costs while nothing happens: its window is open, everything is at the centre, and it waits for hints and
//! asks once a minute.

use std::path::Path;
use std::time::{Duration, Instant};

use seekwell_testkit::desktop::{Desktop, Undriven};
use tokio::runtime::Runtime;

use crate::centre::{BUCKET, Centre};
use crate::clinic::{Clinic, PASSWORD};
use crate::measurement::{Measurement, Unit};
use crate::processes;
use crate::program::{Outcome, Pace};
use crate::start;
use crate::ward;

const BENCH: &str = "idle";
const DATABASE: &str = "centre";
/// Of one core.
const ALLOWED: f64 = 0.005;
const PHOTOS: usize = 3;
/// Nothing on its way takes that long.
const PATIENCE: Duration = Duration::from_secs(60);
/// After the last image arrived; the window has drawn itself and the last page of the feed is applied.
const SETTLED: Duration = Duration::from_secs(15);
/// Of the screen's pixels: more than a field that was filled in.
const INSIDE: f64 = 0.05;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let runtime = Runtime::new()?;
    let (centre, clinic) = (Centre::start(), Clinic::new()?);
    runtime.block_on(async {
        centre.found(DATABASE).await?;
        centre.make_bucket(BUCKET);
        let code = centre.enroll(DATABASE, "A").await?.to_code();
        let (workstation, caller, _) = ward::fill(&clinic, PHOTOS).await?;
        workstation.connect(&caller, &code).await?;
        workstation.close().await;
        Outcome::Ok(())
    })?;
    let desktop = Desktop::start_without_keyring()?;
    let (data_dir, key_file) = (clinic.data_dir(), clinic.key_file());
    let arguments = [
        Path::new("--data-dir"),
        &data_dir,
        Path::new("--key-file"),
        &key_file,
    ];
    let window = desktop.start_undriven(&start::program("seekwell-desktop")?, &arguments)?;
    until_synced(&centre)?;
    let seconds = pace.choose(60, 5);
    // Two repaints a second, for the caret in the field of the password.
    spent(&window, seconds, "at the sign-in, whose caret blinks", None)?;
    let door = window.glass()?;
    window.type_line(PASSWORD)?;
    window.watch("the program behind the door", PATIENCE, |glass| {
        glass.difference(&door) > INSIDE
    })?;
    spent(&window, seconds, "signed in", Some(1.0))
}

/// Measures once the window stands still.
fn spent(window: &Undriven, seconds: u64, at: &str, at_most: Option<f64>) -> Outcome {
    std::thread::sleep(SETTLED);
    let program = u32::try_from(window.process()?)?;
    let tree = processes::tree(program)?;
    let now = || Outcome::Ok((processes::cpu_ms(&[program])?, processes::cpu_ms(&tree)?));
    let before = now()?;
    std::thread::sleep(Duration::from_secs(seconds));
    let after = now()?;
    #[expect(clippy::cast_precision_loss, reason = "a minute")]
    let allowed = seconds as f64 * 1000.0 * ALLOWED;
    for (what, ours, at_most) in [
        ("the program", after.0 - before.0, at_most),
        (
            "with the processes that draw its window",
            after.1 - before.1,
            None,
        ),
    ] {
        Measurement {
            bench: BENCH,
            case: &format!("processor time in {seconds} s, synced, {at}, {what}"),
            unit: Unit::Milliseconds,
            ours,
            peer: "0.5 % of a core",
            peers: allowed,
            at_most,
        }
        .report();
    }
    Ok(())
}

fn until_synced(centre: &Centre) -> Outcome {
    let begun = Instant::now();
    loop {
        let analyses = centre.psql(DATABASE, "SELECT count(*) FROM public.analyses");
        if analyses == PHOTOS.to_string() && centre.held(BUCKET).0 == 3 * PHOTOS {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("only {analyses} analyses are at the centre").into());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
