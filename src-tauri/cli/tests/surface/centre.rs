//! Two workstations and a centre of real PostgreSQL and a storage that speaks Google's API: everything by the command line.

use seekwell_testkit::{
    gcs::FakeGcs,
    postgres::{Existing, Postgres},
    process::{Clinic, picture},
};
use serde_json::Value;

use super::{MODEL, PROGRAM};

const CLINIC: &str = "Trạm y tế Mẫu";

struct Centre {
    postgres: Postgres,
    storage: FakeGcs,
    office: Clinic,
}

impl Centre {
    fn new() -> Self {
        let centre = Self {
            postgres: Postgres::start(),
            storage: FakeGcs::start(),
            office: Clinic::bare(PROGRAM),
        };
        centre.postgres.make_database("centre", Existing::WebBackend);
        centre.office.put("ca.pem", centre.postgres.ca_pem().as_bytes());
        let account = centre.storage.service_account("workstations");
        centre.office.put("account.json", account.key_file().as_bytes());
        centre
    }

    /// `central …` about the database.
    fn ask(&self, verb: &str, more: &[&str]) -> Value {
        let (url, ca) = (self.postgres.url("centre"), self.office.path("ca.pem"));
        let mut words = vec!["central", verb, "--url", &url, "--ca", ca.to_str().unwrap()];
        words.extend(more);
        self.office.ask(&words).json()
    }

    /// A new workstation of the clinic that has connected.
    fn workstation(&self, name: &str) -> Clinic {
        let (account, storage) = (self.office.path("account.json"), self.storage.url());
        let enrolled = self.ask(
            "enroll",
            &[
                "--clinic",
                CLINIC,
                "--name",
                name,
                "--service-account",
                account.to_str().unwrap(),
                "--storage-endpoint",
                &storage,
            ],
        );
        let workstation = Clinic::found(PROGRAM);
        let connected = workstation
            .ask(&["connect", enrolled["code"].as_str().unwrap()])
            .json();
        assert_eq!(connected["clinic"], CLINIC);
        workstation
    }
}

#[test]
fn a_photo_travels_from_one_workstation_to_the_other() {
    let centre = Centre::new();
    let storage = centre.storage.url();
    let account = centre.office.path("account.json");
    let bucket = centre
        .office
        .command(&[
            "central",
            "bucket",
            "--create",
            "--name",
            "images",
            "--project",
            "seekwell-test",
            "--location",
            "ASIA-SOUTHEAST1",
            "--json",
        ])
        .env("STORAGE_EMULATOR_HOST", &storage)
        .env("GOOGLE_APPLICATION_CREDENTIALS", &account)
        .output()
        .unwrap();
    assert!(
        bucket.status.success(),
        "{}",
        String::from_utf8_lossy(&bucket.stderr)
    );

    let steps = centre.ask("migrate", &[]);
    assert!(
        steps["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["state"] == "applied")
    );
    let again = centre.ask("migrate", &[]);
    assert!(
        again["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["state"] == "already there")
    );
    centre.ask("add-clinic", &["--name", CLINIC, "--bucket", "images"]);

    // Nobody is let in with a key that opens nothing.
    let (url, ca) = (centre.postgres.url("centre"), centre.office.path("ca.pem"));
    let ca = ca.to_str().unwrap();
    let words = [
        "central", "enroll", "--url", &url, "--ca", ca, "--clinic", CLINIC, "--name", "X",
    ];
    let no_key = [words.as_slice(), &["--service-account", ca]].concat();
    assert_eq!(centre.office.ask(&no_key).refusal(), "centre_refuses");

    let a = centre.workstation("A");
    let b = centre.workstation("B");
    a.ask(&["model", "install", MODEL]).json();
    let patient = a.register("Nguyễn Đăng Mẫu");
    let file = a.put("photo.bmp", &picture(1));
    let photo = a.keep(&patient, &file);
    assert_eq!(a.ask(&["status"]).json()["overall"], "on_its_way");
    let status = a.ask(&["sync", "--once"]).json();
    assert_eq!(status["overall"], "at_centre", "{status}");

    let status = b.ask(&["sync", "--once"]).json();
    assert_eq!(status["overall"], "at_centre", "{status}");
    let found = b.ask(&["patient", "find", "nguyen dang"]).json();
    assert_eq!(found["patients"][0]["id"], patient.as_str());
    let history = |of: &Clinic| of.ask(&["history", "--patient", &patient]).json()["entries"][0].clone();
    let (here, there) = (history(&a), history(&b));
    assert_eq!(here["analysis"]["state"], "done");
    assert_eq!(here, there);

    // The web backend finds it where it looks.
    let row = centre.postgres.psql(
        "centre",
        "SELECT image_url, risk_level, body_region FROM analyses JOIN users ON users.user_id = analyses.patient_id",
    );
    assert!(row.starts_with("gs://images/patients/"), "{row}");

    // Its original arrives when somebody asks for it, and is as it was.
    let out = b.path("original.bmp");
    b.ask(&["export", &photo, "--original", "-o", out.to_str().unwrap()])
        .json();
    assert_eq!(std::fs::read(out).unwrap(), picture(1));
    assert_eq!(b.ask(&["check"]).json()["ok"], true);

    // A second round has nothing to do, and nothing came twice.
    a.ask(&["sync", "--once"]).json();
    assert_eq!(centre.storage.objects("images").len(), 3);

    let listed = centre.ask("list", &[]);
    let workstations = listed["clinics"][0]["workstations"].as_array().unwrap();
    assert_eq!(workstations.len(), 2);
    let id = workstations[0]["id"].as_str().unwrap();
    centre.ask("revoke", &[id]);
    assert_eq!(a.ask(&["sync", "--once"]).refusal(), "centre_refuses");
    b.ask(&["sync", "--once"]).json();

    // One that the centre does not want is named with its reason, by everybody who asks later.
    centre.postgres.psql(
        "centre",
        "ALTER TABLE seekwell.patient ADD CONSTRAINT no_poison CHECK (fields ->> 'full_name' IS DISTINCT FROM 'Poison')",
    );
    let poison = b.register("Poison");
    let status = b.ask(&["sync", "--once"]).document();
    assert_eq!(status["overall"], "needs_you", "{status}");
    let refused = &b.ask(&["status"]).document()["needs_you"][0];
    assert_eq!(refused["record"], poison.as_str());
    assert_eq!(refused["reason"], "check: no_poison");
}

#[test]
fn without_a_centre_everything_says_so() {
    let clinic = Clinic::found(PROGRAM);
    assert_eq!(clinic.ask(&["status"]).json()["overall"], "not_connected");
    assert_eq!(clinic.ask(&["sync", "--once"]).refusal(), "not_connected");
    assert_eq!(
        clinic.ask(&["connect", "hello"]).refusal(),
        "connection_code_invalid"
    );
    let nowhere = clinic.ask(&["central", "list", "--url", "postgres://chief@127.0.0.1:9/centre"]);
    assert_eq!(nowhere.refusal(), "centre_unreachable");
}
