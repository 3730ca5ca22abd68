//! What a photo's pixels say without a model: its quality, the lesion's outline and measurements, against photographs whose
//! truth is known.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod album;
mod measure;
mod outline;
mod quality;
mod worker;
