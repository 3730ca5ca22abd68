//! The port to the bucket: its contract over memory and over the real adapter, and the real adapter on a bad line.
#![expect(clippy::unwrap_used, reason = "what a test can't set up has failed")]

mod bad_line;
mod bucket;
mod contract;
mod faults;
#[path = "../memory/blobs.rs"]
#[expect(dead_code, reason = "another suite pulls its cable out")]
mod memory;
mod site;
mod viewing;

use std::sync::Arc;

use seekwell_core::sync::BlobFacts;

const JPEG: &str = "image/jpeg";

/// Bytes that no other seed gives, not compressible.
fn photo(seed: u32, length: usize) -> Arc<Vec<u8>> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = (0..length).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    });
    Arc::new(bytes.collect())
}

/// What the bucket should say of these bytes, but for the generation.
fn facts_of(bytes: &[u8]) -> BlobFacts {
    BlobFacts {
        bytes: bytes.len().try_into().unwrap(),
        crc32c: crc32c::crc32c(bytes),
        generation: 0,
    }
}

fn name_of(number: usize) -> String {
    format!("patients/7/analyses/{number:08}-0000-7000-8000-000000000000_20261125_093000.jpg")
}
