//! A centre of one clinic on a real PostgreSQL, and workstations that are let in.

use std::sync::{
    OnceLock,
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

pub(crate) const CLINIC: &str = "Trạm y tế Mẫu";

fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    CLUSTER.get_or_init(Postgres::start)
}

/// Runs SQL in a database of the cluster as the administrator.
pub(crate) fn psql(database: &str, sql: &str) -> String {
    cluster().psql(database, sql).trim_end().to_owned()
}

pub(crate) struct RealCentre {
    database: String,
    access: Access,
}

impl RealCentre {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let database = format!("real_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster().make_database(&database, Existing::Empty);
        let access = Access::parse(&cluster().url(&database), Some(cluster().ca_pem())).unwrap();
        central::migrate(&access, false).await.unwrap();
        central::add_clinic(&access, CLINIC, "images").await.unwrap();
        Self { database, access }
    }

    /// How a new workstation of the clinic reaches it.
    pub(crate) async fn link(&self, name: &str) -> Link {
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
    }

    pub(crate) async fn registry(&self, name: &str) -> PostgresRegistry {
        PostgresRegistry::new(&self.link(name).await)
    }

    /// The database's name.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Runs SQL as the administrator.
    pub(crate) fn psql(&self, sql: &str) -> String {
        psql(&self.database, sql)
    }
}
