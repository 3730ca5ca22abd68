//! SeekWell without a window: the same core for scripts, IT and tests.

mod arguments;
mod commands;
mod error;
mod json;
mod output;
mod place;
mod secret_file;

use std::process::ExitCode;

use clap::Parser;
use seekwell_core::imaging::worker;

use arguments::Arguments;
use output::Output;

fn main() -> ExitCode {
    seekwell_core::vault::keep_memory_private();
    // Before anything else: an imaging worker is this program started again, and it must hold nothing.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == worker::FLAG)
    {
        return worker::serve();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return output::usage(&usage),
    };
    // Ids only, and only on demand: `SEEKWELL_LOG=info seekwell …`.
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("SEEKWELL_LOG") {
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
    }
    let output = Output::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(source) => return output.failure(&error::CliError::Runtime { source }),
    };
    match runtime.block_on(commands::run(arguments, &output)) {
        Ok(code) => code,
        Err(error) => output.failure(&error),
    }
}
