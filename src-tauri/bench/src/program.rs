//! What `main` does, and what all benchmarks say the same way.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use seekwell_core::imaging::worker;

use crate::{analysis, capture, history, prepare, queue};
#[cfg(target_os = "linux")]
use crate::{drain, frames, idle, pull, share, start};

/// What can go wrong goes to the person at the terminal.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// For figures.
    Full,
    /// `--quick`: whether everything works; the figures mean little.
    Quick,
}

impl Pace {
    /// `full`, or `quick` where that is asked for.
    pub(crate) fn choose<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// Serves as an imaging worker where asked to, else runs the benchmark that the first word names. Words after it make this
/// process a contestant of another one that measures.
pub fn run() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == worker::FLAG) {
        return worker::serve();
    }
    let quick = words.iter().any(|word| word == "--quick");
    let pace = if quick { Pace::Quick } else { Pace::Full };
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--quick")
        .collect();
    match measure(pace, &words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(pace: Pace, words: &[&str]) -> Outcome {
    match words {
        ["prepare", contestant @ ..] => prepare::measure(pace, contestant),
        ["capture"] => capture::measure(pace),
        ["history"] => history::measure(pace),
        ["analysis"] => analysis::measure(pace),
        ["queue", contestant @ ..] => queue::measure(pace, contestant),
        #[cfg(target_os = "linux")]
        ["start"] => start::measure(pace),
        #[cfg(target_os = "linux")]
        ["drain"] => drain::measure(pace),
        #[cfg(target_os = "linux")]
        ["pull", contestant @ ..] => pull::measure(pace, contestant),
        #[cfg(target_os = "linux")]
        ["share"] => share::measure(pace),
        #[cfg(target_os = "linux")]
        ["idle"] => idle::measure(pace),
        #[cfg(target_os = "linux")]
        ["frames"] => frames::measure(pace),
        #[cfg(not(target_os = "linux"))]
        ["start" | "drain" | "pull" | "share" | "idle" | "frames", ..] => Err(
            "windows are measured in a virtual display, and the centre is Debian's PostgreSQL: on Linux"
                .into(),
        ),
        other => Err(format!("no benchmark is called {}", other.join(" ")).into()),
    }
}

/// A folder under `target/bench`, on the disk that the build is on: a file system in memory would make every sync free.
pub(crate) fn folder(name: &str) -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .ok_or("this program is in no target directory")?;
    let folder = target.join("bench").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A path as an argument among others.
pub(crate) fn text(path: &Path) -> Outcome<&str> {
    Ok(path.to_str().ok_or("a path that is not UTF-8")?)
}
