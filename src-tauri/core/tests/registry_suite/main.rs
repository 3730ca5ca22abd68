//! The port to the centre's records: its contract over memory and over a real PostgreSQL, and what becomes of operations on a
//! bad line. The long run is `cargo test --workspace --test registry_suite -- --ignored --nocapture ten_thousand`.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't set up has failed"
)]
#![expect(clippy::print_stdout, reason = "what happened in a run is read by a person")]

#[path = "../memory/case.rs"]
mod case;
mod contract;
mod differential;
mod operations;
#[path = "../memory/postgres.rs"]
#[expect(dead_code, reason = "two suites share it, and each needs a part")]
mod postgres;
#[path = "../memory/registry.rs"]
#[expect(dead_code, reason = "another suite looks into it")]
mod registry;
#[path = "../memory/rules.rs"]
mod rules;
