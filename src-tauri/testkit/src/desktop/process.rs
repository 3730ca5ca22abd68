//! Processes that end when their owner does: each heads a process group that is killed on drop.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{DesktopError, MARKER};

/// How often something that cannot be waited for is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A running program, what it prints, and its process group.
#[derive(Debug)]
pub struct Started {
    child: Child,
    name: String,
    lines: Receiver<String>,
    log: PathBuf,
}

impl Started {
    /// Starts `command` at the head of a process group of its own. What it prints goes to `log`.
    ///
    /// # Errors
    /// [`DesktopError::Start`] with the reason the system gave.
    pub fn start(mut command: Command, name: &str, log: &Path) -> Result<Self, DesktopError> {
        let failed = |source| DesktopError::Start {
            program: name.into(),
            source,
        };
        let mut output = File::create(log).map_err(failed)?;
        command.stderr(output.try_clone().map_err(failed)?);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    // Whoever listened may have heard enough; the log still gets the line.
                    let _ = writeln!(output, "{line}");
                    let _ = sender.send(line);
                }
            });
        }
        Ok(Self {
            child,
            name: name.into(),
            lines,
            log: log.into(),
        })
    }

    /// Writes to the program's standard input and closes it.
    pub fn feed(&mut self, input: &[u8]) -> io::Result<()> {
        match self.child.stdin.take() {
            Some(mut stdin) => stdin.write_all(input),
            None => Ok(()),
        }
    }

    /// The next line that the program prints.
    ///
    /// # Errors
    /// [`DesktopError::NotReady`] when none comes in time or the program ended.
    pub fn read_line(&self, within: Duration) -> Result<String, DesktopError> {
        self.lines
            .recv_timeout(within)
            .map_err(|_| self.not_ready(within))
    }

    /// Returns once the program accepts connections on a local port.
    ///
    /// # Errors
    /// [`DesktopError::NotReady`] when it does not in time.
    pub fn wait_for_port(&self, port: u16, within: Duration) -> Result<(), DesktopError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let open = || TcpStream::connect_timeout(&address, within).is_ok();
        if wait_until(within, open) {
            Ok(())
        } else {
            Err(self.not_ready(within))
        }
    }

    /// The error for a program that was not ready, with the end of what it printed.
    pub fn not_ready(&self, waited: Duration) -> DesktopError {
        let program = self.name.clone();
        DesktopError::NotReady {
            program,
            seconds: waited.as_secs(),
            said: self.said(),
        }
    }

    /// The end of what the program, and whatever it started, printed.
    pub fn said(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let start = text.len().saturating_sub(4096);
        String::from_utf8_lossy(&text[start..]).into_owned()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A shell that outlives us by a moment: when the pipe to it closes because this process was killed, it kills
/// what carries the marker and removes the folder.
#[derive(Debug)]
pub struct Guardian {
    shell: Child,
}

/// Reads until the pipe closes, then looks three times: what is being killed may still be starting something.
const GUARD: &str = r#"cat >/dev/null
for pass in 1 2 3; do
  for found in $(grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid="${found#/proc/}"
    kill -9 "${pid%/environ}"
  done
done
rm -rf -- "$2""#;

impl Guardian {
    /// Watches over this process on behalf of what carries `marker`.
    ///
    /// # Errors
    /// [`DesktopError::Start`] when there is no shell.
    pub fn start(marker: &str, folder: &Path) -> Result<Self, DesktopError> {
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARD, "guardian", &format!("{MARKER}={marker}")])
            .arg(folder);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let shell = command.spawn();
        Ok(Self {
            shell: shell.map_err(|source| DesktopError::Start {
                program: "sh".into(),
                source,
            })?,
        })
    }
}

impl Drop for Guardian {
    /// By now everything has been killed by the desktop itself.
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// Looks until `reached` says yes; false when it does not within the time.
pub fn wait_until(within: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + within;
    loop {
        if reached() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Lets what `command` starts carry `marker`.
pub fn mark(command: &mut Command, marker: &str) {
    command.env(MARKER, marker);
}

/// The processes that carry `marker` and whose program file is called `program`, oldest first.
pub fn marked(marker: &str, program: &str) -> Vec<i32> {
    let named = |pid: &i32| {
        let file = fs::read_link(format!("/proc/{pid}/exe")).ok();
        file.and_then(|path| {
            Some(path.file_name()?.to_string_lossy().trim_end_matches(" (deleted)") == program)
        }) == Some(true)
    };
    all_marked(marker).into_iter().filter(named).collect()
}

/// Whether any thread of a process is there and is not merely waiting to be reaped. The first may have ended before the
/// others, which hold the files, and their locks, until they have ended too.
pub fn is_running(pid: i32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    threads.flatten().any(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The state follows the name, which is in brackets and may itself hold brackets.
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    })
}

/// Ends one process at once, as the kernel does when memory runs out.
pub fn kill(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Kills the processes that draw pages for what carries `marker`. False when there is none.
pub(crate) fn kill_web_processes(marker: &str) -> bool {
    let processes = marked(marker, "WebKitWebProcess");
    processes.iter().for_each(|pid| kill(*pid));
    !processes.is_empty()
}

/// Kills everything that carries `marker`, until nothing does.
pub fn kill_marked(marker: &str) {
    wait_until(Duration::from_secs(5), || {
        let left = all_marked(marker);
        left.iter().for_each(|pid| kill(*pid));
        left.is_empty()
    });
}

fn all_marked(marker: &str) -> Vec<i32> {
    let wanted = format!("{MARKER}={marker}");
    let carries = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == wanted.as_bytes())
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut found: Vec<i32> = processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(carries)
        .collect();
    found.sort_unstable();
    found.retain(|pid| is_running(*pid));
    found
}
