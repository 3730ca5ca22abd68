//! How long it takes until everything that waits is at a centre that answers at once: what the workstation itself costs.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use seekwell_core::store::Store;

use super::{Order, edits, world::World};

/// Fills a workstation with so many photographed and analysed patients and sends it all.
async fn drained(cases: usize) -> Duration {
    let world = World::new(1, Order::Beside).await;
    let station = &world.stations[0];
    station.line.healed.store(true, Ordering::SeqCst);
    edits::fill(&world, 0, cases).await;
    let running = station.running();
    let waiting = outstanding(&running.store).await;
    remembering(&running.store).await;
    let begun = Instant::now();
    running.worker.send().await.unwrap();
    let took = begun.elapsed();
    assert_eq!(outstanding(&running.store).await, (0, 0));
    println!("{cases} cases, {waiting:?} records and images: {took:?}");
    took
}

/// Records and images.
async fn outstanding(store: &Store) -> (u32, u32) {
    let outstanding = store.outstanding().await.unwrap();
    (outstanding.records, outstanding.images)
}

/// What it costs to remember a batch before it is sent.
async fn remembering(store: &Store) {
    let batch = store.outbox(200).await.unwrap().records;
    let begun = Instant::now();
    let mut write = store.write().await.unwrap();
    for waiting in &batch {
        write.begin_sending(waiting).await.unwrap();
    }
    write.commit().await.unwrap();
    println!("remembering {}: {:?}", batch.len(), begun.elapsed());
}

#[test]
#[ignore = "long: thousands of photos"]
fn four_times_as_much_takes_four_times_as_long() {
    super::in_one_thread(async {
        let (one, four) = (drained(500).await, drained(2000).await);
        assert!(four < one * 7, "{one:?} and {four:?}: that is the square");
    });
}
