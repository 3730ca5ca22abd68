//! The program without a driver: seen on the screen and used at the keyboard.
//!
//! A driver's session ends with the process that draws the page, and a driven window is not brought back as one is that
//! a person sits at.

use std::time::Duration;

use super::process::{self, Started, wait_until};
use super::screen::{Outcome, Screen};

/// What the screen showed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glass {
    pixels: Vec<u8>,
}

impl Glass {
    /// The mean of all pixels, from 0 for black to 1 for white.
    pub fn brightness(&self) -> f64 {
        let sum: u64 = self
            .pixels
            .chunks_exact(4)
            .flat_map(|pixel| &pixel[..3])
            .map(|&value| u64::from(value))
            .sum();
        sum as f64 / (self.pixels.len() / 4 * 3 * 255).max(1) as f64
    }

    /// The share of pixels, 0 to 1, that are not the same on both.
    pub fn difference(&self, other: &Self) -> f64 {
        let pairs = self.pixels.chunks_exact(4).zip(other.pixels.chunks_exact(4));
        let changed = pairs.filter(|(one, other)| one != other).count();
        changed as f64 / (self.pixels.len() / 4).max(1) as f64
    }
}

/// A running program with nobody but a person at it. Dropping it kills the program.
#[derive(Debug)]
pub struct Undriven {
    pub(super) program: Started,
    pub(super) name: String,
    pub(super) display: String,
    pub(super) marker: String,
}

impl Undriven {
    /// What the screen shows now.
    ///
    /// # Errors
    /// Where the X server does not answer.
    pub fn glass(&self) -> Outcome<Glass> {
        let pixels = Screen::open(&self.display)?.pixels()?;
        Ok(Glass { pixels })
    }

    /// Returns once the screen is as wanted, with how it looked then.
    ///
    /// # Errors
    /// Where it is not within the time, with the end of what the program printed.
    pub fn watch(&self, awaited: &str, within: Duration, wanted: impl Fn(&Glass) -> bool) -> Outcome<Glass> {
        let mut seen = None;
        wait_until(within, || {
            seen = self.glass().ok().filter(|glass| wanted(glass));
            seen.is_some()
        });
        seen.ok_or_else(|| {
            let seconds = within.as_secs();
            format!(
                "{awaited} did not come within {seconds} s; the program said:\n{}",
                self.program.said()
            )
            .into()
        })
    }

    /// Types a line at the machine's own keyboard and presses Enter.
    ///
    /// # Errors
    /// Where the program shows no window.
    pub fn type_line(&self, line: &str) -> Outcome {
        let screen = Screen::open(&self.display)?;
        let window = screen.shown_by(self.process()?, super::READY)?;
        screen.type_text(window, line)?;
        screen.press_enter(window)
    }

    /// Presses Tab at the machine's own keyboard.
    ///
    /// # Errors
    /// Where the program shows no window.
    pub fn press_tab(&self) -> Outcome {
        let screen = Screen::open(&self.display)?;
        screen.press_tab(screen.shown_by(self.process()?, super::READY)?)
    }

    /// The program's process.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn process(&self) -> Outcome<i32> {
        let running = process::marked(&self.marker, &self.name).into_iter().next();
        running.ok_or_else(|| format!("the program has ended; it said:\n{}", self.program.said()).into())
    }

    /// Kills the process that draws the page, as the kernel does when memory runs out. False when there is none.
    pub fn kill_web_process(&self) -> bool {
        process::kill_web_processes(&self.marker)
    }

    /// Closes the window by its cross once it is shown, and returns when it is gone while the program goes on.
    ///
    /// # Errors
    /// Where it stays, or takes the program with it.
    pub fn close_window(&self) -> Outcome {
        Screen::open(&self.display)?.close_window(self.process()?, super::READY)
    }

    /// Returns once the program has ended by itself.
    ///
    /// # Errors
    /// Where it has not within the time, with the end of what it printed.
    pub fn wait_for_end(&self, within: Duration) -> Outcome {
        match wait_until(within, || self.process().is_err()) {
            true => Ok(()),
            false => Err(format!("the program goes on; it said:\n{}", self.program.said()).into()),
        }
    }

    /// Closes the window by its cross, and returns when the program has ended by itself.
    ///
    /// # Errors
    /// Where it goes on.
    pub fn close(self) -> Outcome {
        Screen::open(&self.display)?.close(self.process()?, super::READY)
    }
}
