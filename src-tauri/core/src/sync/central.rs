//! The centre's administration: its schema, its clinics, and who may connect as a workstation.
//!
//! Everything here is done by a person of the centre with a database account of their own, never by a workstation. A
//! workstation's secret is made here and handed out once; the database gets only PostgreSQL's verifier of it, so that no secret
//! stands in a statement, a log or a backup.

mod access;
mod catalogue;
mod error;
mod migrate;
mod password;

use jiff::Timestamp;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

pub use access::Access;
pub(super) use access::is_this_machine;
pub use catalogue::{Fault, Rule, faults};
pub use error::CentralError;
pub use migrate::{SCHEMA, Step, StepState, migrate};
pub use password::Password;

use crate::clock::Clock;

/// How many days the centre remembers what it answered to an operation. A workstation whose reply was lost and that is away for
/// longer sends the operation again, and it is done once more on its old revision: what nobody has changed since stays as it
/// is, and what somebody has changed becomes a conflict.
pub const ANSWERS_KEPT_DAYS: i32 = 90;

/// What a workstation needs to sign in. The password exists nowhere else.
#[derive(Debug)]
pub struct Enrolment {
    /// The workstation's id.
    pub workstation: Uuid,
    /// The PostgreSQL role that it signs in as.
    pub role: String,
    /// Its password.
    pub password: Password,
    /// The bucket of its clinic's images.
    pub bucket: String,
}

/// A clinic and its workstations, in the order in which they were enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clinic {
    /// The clinic's id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The bucket of its images.
    pub bucket: String,
    /// Also those that were revoked.
    pub workstations: Vec<Workstation>,
}

/// An enrolled workstation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workstation {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The PostgreSQL role that it signs in as.
    pub role: String,
    /// When it was let in.
    pub enrolled_at: Option<Timestamp>,
    /// When it connected for the first time.
    pub connected_at: Option<Timestamp>,
    /// When it last gave itself a new password.
    pub rotated_at: Option<Timestamp>,
    /// When it was shut out.
    pub revoked_at: Option<Timestamp>,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

/// Adds a clinic whose images go to `bucket`, and gives its id.
///
/// # Errors
/// [`CentralError::ClinicTaken`], [`CentralError::Invalid`], and those of a connection.
pub async fn add_clinic(access: &Access, name: &str, bucket: &str) -> Result<Uuid, CentralError> {
    let mut connection = access.connect().await?;
    Ok(sqlx::query_scalar("SELECT seekwell.add_clinic($1, $2)")
        .bind(name)
        .bind(bucket)
        .fetch_one(&mut connection)
        .await?)
}

/// Forgets the answers to operations that are older than [`ANSWERS_KEPT_DAYS`], and says how many those were. They are
/// as many as there ever were changes.
///
/// # Errors
/// Those of a connection.
pub async fn forget_answers(access: &Access) -> Result<u64, CentralError> {
    let mut connection = access.connect().await?;
    let forgotten =
        sqlx::query("DELETE FROM seekwell.operation WHERE at < now() - make_interval(days => $1)")
            .bind(ANSWERS_KEPT_DAYS)
            .execute(&mut connection)
            .await?;
    Ok(forgotten.rows_affected())
}

/// Lets a new workstation of that clinic in.
///
/// # Errors
/// [`CentralError::NoSuchClinic`], [`CentralError::WorkstationTaken`], [`CentralError::Invalid`], [`CentralError::NoRandomness`], and
/// those of a connection.
pub async fn enroll(
    access: &Access,
    clock: &Clock,
    clinic: &str,
    name: &str,
) -> Result<Enrolment, CentralError> {
    let password = Password::random()?;
    let role = format!("ws_{}", clock.new_id().simple());
    let mut connection = access.connect().await?;
    let row = sqlx::query(
        "WITH made AS MATERIALIZED (SELECT seekwell.enroll($1, $2, $3, $4) AS workstation)
         SELECT made.workstation, clinic.bucket FROM made, seekwell.list() clinic WHERE clinic.clinic = $1 LIMIT 1",
    )
    .bind(clinic)
    .bind(name)
    .bind(&role)
    .bind(password.verifier())
    .fetch_one(&mut connection)
    .await
    .map_err(|source| CentralError::about_clinic(source.into()))?;
    Ok(Enrolment {
        workstation: row.try_get(0)?,
        role,
        password,
        bucket: row.try_get(1)?,
    })
}

/// Shuts a workstation out, and says how many of its sessions were ended. A second time changes nothing.
///
/// # Errors
/// [`CentralError::NoSuchWorkstation`], [`CentralError::Failed`] where its sessions hold out, and those of a connection.
pub async fn revoke(access: &Access, workstation: Uuid) -> Result<u32, CentralError> {
    let mut connection = access.connect().await?;
    let mut ended = 0_u32;
    // Whoever signs in while the first is under way is ended by the second: by then nobody can any more.
    for _ in 0..2 {
        let sessions: i32 = sqlx::query_scalar("SELECT seekwell.revoke($1)")
            .bind(workstation)
            .fetch_one(&mut connection)
            .await?;
        ended = ended.saturating_add(u32::try_from(sessions).unwrap_or_default());
    }
    Ok(ended)
}

/// Every clinic by name, with its workstations.
///
/// # Errors
/// Those of a connection.
pub async fn list(access: &Access) -> Result<Vec<Clinic>, CentralError> {
    let mut connection = access.connect().await?;
    let rows = sqlx::query(
        "SELECT l.clinic_id, l.clinic, l.bucket, l.workstation_id, l.workstation, l.role,
                extract(epoch FROM l.enrolled_at)::float8 AS enrolled_at,
                extract(epoch FROM l.connected_at)::float8 AS connected_at,
                extract(epoch FROM l.rotated_at)::float8 AS rotated_at,
                extract(epoch FROM l.revoked_at)::float8 AS revoked_at,
                extract(epoch FROM l.last_seen_at)::float8 AS last_seen_at
         FROM seekwell.list() l",
    )
    .fetch_all(&mut connection)
    .await?;
    let mut clinics: Vec<Clinic> = Vec::new();
    for row in &rows {
        let id: Uuid = row.try_get("clinic_id")?;
        if clinics.last().is_none_or(|last| last.id != id) {
            clinics.push(Clinic {
                id,
                name: row.try_get("clinic")?,
                bucket: row.try_get("bucket")?,
                workstations: Vec::new(),
            });
        }
        // A clinic without workstations has one row all the same.
        let workstation: Option<Uuid> = row.try_get("workstation_id")?;
        if let (Some(workstation), Some(clinic)) = (workstation, clinics.last_mut()) {
            clinic.workstations.push(read_workstation(workstation, row)?);
        }
    }
    Ok(clinics)
}

fn read_workstation(id: Uuid, row: &PgRow) -> Result<Workstation, CentralError> {
    let time = |column: &str| -> Result<Option<Timestamp>, CentralError> {
        let seconds: Option<f64> = row.try_get(column)?;
        Ok(seconds
            .and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok())
            .and_then(|since| Timestamp::from_duration(since).ok()))
    };
    Ok(Workstation {
        id,
        name: row.try_get("workstation")?,
        role: row.try_get("role")?,
        enrolled_at: time("enrolled_at")?,
        connected_at: time("connected_at")?,
        rotated_at: time("rotated_at")?,
        revoked_at: time("revoked_at")?,
        last_seen_at: time("last_seen_at")?,
    })
}
