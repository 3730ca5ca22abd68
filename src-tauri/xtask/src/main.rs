//! The tasks of this repository: `cargo xtask run | test | codegen | tidy | bench`.
//!
//! Everything a fresh machine needs beyond git, Rust and Node is fetched here, so that the README can name two
//! commands and mean it. Kept to the standard library and serde_json: it is compiled before anything else.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

mod bench;
mod codegen;
mod machine;
mod run;
mod steps;
mod test;
mod tidy;
mod ui;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
cargo xtask run               build the program and open it on a demo clinic; where there is no display, drive it
                              through the main job in a virtual one (pictures and summary: target/run)
cargo xtask run --with-centre the same with a throw-away centre and two workstations of it: what one keeps, the other shows
cargo xtask test              everything: format, lints, tidy, bindings, Rust, UI and window tests
cargo xtask codegen [--check] write the TypeScript bindings from the shell's commands, or see whether they are stale
cargo xtask tidy              the rules of the house that no compiler knows
cargo xtask bench [NAME] [--json]
                              against peers, in release builds: all that there is, or one (an unknown NAME lists them)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::here();
    let outcome = match words.as_slice() {
        ["run"] => run::run(&workspace),
        ["run", "--with-centre"] => run::with_centre(&workspace),
        ["test"] => test::test(&workspace),
        ["codegen"] => codegen::write(&workspace),
        ["codegen", "--check"] => codegen::check(&workspace),
        ["tidy"] => tidy::report(&workspace),
        ["bench", rest @ ..] => bench::bench(&workspace, rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // A task that has reported its steps has nothing to add.
            if !reason.is_empty() {
                eprintln!("{reason}");
            }
            ExitCode::FAILURE
        }
    }
}
