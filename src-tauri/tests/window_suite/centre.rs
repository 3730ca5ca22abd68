//! A centre for the windows: a PostgreSQL and a storage of their own, and from each workstation a line to both that can be
//! broken.

use std::net::Ipv4Addr;

use seekwell_core::{
    clock::Clock,
    sync::{
        Link,
        central::{self, Access},
    },
};
use seekwell_testkit::{
    cutter::{Cutter, Way},
    gcs::{FakeGcs, ServiceAccount},
    postgres::{Existing, Postgres},
    webdriver::demo,
};

use super::clinic::Clinic;

const BUCKET: &str = "clinic-images";
const DATABASE: &str = "centre";

/// A running centre with one clinic.
pub(crate) struct Centre {
    postgres: Postgres,
    storage: FakeGcs,
    access: Access,
    account: ServiceAccount,
}

/// From one workstation to the centre's database and to its bucket.
pub(crate) struct Line {
    images: Cutter,
    records: Cutter,
}

impl Centre {
    pub(crate) async fn new() -> Self {
        let postgres = Postgres::start();
        postgres.make_database(DATABASE, Existing::Empty);
        let access = Access::parse(&postgres.url(DATABASE), Some(postgres.ca_pem())).unwrap();
        central::migrate(&access, false).await.unwrap();
        central::add_clinic(&access, demo::CLINIC, BUCKET).await.unwrap();
        let storage = FakeGcs::start();
        storage.make_bucket(BUCKET);
        Self {
            account: storage.service_account("workstations"),
            postgres,
            storage,
            access,
        }
    }

    /// Makes the clinic on that desktop a workstation of the centre, over a line of its own.
    pub(crate) async fn connect(&self, clinic: &Clinic, name: &str) -> Line {
        let images = Cutter::before(self.storage.address());
        let records = images.beside((Ipv4Addr::LOCALHOST, self.postgres.port()).into());
        let enrolment = central::enroll(&self.access, &Clock::system(), demo::CLINIC, name)
            .await
            .unwrap();
        let code = Link {
            host: "localhost".to_owned(),
            port: records.address().port(),
            database: DATABASE.to_owned(),
            ca_pem: Some(self.postgres.ca_pem().to_owned()),
            role: enrolment.role,
            secret: enrolment.password.expose().to_owned(),
            bucket: enrolment.bucket,
            service_account: Some(self.account.key_file().to_owned()),
            storage_endpoint: Some(images.url()),
        }
        .to_code();
        clinic
            .behind_the_window(async |workstation, caller| {
                workstation.connect(caller, &code).await.unwrap();
            })
            .await;
        Line { images, records }
    }

    /// How many images the bucket has.
    pub(crate) fn images(&self) -> usize {
        self.storage.objects(BUCKET).len()
    }

    /// Runs SQL as the administrator.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.postgres.psql(DATABASE, sql).trim_end().to_owned()
    }
}

impl Line {
    /// The network is gone.
    pub(crate) fn cut(&self) {
        self.images.refuse();
        self.records.refuse();
    }

    /// Connections are made, and nothing that is said on them arrives.
    pub(crate) fn stall(&self) {
        self.images.hold(Way::ToServer);
    }

    /// What was held arrives.
    pub(crate) fn flow(&self) {
        self.images.heal();
    }

    /// How many connections there were so far.
    pub(crate) fn connections(&self) -> u64 {
        self.images.tally().connections
    }

    /// Returns once there were so many.
    pub(crate) async fn until_connected(&self, connections: u64) {
        self.images.until_connected(connections).await;
    }

    /// It is back.
    pub(crate) fn mend(&self) {
        self.images.accept();
        self.records.accept();
    }
}
