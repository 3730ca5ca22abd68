//! A throw-away centre and the workstations of its one clinic, everything by the command line.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use seekwell_testkit::gcs::FakeGcs;
use seekwell_testkit::postgres::{Existing, Postgres};
use seekwell_testkit::webdriver::demo;
use serde_json::Value;

use crate::summary::Outcome;

/// The demo model gives numbers from random weights; it stands in for one that clinics would install.
pub(crate) const DEMO_MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo-model");

const BUCKET: &str = "clinic-images";
const DATABASE: &str = "seekwell";

/// A PostgreSQL of its own and a storage that speaks Google's API. Dropping it ends both and removes what they kept.
pub(crate) struct Centre {
    postgres: Postgres,
    storage: FakeGcs,
    cli: PathBuf,
    folder: PathBuf,
}

/// A set-up workstation that is connected to the centre.
pub(crate) struct Workstation {
    cli: PathBuf,
    folder: PathBuf,
}

impl Centre {
    /// Starts both, makes the tables, the bucket and the clinic. What it writes beside the servers' own goes to `folder`.
    pub(crate) fn start(cli: &Path, folder: &Path) -> Outcome<Self> {
        let centre = Self {
            postgres: Postgres::start(),
            storage: FakeGcs::start(),
            cli: cli.to_owned(),
            folder: folder.to_owned(),
        };
        centre.postgres.make_database(DATABASE, Existing::Empty);
        put(&centre.ca(), centre.postgres.ca_pem())?;
        put(
            &centre.account(),
            centre.storage.service_account("workstations").key_file(),
        )?;
        let mut bucket = Command::new(cli);
        bucket.args(["central", "bucket", "--create", "--name", BUCKET]);
        bucket.args([
            "--project",
            "seekwell-demo",
            "--location",
            "ASIA-SOUTHEAST1",
            "--json",
        ]);
        bucket
            .env("STORAGE_EMULATOR_HOST", centre.storage.url())
            .env("GOOGLE_APPLICATION_CREDENTIALS", centre.account());
        answer(&mut bucket, "")?;
        centre.ask("migrate", &[])?;
        centre.ask("add-clinic", &["--name", demo::CLINIC, "--bucket", BUCKET])?;
        Ok(centre)
    }

    /// Sets a workstation up and connects it with the code that its enrolment gave.
    pub(crate) fn workstation(&self, name: &str) -> Outcome<Workstation> {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder)?;
        let workstation = Workstation {
            cli: self.cli.clone(),
            folder,
        };
        let recovery = workstation.folder.join("recovery-key");
        let mut init = workstation.command(&["init", "--clinic", demo::CLINIC, "--email", demo::EMAIL]);
        init.args(["--full-name", demo::PERSON, "--recovery-key-out"]);
        answer(init.arg(recovery), demo::PASSWORD)?;
        workstation.ask(&["model", "install", DEMO_MODEL])?;
        let account = self.account();
        let enrolled = self.ask(
            "enroll",
            &[
                "--clinic",
                demo::CLINIC,
                "--name",
                name,
                "--service-account",
                account.to_str().ok_or("a path that is not UTF-8")?,
                "--storage-endpoint",
                &self.storage.url(),
            ],
        )?;
        let code = enrolled["code"].as_str().ok_or("an enrolment without a code")?;
        workstation.ask(&["connect", code])?;
        Ok(workstation)
    }

    /// How many images the bucket has.
    pub(crate) fn images(&self) -> usize {
        self.storage.objects(BUCKET).len()
    }

    /// `central …` about the database.
    fn ask(&self, verb: &str, more: &[&str]) -> Outcome<Value> {
        let mut command = Command::new(&self.cli);
        command
            .args(["central", verb, "--url", &self.postgres.url(DATABASE), "--ca"])
            .arg(self.ca())
            .args(more)
            .arg("--json");
        answer(&mut command, "")
    }

    fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    fn account(&self) -> PathBuf {
        self.folder.join("account.json")
    }
}

impl Workstation {
    /// What the window is started with.
    pub(crate) fn arguments(&self) -> [PathBuf; 4] {
        [
            "--data-dir".into(),
            self.folder.join("data"),
            "--key-file".into(),
            self.folder.join("device-key"),
        ]
    }

    /// Runs the command line on it; no window may be open then.
    pub(crate) fn ask(&self, words: &[&str]) -> Outcome<Value> {
        answer(&mut self.command(words), "")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.cli);
        command.args(self.arguments()).arg("--json").args(words);
        command
    }
}

/// Writes a file that goes again with the rest.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing here has to survive a power cut"
)]
fn put(path: &Path, content: &str) -> Outcome {
    Ok(std::fs::write(path, content)?)
}

/// Runs the command line with one line of standard input and reads the document that it prints.
fn answer(command: &mut Command, line: &str) -> Outcome<Value> {
    // The first word that is no option is the verb; what comes after it may be a code or a password in an address.
    let failed = |verb: &str, reason: &dyn Display| format!("seekwell {verb}: {reason}");
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let verb = words
        .iter()
        .find(|word| !word.starts_with('-') && !word.contains('/'))
        .map_or_else(String::new, ToString::to_string);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&verb, &error))?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not want it may have ended by now.
        let _ = writeln!(input, "{line}");
    }
    let output = child.wait_with_output().map_err(|error| failed(&verb, &error))?;
    if !output.status.success() {
        return Err(failed(&verb, &String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout).map_err(|error| failed(&verb, &error))?)
}
