//! Patients, lesions, photos and notes as a person at the workstation meets them, on a real encrypted store.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

#[path = "records/checking.rs"]
mod checking;
#[path = "records/clinic.rs"]
mod clinic;
#[path = "records/history.rs"]
mod history;
#[path = "records/judgement.rs"]
mod judgement;
#[path = "records/notes.rs"]
mod notes;
#[path = "records/patients.rs"]
mod patients;
#[path = "records/retention.rs"]
mod retention;
#[path = "records/urgent.rs"]
mod urgent;
