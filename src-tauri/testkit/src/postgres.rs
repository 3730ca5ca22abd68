//! A throw-away PostgreSQL cluster: Debian's newest, as an unprivileged user, on loopback TCP with TLS, gone when its owner is.

mod certificates;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::geteuid;

use crate::aside::free_port;

pub use certificates::Certificates;

/// The role that may do everything in the cluster.
pub const ADMIN: &str = "chief";

const PASSWORD: &str = "a password of the test's own";

/// Waits for its standard input to close, which happens when the owner drops the cluster and when the owner dies, however it
/// dies; then stops the server. The word `keep` before that says that the directory is needed again.
const GUARD: &str = r#"
trap '' INT TERM HUP
"$1/postgres" -D "$2/data" >>"$2/log" 2>&1 </dev/null &
server=$!
word=
read -r word
case "$word" in keep) kill -INT $server ;; *) kill -QUIT $server ;; esac
wait $server
case "$word" in keep | crash) ;; *) rm -rf "$2" ;; esac
"#;

/// A running cluster. Its server's certificate is for `localhost`, by a certificate authority of its own, and it takes no
/// connection without TLS.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    directory: PathBuf,
    certificates: Certificates,
    port: u16,
    guard: Option<Child>,
}

/// What a SeekWell database may look like before the centre's schema comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Nothing is there.
    Empty,
    /// As the web backend makes it: `users(user_id)`, roles as an enum.
    WebBackend,
    /// As the plan sketches it: `users(id)`, roles as text.
    PlanSketch,
}

