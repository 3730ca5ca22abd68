//! Ending the program the way a person does: by the cross in the window's corner.
//!
//! Ending the driver's session would kill the program instead, and nothing it does on the way out would be
//! tested. So the X server is asked to send the message that a window manager sends for the cross.

use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, Window as WindowId};
use x11rb::rust_connection::RustConnection;

use super::{PATIENCE, Window, WindowError};
use crate::desktop::process;

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
        let asked = ask_to_close(&self.display, pid).map_err(|error| refused(error.to_string()))?;
        if asked == 0 {
            return Err(refused(
                "the program has no window that listens to its cross".into(),
            ));
        }
        if !process::wait_until(PATIENCE, || !process::is_running(pid)) {
            return Err(refused(format!(
                "the program was still running; it said:\n{}",
                self.said()
            )));
        }
        // The session has nothing behind it any more; how it ends does not matter.
        let _ = tokio::time::timeout(FAREWELL, self.client.clone().close()).await;
        Ok(())
    }
}

/// Sends `WM_DELETE_WINDOW` to every window of the process that understands it, and says to how many.
fn ask_to_close(display: &str, pid: i32) -> Result<usize, Box<dyn std::error::Error>> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let atom = |name: &str| -> Result<u32, Box<dyn std::error::Error>> {
        Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    };
    let (protocols, delete, owner) = (
        atom("WM_PROTOCOLS")?,
        atom("WM_DELETE_WINDOW")?,
        atom("_NET_WM_PID")?,
    );
    let root = connection.setup().roots[screen].root;
    let mut asked = 0;
    for window in connection.query_tree(root)?.reply()?.children {
        let owned = property(&connection, window, owner, AtomEnum::CARDINAL.into())?;
        let understood = property(&connection, window, protocols, AtomEnum::ATOM.into())?;
        if owned.first().copied() == u32::try_from(pid).ok() && understood.contains(&delete) {
            let message =
                ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
            connection.send_event(false, window, EventMask::NO_EVENT, message)?;
            asked += 1;
        }
    }
    connection.flush()?;
    Ok(asked)
}

/// A window's property as numbers; empty when it has none, or is gone by now.
fn property(
    connection: &RustConnection,
    window: WindowId,
    name: u32,
    kind: u32,
) -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    match connection.get_property(false, window, name, kind, 0, 64)?.reply() {
        Ok(reply) => Ok(reply.value32().map(Iterator::collect).unwrap_or_default()),
        Err(ReplyError::X11Error(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
