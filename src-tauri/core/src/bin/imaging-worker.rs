//! The imaging worker alone, for the core's own tests. It ships nowhere: the app and the CLI are their
//! own workers.

fn main() -> std::process::ExitCode {
    seekwell_core::imaging::worker::serve()
}
