//! A bucket in memory: what the port promises, as short as it can be said, and a cable to pull out.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use seekwell_core::sync::{BlobError, BlobFacts, Blobs, Later};

/// Objects that are made once and never changed.
#[derive(Default)]
pub(crate) struct MemoryBlobs {
    shelf: Mutex<Shelf>,
    broken: AtomicBool,
    /// How many calls were turned away, since it is too busy.
    turned_away: Mutex<Option<u32>>,
}

#[derive(Default)]
struct Shelf {
    objects: BTreeMap<String, (BlobFacts, Arc<Vec<u8>>)>,
    last_generation: i64,
}

impl MemoryBlobs {
    /// Of all objects, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.shelf.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Loses objects that it had.
    pub(crate) fn lose(&self, lost: &[String]) {
        let mut shelf = self.shelf.lock().unwrap();
        shelf.objects.retain(|name, _| !lost.contains(name));
    }

    /// As if the cable were out, or in again.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// As if it had too much to do for any call, or has no more. Gives how many it turned away.
    pub(crate) fn set_busy(&self, busy: bool) -> u32 {
        let mut turned_away = self.turned_away.lock().unwrap();
        std::mem::replace(&mut *turned_away, busy.then_some(0)).unwrap_or_default()
    }

    fn reached(&self) -> Result<MutexGuard<'_, Shelf>, BlobError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(BlobError::Unreachable {
                what: "the cable is out".to_owned(),
            });
        }
        if let Some(turned_away) = self.turned_away.lock().unwrap().as_mut() {
            *turned_away += 1;
            return Err(BlobError::Busy {
                what: "HTTP 503".to_owned(),
            });
        }
        Ok(self.shelf.lock().unwrap())
    }
}

impl Blobs for MemoryBlobs {
    fn put<'a>(
        &'a self,
        name: &'a str,
        _: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        Box::pin(async move {
            let mut shelf = self.reached()?;
            if let Some((facts, there)) = shelf.objects.get(name) {
                return match *there == bytes {
                    true => Ok(facts.clone()),
                    false => Err(BlobError::Different),
                };
            }
            shelf.last_generation += 1;
            let facts = BlobFacts {
                bytes: bytes.len().try_into().unwrap(),
                crc32c: crc32c::crc32c(&bytes),
                generation: shelf.last_generation,
            };
            shelf.objects.insert(name.to_owned(), (facts.clone(), bytes));
            Ok(facts)
        })
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(async move {
            let shelf = self.reached()?;
            Ok(shelf.objects.get(name).map(|(facts, _)| facts.clone()))
        })
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move {
            let shelf = self.reached()?;
            let (facts, bytes) = shelf.objects.get(name).ok_or(BlobError::Missing)?;
            match (facts.bytes, facts.crc32c) == (expected.bytes, expected.crc32c) {
                true => Ok(bytes.to_vec()),
                false => Err(BlobError::Different),
            }
        })
    }

    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>> {
        Box::pin(async move {
            let mut shelf = self.reached()?;
            match shelf.objects.get(name) {
                None => Ok(()),
                Some((facts, _)) if facts.generation != generation => Err(BlobError::Different),
                Some(_) => {
                    shelf.objects.remove(name);
                    Ok(())
                }
            }
        })
    }
}
