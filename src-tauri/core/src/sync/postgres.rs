//! The centre's records over PostgreSQL: each method of the port is a function of its schema `api`.
//!
//! Over any network the server must prove with a certificate that it is the centre; on this machine alone it may do without.

use std::{sync::PoisonError, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{
    ConnectOptions, PgPool, Postgres, Row,
    pool::PoolConnection,
    postgres::{PgArguments, PgConnectOptions, PgListener, PgPoolOptions, PgRow, PgSslMode},
    query::Query,
};
use tokio::{sync::Mutex, time::timeout};
use uuid::Uuid;

use super::{
    Answer, Hello, LARGEST_PAGE, LARGEST_PUSH, Later, Link, Operation, Page, Registry, RegistryError,
    central::{Password, is_this_machine},
};
use crate::store::Unfinished;

/// The oldest schema of the centre that this version speaks with.
const SCHEMA: u32 = 5;

/// The first that lists what was begun and not ended.
const SCHEMA_OF_UNFINISHED: u32 = 7;

/// For reaching the server and signing in.
const CONNECTING: Duration = Duration::from_secs(15);
/// How long a connection that listens may say nothing before it is asked whether it is still there. Many a router forgets in a few
/// minutes whose a silent connection is, and tells neither end.
const SILENT: Duration = Duration::from_secs(60);
/// How the centre notices that nobody is at the other end any more, as after a power cut. It lets few sessions in at a time, and its
/// system would keep one that is dead for two hours.
const NOTICED_DEAD: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "60"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "6"),
    ("tcp_user_timeout", "120000"),
];
/// For one answer; the centre itself ends what takes a minute. Whoever asks for much asks for less after an answer that did not
/// come.
const ANSWERING: Duration = Duration::from_secs(50);

/// The centre's database as one workstation sees it.
pub struct PostgresRegistry {
    pool: PgPool,
    secrets: std::sync::Mutex<Secrets>,
    answering: Duration,
    clinic: Mutex<Option<Uuid>>,
    listener: Mutex<Option<PgListener>>,
}

/// What opens the door.
struct Secrets {
    used: String,
    /// Where the answer to a change of the secret was lost, this may be the one that is valid.
    other: Option<String>,
}

