//! Drives the program through the main job where nobody is watching, starts a centre for two workstations, and paints the
//! synthetic photos of the demo clinic. `cargo xtask run` starts it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
mod centre;
#[cfg(target_os = "linux")]
mod main_job;
mod photos;
#[cfg(target_os = "linux")]
mod summary;
#[cfg(target_os = "linux")]
mod two_windows;

const USAGE: &str = "\
seekwell-drive photos DIR COUNT           writes lesion-1.jpg and on
seekwell-drive main-job PROGRAM CLI OUT   drives PROGRAM, checks with CLI, writes pictures and summary to OUT
seekwell-drive with-centre PROGRAM CLI    starts a centre, opens PROGRAM on two workstations of it, ends with both
seekwell-drive with-centre PROGRAM CLI OUT
                                          the same, driven; writes pictures and summary to OUT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome: Result<(), Box<dyn std::error::Error>> = match words.as_slice() {
        ["photos", folder, count] => count
            .parse()
            .map_err(Into::into)
            .and_then(|count| photos::write(folder.as_ref(), count)),
        #[cfg(target_os = "linux")]
        ["main-job", program, cli, out] => main_job::drive(program.as_ref(), cli.as_ref(), out.as_ref()),
        #[cfg(target_os = "linux")]
        ["with-centre", program, cli] => two_windows::open(program.as_ref(), cli.as_ref()),
        #[cfg(target_os = "linux")]
        ["with-centre", program, cli, out] => {
            two_windows::drive(program.as_ref(), cli.as_ref(), out.as_ref())
        }
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
