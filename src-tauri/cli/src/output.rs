//! Where results and errors go: one JSON document, or lines for a person.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use serde::Serialize;

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

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The one document. Where a person asks, `lines` are written instead.
    pub(crate) fn answer(self, document: &impl Serialize, lines: impl FnOnce() -> String) {
        if self.json {
            // Everything that is answered has a JSON form: strings, numbers, and maps keyed by strings.
            write_line(&serde_json::to_string(document).unwrap_or_default());
        } else {
            let lines = lines();
            if !lines.is_empty() {
                write_line(&lines);
            }
        }
    }

    /// A line for a person at once; a script waits for its document.
    pub(crate) fn line(self, line: &str) {
        if !self.json {
            write_line(line);
        }
    }

    /// A progress bar where a person looks at a terminal.
    pub(crate) fn progress(self, of: usize) -> indicatif::ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
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

/// What clap says of the arguments; help and version are no errors. Exit code 2 for a mistake.
pub(crate) fn usage(said: &clap::Error) -> ExitCode {
    let mistake = said.use_stderr();
    // The arguments did not parse, so whether a script asks has to be looked up in them.
    if mistake && std::env::args_os().any(|argument| argument == "--json") {
        write_error_json("usage", said.to_string().trim_end());
    } else {
        let _ = said.print();
    }
    ExitCode::from(if mistake { 2 } else { 0 })
}

fn write_error_json(code: &str, message: &str) {
    let failed = Failed {
        error: FailedBecause { code, message },
    };
    write_error(&serde_json::to_string(&failed).unwrap_or_default());
}

fn write_line(line: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has seen enough (`| head`) is no error.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn write_error(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
