//! Looking again until it is there, and what is said where it never comes.

use std::time::{Duration, Instant};

use fantoccini::error::CmdError;

use super::{Window, WindowError};

/// How often the page is looked at again while waiting.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How long the driver may take over one command before the session counts as dead.
const COMMAND: Duration = Duration::from_secs(60);

impl Window {
    /// Tries until `attempt` has a value. An error that the page's own movement explains (the element was
    /// replaced, is still covered) is another reason to try again.
    pub(super) async fn patiently<T>(
        &self,
        awaited: &str,
        attempt: impl AsyncFn() -> Result<Option<T>, CmdError>,
    ) -> Result<T, WindowError> {
        let deadline = Instant::now() + self.patience;
        loop {
            let tried = self.answered(awaited, attempt()).await?;
            let refused = match tried {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => "nothing of it was seen".to_owned(),
                Err(source) if is_movement(&source) => source.to_string(),
                Err(source) => return Err(self.refused(awaited, source)),
            };
            if Instant::now() >= deadline {
                return Err(self.missing(awaited, refused).await);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    pub(super) async fn told<T>(
        &self,
        doing: &str,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, WindowError> {
        self.answered(doing, command)
            .await?
            .map_err(|source| self.refused(doing, source))
    }

    async fn answered<T>(&self, doing: &str, command: impl Future<Output = T>) -> Result<T, WindowError> {
        let answer = tokio::time::timeout(COMMAND, command).await;
        answer.map_err(|_| WindowError::Silent {
            doing: doing.into(),
            said: self.said(),
        })
    }

    fn refused(&self, doing: &str, source: CmdError) -> WindowError {
        WindowError::Command {
            doing: doing.into(),
            said: self.said(),
            source: Box::new(source),
        }
    }

    pub(super) async fn missing(&self, awaited: &str, refused: String) -> WindowError {
        let marker = self.marker.rsplit('/').next().unwrap_or_default();
        let picture = std::env::temp_dir().join(format!("missed-{marker}.png"));
        // Without a picture the words have to do.
        let _ = self.keep_sight_of_screen(&picture);
        let page = self
            .page()
            .await
            .unwrap_or_else(|error| format!("(unreadable: {error})"));
        WindowError::Missing {
            awaited: awaited.into(),
            seconds: self.patience.as_secs(),
            refused: format!("{refused}; picture: {}", picture.display()),
            page,
            said: self.said(),
        }
    }
}

/// Errors that come from a page that is being drawn, not from a test that is wrong.
fn is_movement(error: &CmdError) -> bool {
    let text = error.to_string();
    error.is_stale_element_reference()
        || error.is_no_such_element()
        || error.is_element_not_interactable()
        || text.contains("click intercepted")
        || text.contains("invalid element state")
}
