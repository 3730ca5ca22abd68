//! Clinics, workstations, and how they are let in and shut out.

use std::time::Duration;

use seekwell_core::{
    clock::Clock,
    sync::central::{self, Access, CentralError, Password},
};
use serde_json::Value;
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::centre::{Case, Centre, HOLD_OUT, OURS, any, cluster};

/// For what would wait for ever if it were wrong.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_workstation_is_let_in_says_hello_and_is_listed() {
    let centre = Centre::new().await;
    let mut station = centre.station(OURS).await;
    let hello: Value = sqlx::query_scalar("SELECT api.hello()")
        .fetch_one(&mut station.connection)
        .await
        .unwrap();
    assert_eq!(hello["clinic"], OURS);
    assert_eq!(hello["workstation_id"], station.enrolment.workstation.to_string());
    assert_eq!(
        (&hello["bucket"], &hello["schema"]),
        (&"bucket-of-ours".into(), &central::SCHEMA.into())
    );
    assert_eq!(station.enrolment.bucket, "bucket-of-ours");
    let clinics = central::list(&centre.access).await.unwrap();
    let sizes: Vec<_> = clinics.iter().map(|clinic| clinic.workstations.len()).collect();
    assert_eq!(sizes, [0, 1]);
    let listed = &clinics[1].workstations[0];
    assert_eq!(
        (&listed.id, &listed.role),
        (&station.enrolment.workstation, &station.enrolment.role)
    );
    assert!(listed.enrolled_at.is_some() && listed.connected_at.is_some() && listed.last_seen_at.is_some());
    assert!(listed.revoked_at.is_none() && listed.rotated_at.is_none());
}

