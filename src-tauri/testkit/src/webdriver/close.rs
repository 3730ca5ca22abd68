//! Ending the program the way a person does: by the cross in the window's corner.
//!
//! Ending the driver's session would kill the program instead, and nothing it does on the way out would be
//! tested. So the X server is asked to send the message that a window manager sends for the cross.

use std::time::{Duration, Instant};

use super::{PATIENCE, Window, WindowError};
use crate::desktop::{
    process::{is_running, wait_until},
    screen::{CLICK_AGAIN, Screen},
};

/// How long the driver may take to notice that its browser has gone.
const FAREWELL: Duration = Duration::from_secs(2);

impl Window {
    /// Clicks on the window's cross until the page shows that, as where something is not saved.
    ///
    /// # Errors
    /// When the page does not show it, or the program ends instead.
    pub async fn click_cross(&self, shown: &str) -> Result<(), WindowError> {
        let refused = |reason: String| WindowError::Close { reason };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let pid = self.running()?;
            Screen::open(&self.display)
                .and_then(|screen| screen.click_cross(pid))
                .map_err(|error| refused(error.to_string()))?;
            if tokio::time::timeout(CLICK_AGAIN, self.wait_for(shown))
                .await
                .is_ok_and(|found| found.is_ok())
            {
                return Ok(());
            }
        }
        Err(refused(format!(
            "the cross brought no {shown}; it said:\n{}",
            self.said()
        )))
    }

    /// Returns when the program has ended by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_end(self) -> Result<(), WindowError> {
        let ended = self
            .process()
            .is_none_or(|pid| wait_until(PATIENCE, || !is_running(pid)));
        if !ended {
            return Err(WindowError::Close {
                reason: "the program was still running".into(),
            });
        }
        self.say_farewell().await;
        Ok(())
    }

    /// Closes the window by its cross and returns when the program has ended by itself.
    ///
    /// # Errors
    /// When the program does not end; it is killed then.
    pub async fn close(self) -> Result<(), WindowError> {
        let refused = |reason: String| WindowError::Close { reason };
        let pid = self.running()?;
        Screen::open(&self.display)
            .and_then(|screen| screen.close(pid, PATIENCE))
            .map_err(|error| refused(format!("{error}; it said:\n{}", self.said())))?;
        self.say_farewell().await;
        Ok(())
    }

    fn running(&self) -> Result<i32, WindowError> {
        self.process().ok_or_else(|| WindowError::Close {
            reason: "the program is not running".into(),
        })
    }

    /// The session has nothing behind it any more; how it ends does not matter.
    async fn say_farewell(&self) {
        let _ = tokio::time::timeout(FAREWELL, self.client.clone().close()).await;
    }
}
