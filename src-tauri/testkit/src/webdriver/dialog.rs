//! The system's file dialog, answered at the keyboard.

use std::path::Path;
use std::time::Duration;

use super::{PATIENCE, Window, WindowError};
use crate::desktop::{
    process,
    screen::{Outcome, Screen},
};

/// How long the dialog may take to accept a path.
const TAKEN: Duration = Duration::from_secs(4);

/// How often the path is typed.
const TRIES: u32 = 5;

impl Window {
    /// Waits for the file dialog, types the path of a file or a folder into it, and returns when it has closed.
    ///
    /// # Errors
    /// Where no dialog comes, or it does not take the path.
    pub fn answer_dialog(&self, path: &Path) -> Result<(), WindowError> {
        let refused = |reason: String| WindowError::Dialog { reason };
        let path = path
            .to_str()
            .ok_or_else(|| refused("the path is no UTF-8".into()))?;
        let pid = self
            .process()
            .ok_or_else(|| refused("the program is not running".into()))?;
        let screen = Screen::open(&self.display).map_err(|error| refused(error.to_string()))?;
        let answered = screen.dialog_of(pid, PATIENCE).and_then(|dialog| {
            let mut typed = Ok(());
            for _ in 0..TRIES {
                typed = type_path(&screen, dialog, path);
                // A dialog that closes while it is being typed into hears no more keys, and has what it needs.
                if process::wait_until(TAKEN, || !screen.is_shown(dialog)) {
                    return Ok(());
                }
            }
            typed?;
            Err("it stayed open".into())
        });
        answered.map_err(|error| refused(format!("{error}; the program said:\n{}", self.said())))
    }
}

/// A dialog that is still drawing itself loses keys: the first one opens the field for the others.
fn type_path(screen: &Screen, dialog: u32, path: &str) -> Outcome {
    let (root, below) = path.split_at(1);
    screen.settle(TAKEN)?;
    screen.select_all(dialog)?;
    screen.type_text(dialog, root)?;
    screen.settle(TAKEN)?;
    screen.type_text(dialog, below)?;
    screen.settle(TAKEN)?;
    screen.press_enter(dialog)
}
