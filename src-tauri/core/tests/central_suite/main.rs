//! The centre's schema on a real PostgreSQL: what migrating does, what the door lets through, and what it does not. The long run is
//! `cargo test --workspace --test central_suite -- --ignored --nocapture ten_thousand`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]
#![expect(clippy::print_stdout, reason = "what happened in a run is read by a person")]

mod administration;
mod catalogue;
mod centre;
mod erasing;
mod feed;
mod isolation;
mod migrations;
mod mirror;
mod push;
mod records;
