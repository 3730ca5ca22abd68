//! What the tests share and nothing ships.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a fixture that can't be made is a failed test, and drawn pixels are approximate anyway"
)]

mod aside;
pub mod canary;
pub mod cutter;
#[cfg(target_os = "linux")]
pub mod desktop;
mod dice;
pub mod gcs;
pub mod gradio;
pub mod hostile;
pub mod lesion;
pub mod metadata;
pub mod photograph;
pub mod pillow;
#[cfg(unix)]
pub mod postgres;
#[cfg(target_os = "linux")]
pub mod power;
pub mod process;
pub mod python;
pub mod space;
pub mod web;
#[cfg(target_os = "linux")]
pub mod webdriver;