impl PostgresRegistry {
    /// Does not connect yet.
    pub fn new(link: &Link) -> Self {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&link.host)
            .port(link.port)
            .database(&link.database)
            .username(&link.role)
            .password(&link.secret)
            .application_name("seekwell")
            .options(NOTICED_DEAD)
            .disable_statement_logging();
        let options = match &link.ca_pem {
            Some(pem) => options
                .ssl_mode(PgSslMode::VerifyFull)
                .ssl_root_cert_from_pem(pem.as_bytes().to_vec()),
            None if is_this_machine(&link.host, false) => options.ssl_mode(PgSslMode::Prefer),
            None => options.ssl_mode(PgSslMode::VerifyFull),
        };
        let pool = PgPoolOptions::new()
            // One for sending, one for pulling, one for whoever looks.
            .max_connections(3)
            .min_connections(0)
            .acquire_timeout(CONNECTING)
            .idle_timeout(Duration::from_secs(300))
            // It costs a round trip; a connection that has died is noticed by its first use and tried anew.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Self {
            pool,
            secrets: std::sync::Mutex::new(Secrets {
                used: link.secret.clone(),
                other: None,
            }),
            answering: ANSWERING,
            clinic: Mutex::default(),
            listener: Mutex::default(),
        }
    }

    /// The same, with another patience for one answer.
    #[must_use]
    pub const fn answering_within(mut self, patience: Duration) -> Self {
        self.answering = patience;
        self
    }

    /// The same, with another secret for where the first is not valid.
    #[must_use]
    pub fn or_by(self, secret: &str) -> Self {
        self.secrets().other = Some(secret.to_owned());
        self
    }

    /// The secret that opened the door last, or is tried next.
    pub fn secret(&self) -> String {
        self.secrets().used.clone()
    }

    fn secrets(&self) -> std::sync::MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the other secret from now on, where there is one and nobody has done so since `refused` was tried.
    fn take_the_other(&self, refused: &str) -> bool {
        let mut secrets = self.secrets();
        if secrets.used == refused {
            let Some(other) = secrets.other.take() else {
                return false;
            };
            let options = self.pool.connect_options().as_ref().clone();
            self.pool.set_connect_options(options.password(&other));
            secrets.other = Some(std::mem::replace(&mut secrets.used, other));
        }
        true
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>, RegistryError> {
        let tried = self.secret();
        match self.pool.acquire().await.map_err(said) {
            Err(RegistryError::Denied { .. }) if self.take_the_other(&tried) => {
                self.pool.acquire().await.map_err(said)
            }
            other => other,
        }
    }

    /// Gives this workstation a new secret at the centre and says which. The old one is not valid any more.
    ///
    /// # Errors
    /// Those of every call. Where the answer was lost, one of the two is valid: keep both until one has connected.
    pub async fn rotate(&self, role: &str, to: &Password) -> Result<(), RegistryError> {
        // A role's name and a verifier can't be bound; both are of letters that need no quoting.
        let plain = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !plain(role) {
            return Err(RegistryError::NotUnderstood {
                what: "the name of the role".to_owned(),
            });
        }
        let statement = format!("ALTER ROLE {role} PASSWORD '{}'", to.verifier());
        // Over one connection: another one would be opened with the secret that is not valid any more.
        let mut connection = self.connection().await?;
        self.in_time(sqlx::query(&statement).execute(&mut *connection))
            .await?;
        self.in_time(sqlx::query("SELECT api.rotated()").execute(&mut *connection))
            .await?;
        Ok(())
    }

    /// Ends the connections.
    pub async fn close(&self) {
        self.listener.lock().await.take();
        self.pool.close().await;
    }

    /// Over a connection apart from the others: one that went deaf takes its time to end, and keeps nobody waiting.
    async fn listening_to(&self, clinic: Uuid) -> Result<PgListener, RegistryError> {
        let own = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECTING)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(self.pool.connect_options().as_ref().clone());
        let mut listener = self.in_time(PgListener::connect_with(&own)).await?;
        self.in_time(listener.listen(&format!("seekwell_{}", clinic.simple())))
            .await?;
        Ok(listener)
    }

    async fn call<'q, T: DeserializeOwned>(
        &self,
        query: impl Fn() -> Query<'q, Postgres, PgArguments>,
    ) -> Result<T, RegistryError> {
        let row = self.ask_twice(query).await?;
        let answer: Value = row.try_get(0).map_err(not_understood)?;
        serde_json::from_value(answer).map_err(not_understood)
    }

    async fn ask_twice<'q>(
        &self,
        query: impl Fn() -> Query<'q, Postgres, PgArguments>,
    ) -> Result<PgRow, RegistryError> {
        match self.ask(query()).await {
            // A connection from before the network changed: a second one is new.
            Err(RegistryError::Unreachable { .. }) => self.ask(query()).await,
            other => other,
        }
    }

    async fn ask(&self, query: Query<'_, Postgres, PgArguments>) -> Result<PgRow, RegistryError> {
        let mut connection = self.connection().await?;
        let row = self.in_time(query.fetch_one(&mut *connection)).await;
        if matches!(row, Err(RegistryError::Unanswered)) {
            // Back in the pool, it would read the rest of an answer that nobody waits for, over the line that is too slow for it.
            drop(connection.detach());
        }
        row
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, RegistryError> {
        match timeout(self.answering, work).await {
            Ok(result) => result.map_err(said),
            Err(_) => Err(RegistryError::Unanswered),
        }
    }
}

