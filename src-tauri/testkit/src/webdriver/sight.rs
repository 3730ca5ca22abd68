//! Pictures of the window, taken from the screen as a person sees it. WebKit's driver takes none of a window that is drawn
//! without OpenGL, and none of the system's dialogs.

use std::path::Path;
use std::time::Duration;

use super::{PATIENCE, Window, WindowError};
use crate::desktop::screen::{Outcome, Screen};

/// How long what moves on the screen is waited for.
const SETTLING: Duration = Duration::from_secs(2);

impl Window {
    /// Writes what the window shows as a PNG, once it stands still.
    ///
    /// # Errors
    /// [`WindowError::Picture`].
    pub fn screenshot(&self, file: &Path) -> Result<(), WindowError> {
        self.sight(file).map_err(|reason| WindowError::Picture {
            path: file.into(),
            reason: reason.to_string(),
        })
    }

    fn sight(&self, file: &Path) -> Outcome {
        let pid = self.process().ok_or("the program is not running")?;
        let screen = Screen::open(&self.display)?;
        let window = screen.shown_by(pid, PATIENCE)?;
        screen.settle(SETTLING)?;
        Ok(screen.picture_of(window)?.save(file)?)
    }

    /// Writes the whole screen as a PNG, as it is at this moment.
    pub(super) fn keep_sight_of_screen(&self, file: &Path) -> Outcome {
        Ok(Screen::open(&self.display)?.picture()?.save(file)?)
    }
}
