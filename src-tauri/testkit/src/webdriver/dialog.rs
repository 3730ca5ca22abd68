//! The system's file dialog, answered at the keyboard.

use std::path::Path;

use super::{PATIENCE, Window, WindowError, screen::Screen};
use crate::desktop::process;

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
        let typed = screen.dialog_of(pid, PATIENCE).and_then(|dialog| {
            screen.type_line(dialog, path)?;
            Ok(dialog)
        });
        let dialog = typed.map_err(|error| refused(error.to_string()))?;
        if process::wait_until(PATIENCE, || !screen.is_shown(dialog)) {
            Ok(())
        } else {
            Err(refused(format!("it stayed open; the program said:\n{}", self.said())))
        }
    }
}
