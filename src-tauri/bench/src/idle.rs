//! What the program costs while nothing happens: its window is open, everything is at the centre, and it waits for hints and
//! asks once a minute.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use seekwell_testkit::desktop::Desktop;
use tokio::runtime::Runtime;

use crate::centre::{BUCKET, Centre};
use crate::clinic::Clinic;
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
    let mut command = desktop.command(start::program("seekwell-desktop")?);
    command.arg("--data-dir").arg(clinic.data_dir());
    command.arg("--key-file").arg(clinic.key_file());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let window = Running(command.spawn()?);
    until_synced(&centre)?;
    std::thread::sleep(SETTLED);

    let seconds = pace.choose(60, 5);
    let program = window.0.id();
    let tree = processes::tree(program)?;
    let before = (processes::cpu_ms(&[program])?, processes::cpu_ms(&tree)?);
    std::thread::sleep(Duration::from_secs(seconds));
    let after = (processes::cpu_ms(&[program])?, processes::cpu_ms(&tree)?);
    #[expect(clippy::cast_precision_loss, reason = "a minute")]
    let allowed = seconds as f64 * 1000.0 * ALLOWED;
    for (what, ours, at_most) in [
        ("the program", after.0 - before.0, Some(1.0)),
        (
            "with the processes that draw its window",
            after.1 - before.1,
            None,
        ),
    ] {
        Measurement {
            bench: BENCH,
            case: &format!("processor time in {seconds} s, synced, {what}"),
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

/// The program; dropping it ends it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
