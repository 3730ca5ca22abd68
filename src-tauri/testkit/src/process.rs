//! A clinic's workstation as scripts see it: the CLI as a process of its own, in directories of its own.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// One workstation with its data directory, key file and temp directory, in memory where the system has room for that.
pub struct Clinic {
    directory: TempDir,
    program: PathBuf,
}

/// What a call came to.
pub struct Answer {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub said: String,
    /// Standard error.
    pub complained: String,
}

impl Clinic {
    /// Directories without a workstation yet. `program` is the CLI.
    pub fn bare(program: &str) -> Self {
        let directory = in_memory();
        std::fs::create_dir(directory.path().join("tmp")).expect("a temp directory");
        Self {
            directory,
            program: program.into(),
        }
    }

    /// A workstation of one person, `mai@example.test`, whose recovery key is in the file `recovery-key`.
    pub fn found(program: &str) -> Self {
        let clinic = Self::bare(program);
        let recovery_key = clinic.path("recovery-key");
        let recovery_key = recovery_key.to_str().expect("a UTF-8 path");
        let mut init = INIT.to_vec();
        init.extend(["--recovery-key-out", recovery_key]);
        clinic.ask_with(&init, PASSWORD).json();
        clinic
    }

    /// A path beside the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where the workstation keeps everything.
    pub fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// Where the device key is.
    pub fn key_file(&self) -> PathBuf {
        self.path("device-key")
    }

    /// Writes a file beside the data directory.
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        File::create(&path)
            .and_then(|mut file| file.write_all(bytes))
            .expect("a file of the test's own");
        path
    }

    /// The CLI with this workstation's directories and `arguments`, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--data-dir")
            .arg(self.data_dir())
            .arg("--key-file")
            .arg(self.key_file())
            .args(arguments);
        command
            .env("TMPDIR", self.path("tmp"))
            .env_remove("SEEKWELL_LOG")
            .stdin(Stdio::null());
        command
    }

    /// Runs it with `--json`.
    pub fn ask(&self, arguments: &[&str]) -> Answer {
        Answer::of(
            self.command(arguments)
                .arg("--json")
                .output()
                .expect("the CLI starts"),
        )
    }

    /// Runs it with `--json` and something on standard input.
    pub fn ask_with(&self, arguments: &[&str], input: &str) -> Answer {
        let mut child = self
            .command(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the CLI starts");
        // A program that does not want the input may have closed it.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Answer::of(child.wait_with_output().expect("the CLI ends"))
    }

    /// Registers a patient and gives the id.
    pub fn register(&self, name: &str) -> String {
        let added = self.ask(&["patient", "add", "--name", name]).json();
        added["id"].as_str().expect("an id").to_owned()
    }

    /// Keeps a photo on the patient's left face and gives its id.
    pub fn keep(&self, patient: &str, file: &Path) -> String {
        let file = file.to_str().expect("a UTF-8 path");
        let opened = self
            .ask(&[
                "open",
                file,
                "--patient",
                patient,
                "--site",
                "face",
                "--side",
                "left",
            ])
            .json();
        assert_eq!(opened["photos"][0]["state"], "kept", "{opened}");
        opened["photos"][0]["id"].as_str().expect("an id").to_owned()
    }
}

/// What [`Clinic::found`] says, save where the recovery key goes.
pub const INIT: [&str; 7] = [
    "init",
    "--clinic",
    "Trạm y tế Mẫu",
    "--email",
    "mai@example.test",
    "--full-name",
    "Lê Thị Mai (mẫu)",
];

/// The first person's password, as it comes on standard input.
pub const PASSWORD: &str = "một mật khẩu dài\n";

impl Answer {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            said: String::from_utf8(output.stdout).expect("UTF-8"),
            complained: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The document of a call that succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}{}", self.said, self.complained);
        assert_eq!(self.complained, "");
        self.document()
    }

    /// The document, whatever the exit code.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.said)
            .unwrap_or_else(|_| panic!("no document: {}{}", self.said, self.complained))
    }

    /// The code of a call that failed with exit code 1 and said nothing else than its error.
    pub fn refusal(&self) -> String {
        assert_eq!(
            (self.code, self.said.as_str()),
            (Some(1), ""),
            "{}",
            self.complained
        );
        let error: Value =
            serde_json::from_str(&self.complained).unwrap_or_else(|_| panic!("{}", self.complained));
        let keys: Vec<_> = error["error"]
            .as_object()
            .expect("an error")
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, ["code", "message"]);
        error["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// A directory that goes again, in memory where there is such a place: a test that starts hundreds of processes should not
/// wait for a disk.
pub fn in_memory() -> TempDir {
    let shared_memory = Path::new("/dev/shm");
    let made = if shared_memory.is_dir() {
        TempDir::new_in(shared_memory)
    } else {
        TempDir::new()
    };
    made.expect("a temporary directory")
}

/// A photo of 50×50 pixels of noise, an uncompressed BMP of 7,654 bytes: the smallest that is taken, and no two are alike.
pub fn picture(seed: u64) -> Vec<u8> {
    const SIDE: u32 = 50;
    const ROW: u32 = (SIDE * 3).next_multiple_of(4);
    let mut dice = Dice::new(seed);
    let mut bytes = b"BM".to_vec();
    for number in [
        54 + ROW * SIDE,
        0,
        54,
        40,
        SIDE,
        SIDE,
        1 | 24 << 16,
        0,
        ROW * SIDE,
        0,
        0,
        0,
        0,
    ] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((0..ROW * SIDE).map(|_| dice.next() as u8));
    bytes
}

/// Random numbers that are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way every time.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of the seed in `SEEKWELL_SEED`, or of one that the process id gives. It is printed, so that a failure can be had
    /// again.
    #[expect(clippy::print_stderr, reason = "whoever reads a failed test needs the seed")]
    pub fn thrown() -> Self {
        let said = std::env::var("SEEKWELL_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = said.unwrap_or_else(|| u64::from(std::process::id()));
        eprintln!("SEEKWELL_SEED={seed}");
        Self(seed)
    }

    /// Any number.
    #[expect(
        clippy::should_implement_trait,
        reason = "dice are no iterator: they never end"
    )]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to `limit`, without it.
    pub fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit.max(1)
    }
}
