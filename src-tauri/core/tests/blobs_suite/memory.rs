//! A bucket in memory: what the port promises, as short as it can be said.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use seekwell_core::sync::{BlobError, BlobFacts, Blobs, Later};

use super::facts_of;

#[derive(Default)]
pub(crate) struct MemoryBlobs(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    objects: HashMap<String, (BlobFacts, Arc<Vec<u8>>)>,
    last_generation: i64,
}

impl MemoryBlobs {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap()
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
            let mut shelf = self.shelf();
            if let Some((facts, there)) = shelf.objects.get(name) {
                return match *there == bytes {
                    true => Ok(facts.clone()),
                    false => Err(BlobError::Different),
                };
            }
            shelf.last_generation += 1;
            let facts = BlobFacts {
                generation: shelf.last_generation,
                ..facts_of(&bytes)
            };
            shelf.objects.insert(name.to_owned(), (facts.clone(), bytes));
            Ok(facts)
        })
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(async move { Ok(self.shelf().objects.get(name).map(|(facts, _)| facts.clone())) })
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move {
            let shelf = self.shelf();
            let (facts, bytes) = shelf.objects.get(name).ok_or(BlobError::Missing)?;
            match (facts.bytes, facts.crc32c) == (expected.bytes, expected.crc32c) {
                true => Ok(bytes.to_vec()),
                false => Err(BlobError::Different),
            }
        })
    }

    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>> {
        Box::pin(async move {
            let mut shelf = self.shelf();
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
