//! Two workstations of one clinic and a centre: what one records arrives at the other, whole, once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't set up has failed"
)]

mod background;
mod beside;
#[path = "../memory/blobs.rs"]
mod blobs;
mod centre;
mod conflicts;
mod consent;
mod journey;
mod line;
mod lost_reply;
mod outlines;
#[path = "../memory/postgres.rs"]
#[expect(dead_code, reason = "two suites share it, and each needs a part")]
mod postgres;
mod purging;
mod retention;
mod settling;
mod slow_line;
mod unsent;
mod urgent;
#[path = "../workstation_suite/ward.rs"]
#[expect(dead_code, reason = "another suite's fixture, of which this one needs a part")]
mod ward;
mod watched;
