//! Fetching what others recorded: 100,000 changes by a workstation that begins today. Each pull is in a process of its own, so
//! that its memory can be told. Beside it the same pages over the same connection, read and let go.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::sync::{Link, PostgresRegistry, Registry};
use tokio::runtime::Runtime;

use crate::centre::{AtOnce, Centre};
use crate::clinic::Clinic;
use crate::contestant::{Contestant, Cores, take_turns};
use crate::feed::{self, OF_ONE};
use crate::measurement::{Measurement, Unit};
use crate::program::{Outcome, Pace, text};
use crate::turns::{Turn, alternate, median, milliseconds_since};

const BENCH: &str = "pull";
/// The contestant that keeps what it fetches, in a copy of a clinic.
const KEEP: &str = "keep";
/// The one that only reads.
const READ: &str = "read";
/// As large as the pages that the program asks for.
const PAGE: u32 = 500;
/// What ten times as many changes may take of time and of memory: as much for each, and no more at all.
const FLAT: f64 = 1.2;
/// To a server in the same country.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Measures, or takes part in a measurement.
pub(crate) fn measure(pace: Pace, contestant: &[&str]) -> Outcome {
    match contestant {
        [] => compare(pace),
        [KEEP, folder, link] => keep(folder, link),
        [READ, link] => read(link),
        other => Err(format!("not known: {}", other.join(" ")).into()),
    }
}

fn compare(pace: Pace) -> Outcome {
    let runtime = Runtime::new()?;
    let centre = Centre::start();
    let (many, few) = (pace.choose(100_000, 2_000), pace.choose(10_000, 200));
    let template = Clinic::new()?;
    runtime.block_on(async {
        template.set_up().await?.0.close().await;
        Outcome::Ok(())
    })?;
    let mut feeds = Vec::new();
    for (database, changes) in [("many", many), ("few", few)] {
        runtime.block_on(feed::found(&centre, database))?;
        let begun = Instant::now();
        feed::add_whole_patients(&centre, database, changes / OF_ONE);
        eprintln!("{changes} changes made in {:.0} s", begun.elapsed().as_secs_f64());
        let link = runtime.block_on(centre.enroll(database, "B"))?;
        let file = template.path(database);
        put(&file, &serde_json::to_string(&link)?)?;
        feeds.push(file);
    }
    centre.delay(ROUND_TRIP);
    let (mut of_many, mut of_few) = (Vec::new(), Vec::new());
    let medians = {
        let mut turns: [Turn<'_>; 3] = [
            Box::new(|| pulled(&template, &feeds[0], &mut of_many)),
            Box::new(|| pulled(&template, &feeds[1], &mut of_few)),
            Box::new(|| Contestant::ourselves(&[BENCH, READ, text(&feeds[0])?], Cores::All)?.turn()),
        ];
        alternate(0, pace.choose(5, 1), &mut turns)?
    };
    eprintln!("{:.0} changes a second", f64::from(many) / medians[0] * 1000.0);
    let times = f64::from(many / few);
    let cases = [
        (
            "",
            Unit::Milliseconds,
            medians[0],
            "the same pages, read and let go".to_owned(),
            medians[2],
            None,
        ),
        (
            "",
            Unit::Milliseconds,
            medians[0],
            format!("{few}, for as many"),
            medians[1] * times,
            Some(FLAT),
        ),
        (
            ", peak memory",
            Unit::Megabytes,
            median(&of_many),
            few.to_string(),
            median(&of_few),
            Some(FLAT),
        ),
    ];
    for (what, unit, ours, peer, peers, at_most) in cases {
        Measurement {
            bench: BENCH,
            case: &format!("{many} changes, 20 ms away{what}"),
            unit,
            ours,
            peer: &peer,
            peers,
            at_most,
        }
        .report();
    }
    Ok(())
}

/// A link that a contestant reads; it goes with the clinic's folder.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing here has to survive a power cut"
)]
fn put(path: &Path, content: &str) -> Outcome {
    Ok(fs::write(path, content)?)
}

/// One pull into a fresh copy of the clinic; its peak memory is noted.
fn pulled(template: &Clinic, link: &Path, peaks: &mut Vec<f64>) -> Outcome<f64> {
    let copy = template.copied()?;
    let words = [BENCH, KEEP, text(copy.folder())?, text(link)?];
    let mut contestant = Contestant::ourselves(&words, Cores::All)?;
    let took = contestant.turn()?;
    peaks.push(contestant.peak_mb()?);
    Ok(took)
}

fn linked(file: &str) -> Outcome<Link> {
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

/// Takes one turn: everything that the centre has is here afterwards.
fn keep(folder: &str, link: &str) -> Outcome {
    let runtime = Runtime::new()?;
    let clinic = Clinic::at(folder.into());
    let link = linked(link)?;
    let (workstation, _) = runtime.block_on(clinic.open())?;
    take_turns(|| {
        runtime.block_on(async {
            let begun = Instant::now();
            workstation.join(Arc::new(AtOnce), Arc::new(PostgresRegistry::new(&link)));
            workstation.sync_once().await?;
            Ok(milliseconds_since(begun))
        })
    })
}

fn read(link: &str) -> Outcome {
    let runtime = Runtime::new()?;
    let link = linked(link)?;
    take_turns(|| {
        runtime.block_on(async {
            let begun = Instant::now();
            let registry = PostgresRegistry::new(&link);
            let mut after = 0;
            loop {
                let page = registry.pull(after, PAGE).await?;
                after = page.last;
                if !page.more {
                    return Ok(milliseconds_since(begun));
                }
            }
        })
    })
}