impl Existing {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Empty, Self::WebBackend, Self::PlanSketch];

    fn sql(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::WebBackend => include_str!("postgres/web_backend.sql"),
            Self::PlanSketch => include_str!("postgres/plan_sketch.sql"),
        }
    }
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// Where Debian's `postgresql` is not installed, or the server does not start.
    pub fn start() -> Self {
        let programs =
            newest_programs().expect("a directory like /usr/lib/postgresql/15/bin: install postgresql");
        let made = unprivileged("mktemp")
            .args(["--directory"])
            .output()
            .expect("mktemp");
        let directory = PathBuf::from(said(made).trim());
        let mut cluster = Self {
            programs,
            directory,
            certificates: Certificates::for_host("localhost"),
            port: free_port().expect("a port"),
            guard: None,
        };
        cluster.initialise();
        cluster.restart();
        cluster
    }

    /// Where it listens, at `localhost`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Who signed the server's certificate.
    pub fn ca_pem(&self) -> &str {
        self.certificates.ca_pem()
    }

    /// The administrator's address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let password = PASSWORD.replace(' ', "%20").replace('\'', "%27");
        format!("postgres://{ADMIN}:{password}@localhost:{}/{database}", self.port)
    }

    /// Makes a database of the given shape.
    pub fn make_database(&self, name: &str, shape: Existing) {
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.psql(name, shape.sql());
    }

    /// Runs SQL as the administrator and gives what it printed: rows as lines, columns between tabs.
    ///
    /// # Panics
    /// Where a statement fails.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let mut command = self.client("psql", database);
        command.args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--field-separator",
            "\t",
        ]);
        said(fed(
            command.args(["--set", "ON_ERROR_STOP=1", "--file", "-"]),
            sql,
        ))
    }

    /// A whole database and the cluster's roles as SQL: the catalogue and every row, the same for the same content.
    pub fn dump(&self, database: &str) -> String {
        let database_text = said(self.client("pg_dump", database).output().expect("pg_dump"));
        let roles = said(
            self.client("pg_dumpall", "postgres")
                .arg("--roles-only")
                .output()
                .expect("pg_dumpall"),
        );
        let lines = database_text.lines().chain(roles.lines());
        // These two carry a random word, against dumps that were made to be misread.
        let lines =
            lines.filter(|line| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict "));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Stops the server after its sessions were ended; the data stays for [`Postgres::restart`].
    pub fn stop(&mut self) {
        self.end("keep");
    }

    /// Kills the server as a power cut would, save that the system's buffers stay.
    pub fn crash(&mut self) {
        self.end("crash");
    }

    /// Starts the server again, on the same port.
    ///
    /// # Panics
    /// Where it does not answer within half a minute.
    pub fn restart(&mut self) {
        self.stop();
        let mut command = unprivileged("sh");
        command
            .args(["-c", GUARD, "guard"])
            .arg(&self.programs)
            .arg(&self.directory);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.guard = Some(command.spawn().expect("sh"));
        let until = Instant::now() + Duration::from_secs(30);
        let port = self.port.to_string();
        loop {
            let mut ready = Command::new(self.programs.join("pg_isready"));
            ready.args([
                "--quiet",
                "--host",
                "127.0.0.1",
                "--port",
                &port,
                "--dbname",
                "postgres",
            ]);
            if ready.status().expect("pg_isready").success() {
                return;
            }
            assert!(Instant::now() < until, "PostgreSQL did not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        let read = unprivileged("cat").arg(self.directory.join("log")).output();
        read.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    }

    fn initialise(&self) {
        let password = self.put("password", PASSWORD);
        let mut initdb = unprivileged(self.programs.join("initdb"));
        initdb.args([
            "--username",
            ADMIN,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
        ]);
        initdb
            .args(["--locale", "C.UTF-8", "--no-sync", "--pwfile"])
            .arg(password);
        initdb.arg("--pgdata").arg(self.directory.join("data"));
        said(initdb.output().expect("initdb"));
        self.put("data/server.crt", self.certificates.server_pem());
        self.put("data/server.key", self.certificates.server_key_pem());
        self.put("ca.crt", self.certificates.ca_pem());
        self.put(
            "data/pg_hba.conf",
            "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n",
        );
        // Nobody needs the data after a power cut.
        self.put(
            "data/postgresql.auto.conf",
            &format!(
                "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = ''\nssl = on\nfsync = off\n\
                 full_page_writes = off\nmax_connections = 100\nlog_min_messages = warning\nautovacuum_naptime = 5\n",
                self.port
            ),
        );
    }

    /// Writes a file that only the server's user can read.
    fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.join(name);
        let mut command = unprivileged("sh");
        command.args(["-c", "umask 077 && cat >\"$1\"", "put"]).arg(&path);
        said(fed(&mut command, content));
        path
    }

    fn client(&self, program: &str, database: &str) -> Command {
        let mut command = unprivileged(self.programs.join(program));
        command
            .env("PGPASSWORD", PASSWORD)
            .env("PGSSLMODE", "verify-full");
        command.env("PGSSLROOTCERT", self.directory.join("ca.crt"));
        command
            .env("PGHOST", "localhost")
            .env("PGPORT", self.port.to_string());
        command
            .env("PGDATABASE", database)
            .env("PGUSER", ADMIN)
            .env("PGCLIENTENCODING", "UTF8");
        command
    }

    fn end(&mut self, word: &str) {
        let Some(mut guard) = self.guard.take() else {
            return;
        };
        if let Some(mut input) = guard.stdin.take() {
            // A guard that is gone has nothing left to stop.
            let _ = writeln!(input, "{word}");
        }
        let _ = guard.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.guard.is_some() {
            self.end("");
        } else {
            let _ = unprivileged("rm").arg("-rf").arg(&self.directory).status();
        }
    }
}

/// PostgreSQL refuses to run as root, so root becomes Debian's `postgres`.
fn unprivileged(program: impl AsRef<Path>) -> Command {
    let mut command = if geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]);
        command.arg(program.as_ref());
        command
    } else {
        Command::new(program.as_ref())
    };
    // The caller's own directories may be closed to it, and nothing of the caller's settings of libpq counts.
    command.current_dir("/").env("HOME", "/").stdin(Stdio::null());
    for name in [
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGDATABASE",
        "PGSERVICE",
        "PGOPTIONS",
        "PGPASSFILE",
        "PGDATA",
    ] {
        command.env_remove(name);
    }
    command
}

/// Debian keeps each version in a directory of its own.
fn newest_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(Result::ok);
    versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .max()
        .map(|(_, programs)| programs)
}

fn fed(command: &mut Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program of PostgreSQL's");
    // Closes it too; a program that has failed does not read on, and says why below.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("its end")
}

fn said(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_starts_keeps_its_data_over_a_stop_and_a_crash_and_leaves_nothing() {
        let mut cluster = Postgres::start();
        cluster.make_database("web", Existing::WebBackend);
        let people = |cluster: &Postgres| {
            cluster
                .psql("web", "SELECT count(*) FROM users")
                .trim()
                .to_owned()
        };
        assert_eq!(people(&cluster), "4");
        cluster.stop();
        cluster.restart();
        assert_eq!(people(&cluster), "4");
        cluster.crash();
        cluster.restart();
        assert_eq!(people(&cluster), "4");
        assert_eq!(cluster.dump("web"), cluster.dump("web"));
        let directory = cluster.directory.clone();
        drop(cluster);
        assert!(!directory.exists());
    }
}
