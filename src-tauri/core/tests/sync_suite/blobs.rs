//! A bucket in memory, with trouble on order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use seekwell_core::sync::{BlobError, BlobFacts, Blobs, Later};

#[derive(Default)]
pub(crate) struct MemoryBlobs {
    objects: Mutex<HashMap<String, (Vec<u8>, BlobFacts)>>,
    broken: Mutex<bool>,
}

impl MemoryBlobs {
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.objects.lock().unwrap().keys().cloned().collect();
        names.sort();
        names
    }

    /// As if the cable were out, or in again.
    pub(crate) fn set_broken(&self, broken: bool) {
        *self.broken.lock().unwrap() = broken;
    }

    fn reached(&self) -> Result<(), BlobError> {
        if *self.broken.lock().unwrap() {
            Err(BlobError::Unreachable {
                what: "the cable is out".to_owned(),
            })
        } else {
            Ok(())
        }
    }

    fn put_now(&self, name: &str, bytes: &[u8]) -> Result<BlobFacts, BlobError> {
        self.reached()?;
        let mut objects = self.objects.lock().unwrap();
        let generation = i64::try_from(objects.len()).unwrap() + 1;
        let (there, facts) = objects.entry(name.to_owned()).or_insert_with(|| {
            let facts = BlobFacts {
                bytes: bytes.len() as u64,
                crc32c: sum(bytes),
                generation,
            };
            (bytes.to_vec(), facts)
        });
        if there == bytes {
            Ok(facts.clone())
        } else {
            Err(BlobError::Different)
        }
    }

    fn get_now(&self, name: &str, expected: &BlobFacts) -> Result<Vec<u8>, BlobError> {
        self.reached()?;
        let objects = self.objects.lock().unwrap();
        let (bytes, facts) = objects.get(name).ok_or(BlobError::Missing)?;
        if facts == expected {
            Ok(bytes.clone())
        } else {
            Err(BlobError::Different)
        }
    }
}

impl Blobs for MemoryBlobs {
    fn put<'a>(
        &'a self,
        name: &'a str,
        _: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        Box::pin(async move { self.put_now(name, &bytes) })
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(async move {
            self.reached()?;
            Ok(self
                .objects
                .lock()
                .unwrap()
                .get(name)
                .map(|(_, facts)| facts.clone()))
        })
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move { self.get_now(name, expected) })
    }

    fn delete<'a>(&'a self, name: &'a str, _: i64) -> Later<'a, Result<(), BlobError>> {
        Box::pin(async move {
            self.reached()?;
            self.objects.lock().unwrap().remove(name);
            Ok(())
        })
    }
}

/// Any sum does: nothing but this bucket compares it.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        u32::wrapping_add(u32::rotate_left(sum, 5), u32::from(*byte))
    })
}
