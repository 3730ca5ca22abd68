//! Three workstations and a centre in one thread, in which everything that can go wrong does, by a seed: edits of the same
//! records, kills, cut lines, lost, stale and doubled replies, clocks that jump by ten years, full disks.
//!
//! The workstations are the real store, vault and worker. The centre is in memory, and held to PostgreSQL by `registry_suite`.
//! At every step nobody may be told that all is well while something waits; at rest every replica says what the centre says,
//! nothing that was reported as kept is lost, and a conflict is between two who had not seen each other's value.
//!
//! A red seed prints itself and is played again by
//! `SEEKWELL_SEED=<seed> cargo test --workspace --test simulator -- --nocapture one_seed`; the long run is
//! `cargo test --workspace --test simulator -- --ignored six_hundred_seeds`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't set up has failed"
)]

#[path = "../memory/blobs.rs"]
#[expect(dead_code, reason = "here the line breaks, not the bucket")]
mod blobs;
mod drain;
mod edits;
mod line;
mod oracle;
#[path = "../memory/registry.rs"]
mod registry;
mod replicas;
#[path = "../memory/rules.rs"]
mod rules;
mod station;
mod world;

use std::{ops::Range, panic::AssertUnwindSafe};

use world::World;

/// Plays one seed from its start to its rest.
fn play(seed: u64) {
    in_one_thread(async {
        let world = World::new(seed).await;
        world.live().await;
        world.come_to_rest().await;
    });
}

/// Runs it where time passes only when it says so.
fn in_one_thread(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        // A paused clock runs ahead whenever nobody has anything to do, which is whenever SQLite's threads have, unless a
        // blocking task is under way. So one is, and time passes only where the world says so.
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let holding = tokio::task::spawn_blocking(move || end.recv().is_err());
        work.await;
        drop(ended);
        assert!(holding.await.unwrap(), "it was held until here");
    });
}

/// Plays many seeds, two at a time, and names those that failed.
fn play_all(seeds: Range<u64>) {
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let red: Vec<u64> = std::thread::scope(|scope| {
        let threads = halves.map(|half| {
            scope.spawn(|| {
                half.filter(|seed| std::panic::catch_unwind(AssertUnwindSafe(|| play(*seed))).is_err())
                    .collect::<Vec<u64>>()
            })
        });
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(red.is_empty(), "play them again with SEEKWELL_SEED: {red:?}");
}

#[test]
fn forty_seeds() {
    play_all(1..41);
}

#[test]
#[ignore = "long: six hundred seeds"]
fn six_hundred_seeds() {
    play_all(1000..1600);
}

#[test]
fn one_seed() {
    let seed = std::env::var("SEEKWELL_SEED").ok();
    if let Some(seed) = seed.and_then(|seed| seed.parse().ok()) {
        play(seed);
    }
}
