//! A desktop without a screen: an X server, a D-Bus session and an unlocked keyring of its own, so that a
//! test can start the real program, use it like a person, and leave nothing behind.
//!
//! Everything waits for readiness (a number on a pipe, a name on the bus, an open port), never for time to
//! pass. Everything started here carries the desktop's marker in its environment; dropping the desktop kills
//! whatever carries it, also what a daemon started behind our back. Should the test process itself be killed,
//! a guardian notices that its pipe closed and does the same.

pub mod process;
pub mod screen;
mod undriven;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use self::process::{Guardian, Started};
pub use self::undriven::{Glass, Undriven};
use crate::aside::free_port;
use crate::webdriver::{Window, WindowError};

/// How long a piece of the desktop may take to be ready. Generous: the machine may be compiling meanwhile.
const READY: Duration = Duration::from_secs(30);

/// The environment variable that marks a process as belonging to one desktop.
const MARKER: &str = "SEEKWELL_TEST_DESKTOP";

/// Why a desktop, or a window on it, could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// A program that the desktop consists of is missing or would not start.
    #[error("{program} did not start; `cargo xtask test` installs what is needed")]
    Start {
        /// What was to run.
        program: String,
        /// Why it did not.
        #[source]
        source: io::Error,
    },
    /// A program started and was not ready in time; what it said is in the message.
    #[error("{program} was not ready within {seconds} s; it said:\n{said}")]
    NotReady {
        /// What was waited for.
        program: String,
        /// For how long.
        seconds: u64,
        /// The end of what it printed.
        said: String,
    },
    /// The folders of the desktop could not be made.
    #[error("no room for the desktop's folders")]
    Folder(#[from] io::Error),
    /// The window did not open.
    #[error("the window did not open")]
    Window(#[from] WindowError),
}

/// A private X server, D-Bus session and keyring, with folders of their own. Dropping it ends them all.
#[derive(Debug)]
pub struct Desktop {
    // Fields are dropped in this order: processes before the guardian, the folders last.
    services: Vec<Started>,
    #[expect(dead_code, reason = "it acts by being dropped, or by outliving us")]
    guardian: Guardian,
    display: String,
    bus: String,
    folder: TempDir,
}

impl Desktop {
    /// Starts a desktop with an unlocked keyring, 1440×900 pixels.
    pub fn start() -> Result<Self, DesktopError> {
        let mut desktop = Self::start_without_keyring()?;
        desktop.start_keyring()?;
        Ok(desktop)
    }

    /// Starts a desktop where no program answers for the keyring, as on a bare machine.
    pub fn start_without_keyring() -> Result<Self, DesktopError> {
        let folder = tempfile::Builder::new().prefix("seekwell-desktop-").tempdir()?;
        for name in ["home", "run", "tmp", "log"] {
            std::fs::create_dir(folder.path().join(name))?;
        }
        std::fs::set_permissions(folder.path().join("run"), PermissionsExt::from_mode(0o700))?;
        let mut desktop = Self {
            services: Vec::new(),
            guardian: Guardian::start(&folder.path().display().to_string(), folder.path())?,
            display: String::new(),
            bus: format!("unix:path={}", folder.path().join("run/bus").display()),
            folder,
        };
        desktop.start_display()?;
        desktop.start_bus()?;
        Ok(desktop)
    }

    /// Opens `application` and attaches to its window. The program's data directory and everything else it is
    /// told go into `arguments`.
    pub async fn launch<A: AsRef<OsStr>>(
        &self,
        application: &Path,
        arguments: &[A],
    ) -> Result<Window, DesktopError> {
        let port = free_port()?;
        let native = free_port()?;
        let mut command = self.command(tauri_driver());
        command
            .arg("--port")
            .arg(port.to_string())
            .arg("--native-port")
            .arg(native.to_string());
        // What tauri-driver itself sets would not reach a WebKitWebDriver that is started another way.
        command
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = self.start_service(command, "tauri-driver")?;
        driver.wait_for_port(port, READY)?;
        driver.wait_for_port(native, READY)?;
        Ok(Window::open(driver, port, application, arguments, &self.display, self.marker()).await?)
    }

    /// Starts `application` with nobody but a person at it.
    ///
    /// # Errors
    /// [`DesktopError::Start`].
    pub fn start_undriven<A: AsRef<OsStr>>(
        &self,
        application: &Path,
        arguments: &[A],
    ) -> Result<Undriven, DesktopError> {
        let name = application.file_name().unwrap_or_default().to_string_lossy();
        let mut command = self.command(application);
        command.args(arguments);
        Ok(Undriven {
            program: self.start_service(command, &name)?,
            name: name.into_owned(),
            display: self.display.clone(),
            marker: self.marker(),
        })
    }

    /// A command that runs on this desktop: its display, bus, keyring, home and temp folder, nothing of ours
    /// but `PATH` and what makes a failure readable.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment());
        command
    }

    /// The home folder of whoever sits at this desktop.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder for temporary files of whatever runs here.
    pub fn temp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// Everything this desktop has written: home, temp folder and logs. What must not be on the disk must not
    /// be under here.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let at = |name: &str| self.folder.path().join(name).into_os_string();
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), at("home")),
            ("XDG_RUNTIME_DIR".into(), at("run")),
            ("TMPDIR".into(), at("tmp")),
            (MARKER.into(), self.marker().into()),
            ("LANG".into(), "C.UTF-8".into()),
            ("GDK_BACKEND".into(), "x11".into()),
            // There is no graphics card, and probing for one costs seconds and warnings.
            ("LIBGL_ALWAYS_SOFTWARE".into(), "1".into()),
            // The accessibility bus would be one more daemon; axe reads the page itself.
            ("NO_AT_BRIDGE".into(), "1".into()),
            ("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.clone().into()),
            ("DISPLAY".into(), self.display.clone().into()),
        ];
        for kept in ["PATH", "RUST_BACKTRACE", "RUST_LOG", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                environment.push((kept.into(), value));
            }
        }
        environment
    }

    fn marker(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn start_service(&self, command: Command, name: &str) -> Result<Started, DesktopError> {
        let log = self
            .folder
            .path()
            .join("log")
            .join(format!("{name}-{}.log", self.services.len()));
        Started::start(command, name, &log)
    }

    fn start_display(&mut self) -> Result<(), DesktopError> {
        let mut command = self.command("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1440x900x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let server = self.start_service(command, "Xvfb")?;
        self.display = format!(":{}", server.read_line(READY)?.trim());
        self.services.push(server);
        Ok(())
    }

    fn start_bus(&mut self) -> Result<(), DesktopError> {
        let mut command = self.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        command.arg(format!("--address={}", self.bus));
        let bus = self.start_service(command, "dbus-daemon")?;
        bus.read_line(READY)?;
        self.services.push(bus);
        Ok(())
    }

    fn start_keyring(&mut self) -> Result<(), DesktopError> {
        let mut daemon = match self.start_keyring_from(OsStr::new("gnome-keyring-daemon")) {
            // The installed file asks for the right to lock memory; a container without that right may not
            // even start it. A copy asks for nothing.
            Err(DesktopError::Start { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                let copy = self.folder.path().join("gnome-keyring-daemon");
                std::fs::copy("/usr/bin/gnome-keyring-daemon", &copy)?;
                self.start_keyring_from(copy.as_os_str())?
            }
            other => other?,
        };
        daemon.feed(b"synthetic")?;
        let seconds = READY.as_secs();
        let waited = self
            .command("gdbus")
            .args([
                "wait",
                "--session",
                "--timeout",
                &seconds.to_string(),
                "org.freedesktop.secrets",
            ])
            .status()
            .map_err(|source| DesktopError::Start {
                program: "gdbus".into(),
                source,
            })?;
        if !waited.success() {
            return Err(daemon.not_ready(READY));
        }
        self.services.push(daemon);
        Ok(())
    }

    fn start_keyring_from(&self, program: &OsStr) -> Result<Started, DesktopError> {
        let mut command = self.command(program);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        self.start_service(command, "gnome-keyring-daemon")
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.services.clear();
        process::kill_marked(&self.marker());
    }
}

/// Where `cargo xtask test` puts tauri-driver, or the one named by `SEEKWELL_TAURI_DRIVER`, or the one on `PATH`.
fn tauri_driver() -> PathBuf {
    if let Some(named) = std::env::var_os("SEEKWELL_TAURI_DRIVER") {
        return named.into();
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin/tauri-driver");
    if installed.exists() {
        installed
    } else {
        "tauri-driver".into()
    }
}