#[tokio::test]
async fn a_revoked_workstation_is_out_at_once() {
    let centre = Centre::new().await;
    let (mut station, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    station.put(Case::new().made("person")).await;
    let enrolment = &station.enrolment;
    assert_eq!(
        central::revoke(&centre.access, enrolment.workstation)
            .await
            .unwrap(),
        1
    );
    assert!(
        centre
            .connect(&enrolment.role, enrolment.password.expose())
            .await
            .is_err()
    );
    assert!(station.any("SELECT api.hello()").await.is_err());
    let listed = || async { central::list(&centre.access).await.unwrap()[1].workstations[0].clone() };
    let first = listed().await;
    assert!(first.revoked_at.is_some());
    assert_eq!(
        central::revoke(&centre.access, station.enrolment.workstation)
            .await
            .unwrap(),
        0
    );
    assert_eq!(listed().await, first);
    other.put(Case::new().made("person")).await;
    assert!(matches!(
        central::revoke(&centre.access, Uuid::nil()).await,
        Err(CentralError::NoSuchWorkstation)
    ));
}

#[tokio::test]
async fn a_workstation_that_locks_itself_is_out_all_the_same() {
    let centre = Centre::new().await;
    let mut other = centre.station(OURS).await;
    for lock in ["SELECT api.hello()", "ALTER ROLE CURRENT_USER PASSWORD 'x'"] {
        let mut station = centre.station(OURS).await;
        let (id, role) = (station.enrolment.workstation, station.enrolment.role.clone());
        station.any(HOLD_OUT).await.unwrap();
        station.any(lock).await.unwrap();
        let ended = timeout(PATIENCE, central::revoke(&centre.access, id)).await;
        assert_eq!(ended.unwrap().unwrap(), 1, "{lock}");
        assert!(station.any("SELECT 1").await.is_err(), "{lock}");
        let left = format!(
            "SELECT revoked_at IS NOT NULL, rolcanlogin, (SELECT count(*) FROM pg_stat_activity WHERE usename = rolname)
             FROM seekwell.workstation JOIN pg_roles ON rolname = role_name WHERE id = '{id}'"
        );
        assert_eq!(centre.psql(&left), "t\tf\t0", "{lock}");
        for password in [station.enrolment.password.expose(), "x"] {
            assert!(centre.connect(&role, password).await.is_err(), "{lock}");
        }
        assert_eq!(central::revoke(&centre.access, id).await.unwrap(), 0, "{lock}");
        other.put(Case::new().made("patient")).await;
    }
}

#[tokio::test]
async fn a_workstation_that_keeps_signing_in_is_out_all_the_same() {
    let centre = Centre::new().await;
    let (mut station, mut other) = (centre.station(OURS).await, centre.station(OURS).await);
    let (id, role) = (station.enrolment.workstation, station.enrolment.role.clone());
    station.any(HOLD_OUT).await.unwrap();
    station.any("SELECT api.hello()").await.unwrap();
    let options = centre.options(&role, station.enrolment.password.expose());
    let others: Vec<_> = std::iter::repeat_n(options, 4)
        .map(|options| tokio::spawn(keeps_signing_in(options)))
        .collect();
    let mut admin = centre.admin().await;
    let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'");
    timeout(PATIENCE, async {
        while any(&mut admin, &sessions).await.unwrap() != "5" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();

    let ended = timeout(PATIENCE, central::revoke(&centre.access, id)).await;
    assert!(ended.unwrap().unwrap() >= 5);
    assert_eq!(any(&mut admin, &sessions).await.unwrap(), "0");
    for one in others {
        timeout(PATIENCE, one).await.unwrap().unwrap();
    }
    other.put(Case::new().made("patient")).await;
}

/// Locks the workstation's row or waits for it, and again over another connection, until it is not let in any more.
async fn keeps_signing_in(options: PgConnectOptions) {
    loop {
        match PgConnection::connect_with(&options).await {
            Ok(mut connection) => {
                let _ = any(&mut connection, HOLD_OUT).await;
                let _ = any(&mut connection, "SELECT api.hello(); SELECT pg_sleep(60)").await;
            }
            Err(error) => {
                let code = error.as_database_error().and_then(|said| said.code());
                if code.is_some_and(|code| code.starts_with("28")) {
                    return;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_workstation_changes_its_own_password_and_no_secret_stands_anywhere() {
    let centre = Centre::new().await;
    let mut station = centre.station(OURS).await;
    let role = station.enrolment.role.clone();
    let (old, new) = (station.enrolment.password.clone(), Password::random().unwrap());
    station
        .any(&format!("ALTER ROLE {role} PASSWORD '{}'", new.verifier()))
        .await
        .unwrap();
    station.any("SELECT api.rotated()").await.unwrap();
    assert!(centre.connect(&role, old.expose()).await.is_err());
    assert!(centre.connect(&role, new.expose()).await.is_ok());
    assert!(
        central::list(&centre.access).await.unwrap()[1].workstations[0]
            .rotated_at
            .is_some()
    );
    let everything = cluster().dump(&centre.database) + &cluster().log();
    for secret in [&old, &new] {
        assert!(!everything.contains(secret.expose()));
    }
}

#[tokio::test]
async fn names_are_checked_and_taken_once() {
    let centre = Centre::new().await;
    let clock = Clock::system();
    let access = &centre.access;
    assert!(matches!(
        central::add_clinic(access, OURS, "a-bucket").await,
        Err(CentralError::ClinicTaken)
    ));
    assert!(matches!(
        central::add_clinic(access, "", "a-bucket").await,
        Err(CentralError::Invalid { .. })
    ));
    assert!(matches!(
        central::add_clinic(access, "x", "gs://a").await,
        Err(CentralError::Invalid { .. })
    ));
    assert!(matches!(
        central::enroll(access, &clock, "x", "một").await,
        Err(CentralError::NoSuchClinic)
    ));
    assert!(matches!(
        central::enroll(access, &clock, OURS, "").await,
        Err(CentralError::Invalid { .. })
    ));
    central::enroll(access, &clock, OURS, "một'; DROP TABLE seekwell.record; --")
        .await
        .unwrap();
    central::enroll(access, &clock, OURS, "một").await.unwrap();
    let roles = centre.psql("SELECT count(*) FROM seekwell.workstation");
    assert!(matches!(
        central::enroll(access, &clock, OURS, "một").await,
        Err(CentralError::WorkstationTaken)
    ));
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.workstation"), roles);

    let plain = "SELECT seekwell.enroll($1, 'hai', 'ws_' || repeat('a', 32), 'a plain password')";
    let mut admin = centre.admin().await;
    assert!(sqlx::query(plain).bind(OURS).execute(&mut admin).await.is_err());
    for role in ["chief", "ws_x", "ws_\"; DROP ROLE chief; --"] {
        let sql = "SELECT seekwell.enroll($1, 'hai', $2, $3)";
        let verifier = Password::random().unwrap().verifier();
        let enrolled = sqlx::query(sql)
            .bind(OURS)
            .bind(role)
            .bind(verifier)
            .execute(&mut admin)
            .await;
        assert!(enrolled.is_err(), "{role}");
    }
}

#[tokio::test]
async fn a_database_without_the_schema_and_accounts_without_rights_are_named() {
    let centre = Centre::new().await;
    let url =
        |user: &str, database: &str| format!("postgres://{user}@localhost:{}/{database}", cluster().port());
    let parse = |url: String| Access::parse(&url, Some(cluster().ca_pem())).unwrap();
    let bare = Access::parse(&cluster().url("postgres"), Some(cluster().ca_pem())).unwrap();
    assert!(matches!(central::list(&bare).await, Err(CentralError::NotSetUp)));
    assert!(matches!(
        central::list(&parse(url("chief:wrong", &centre.database))).await,
        Err(CentralError::SignInRefused { .. })
    ));
    let station = centre.station(OURS).await.enrolment;
    let access = parse(url(
        &format!("{}:{}", station.role, station.password.expose()),
        &centre.database,
    ));
    assert!(matches!(
        central::list(&access).await,
        Err(CentralError::NotAllowed { .. })
    ));
    assert!(central::migrate(&access, false).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_not_the_centre_gets_no_connection() {
    let centre = Centre::new().await;
    let station = centre.station(OURS).await.enrolment;
    let good = centre.options(&station.role, station.password.expose());
    let connects =
        |options: PgConnectOptions| async move { PgConnection::connect_with(&options).await.is_ok() };
    assert!(connects(good.clone()).await);
    assert!(!connects(good.clone().host("127.0.0.1")).await, "a wrong host");
    let stranger = seekwell_testkit::postgres::Certificates::for_host("localhost");
    let unknown = good.clone().ssl_root_cert_from_pem(stranger.ca_pem().into());
    assert!(!connects(unknown).await, "an unknown authority");
    assert!(
        !connects(good.ssl_mode(PgSslMode::Disable)).await,
        "in plain text"
    );

    let other = Access::parse(&cluster().url(&centre.database), Some(stranger.ca_pem())).unwrap();
    assert!(matches!(
        central::list(&other).await,
        Err(CentralError::Unreachable { .. })
    ));
}

#[tokio::test]
async fn answers_are_remembered_for_ninety_days() {
    let centre = Centre::new().await;
    let mut station = centre.station(OURS).await;
    let (old, young) = (Case::new(), Case::new());
    let (made, kept) = (old.made("patient"), young.made("patient"));
    let first = station.push(&[made.clone(), kept.clone()]).await;
    centre.psql(&format!(
        "UPDATE seekwell.operation SET at = now() - interval '91 days' WHERE record = '{}';
         UPDATE seekwell.operation SET at = now() - interval '89 days' WHERE record = '{}'",
        old.patient, young.patient
    ));
    assert_eq!(central::forget_answers(&centre.access).await.unwrap(), 1);
    assert_eq!(central::forget_answers(&centre.access).await.unwrap(), 0);
    assert_eq!(
        centre.psql("SELECT record FROM seekwell.operation"),
        young.patient.to_string()
    );
    // The one that is forgotten is done again, and finds everything as it wants it.
    let again = station.push(&[made, kept]).await;
    assert_eq!(again[1], first[1]);
    assert_eq!(again[0]["revision"], 1);
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.conflict"), "0");
    assert_eq!(centre.psql("SELECT count(*) FROM users"), "2");
}
