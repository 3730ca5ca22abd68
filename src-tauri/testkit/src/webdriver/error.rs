//! What can go wrong at a window, with what the program said until then.

use std::path::PathBuf;

use fantoccini::error::{CmdError, NewSessionError};

/// Why a step in the window did not work.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The program did not open a window that can be driven.
    #[error("no session with {application}; it said:\n{said}")]
    Session {
        /// What was to open.
        application: String,
        /// The end of what driver and program printed.
        said: String,
        /// What the driver answered.
        #[source]
        source: Box<NewSessionError>,
    },
    /// The driver refused a command.
    #[error("{doing} failed; the program said:\n{said}")]
    Command {
        /// What was tried.
        doing: String,
        /// The end of what driver and program printed.
        said: String,
        /// What the driver answered.
        #[source]
        source: Box<CmdError>,
    },
    /// What was waited for did not come.
    #[error(
        "{awaited} did not come within {seconds} s ({refused}); the page read:\n{page}\nthe program \
         said:\n{said}"
    )]
    Missing {
        /// What should have been seen.
        awaited: String,
        /// After how long the wait ended.
        seconds: u64,
        /// What the driver answered last, and where a picture of that moment is.
        refused: String,
        /// The text of the page at that moment.
        page: String,
        /// The end of what driver and program printed.
        said: String,
    },
    /// The driver stopped answering.
    #[error("the driver did not answer while {doing}; the program said:\n{said}")]
    Silent {
        /// What was tried.
        doing: String,
        /// The end of what driver and program printed.
        said: String,
    },
    /// A file of the test could not be read or written.
    #[error("{path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// No picture could be taken of the window.
    #[error("no picture for {path}: {reason}")]
    Picture {
        /// Where it should have gone.
        path: PathBuf,
        /// What stood in the way.
        reason: String,
    },
    /// The accessibility audit did not run.
    #[error("axe did not run: {reason}")]
    Audit {
        /// What it answered.
        reason: String,
    },
    /// The X server could not be asked to close the window.
    #[error("the window could not be closed: {reason}")]
    Close {
        /// What stood in the way.
        reason: String,
    },
    /// The system's dialog could not be answered.
    #[error("the dialog could not be answered: {reason}")]
    Dialog {
        /// What stood in the way.
        reason: String,
    },
}
