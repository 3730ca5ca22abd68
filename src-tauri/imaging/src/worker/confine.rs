//! What a worker gives up before it sees the first photo.
//!
//! - Memory: the address space may grow by [`MEMORY`] bytes (Linux).
//! - Files: none can be opened, none written, no core dump (Unix).
//! - System calls: only those that compute, and reading the one pipe and writing the other (Linux). Any
//!   other ends the process at once and is seen as a crash. A descriptor that a library of the parent
//!   left open for its children can be neither read, written nor mapped.
//! - The parent's death is its own (Linux); elsewhere it ends with the closed pipe.
//!
//! On Windows only the empty environment and the missing handles remain.

use std::io;

/// Bytes by which the address space of a worker may grow: the largest file, the largest decoded
/// picture, and some.
#[cfg(unix)]
const MEMORY: u64 = 1024 * 1024 * 1024;

/// What is in force in this process from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Memory and files are limited.
    pub limits: bool,
    /// System calls are filtered.
    pub system_calls: bool,
}

/// Gives up what a worker does not need. There is no way back.
///
/// # Errors
/// If the system knows a measure but refuses it: a worker does not go on half protected.
pub fn confine() -> io::Result<Confinement> {
    Ok(Confinement {
        limits: limit()?,
        system_calls: filter_system_calls()?,
    })
}

#[cfg(unix)]
fn limit() -> io::Result<bool> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // Where the system grants less already, less it stays: raising a limit is not allowed.
    let set = |resource, value: u64| {
        let value = getrlimit(resource)
            .maximum
            .map_or(value, |granted| granted.min(value));
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )
    };
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    if let Some(used) = address_space()? {
        set(Resource::As, used + MEMORY)?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal,
        };
        set_parent_process_death_signal(Some(Signal::KILL))?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    // Last, since the lines above open a file: the three pipes stay, a fourth descriptor can't come.
    set(Resource::Nofile, 3)?;
    Ok(true)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
fn limit() -> io::Result<bool> {
    Ok(false)
}

/// Bytes of address space in use, where the system tells.
#[cfg(target_os = "linux")]
fn address_space() -> io::Result<Option<u64>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<u64>().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some(kilobytes * 1024))
}

#[cfg(all(unix, not(target_os = "linux")))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
fn address_space() -> io::Result<Option<u64>> {
    // macOS maps so much shared memory into every process that the limit means nothing there.
    Ok(None)
}

#[cfg(target_os = "linux")]
fn filter_system_calls() -> io::Result<bool> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(false);
    };
    let filter: BpfProgram = SeccompFilter::new(
        rules()?.into_iter().collect(),
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        arch,
    )
    .and_then(TryInto::try_into)
    .map_err(io::Error::other)?;
    apply_filter(&filter).map_err(io::Error::other)?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
fn filter_system_calls() -> io::Result<bool> {
    Ok(false)
}

/// Numbers of system calls with the conditions under which each is allowed; none means always.
#[cfg(target_os = "linux")]
fn rules() -> io::Result<Vec<(i64, Vec<seccompiler::SeccompRule>)>> {
    use seccompiler::SeccompCmpArgLen::Dword;
    use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
    use seccompiler::{SeccompCondition, SeccompRule};

    let when = |argument, operator, value| SeccompCondition::new(argument, Dword, operator, value);
    let rule = |conditions| SeccompRule::new(conditions).map_err(io::Error::other);
    let on_descriptor = |number: u64| {
        when(0, Eq, number)
            .map_err(io::Error::other)
            .and_then(|condition| rule(vec![condition]))
    };

    // Memory, but none that can be run, and none that is a file's.
    const NO_FILE: u64 = 0xffff_ffff;
    let not_executable =
        || when(2, MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs())), 0).map_err(io::Error::other);
    let no_file = when(4, Eq, NO_FILE).map_err(io::Error::other)?;

    let mut rules = vec![
        (libc::SYS_read, vec![on_descriptor(0)?]),
        (libc::SYS_write, vec![on_descriptor(1)?, on_descriptor(2)?]),
        (libc::SYS_mmap, vec![rule(vec![not_executable()?, no_file])?]),
        (libc::SYS_mprotect, vec![rule(vec![not_executable()?])?]),
    ];
    let always = [
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_restart_syscall,
        // Ending, whether in order or by a signal to itself.
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_tgkill,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
    ];
    rules.extend(always.map(|number| (number, Vec::new())));
    Ok(rules)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::net::{TcpStream, UdpSocket};
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::confine;

    const ATTEMPT: &str = "SEEKWELL_TEST_ATTEMPT";
    const KILLED_BY_FILTER: i32 = libc::SIGSYS;

    /// Each attempt ends the process at once. The last one is allowed, so that the others prove something.
    #[test]
    fn an_attempt_to_leave_ends_the_process() {
        let attempts = [
            "open",
            "create",
            "tcp",
            "udp",
            "unix",
            "start",
            "thread",
            "inherited",
            "listing",
        ];
        for attempt in attempts {
            assert_eq!(outcome(attempt).signal(), Some(KILLED_BY_FILTER), "{attempt}");
        }
        assert!(outcome("compute").success());
        assert!(outcome("memory").success(), "a gigabyte more was granted");
    }

    /// This test again, in a process of its own, as the program that tries.
    fn outcome(attempt: &str) -> std::process::ExitStatus {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "worker::confine::tests::the_one_that_tries",
                "--ignored",
                "--nocapture",
            ])
            .env(ATTEMPT, attempt)
            .output()
            .unwrap()
            .status
    }

    #[test]
    #[ignore = "started by the test above, in a process of its own"]
    fn the_one_that_tries() {
        let Ok(attempt) = std::env::var(ATTEMPT) else {
            return;
        };
        let mut inherited = File::open("/etc/passwd").unwrap();
        assert!(confine().unwrap().system_calls);
        let mut byte = [0];
        match attempt.as_str() {
            "open" => drop(File::open("/etc/passwd")),
            "create" => drop(File::create("/tmp/seekwell-escape")),
            "tcp" => drop(TcpStream::connect("127.0.0.1:9")),
            "udp" => drop(UdpSocket::bind("127.0.0.1:0")),
            "unix" => drop(UnixStream::connect("/run/dbus/system_bus_socket")),
            "start" => drop(Command::new("/bin/true").status()),
            "thread" => drop(std::thread::Builder::new().spawn(|| {})),
            "inherited" => drop(inherited.read(&mut byte)),
            "listing" => drop(std::fs::read_dir("/")),
            "memory" => {
                let mut memory = Vec::<u8>::new();
                let refused = memory.try_reserve_exact(1 << 30).is_err();
                // What nobody looks at, an optimising compiler does not ask for.
                std::hint::black_box(&memory);
                std::process::exit(i32::from(!refused));
            }
            "compute" => {
                let million: Vec<u64> = (0..1_000_000).collect();
                std::io::stdout().write_all(b"still here\n").unwrap();
                let sum = million.iter().sum::<u64>();
                // Leaving by the front door: the test harness would try more than a worker ever does.
                std::process::exit(i32::from(sum != 499_999_500_000));
            }
            other => panic!("{other}?"),
        }
    }
}
