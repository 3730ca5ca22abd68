//! A workstation's line to the centre: it loses requests, replies and whole minutes, doubles and mixes up replies, and while a
//! reply is on its way other things happen.

use std::{
    collections::HashMap,
    future::pending,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use seekwell_core::{
    store::Unfinished,
    sync::{Answer, BlobError, BlobFacts, Blobs, Hello, Later, Operation, Page, Registry, RegistryError},
};
use uuid::Uuid;

use super::{
    blobs::MemoryBlobs,
    registry::MemoryRegistry,
    world::{Meanwhile, World},
};

pub(crate) struct Line {
    pub(crate) world: Arc<OnceLock<Weak<World>>>,
    pub(crate) station: usize,
    pub(crate) registry: MemoryRegistry,
    pub(crate) bucket: Arc<MemoryBlobs>,
    /// Nothing passes.
    pub(crate) cut: AtomicBool,
    /// Requests pass and replies do not.
    pub(crate) one_way: AtomicBool,
    /// Nothing goes wrong any more.
    pub(crate) healed: AtomicBool,
    /// The last replies, which may come again.
    old_answers: Mutex<Option<Vec<Answer>>>,
    old_page: Mutex<Option<Page>>,
    /// How often an image was asked for: its fate must not depend on the order in which images finish.
    tries: Mutex<HashMap<String, u64>>,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    /// Nobody there heard of it.
    LostRequest,
    /// It was done, and nobody here hears of it.
    LostReply,
    /// The same request arrives twice.
    Doubled,
    /// An old reply comes instead of the new one.
    Stale,
    Busy,
    /// The program dies before the request leaves.
    KilledBefore,
    /// The program dies after the request was done.
    KilledAfter,
}

impl Line {
    pub(crate) fn new(
        world: Arc<OnceLock<Weak<World>>>,
        station: usize,
        registry: MemoryRegistry,
        bucket: Arc<MemoryBlobs>,
    ) -> Self {
        Self {
            world,
            station,
            registry,
            bucket,
            cut: AtomicBool::new(false),
            one_way: AtomicBool::new(false),
            healed: AtomicBool::new(false),
            old_answers: Mutex::default(),
            old_page: Mutex::default(),
            tries: Mutex::default(),
        }
    }

    fn world(&self) -> Arc<World> {
        self.world.get().unwrap().upgrade().unwrap()
    }

    /// `throw` gives a number below the one that it is given.
    fn fate(&self, mut throw: impl FnMut(usize) -> usize) -> Fate {
        if self.healed.load(Ordering::SeqCst) {
            return Fate::Arrives;
        }
        if self.cut.load(Ordering::SeqCst) {
            return Fate::LostRequest;
        }
        if self.one_way.load(Ordering::SeqCst) {
            return Fate::LostReply;
        }
        match throw(40) {
            0..=2 => Fate::LostRequest,
            3..=7 => Fate::LostReply,
            8 => Fate::Doubled,
            9..=11 => Fate::Stale,
            12 => Fate::Busy,
            13 => Fate::KilledBefore,
            14..=15 => Fate::KilledAfter,
            _ => Fate::Arrives,
        }
    }

    fn fate_of_call(&self) -> Fate {
        let world = self.world();
        let fate = self.fate(|below| world.throw(below));
        world.happens(format!("{fate:?}"));
        fate
    }

    fn fate_of_image(&self, name: &str) -> Fate {
        let mut tries = self.tries.lock().unwrap();
        let tries = tries.entry(name.to_owned()).or_default();
        *tries += 1;
        let mut mixed = self.world().seed ^ *tries << 32 ^ self.station as u64;
        for byte in name.bytes() {
            mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.fate(|below| usize::try_from(mixed >> 20).unwrap_or_default() % below)
    }

    /// A page from before. For how long it is kept is open, so that some are very old.
    fn old_page(&self, new: &Page, renew: bool) -> Option<Page> {
        let mut kept = self.old_page.lock().unwrap();
        let old = kept.clone();
        if renew || old.is_none() {
            *kept = Some(new.clone());
        }
        old
    }

    async fn die<T>(&self) -> T {
        self.world().stations[self.station].killed.notify_one();
        pending().await
    }
}

fn unreachable(what: &str) -> RegistryError {
    RegistryError::Unreachable {
        what: what.to_owned(),
    }
}

impl Registry for Line {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        self.registry.hello()
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        Box::pin(async move {
            let fate = self.fate_of_call();
            let world = self.world();
            world.meanwhile(self.station, Meanwhile::Pushing).await;
            match fate {
                Fate::LostRequest => return Err(unreachable("lost")),
                Fate::Busy => {
                    return Err(RegistryError::Busy {
                        what: "busy".to_owned(),
                    });
                }
                Fate::KilledBefore => return self.die().await,
                _ => {}
            }
            let mut answers = self.registry.push(operations).await?;
            world.meanwhile(self.station, Meanwhile::Pushing).await;
            if fate == Fate::Doubled {
                let again = self.registry.push(operations).await?;
                let refused =
                    |answer: &Answer| matches!(answer.outcome, seekwell_core::sync::Outcome::Refused { .. });
                let pairs = answers.iter().zip(&again);
                assert!(
                    pairs
                        .filter(|(first, _)| !refused(first))
                        .all(|(first, second)| first == second)
                );
                answers = again;
            }
            let old = self.old_answers.lock().unwrap().replace(answers.clone());
            match fate {
                Fate::LostReply => Err(unreachable("no reply")),
                Fate::KilledAfter => self.die().await,
                Fate::Stale => Ok(old.unwrap_or(answers)),
                _ => Ok(answers),
            }
        })
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        Box::pin(async move {
            let fate = self.fate_of_call();
            let world = self.world();
            // Small pages, so that a round has many.
            let page = match self.healed.load(Ordering::SeqCst) {
                true => page,
                false => 1 + u32::try_from(world.throw(12)).unwrap(),
            };
            match fate {
                Fate::LostRequest | Fate::Busy => return Err(unreachable("lost")),
                Fate::KilledBefore => return self.die().await,
                _ => {}
            }
            let answer = self.registry.pull(after, page).await?;
            world.meanwhile(self.station, Meanwhile::Pulling).await;
            let old = self.old_page(&answer, world.throw(3) == 0);
            match fate {
                Fate::LostReply => Err(unreachable("no reply")),
                Fate::KilledAfter => self.die().await,
                Fate::Stale => Ok(old.unwrap_or(answer)),
                _ => Ok(answer),
            }
        })
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

impl Blobs for Line {
    fn put<'a>(
        &'a self,
        name: &'a str,
        content_type: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        Box::pin(async move {
            let lost = || BlobError::Unreachable {
                what: "lost".to_owned(),
            };
            match self.fate_of_image(name) {
                Fate::LostRequest => Err(lost()),
                Fate::Busy | Fate::Stale => Err(BlobError::Busy {
                    what: "busy".to_owned(),
                }),
                Fate::KilledBefore => self.die().await,
                Fate::LostReply => {
                    self.bucket.put(name, content_type, bytes).await?;
                    Err(lost())
                }
                Fate::KilledAfter => {
                    self.bucket.put(name, content_type, bytes).await?;
                    self.die().await
                }
                Fate::Doubled => {
                    self.bucket.put(name, content_type, Arc::clone(&bytes)).await?;
                    self.bucket.put(name, content_type, bytes).await
                }
                Fate::Arrives => self.bucket.put(name, content_type, bytes).await,
            }
        })
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        self.bucket.facts(name)
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move {
            match self.fate_of_image(&format!("get {name}")) {
                Fate::Arrives | Fate::Doubled => self.bucket.get(name, expected).await,
                Fate::KilledBefore | Fate::KilledAfter => self.die().await,
                _ => Err(BlobError::Unreachable {
                    what: "lost".to_owned(),
                }),
            }
        })
    }

    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>> {
        self.bucket.delete(name, generation)
    }
}
