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

/// How a workstation sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// One thing after another. The same seed is the same story.
    OneByOne,
    /// Images beside each other and beside records, as at a clinic. Threads have a say in what happens first.
    Beside,
}

/// One seed from its start to its rest.
struct Played {
    story: Vec<String>,
    tally: Tally,
}

fn play(seed: u64, order: Order) -> Played {
    in_one_thread(async {
        let world = World::new(seed, order).await;
        world.live().await;
        world.come_to_rest().await;
        Played {
            story: world.story(),
            tally: world.tally(),
        }
    })
}

/// Runs it where time passes only when it says so.
fn in_one_thread<T>(work: impl Future<Output = T>) -> T {
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
        let made = work.await;
        drop(ended);
        assert!(holding.await.unwrap(), "it was held until here");
        made
    })
}

/// Plays many seeds, two at a time, and names those that failed.
fn play_all(seeds: Range<u64>, order: Order) -> Tally {
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let played: Vec<(u64, Option<Tally>)> = std::thread::scope(|scope| {
        let threads = halves.map(|half| {
            scope.spawn(|| {
                let play = |seed| std::panic::catch_unwind(AssertUnwindSafe(|| play(seed, order).tally)).ok();
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
    let tally = play_all(1..41, Order::OneByOne);
    for trouble in TROUBLE {
        assert!(tally.contains_key(trouble), "no {trouble} in {tally:?}");
    }
}

#[test]
fn ten_seeds_with_images_beside_each_other() {
    play_all(1..11, Order::Beside);
}

#[test]
fn a_seed_is_the_same_story_again() {
    for seed in 1..4 {
        let play = || play(seed, Order::OneByOne).story;
        let [first, second] = std::thread::scope(|scope| {
            // Beside each other, so that their threads come in another order.
            [scope.spawn(play), scope.spawn(play)].map(|thread| thread.join().unwrap())
        });
        for (place, (one, other)) in first.iter().zip(&second).enumerate() {
            assert_eq!(one, other, "at {place} of seed {seed}");
        }
        assert_eq!(first.len(), second.len(), "seed {seed}");
    }
}

#[test]
#[ignore = "long: six hundred seeds"]
fn six_hundred_seeds() {
    play_all(1000..1600, Order::OneByOne);
}

#[test]
#[ignore = "long: two hundred seeds"]
fn two_hundred_seeds_with_images_beside_each_other() {
    play_all(1000..1200, Order::Beside);
}

#[test]
fn one_seed() {
    let seed = std::env::var("SEEKWELL_SEED").ok();
    if let Some(seed) = seed.and_then(|seed| seed.parse().ok()) {
        println!("{:?}", play(seed, Order::OneByOne).tally);
    }
}
