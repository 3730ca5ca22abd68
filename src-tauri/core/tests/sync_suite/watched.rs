//! Both ports with somebody who looks at every call: whether what must be done before it is done, and who cuts the line there.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use seekwell_core::{
    store::Unfinished,
    sync::{
        Answer, BlobError, BlobFacts, Blobs, Hello, Later, Operation, Page, PostgresRegistry, Registry,
        RegistryError,
    },
};
use tokio::sync::{RwLock, Semaphore};
use uuid::Uuid;

use crate::blobs::MemoryBlobs;
use crate::postgres::psql;

/// When the line is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the call is heard.
    Before,
    /// After it was done, before its answer arrives.
    After,
}

pub(crate) struct Watched {
    blobs: Arc<MemoryBlobs>,
    registry: PostgresRegistry,
    database: String,
    calls: AtomicUsize,
    cut: Option<(usize, Cut)>,
    /// Whoever holds it keeps images and records from being sent.
    pub(crate) sends: RwLock<()>,
    /// One for each image that was about to be sent.
    pub(crate) begun: Semaphore,
    /// Deleting is not among this workstation's rights.
    pub(crate) may_not_delete: AtomicBool,
    /// What was done, in order.
    pub(crate) log: Mutex<Vec<String>>,
}

impl Watched {
    /// Cuts the line for good at that call, counted from 0.
    pub(crate) fn new(
        blobs: Arc<MemoryBlobs>,
        registry: PostgresRegistry,
        database: &str,
        cut: Option<(usize, Cut)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            blobs,
            registry,
            database: database.to_owned(),
            calls: AtomicUsize::new(0),
            cut,
            sends: RwLock::default(),
            begun: Semaphore::new(0),
            may_not_delete: AtomicBool::new(false),
            log: Mutex::default(),
        })
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Makes the call unless the line is cut.
    async fn over_the_line<T, E>(
        &self,
        what: String,
        unreachable: impl Fn() -> E,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let cut = self.cut.filter(|(at, _)| number >= *at);
        if cut.is_some_and(|(at, cut)| cut == Cut::Before || number > at) {
            return Err(unreachable());
        }
        let answer = call.await;
        if answer.is_ok() {
            self.log.lock().unwrap().push(what);
        }
        match cut {
            Some(_) => Err(unreachable()),
            None => answer,
        }
    }

    fn psql(&self, sql: &str) -> String {
        psql(&self.database, sql)
    }
}

fn no_bucket() -> BlobError {
    BlobError::Unreachable {
        what: "the line was cut".to_owned(),
    }
}

fn no_centre() -> RegistryError {
    RegistryError::Unreachable {
        what: "the line was cut".to_owned(),
    }
}

impl Blobs for Watched {
    fn put<'a>(
        &'a self,
        name: &'a str,
        content_type: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        let call = async move {
            self.begun.add_permits(1);
            let _open = self.sends.read().await;
            self.blobs.put(name, content_type, bytes).await
        };
        Box::pin(self.over_the_line(format!("put {name}"), no_bucket, call))
    }

    fn facts<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(self.over_the_line("facts".to_owned(), no_bucket, self.blobs.facts(name)))
    }

    fn get<'a>(&'a self, name: &'a str, expected: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(self.over_the_line("get".to_owned(), no_bucket, self.blobs.get(name, expected)))
    }

    fn delete<'a>(&'a self, name: &'a str, generation: i64) -> Later<'a, Result<(), BlobError>> {
        let call = async move {
            if self.may_not_delete.load(Ordering::SeqCst) {
                return Err(BlobError::Denied {
                    what: "HTTP 403".to_owned(),
                });
            }
            let named = format!(
                "SELECT count(*) FROM seekwell.record WHERE deleted_at IS NULL AND fields::text LIKE '%{name}%'"
            );
            assert_eq!(
                self.psql(&named),
                "0",
                "an object before the tombstone of what names it"
            );
            if let Some(there) = self.blobs.facts(name).await? {
                assert_eq!(there.generation, generation, "another object than was meant");
            }
            self.blobs.delete(name, generation).await
        };
        Box::pin(self.over_the_line(format!("delete {name}"), no_bucket, call))
    }
}

impl Registry for Watched {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        Box::pin(self.over_the_line("hello".to_owned(), no_centre, self.registry.hello()))
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        let words: Vec<_> = operations
            .iter()
            .map(|one| format!("{}{}", if one.deleted { "-" } else { "+" }, one.kind.as_word()))
            .collect();
        let call = async move {
            let _open = self.sends.read().await;
            self.registry.push(operations).await
        };
        Box::pin(self.over_the_line(format!("push {}", words.join(" ")), no_centre, call))
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        Box::pin(self.over_the_line("pull".to_owned(), no_centre, self.registry.pull(after, page)))
    }

    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>> {
        self.registry.settle_conflict(id, by)
    }

    fn erase(&self, operation: Uuid, record: Uuid) -> Later<'_, Result<Answer, RegistryError>> {
        let call = async move {
            let images = format!(
                "SELECT each.value ->> 'name' FROM seekwell.photo, jsonb_each(fields -> 'images') each
                 WHERE patient_id = '{record}' OR id = '{record}'"
            );
            let there = self.blobs.names();
            for name in self.psql(&images).lines() {
                assert!(
                    !there.iter().any(|object| object == name),
                    "rows before the object that they name"
                );
            }
            self.registry.erase(operation, record).await
        };
        Box::pin(self.over_the_line("erase".to_owned(), no_centre, call))
    }

    fn unfinished(&self, days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>> {
        let call = self.registry.unfinished(days);
        Box::pin(self.over_the_line("unfinished".to_owned(), no_centre, call))
    }

    fn hint(&self) -> Later<'_, Result<(), RegistryError>> {
        self.registry.hint()
    }
}
