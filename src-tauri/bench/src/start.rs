//! From starting the program to a usable window, beside an empty window of the same framework, built and opened the same
//! way; and what each holds in memory when nothing happens any more.
//!
//! Both run in one virtual display, a round of one after a round of the other. A window is usable when the screen shows
//! what it goes on showing: for ours that is the sign-in of a clinic that was set up before, its database opened and its
//! people listed. Nothing drives the windows; a driver would slow both and bring their times together.

mod screen;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use seekwell_testkit::desktop::{Desktop, process};
use tokio::runtime::Runtime;

use self::screen::{Picture, Screen};
use crate::clinic::Clinic;
use crate::measurement::{Measurement, Unit};
use crate::processes;
use crate::program::{Outcome, Pace};
use crate::turns::{Turn, alternate, median, milliseconds_since};

const BENCH: &str = "start";
/// Of the empty window's time.
const OF_EMPTY: f64 = 1.3;
/// Nothing on a screen takes that long.
const PATIENCE: Duration = Duration::from_secs(30);
/// What has not changed for that long is what the window goes on showing.
const STILL: Duration = Duration::from_secs(2);
/// After that a program that does nothing is idle.
const IDLE: Duration = Duration::from_secs(3);

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let clinic = Clinic::new()?;
    Runtime::new()?.block_on(async {
        let (workstation, _) = clinic.set_up().await?;
        workstation.close().await;
        Outcome::Ok(())
    })?;
    let desktop = Desktop::start_without_keyring()?;
    let screen = Screen::of(&desktop)?;
    let mut ours = desktop.command(program("seekwell-desktop")?);
    ours.arg("--data-dir")
        .arg(clinic.data_dir())
        .arg("--key-file")
        .arg(clinic.key_file());
    let mut ours = Application::known(&screen, ours)?;
    let mut empty = Application::known(&screen, desktop.command(program("seekwell-empty-window")?))?;

    let medians = {
        let mut turns: [Turn<'_>; 2] = [Box::new(|| ours.opened()), Box::new(|| empty.opened())];
        alternate(1, pace.choose(15, 2), &mut turns)?
    };
    let peer = "an empty Tauri window";
    let cases = [
        (
            "from start to a usable window",
            Unit::Milliseconds,
            medians[0],
            medians[1],
            Some(OF_EMPTY),
        ),
        (
            "idle, the whole process tree",
            Unit::Megabytes,
            median(&ours.held),
            median(&empty.held),
            None,
        ),
    ];
    for (case, unit, ours, peers, at_most) in cases {
        Measurement {
            bench: BENCH,
            case,
            unit,
            ours,
            peer,
            peers,
            at_most,
        }
        .report();
    }
    Ok(())
}

/// A program that opens a window, and what the screen shows then.
struct Application<'a> {
    screen: &'a Screen,
    command: Command,
    usable: Picture,
    /// What it held whenever it was idle, in MB.
    held: Vec<f64>,
}

impl<'a> Application<'a> {
    /// Opens it once to see what it goes on showing.
    fn known(screen: &'a Screen, mut command: Command) -> Outcome<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let bare = screen.picture()?;
        let running = Running::start(&mut command)?;
        let begun = Instant::now();
        let (mut last, mut since) = (screen.picture()?, Instant::now());
        while last.is_blank() || since.elapsed() < STILL {
            if begun.elapsed() > PATIENCE {
                return Err(format!("{command:?} shows nothing that stays").into());
            }
            let now = screen.picture()?;
            if !now.is(&last) {
                (last, since) = (now, Instant::now());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        running.end(screen, &bare)?;
        Ok(Self {
            screen,
            command,
            usable: last,
            held: Vec::new(),
        })
    }

    /// The milliseconds until it is usable; what it holds is noted afterwards.
    fn opened(&mut self) -> Outcome<f64> {
        let bare = self.screen.picture()?;
        let begun = Instant::now();
        let running = Running::start(&mut self.command)?;
        let took = loop {
            if self.screen.picture()?.is(&self.usable) {
                break milliseconds_since(begun);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{:?} did not show what it showed before", self.command).into());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        std::thread::sleep(IDLE);
        self.held.push(processes::held_mb(running.0.id())?);
        running.end(self.screen, &bare)?;
        Ok(took)
    }
}

/// A running application; dropping it ends it.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Outcome<Self> {
        Ok(Self(
            command.spawn().map_err(|error| format!("{command:?}: {error}"))?,
        ))
    }

    /// Ends it with everything that it started, and waits until the screen is as it was.
    fn end(mut self, screen: &Screen, bare: &Picture) -> Outcome {
        let below: Vec<i32> = processes::tree(self.0.id())?
            .into_iter()
            .skip(1)
            .filter_map(|pid| pid.try_into().ok())
            .collect();
        self.0.kill()?;
        self.0.wait()?;
        below.iter().for_each(|pid| process::kill(*pid));
        let gone = || {
            !below.iter().any(|pid| process::is_running(*pid))
                && screen.picture().is_ok_and(|now| now.is(bare))
        };
        if process::wait_until(PATIENCE, gone) {
            Ok(())
        } else {
            Err("a window did not go".into())
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program beside this one, built with the same profile.
pub(crate) fn program(name: &str) -> Outcome<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.parent().unwrap_or(Path::new("")).join(name);
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{name} is not built: use cargo xtask bench").into())
    }
}
