//! A centre of real PostgreSQL and a bucket in memory, and workstations that are connected to it.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use seekwell_core::{clock::Clock, sync::PostgresRegistry};
use seekwell_testkit::cutter::Cutter;

use crate::blobs::MemoryBlobs;
use crate::postgres::{CLINIC, RealCentre};
use crate::ward::{Opened, Ward};

pub(crate) struct Centre {
    records: RealCentre,
    pub(crate) blobs: Arc<MemoryBlobs>,
}

impl Centre {
    pub(crate) async fn new() -> Self {
        Self {
            records: RealCentre::new().await,
            blobs: Arc::default(),
        }
    }

    /// The code for a new workstation of the clinic.
    pub(crate) async fn code(&self, name: &str) -> String {
        self.records.link(name).await.to_code()
    }

    /// A workstation of its own people that is connected.
    pub(crate) async fn workstation(&self, name: &str) -> (Ward, Opened) {
        self.workstation_at(name, Clock::system()).await
    }

    /// The same by that clock.
    pub(crate) async fn workstation_at(&self, name: &str, clock: Clock) -> (Ward, Opened) {
        let (ward, opened, _) = Ward::found_at(clock).await;
        let clinic = opened
            .workstation
            .connect(&opened.caller, &self.code(name).await)
            .await
            .unwrap();
        assert_eq!(clinic, CLINIC);
        self.join(&opened).await;
        (ward, opened)
    }

    pub(crate) async fn join(&self, opened: &Opened) {
        self.join_by(opened, self.registry(opened).await);
    }

    /// Joins anew over a line to the records that can be broken.
    pub(crate) async fn over_a_line(&self, opened: &Opened) -> Cutter {
        let (line, registry) = line_to(opened).await;
        self.join_by(opened, registry);
        line
    }

    /// The same with that patience for an answer.
    pub(crate) async fn over_a_line_within(&self, opened: &Opened, patience: Duration) -> Cutter {
        let (line, registry) = line_to(opened).await;
        self.join_by(opened, registry.answering_within(patience));
        line
    }

    fn join_by(&self, opened: &Opened, registry: PostgresRegistry) {
        opened
            .workstation
            .join(Arc::clone(&self.blobs) as _, Arc::new(registry));
    }

    /// The centre's records as that workstation reaches them.
    pub(crate) async fn registry(&self, opened: &Opened) -> PostgresRegistry {
        PostgresRegistry::new(&opened.workstation.link().await.unwrap().unwrap())
    }

    /// The database's name.
    pub(crate) fn database(&self) -> &str {
        self.records.database()
    }

    /// Runs SQL as the administrator.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.records.psql(sql)
    }
}

async fn line_to(opened: &Opened) -> (Cutter, PostgresRegistry) {
    let mut link = opened.workstation.link().await.unwrap().unwrap();
    let line = Cutter::before((Ipv4Addr::LOCALHOST, link.port).into());
    link.port = line.address().port();
    (line, PostgresRegistry::new(&link))
}
