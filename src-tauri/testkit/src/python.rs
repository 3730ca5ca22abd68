//! Python environments for comparisons with programs that are written in it, made once under `target/peers`.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python with packages from PyPI.
#[derive(Debug, Clone)]
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// One with exactly those requirements (`numpy==2.4.6`). The first call installs them, others, also of other
    /// processes, wait for it and use the same.
    ///
    /// # Panics
    /// Where there is no `python3` with `venv`, or a package can't be installed.
    pub fn with(requirements: &[&str]) -> Self {
        let mut hasher = DefaultHasher::new();
        requirements.hash(&mut hasher);
        let peers = target_directory().join("peers");
        let home = peers.join(format!("python-{:016x}", hasher.finish()));
        let program = home.join(if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        });
        let complete = home.join("complete");

        fs::create_dir_all(&peers).expect("a folder for peers");
        let lock = File::create(peers.join("python.lock")).expect("a lock file");
        lock.lock().expect("the lock on the Python environments");
        if !complete.exists() {
            if home.exists() {
                fs::remove_dir_all(&home).expect("to clear a half-made environment");
            }
            succeed(Command::new("python3").args(["-m", "venv"]).arg(&home));
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            succeed(Command::new(&program).args(pip).args(requirements));
            File::create(&complete).expect("to mark the environment as complete");
        }
        Self { program }
    }

    /// The interpreter, not started yet.
    pub fn command(&self) -> Command {
        Command::new(&self.program)
    }

    /// Runs a script, hands it `input`, and returns what it wrote to standard output.
    ///
    /// # Panics
    /// With what the script wrote to standard error, where it fails.
    pub fn run(&self, script: &str, arguments: &[&Path], input: &[u8]) -> Vec<u8> {
        let mut child = self
            .command()
            .arg("-c")
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("to start Python");
        let mut standard_input = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // Beside the reading, so that neither side waits for the other; a script that ends early is told by its
        // exit status.
        let writer = std::thread::spawn(move || standard_input.write_all(&input));
        let output = child.wait_with_output().expect("to hear from Python");
        let written = writer.join().expect("the writing thread");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        written.expect("the script reads its input");
        output.stdout
    }
}

fn succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n(Packages come from PyPI once, and are kept in the target directory; without a network this fails.)",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The Cargo target directory that the running test was built in.
fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("the running test");
    test.ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").exists())
        .unwrap_or_else(|| panic!("{} is in no target directory", test.display()))
        .to_owned()
}
