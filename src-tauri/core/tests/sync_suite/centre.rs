//! A centre of real PostgreSQL and a bucket in memory, and workstations that are connected to it.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use seekwell_core::{
    clock::Clock,
    sync::{
        Link, PostgresRegistry,
        central::{self, Access},
    },
};
use seekwell_testkit::postgres::{Existing, Postgres};

use crate::blobs::MemoryBlobs;
use crate::ward::{Opened, Ward};

const CLINIC: &str = "Trạm y tế Mẫu";

pub(crate) fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    CLUSTER.get_or_init(Postgres::start)
}

pub(crate) struct Centre {
    database: String,
    access: Access,
    pub(crate) blobs: Arc<MemoryBlobs>,
}

impl Centre {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let database = format!("sync_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster().make_database(&database, Existing::Empty);
        let access = Access::parse(&cluster().url(&database), Some(cluster().ca_pem())).unwrap();
        central::migrate(&access, false).await.unwrap();
        central::add_clinic(&access, CLINIC, "images").await.unwrap();
        Self {
            database,
            access,
            blobs: Arc::default(),
        }
    }

    /// The code for a new workstation of the clinic.
    pub(crate) async fn code(&self, name: &str) -> String {
        let enrolment = central::enroll(&self.access, &Clock::system(), CLINIC, name)
            .await
            .unwrap();
        Link {
            host: "localhost".to_owned(),
            port: cluster().port(),
            database: self.database.clone(),
            ca_pem: Some(cluster().ca_pem().to_owned()),
            role: enrolment.role,
            secret: enrolment.password.expose().to_owned(),
            bucket: enrolment.bucket,
            service_account: None,
            storage_endpoint: None,
        }
        .to_code()
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
        let registry = Arc::new(self.registry(opened).await);
        opened.workstation.join(Arc::clone(&self.blobs) as _, registry);
    }

    /// The centre's records as that workstation reaches them.
    pub(crate) async fn registry(&self, opened: &Opened) -> PostgresRegistry {
        PostgresRegistry::new(&opened.workstation.link().await.unwrap().unwrap())
    }

    /// The database's name.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Runs SQL as the administrator.
    pub(crate) fn psql(&self, sql: &str) -> String {
        cluster().psql(&self.database, sql).trim_end().to_owned()
    }
}
