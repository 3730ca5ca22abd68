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
#![expect(clippy::unwrap_used, reason = "what a test can't set up has failed")]
#![expect(clippy::print_stdout, reason = "what happened in a run is read by a person")]

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

use std::{collections::BTreeMap, ops::Range, panic::AssertUnwindSafe};

use world::World;

/// How often each thing happened.
type Tally = BTreeMap<String, usize>;

/// What must have happened somewhere in forty seeds: a world in which nothing goes wrong proves nothing.
const TROUBLE: [&str; 17] = [
    "LostRequest",
    "LostReply",
    "Doubled",
    "Stale",
    "Busy",
    "KilledBefore",
    "KilledAfter",
    "killed in an edit",
    "killed in a round",
    "edited while Pushing",
    "edited while Pulling",
    "the disk is full",
    "the clock jumps",
    "conflicts",
    "urgent",
    "deleted",
    "let go",
];

/// Plays one seed from its start to its rest, and says what happened.
fn play(seed: u64) -> Tally {
    let mut tally = Tally::new();
    in_one_thread(async {
        let world = World::new(seed).await;
        world.live().await;
        world.come_to_rest().await;
        tally = world.tally();
    });
    tally
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
fn play_all(seeds: Range<u64>) -> Tally {
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let played: Vec<(u64, Option<Tally>)> = std::thread::scope(|scope| {
        let threads = halves.map(|half| {
            scope.spawn(|| {
                let play = |seed| std::panic::catch_unwind(AssertUnwindSafe(|| play(seed))).ok();
                half.map(|seed| (seed, play(seed))).collect::<Vec<_>>()
            })
        });
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let red: Vec<u64> = played
        .iter()
        .filter(|(_, tally)| tally.is_none())
        .map(|(seed, _)| *seed)
        .collect();
    assert!(red.is_empty(), "play them again with SEEKWELL_SEED: {red:?}");
    let mut all = Tally::new();
    for (what, times) in played.into_iter().filter_map(|(_, tally)| tally).flatten() {
        *all.entry(what).or_default() += times;
    }
    println!("{all:?}");
    all
}

#[test]
fn forty_seeds() {
    let tally = play_all(1..41);
    for trouble in TROUBLE {
        assert!(tally.contains_key(trouble), "no {trouble} in {tally:?}");
    }
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
        println!("{:?}", play(seed));
    }
}
