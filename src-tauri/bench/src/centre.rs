//! A throw-away centre: a PostgreSQL of its own and the fake storage, behind one line that can be made long.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use seekwell_core::clock::Clock;
use seekwell_core::sync::central::{self, Access};
use seekwell_core::sync::gcs::{self, Bucket};
use seekwell_core::sync::{BlobError, BlobFacts, Blobs, Later, Link, PostgresRegistry};
use seekwell_testkit::cutter::Cutter;
use seekwell_testkit::gcs::{FakeGcs, Terms};
use seekwell_testkit::postgres::{Existing, Postgres};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection};

use crate::program::Outcome;

/// The clinic whose workstations are measured.
pub(crate) const CLINIC: &str = "Trạm Y tế Mẫu";
/// Its bucket, as the centre knows it.
pub(crate) const BUCKET: &str = "clinic-images";

/// Both servers. Dropping it ends them and removes what they kept.
pub(crate) struct Centre {
    postgres: Postgres,
    storage: FakeGcs,
    to_images: Cutter,
    to_records: Cutter,
}

impl Centre {
    /// Starts both, without a database or a bucket.
    pub(crate) fn start() -> Self {
        let postgres = Postgres::start();
        let storage = FakeGcs::with(Terms {
            keep_bytes: false,
            ..Terms::default()
        });
        let to_images = Cutter::before(storage.address());
        let to_records = to_images.beside((Ipv4Addr::LOCALHOST, postgres.port()).into());
        storage.behind(to_images.address());
        Self {
            postgres,
            storage,
            to_images,
            to_records,
        }
    }

    /// Makes the line to both this long.
    pub(crate) fn delay(&self, round_trip: Duration) {
        self.to_images.delay(round_trip);
    }

    /// A database with the centre's tables and the clinic.
    pub(crate) async fn found(&self, database: &str) -> Outcome {
        self.postgres.make_database(database, Existing::Empty);
        let access = self.access(database)?;
        central::migrate(&access, false).await?;
        central::add_clinic(&access, CLINIC, BUCKET).await?;
        Ok(())
    }

    /// The same database once more, under another name. Nobody may be connected to it.
    pub(crate) fn copy(&self, database: &str, name: &str) {
        self.postgres
            .psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {database}"));
    }

    /// An empty bucket.
    pub(crate) fn make_bucket(&self, name: &str) {
        self.storage.make_bucket(name);
    }

    /// Number and bytes of what a bucket holds.
    pub(crate) fn held(&self, bucket: &str) -> (usize, u64) {
        let objects = self.storage.objects(bucket);
        (objects.len(), objects.iter().map(|object| object.size).sum())
    }

    /// Lets a new workstation in; the link is good for every copy that is made of the database.
    pub(crate) async fn enroll(&self, database: &str, name: &str) -> Outcome<Link> {
        let access = self.access(database)?;
        let enrolment = central::enroll(&access, &Clock::system(), CLINIC, name).await?;
        Ok(Link {
            host: "localhost".to_owned(),
            port: self.to_records.address().port(),
            database: database.to_owned(),
            ca_pem: Some(self.postgres.ca_pem().to_owned()),
            role: enrolment.role,
            secret: enrolment.password.expose().to_owned(),
            bucket: enrolment.bucket,
            service_account: None,
            storage_endpoint: Some(self.to_images.url()),
        })
    }

    /// Runs SQL as the administrator.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        self.postgres.psql(database, sql).trim_end().to_owned()
    }

    /// How the administrator connects over the line.
    pub(crate) async fn connect(&self, database: &str) -> Outcome<PgConnection> {
        let options: PgConnectOptions = self.postgres.url(database).parse()?;
        let options = options
            .port(self.to_records.address().port())
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert_from_pem(self.postgres.ca_pem().as_bytes().to_vec())
            .disable_statement_logging();
        Ok(options.connect().await?)
    }

    fn access(&self, database: &str) -> Outcome<Access> {
        Ok(Access::parse(
            &self.postgres.url(database),
            Some(self.postgres.ca_pem()),
        )?)
    }
}

/// The two ports as the program makes them of a link.
pub(crate) fn ports(link: &Link) -> Outcome<(Arc<dyn Blobs>, Arc<PostgresRegistry>)> {
    let bucket = Bucket::new(gcs::Access::from(link), gcs::Deadlines::default())?;
    Ok((Arc::new(bucket), Arc::new(PostgresRegistry::new(link))))
}

/// A bucket that takes everything at once and has nothing: what is measured with it is records alone.
pub(crate) struct AtOnce;

impl Blobs for AtOnce {
    fn put<'a>(
        &'a self,
        _: &'a str,
        _: &'static str,
        bytes: Arc<Vec<u8>>,
    ) -> Later<'a, Result<BlobFacts, BlobError>> {
        Box::pin(async move {
            Ok(BlobFacts {
                bytes: bytes.len() as u64,
                crc32c: 0,
                generation: 1,
            })
        })
    }

    fn facts<'a>(&'a self, _: &'a str) -> Later<'a, Result<Option<BlobFacts>, BlobError>> {
        Box::pin(async { Ok(None) })
    }

    fn get<'a>(&'a self, _: &'a str, _: &'a BlobFacts) -> Later<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async { Err(BlobError::Missing) })
    }

    fn delete<'a>(&'a self, _: &'a str, _: i64) -> Later<'a, Result<(), BlobError>> {
        Box::pin(async { Ok(()) })
    }
}
