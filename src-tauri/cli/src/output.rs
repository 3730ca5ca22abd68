//! Where results and errors go: one JSON document, or lines for a person.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use serde::{Serialize, Serializer};

use crate::error::CliError;

/// How this call answers.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

#[derive(Serialize)]
struct Failed<'a> {
    error: FailedBecause<'a>,
}

#[derive(Serialize)]
struct FailedBecause<'a> {
    code: &'a str,
    message: &'a str,
}

/// A path in a document, as readable as it is: JSON has no way to say a name that is no Unicode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a>(pub &'a Path);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.to_string_lossy())
    }
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The one document. Where a person asks, `lines` are written instead.
    ///
    /// # Errors
    /// Where there is no document, or nobody to take it: a script must not take silence for an answer.
    pub(crate) fn answer(
        self,
        document: &impl Serialize,
        lines: impl FnOnce() -> String,
    ) -> Result<(), CliError> {
        if self.json {
            let document =
                serde_json::to_string(document).map_err(|source| CliError::NoDocument { source })?;
            return write_line(&document).map_err(|source| CliError::Unanswered { source });
        }
        let lines = lines();
        if lines.is_empty() {
            return Ok(());
        }
        said_to_a_person(write_line(&lines))
    }

    /// A line for a person at once; a script waits for its document.
    ///
    /// # Errors
    /// Where standard output takes nothing. What was reported by it was done all the same.
    pub(crate) fn line(self, line: &str) -> Result<(), CliError> {
        if self.json {
            return Ok(());
        }
        said_to_a_person(write_line(line))
    }

    /// A progress bar where a person looks at a terminal.
    pub(crate) fn progress(self, of: usize) -> indicatif::ProgressBar {
        if self.json || !io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        indicatif::ProgressBar::new(u64::try_from(of).unwrap_or(u64::MAX))
    }

    /// The error, on standard error. Gives the exit code: 1, or 130 where somebody interrupted.
    pub(crate) fn failure(self, error: &CliError) -> ExitCode {
        let message = error.to_string();
        if self.json {
            write_error_json(&error.code(), &message);
        } else {
            let way_out = error
                .way_out()
                .map(|way_out| format!("\n{way_out}"))
                .unwrap_or_default();
            write_error(&format!("seekwell: {message}{way_out}"));
        }
        ExitCode::from(if matches!(error, CliError::Interrupted) {
            130
        } else {
            1
        })
    }
}

/// What clap says of the arguments; help and version are no errors. Exit code 2 for a person's mistake, as everywhere; 1 for
/// a script's, as for all of its errors.
pub(crate) fn usage(said: &clap::Error) -> ExitCode {
    if !said.use_stderr() {
        let printed = said.print().map_err(|source| CliError::Unanswered { source });
        return printed.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    // The arguments did not parse, so whether a script asks has to be looked up in them: before a `--`, after which there
    // are only names.
    let mut arguments = std::env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--");
    if arguments.any(|argument| argument == "--json") {
        write_error_json("usage", said.to_string().trim_end());
        return ExitCode::FAILURE;
    }
    let _ = said.print();
    ExitCode::from(2)
}

fn write_error_json(code: &str, message: &str) {
    let failed = Failed {
        error: FailedBecause { code, message },
    };
    write_error(&serde_json::to_string(&failed).unwrap_or_default());
}

fn write_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// A reader that has seen enough (`| head`) is no error.
fn said_to_a_person(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Unanswered { source }),
        _ => Ok(()),
    }
}

fn write_error(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
