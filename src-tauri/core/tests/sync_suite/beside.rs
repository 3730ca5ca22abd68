//! Images and records on their way at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use seekwell_core::{
    store::Unfinished,
    sync::{Answer, Hello, Later, Operation, Page, PostgresRegistry, Registry, RegistryError},
};
use uuid::Uuid;

use crate::blobs::MemoryBlobs;
use crate::centre::Centre;

const PHOTOS: u64 = 20;

/// Long enough for any machine; a run that works takes a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// The centre's records at the end of a way that is longer than all images take: the second push is answered when they are
/// at the bucket.
struct FarAway {
    registry: PostgresRegistry,
    blobs: Arc<MemoryBlobs>,
    pushes: AtomicU32,
}

impl Registry for FarAway {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        self.registry.hello()
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        Box::pin(async move {
            if self.pushes.fetch_add(1, Ordering::Relaxed) == 1 {
                let all = usize::try_from(PHOTOS * 3).unwrap();
                let all_there = async {
                    while self.blobs.names().len() < all {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                };
                let waited = tokio::time::timeout(PATIENCE, all_there).await;
                waited.map_err(|_| RegistryError::Unreachable {
                    what: format!("{} images of {all} were sent", self.blobs.names().len()),
                })?;
            }
            self.registry.push(operations).await
        })
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        self.registry.pull(after, page)
    }

    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>> {
        self.registry.settle_conflict(id, by)
    }

    fn erase(&self, operation: Uuid, record: Uuid) -> Later<'_, Result<Answer, RegistryError>> {
        self.registry.erase(operation, record)
    }

    fn unfinished(&self, days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>> {
        self.registry.unfinished(days)
    }

    fn hint(&self) -> Later<'_, Result<(), RegistryError>> {
        self.registry.hint()
    }
}

#[tokio::test]
async fn a_push_that_takes_long_keeps_no_image_waiting() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let patient = a.patient().await;
    for seed in 0..PHOTOS {
        a.keep(patient, seed).await;
    }
    let link = a.workstation.link().await.unwrap().unwrap();
    let registry = FarAway {
        registry: PostgresRegistry::new(&link),
        blobs: Arc::clone(&centre.blobs),
        pushes: AtomicU32::new(0),
    };
    a.workstation
        .join(Arc::clone(&centre.blobs) as _, Arc::new(registry));
    a.workstation.sync_once().await.unwrap();
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!((status.waiting_records, status.waiting_images), (0, 0));
    assert_eq!(
        centre.psql("SELECT count(*) FROM seekwell.photo WHERE fields -> 'images' ?& '{original,derivative,thumbnail}'"),
        PHOTOS.to_string()
    );
}
