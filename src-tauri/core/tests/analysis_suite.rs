//! Analysis from a model's folder to six probabilities, and beside ONNX Runtime and Hugging Face.
#![expect(clippy::unwrap_used, reason = "what a test can't set up has failed")]

#[path = "analysis_suite/archives.rs"]
mod archives;
#[path = "analysis_suite/broken.rs"]
mod broken;
#[path = "analysis_suite/contract.rs"]
mod contract;
#[path = "analysis_suite/installing.rs"]
mod installing;
#[path = "analysis_suite/on_device.rs"]
mod on_device;
#[path = "analysis_suite/peers.rs"]
mod peers;
#[path = "analysis_suite/sketch.rs"]
mod sketch;
#[path = "analysis_suite/workshop.rs"]
mod workshop;
