//! Figures against peers: each benchmark runs ours and its peers in turn, on the same machine at the same time, and
//! prints medians. `cargo xtask bench` builds and runs the programs of this package.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures go to standard output, the rest to standard error"
)]

pub mod analysis;
pub mod capture;
mod clinic;
mod contestant;
pub mod history;
mod measurement;
mod photos;
pub mod prepare;
mod processes;
mod program;
#[cfg(target_os = "linux")]
pub mod start;
mod turns;

pub use program::{Outcome, Pace, run};
