//! Where things are in this repository, and how commands are run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The checkout that this program was built from.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

/// What went wrong, in words for the person at the terminal.
pub(crate) type Outcome<T = ()> = Result<T, String>;

impl Workspace {
    /// The checkout around this package: the one that cargo runs it from, which need not be where it was
    /// compiled when two checkouts share a target folder.
    pub(crate) fn here() -> Self {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        Self {
            root: package.ancestors().nth(2).unwrap_or(&package).to_owned(),
        }
    }

    /// A path below the root, named with forward slashes.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// A binary of the debug profile, wherever cargo was told to build.
    pub(crate) fn binary(&self, profile: &str, name: &str) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |dir| self.root.join(dir));
        target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A command that runs in the root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo(&self) -> Command {
        self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// npm in the UI's folder.
    pub(crate) fn npm(&self) -> Command {
        let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.current_dir(self.path("ui"));
        command
    }

    /// Runs a command to its end; what it prints is shown as it comes.
    pub(crate) fn run(&self, command: &mut Command) -> Outcome {
        let status = command
            .status()
            .map_err(|error| format!("{}: {error}", shown(command)))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{}: {status}", shown(command)))
        }
    }

    /// Runs a command and returns what it printed on standard output.
    pub(crate) fn read(&self, command: &mut Command) -> Outcome<String> {
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("{}: {error}", shown(command)))?;
        if !output.status.success() {
            return Err(format!("{}: {}", shown(command), output.status));
        }
        String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", shown(command)))
    }
}

/// Writes a file whose loss in a power cut costs nothing: everything a task writes can be made again.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing here has to survive a power cut"
)]
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
