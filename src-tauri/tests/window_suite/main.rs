//! The program's own window, used as a nurse uses it: on a desktop without a screen, with a real webview, a real
//! keyring and the real core behind it. One test at a time; each has a desktop to itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it fails")]

mod accessibility;
mod bad_photos;
mod canaries;
mod centre;
mod clinic;
mod confinement;
mod dialogs;
mod doors;
mod judgement;
mod keyboard;
mod languages;
mod main_job;
mod news;
mod patients;
mod revival;
#[path = "../../core/tests/analysis_suite/sketch.rs"]
#[expect(dead_code, reason = "another suite's fixture, of which this one needs a part")]
mod sketch;
mod space;
mod tour;
mod two_windows;
mod unsaved;
