//! Preparing photos: a 12-megapixel JPEG on one core beside libvips and Pillow, in this process and through the worker
//! process; two hundred at once on one core and on all; the memory that a 48-megapixel one takes. One of a derivative's
//! size, which takes as long to judge and outline as any other, is held to what was set for the judgement alone.
//!
//! Ours always makes more than its peers: a thumbnail beside the derivative, and it reads EXIF.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use seekwell_core::imaging::{self, worker::Workers};
use seekwell_testkit::python::Python;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::contestant::{Contestant, Cores, take_turns};
use crate::measurement::{Measurement, Unit};
use crate::photos::Photo;
use crate::program::{Outcome, Pace, text};
use crate::turns::{Turn, alternate, milliseconds_since};

const BENCH: &str = "prepare";
// Words that make this program a contestant: in one process, through the worker process, many at once.
const DIRECT: &str = "direct";
const WORKER: &str = "worker";
const BATCH: &str = "batch";

/// Of libvips' time.
const OF_LIBVIPS: f64 = 0.5;
/// Of Pillow's time.
const OF_PILLOW: f64 = 0.2;
/// All cores have at least 1.8 times the rate of one.
const OF_ONE_CORE: f64 = 1.0 / 1.8;
/// For a 48-megapixel JPEG.
const MEMORY_MB: f64 = 250.0;
/// For the quality and the outline of a derivative.
const JUDGED_MS: f64 = 60.0;

/// Measures, or is a contestant of another one that measures.
pub(crate) fn measure(pace: Pace, words: &[&str]) -> Outcome {
    match words {
        [] => {
            let python = peers();
            one_core(&python, pace)?;
            judged(&python, pace)?;
            memory(&python)?;
            many(&python, pace)
        }
        [DIRECT, file] => {
            let original = fs::read(file)?;
            take_turns(|| {
                let begun = Instant::now();
                let prepared = imaging::prepare(&original)?;
                let took = milliseconds_since(begun);
                drop(prepared);
                Ok(took)
            })
        }
        [WORKER, file] => {
            let original = fs::read(file)?;
            let (runtime, workers) = (Runtime::new()?, Workers::for_current_exe()?);
            take_turns(|| {
                let begun = Instant::now();
                let prepared = runtime.block_on(workers.prepare(&original))?;
                let took = milliseconds_since(begun);
                drop(prepared);
                Ok(took)
            })
        }
        [BATCH, file, count] => {
            let (original, count) = (Arc::new(fs::read(file)?), count.parse()?);
            let (runtime, workers) = (Runtime::new()?, Arc::new(Workers::for_current_exe()?));
            take_turns(|| {
                let begun = Instant::now();
                runtime.block_on(all_at_once(&workers, &original, count))?;
                Ok(milliseconds_since(begun))
            })
        }
        other => Err(format!("not known: {}", other.join(" ")).into()),
    }
}

/// Pillow and the binding to libvips, which is the system's: `cargo xtask bench` installs it.
pub(crate) fn peers() -> Python {
    Python::with(&["pillow==13.0.0", "pyvips==3.2.0"])
}

fn peer(python: &Python, name: &str, file: &str) -> Outcome<Contestant> {
    Contestant::python(
        python,
        include_str!("peers/prepare.py"),
        &[name, file],
        Cores::One,
    )
}

fn one_core(python: &Python, pace: Pace) -> Outcome {
    let photo = Photo::Megapixels12.path(python)?;
    let photo = text(&photo)?;
    let mut contestants = [
        Contestant::ourselves(&[BENCH, DIRECT, photo], Cores::One)?,
        Contestant::ourselves(&[BENCH, WORKER, photo], Cores::One)?,
        peer(python, "libvips", photo)?,
        peer(python, "pillow", photo)?,
    ];
    let mut turns = contestants
        .each_mut()
        .map(|one| -> Turn<'_> { Box::new(move || one.turn()) });
    let medians = alternate(3, pace.choose(31, 3), &mut turns)?;
    let cases = [
        ("12 MP JPEG, one core", medians[0]),
        ("12 MP JPEG through the worker process, one core", medians[1]),
    ];
    for (case, ours) in cases {
        for (peer, peers, at_most) in [
            ("libvips", medians[2], OF_LIBVIPS),
            ("Pillow", medians[3], OF_PILLOW),
        ] {
            let unit = Unit::Milliseconds;
            Measurement {
                bench: BENCH,
                case,
                unit,
                ours,
                peer,
                peers,
                at_most: Some(at_most),
            }
            .report();
        }
    }
    Ok(())
}

fn judged(python: &Python, pace: Pace) -> Outcome {
    let derivative = imaging::prepare(&Photo::Megapixels12.read(python)?)?.derivative;
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&derivative)?;
    let mut contestant = Contestant::ourselves(&[BENCH, DIRECT, text(file.path())?], Cores::One)?;
    let mut turns = [&mut contestant].map(|one| -> Turn<'_> { Box::new(move || one.turn()) });
    let medians = alternate(3, pace.choose(31, 3), &mut turns)?;
    Measurement {
        bench: BENCH,
        case: "1024×768 JPEG with quality and outline, one core",
        unit: Unit::Milliseconds,
        ours: medians[0],
        peer: "limit",
        peers: JUDGED_MS,
        at_most: Some(1.0),
    }
    .report();
    Ok(())
}

/// The worker with the process that feeds it, both at their worst.
fn memory(python: &Python) -> Outcome {
    let photo = Photo::Megapixels48.path(python)?;
    let photo = text(&photo)?;
    let peak = |mut contestant: Contestant| -> Outcome<f64> {
        contestant.turn()?;
        contestant.peak_mb()
    };
    let ours = peak(Contestant::ourselves(&[BENCH, WORKER, photo], Cores::One)?)?;
    let limits = [
        ("limit", MEMORY_MB, Some(1.0)),
        ("libvips", peak(peer(python, "libvips", photo)?)?, None),
        ("Pillow", peak(peer(python, "pillow", photo)?)?, None),
    ];
    for (peer, peers, at_most) in limits {
        let (case, unit) = ("48 MP JPEG, peak memory", Unit::Megabytes);
        Measurement {
            bench: BENCH,
            case,
            unit,
            ours,
            peer,
            peers,
            at_most,
        }
        .report();
    }
    Ok(())
}

fn many(python: &Python, pace: Pace) -> Outcome {
    let photo = Photo::Megapixels12.path(python)?;
    let count = pace.choose("200", "20");
    let words = [BENCH, BATCH, text(&photo)?, count];
    let mut contestants = [
        Contestant::ourselves(&words, Cores::All)?,
        Contestant::ourselves(&words, Cores::One)?,
    ];
    let mut turns = contestants
        .each_mut()
        .map(|one| -> Turn<'_> { Box::new(move || one.turn()) });
    let medians = alternate(0, pace.choose(5, 1), &mut turns)?;
    Measurement {
        bench: BENCH,
        case: &format!("{count} photos of 12 MP at once, all cores"),
        unit: Unit::Milliseconds,
        ours: medians[0],
        peer: "one core",
        peers: medians[1],
        at_most: Some(OF_ONE_CORE),
    }
    .report();
    Ok(())
}

async fn all_at_once(workers: &Arc<Workers>, original: &Arc<Vec<u8>>, count: usize) -> Outcome {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (workers, original) = (Arc::clone(workers), Arc::clone(original));
        tasks.spawn(async move { workers.prepare(&original).await.map(drop) });
    }
    while let Some(prepared) = tasks.join_next().await {
        prepared??;
    }
    Ok(())
}