impl Registry for PostgresRegistry {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        Box::pin(async {
            let hello: Hello = self.call(|| sqlx::query("SELECT api.hello()")).await?;
            if hello.schema < SCHEMA {
                return Err(RegistryError::NotUnderstood {
                    what: format!(
                        "the centre has schema version {}, {SCHEMA} is needed",
                        hello.schema
                    ),
                });
            }
            *self.clinic.lock().await = Some(hello.clinic_id);
            Ok(hello)
        })
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        Box::pin(async move {
            debug_assert!(operations.len() <= LARGEST_PUSH);
            let operations = serde_json::to_value(operations).map_err(not_understood)?;
            self.call(|| sqlx::query("SELECT api.push($1)").bind(operations.clone()))
                .await
        })
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        Box::pin(async move {
            let after = i64::try_from(after).map_err(not_understood)?;
            let page = i32::try_from(page.min(LARGEST_PAGE)).map_err(not_understood)?;
            self.call(|| sqlx::query("SELECT api.pull($1, $2)").bind(after).bind(page))
                .await
        })
    }

    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>> {
        Box::pin(async move {
            self.ask_twice(|| {
                sqlx::query("SELECT api.settle_conflict($1, $2)")
                    .bind(id)
                    .bind(by)
            })
            .await
            .map(drop)
        })
    }

    fn erase(&self, operation: Uuid, record: Uuid) -> Later<'_, Result<Answer, RegistryError>> {
        Box::pin(async move {
            self.call(|| {
                sqlx::query("SELECT api.erase($1, $2)")
                    .bind(operation)
                    .bind(record)
            })
            .await
        })
    }

    fn unfinished(&self, days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>> {
        Box::pin(async move {
            if self.hello().await?.schema < SCHEMA_OF_UNFINISHED {
                return Ok(Vec::new());
            }
            self.call(|| sqlx::query("SELECT api.unfinished($1)").bind(i32::from(days)))
                .await
        })
    }

    fn hint(&self) -> Later<'_, Result<(), RegistryError>> {
        Box::pin(async {
            let clinic = *self.clinic.lock().await;
            let clinic = match clinic {
                Some(clinic) => clinic,
                None => self.hello().await?.clinic_id,
            };
            // Out of its place while it listens, so that whoever gives up waiting leaves none behind that may be deaf.
            let Some(mut listening) = self.listener.lock().await.take() else {
                *self.listener.lock().await = Some(self.listening_to(clinic).await?);
                // Something may have been missed while nobody listened.
                return Ok(());
            };
            loop {
                match timeout(SILENT, listening.try_recv()).await {
                    // Where the connection was lost, something may have been missed as well.
                    Ok(heard) => {
                        heard.map_err(said)?;
                        break;
                    }
                    Err(_) => self
                        .in_time(sqlx::query("SELECT 1").execute(&mut listening))
                        .await
                        .map(drop)?,
                }
            }
            *self.listener.lock().await = Some(listening);
            Ok(())
        })
    }
}

fn not_understood(error: impl std::fmt::Display) -> RegistryError {
    RegistryError::NotUnderstood {
        what: error.to_string(),
    }
}

/// By PostgreSQL's error codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>). What the server said in
/// words may hold values, and is not passed on.
fn said(error: sqlx::Error) -> RegistryError {
    let Some(database) = error.as_database_error() else {
        let what = match &error {
            sqlx::Error::Tls(_) => {
                return RegistryError::Impostor {
                    what: error.to_string(),
                };
            }
            // The handshake's refusal arrives as a failed read or write.
            sqlx::Error::Io(io) if is_about_a_certificate(io) => {
                return RegistryError::Impostor { what: io.to_string() };
            }
            sqlx::Error::Io(io) => io.kind().to_string(),
            sqlx::Error::PoolTimedOut => "no connection in time".to_owned(),
            other => other.to_string(),
        };
        return match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                RegistryError::NotUnderstood { what }
            }
            _ => RegistryError::Unreachable { what },
        };
    };
    let code = database.code().unwrap_or_default().into_owned();
    let what = format!("PostgreSQL says {code}");
    match code.as_str() {
        "SW001" => RegistryError::Denied {
            what: "this workstation was revoked".to_owned(),
        },
        // Not signed in, not allowed, not a workstation.
        "42501" | "SW002" => RegistryError::Denied { what },
        code if code.starts_with("28") => RegistryError::Denied { what },
        // Starting, stopping, too many, a deadlock, a lock that did not come, out of a resource.
        code if ["08", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            RegistryError::Busy { what }
        }
        "55P03" => RegistryError::Busy { what },
        "P0002" => RegistryError::Unknown { what },
        _ => RegistryError::NotUnderstood { what },
    }
}

fn is_about_a_certificate(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::InvalidData || error.to_string().contains("certificate")
}
