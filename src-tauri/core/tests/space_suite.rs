//! The Space analyser against a fake Space with a fault at every step, and against a real Gradio server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what a test can't set up has failed"
)]

#[path = "space_suite/asking.rs"]
mod asking;
#[path = "space_suite/faults.rs"]
mod faults;
#[path = "space_suite/real.rs"]
mod real;
#[path = "space_suite/waiting.rs"]
mod waiting;
