//! The whole workstation through its façade: what its queue asks whom, which models it trusts, and how its keys are lost
//! and found.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't set up has failed"
)]

#[path = "workstation_suite/codes.rs"]
mod codes;
#[path = "workstation_suite/envelope.rs"]
mod envelope;
#[path = "workstation_suite/models.rs"]
mod models;
#[path = "workstation_suite/queue.rs"]
mod queue;
#[path = "workstation_suite/recovery.rs"]
mod recovery;
#[path = "workstation_suite/space_faults.rs"]
mod space_faults;
#[path = "workstation_suite/staging.rs"]
mod staging;
#[path = "workstation_suite/ward.rs"]
mod ward;
#[path = "workstation_suite/ways.rs"]
mod ways;
