//! Figures against peers: each benchmark runs ours and its peers in turn, on the same machine at the same time, and
//! prints medians. `cargo xtask bench` builds and runs the program.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures go to standard output, the rest to standard error"
)]

mod analysis;
mod capture;
#[cfg(target_os = "linux")]
mod centre;
mod clinic;
mod contestant;
#[cfg(target_os = "linux")]
mod drain;
#[cfg(target_os = "linux")]
mod feed;
#[cfg(target_os = "linux")]
mod frames;
mod history;
#[cfg(target_os = "linux")]
mod idle;
mod measurement;
mod photos;
mod prepare;
mod processes;
mod program;
#[cfg(target_os = "linux")]
mod pull;
mod queue;
#[cfg(target_os = "linux")]
mod share;
#[cfg(target_os = "linux")]
mod start;
mod turns;
#[cfg(target_os = "linux")]
mod ward;

pub use program::run;
