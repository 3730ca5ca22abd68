//! The CLI as scripts see it: every verb, every document, every way in which it can go wrong.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "these are tests"
)]

mod analysing;
mod answers;
mod bad_days;
mod canaries;
#[cfg(unix)]
mod centre;
mod opening;
mod verbs;

const PROGRAM: &str = env!("CARGO_BIN_EXE_seekwell");

/// Where the demo model is.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/demo-model");

/// The keys of a JSON object, in their order in the alphabet.
fn keys(object: &serde_json::Value) -> Vec<&str> {
    let mut keys: Vec<_> = object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}
