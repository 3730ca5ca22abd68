//! Ending the program the way a person does: by the cross in the window's corner.
//!
//! Ending the driver's session would kill the program instead, and nothing it does on the way out would be
//! tested. So the X server is asked to send the message that a window manager sends for the cross.

use std::time::{Duration, Instant};

use super::{PATIENCE, Window, WindowError};
use crate::desktop::{process, screen::Screen};

/// How long the driver may take to notice that its browser has gone.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long the program may take to end before its cross is clicked again.
const CLICK_AGAIN: Duration = Duration::from_secs(3);

impl Window {
    /// Closes the window by its cross and returns when the program has ended by itself.
    ///
    /// # Errors
    /// When the program does not end; it is killed then.
    pub async fn close(self) -> Result<(), WindowError> {
        let refused = |reason: String| WindowError::Close { reason };
        let pid = self
            .process()
            .ok_or_else(|| refused("the program is not running".into()))?;
        let screen = Screen::open(&self.display).map_err(|error| refused(error.to_string()))?;
        let deadline = Instant::now() + PATIENCE;
        // A click that falls into the very moment in which the page takes the pointer is lost to GTK; who sees the
        // window stay clicks again.
        loop {
            let asked = screen
                .ask_to_close(pid)
                .map_err(|error| refused(error.to_string()))?;
            if process::wait_until(CLICK_AGAIN, || !process::is_running(pid)) {
                break;
            }
            if asked == 0 {
                return Err(refused(
                    "the program has no window that listens to its cross".into(),
                ));
            }
            if Instant::now() >= deadline {
                return Err(refused(format!(
                    "the program was still running; it said:\n{}",
                    self.said()
                )));
            }
        }
        // The session has nothing behind it any more; how it ends does not matter.
        let _ = tokio::time::timeout(FAREWELL, self.client.clone().close()).await;
        Ok(())
    }
}
