//! Migrating: on an empty database and on both shapes of an existing one, again, dry, and where it must not.

use seekwell_core::sync::central::{self, Access, CentralError, SCHEMA, StepState};
use seekwell_testkit::postgres::{Existing, Postgres};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::centre::{HOLD_OUT, any, cluster};

fn access(cluster: &Postgres, database: &str) -> Access {
    Access::parse(&cluster.url(database), Some(cluster.ca_pem())).unwrap()
}

/// What an existing database says of its own tables and rows.
const OWN: &str =
    "SELECT * FROM users WHERE hashed_password <> '!' ORDER BY 1; SELECT * FROM patients ORDER BY 1;
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef FROM pg_attribute
    WHERE attrelid IN ('users'::regclass, 'patients'::regclass) AND attnum > 0 ORDER BY attrelid, attnum;
    SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class
    WHERE relname IN ('users', 'patients') ORDER BY 1;
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid IN ('users'::regclass, 'patients'::regclass) ORDER BY 1;";

#[tokio::test]
async fn every_shape_is_migrated_once_and_a_second_run_changes_nothing() {
    // A cluster of its own: the dump holds the cluster's roles.
    let cluster = Postgres::start();
    for shape in Existing::ALL {
        let database = format!("{shape:?}").to_lowercase();
        cluster.make_database(&database, shape);
        let access = access(&cluster, &database);
        let own = || (shape != Existing::Empty).then(|| cluster.psql(&database, OWN));
        let (before, own_before) = (cluster.dump(&database), own());

        let steps = central::migrate(&access, true).await.unwrap();
        assert!(
            steps.iter().all(|step| step.state == StepState::WouldApply),
            "{steps:?}"
        );
        assert_eq!(cluster.dump(&database), before, "a dry run changed {shape:?}");

        let steps = central::migrate(&access, false).await.unwrap();
        assert!(
            steps.iter().all(|step| step.state == StepState::Applied),
            "{steps:?}"
        );
        assert_eq!(steps.last().map(|step| step.version), Some(SCHEMA));
        assert_eq!(own(), own_before, "{shape:?} was not left as it was");

        let after = cluster.dump(&database);
        assert_ne!(after, before);
        for dry_run in [false, true] {
            let steps = central::migrate(&access, dry_run).await.unwrap();
            assert!(
                steps.iter().all(|step| step.state == StepState::AlreadyThere),
                "{steps:?}"
            );
            assert_eq!(cluster.dump(&database), after, "a second run changed {shape:?}");
        }
        assert_eq!(central::faults(&access).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_plans_table_and_its_three_indexes_are_where_the_web_backend_looks() {
    let cluster = cluster();
    cluster.make_database("plan", Existing::PlanSketch);
    central::migrate(&access(cluster, "plan"), false).await.unwrap();
    let columns = cluster.psql(
        "plan",
        "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = 'public.analyses'::regclass AND attnum BETWEEN 1 AND 9",
    );
    assert_eq!(
        columns.trim(),
        "id uuid, patient_id integer, image_url text, ai_predictions jsonb, risk_level character varying(20), confidence double \
         precision, body_region character varying(100), created_at timestamp without time zone, updated_at timestamp without time \
         zone"
    );
    let indexes = cluster.psql(
        "plan",
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'analyses' ORDER BY 1",
    );
    for wanted in ["(patient_id)", "(risk_level)", "(created_at DESC)"] {
        assert!(indexes.contains(wanted), "{indexes}");
    }
}

#[tokio::test]
async fn a_database_that_is_newer_or_not_ours_is_refused_by_name() {
    let cluster = cluster();
    cluster.make_database("newer", Existing::Empty);
    let newer = access(cluster, "newer");
    central::migrate(&newer, false).await.unwrap();
    cluster.psql(
        "newer",
        "INSERT INTO seekwell.migration (version, name, sha256) VALUES (999, 'later', repeat('0', 64))",
    );
    assert!(matches!(
        central::migrate(&newer, false).await,
        Err(CentralError::Newer { version: 999 })
    ));
    cluster.psql(
        "newer",
        "DELETE FROM seekwell.migration WHERE version = 999; UPDATE seekwell.migration SET sha256 = repeat('0', 64) WHERE version = 2",
    );
    assert!(matches!(
        central::migrate(&newer, false).await,
        Err(CentralError::Foreign { version: 2 })
    ));

    cluster.make_database("foreign_analyses", Existing::PlanSketch);
    cluster.psql("foreign_analyses", "CREATE TABLE analyses (id integer)");
    let error = central::migrate(&access(cluster, "foreign_analyses"), true)
        .await
        .unwrap_err();
    assert!(
        matches!(error, CentralError::Migration { version: 3, .. }),
        "{error:?}"
    );
    assert_eq!(
        cluster
            .psql("foreign_analyses", "SELECT to_regnamespace('seekwell') IS NULL")
            .trim(),
        "t"
    );
}

#[tokio::test]
async fn two_who_migrate_at_once_do_it_once() {
    let cluster = cluster();
    cluster.make_database("raced", Existing::WebBackend);
    let (one, other) = (access(cluster, "raced"), access(cluster, "raced"));
    let (one, other) = tokio::join!(central::migrate(&one, false), central::migrate(&other, false));
    assert!(one.is_ok() || other.is_ok());
    let steps = central::migrate(&access(cluster, "raced"), false).await.unwrap();
    assert!(steps.iter().all(|step| step.state == StepState::AlreadyThere));
}

#[tokio::test]
async fn an_administrator_who_is_no_superuser_can_do_it_all() {
    let cluster = Postgres::start();
    cluster.psql(
        "postgres",
        "CREATE ROLE deputy LOGIN CREATEROLE PASSWORD 'deputy'; CREATE DATABASE deputys OWNER deputy",
    );
    let url = format!("postgres://deputy:deputy@localhost:{}/deputys", cluster.port());
    let access = Access::parse(&url, Some(cluster.ca_pem())).unwrap();
    central::migrate(&access, true).await.unwrap();
    central::migrate(&access, false).await.unwrap();
    central::add_clinic(&access, "Trạm", "bucket-of-deputy")
        .await
        .unwrap();
    let clock = seekwell_core::clock::Clock::system();
    let enrolment = central::enroll(&access, &clock, "Trạm", "một").await.unwrap();
    central::revoke(&access, enrolment.workstation).await.unwrap();
    assert_eq!(central::list(&access).await.unwrap()[0].workstations.len(), 1);
    assert_eq!(central::faults(&access).await.unwrap(), []);

    // Save to end the sessions of others, and then the error says what is missing.
    let enrolment = central::enroll(&access, &clock, "Trạm", "hai").await.unwrap();
    let options = PgConnectOptions::new_without_pgpass()
        .host("localhost")
        .port(cluster.port())
        .database("deputys")
        .username(&enrolment.role)
        .password(enrolment.password.expose())
        .ssl_mode(PgSslMode::VerifyFull)
        .ssl_root_cert_from_pem(cluster.ca_pem().into());
    let mut session = PgConnection::connect_with(&options).await.unwrap();
    any(&mut session, HOLD_OUT).await.unwrap();
    any(&mut session, "SELECT api.hello()").await.unwrap();
    let error = central::revoke(&access, enrolment.workstation).await.unwrap_err();
    let says = |source: &sqlx::Error| source.to_string().contains("grant it pg_signal_backend");
    assert!(
        matches!(&error, CentralError::Failed { source } if says(source)),
        "{error:?}"
    );
    cluster.psql("postgres", "GRANT pg_signal_backend TO deputy");
    assert_eq!(central::revoke(&access, enrolment.workstation).await.unwrap(), 1);
}
