//! One process at a time owns a data directory; the second is told who holds it. The words are in a file of their own:
//! on Windows nobody else can read a file that is locked.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::Path,
    time::{Duration, Instant},
};

use super::{VaultError, durable};

/// Stands before the number of the process that holds the directory.
const PROCESS: &str = ", process ";
/// How long a lock may outlive its holder, on a machine that has much else to do.
const LINGERS: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Holds the data directory until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the directory, which is made where it is missing. `program` and `since` are what the next one is told.
    ///
    /// # Errors
    /// [`VaultError::Held`] with the holder's own words; [`VaultError::Io`] where the directory can't be written.
    pub fn take(data_dir: &Path, program: &str, since: &str) -> Result<Self, VaultError> {
        durable::create_directory(data_dir)?;
        let (path, holder) = (data_dir.join("lock"), data_dir.join("lock.holder"));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(VaultError::io("open", &path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let words = words_of(&holder);
                    if begun.elapsed() >= LINGERS || !may_linger(&words) {
                        return Err(VaultError::Held { holder: words });
                    }
                    std::thread::sleep(LOOK_AGAIN);
                }
                Err(TryLockError::Error(source)) => return Err(VaultError::io("lock", &path)(source)),
            }
        }
        let words = format!("{program}{PROCESS}{}, since {since}", std::process::id());
        File::create(&holder)
            .and_then(|mut file| file.write_all(words.as_bytes()))
            .map_err(VaultError::io("write", &holder))?;
        Ok(Self { _file: file })
    }
}

/// The holder's words are a courtesy: a lock without them is held all the same.
fn words_of(holder: &Path) -> String {
    let mut words = String::new();
    let _ = File::open(holder).and_then(|file| file.take(200).read_to_string(&mut words));
    words
}

/// Whether nobody may be there who holds it: a process that is started shares the locks of the one that starts it until it is another
/// program, and has them for that moment where that one was killed, or has let go of them. So the words name a process that has ended
/// or is about to, or this one.
#[cfg(unix)]
fn may_linger(words: &str) -> bool {
    let number = words
        .split_once(PROCESS)
        .and_then(|(_, rest)| rest.split_once(','))
        .and_then(|(number, _)| number.parse().ok());
    let process = number.and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| {
        process == rustix::process::getpid()
            || rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
            || is_ending(process)
    })
}

/// Whether its first thread has ended and the others are about to: until they have, the process has its locks. Where the system does
/// not say, it is not.
#[cfg(unix)]
fn is_ending(process: rustix::process::Pid) -> bool {
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    // The name before it is in parentheses and may hold any character: proc_pid_stat(5).
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('Z' | 'X'))
}

/// There a lock ends with its process.
#[cfg(not(unix))]
fn may_linger(_words: &str) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    use super::is_ending;

    #[test]
    fn a_process_that_nobody_has_taken_leave_of_is_ending() {
        let mut child = Command::new("true").spawn().unwrap();
        let process = Pid::from_child(&child);
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(process), ended).unwrap();
        assert!(is_ending(process));
        child.wait().unwrap();
        assert!(!is_ending(process));
        assert!(!is_ending(rustix::process::getpid()));
    }
}
