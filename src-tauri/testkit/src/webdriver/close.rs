//! Ending the program the way a person does: by the cross in the window's corner.
//!
//! Ending the driver's session would kill the program instead, and nothing it does on the way out would be
//! tested. So the X server is asked to send the message that a window manager sends for the cross.

use std::time::Duration;

use super::{PATIENCE, Window, WindowError};
use crate::desktop::screen::Screen;

/// How long the driver may take to notice that its browser has gone.
const FAREWELL: Duration = Duration::from_secs(2);

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
        Screen::open(&self.display)
            .and_then(|screen| screen.close(pid, PATIENCE))
            .map_err(|error| refused(format!("{error}; it said:\n{}", self.said())))?;
        // The session has nothing behind it any more; how it ends does not matter.
        let _ = tokio::time::timeout(FAREWELL, self.client.clone().close()).await;
        Ok(())
    }
}
