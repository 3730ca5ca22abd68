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
    let waiting = (
        running.store.waiting().await.unwrap(),
        running.store.waiting_image_count().await.unwrap(),
    );
    remembering(&running.store).await;
    let begun = Instant::now();
    running.worker.send().await.unwrap();
    let took = begun.elapsed();
    assert_eq!(running.store.waiting().await.unwrap(), 0);
    assert_eq!(running.store.waiting_image_count().await.unwrap(), 0);
    println!("{cases} cases, {waiting:?} records and images: {took:?}");
    took
}

/// What it costs to remember a batch before it is sent.
async fn remembering(store: &Store) {
    let batch = store.waiting_records(200).await.unwrap();
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
