//! What the tests share and nothing ships.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not be set up has to fail loudly"
)]

pub mod python;
