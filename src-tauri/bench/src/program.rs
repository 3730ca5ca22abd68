//! What every benchmark's `main` does: serve as an imaging worker where asked to, else measure.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use seekwell_core::imaging::worker;

/// What can go wrong goes to the person at the terminal.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// For figures.
    Full,
    /// `--quick`: whether everything works; the figures mean little.
    Quick,
}

impl Pace {
    /// `full`, or `quick` where that is asked for.
    pub fn choose<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// Runs a benchmark. `measure` gets the pace and the words after it.
pub fn run(measure: impl FnOnce(Pace, &[&str]) -> Outcome) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == worker::FLAG) {
        return worker::serve();
    }
    let pace = if words.iter().any(|word| word == "--quick") {
        Pace::Quick
    } else {
        Pace::Full
    };
    let rest: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--quick")
        .collect();
    match measure(pace, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
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
