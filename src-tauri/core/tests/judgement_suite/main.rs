//! What a photo's pixels say without a model: its quality, the lesion's outline and measurements, against photographs whose
//! truth is known.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![expect(clippy::print_stdout, reason = "what was found in a run is read by a person")]

mod album;
mod measure;
mod outline;
mod quality;
mod worker;
