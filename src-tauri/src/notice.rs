//! The notice outside the window that an urgent case has come in. It repeats what the window says and names nobody, since
//! everybody who passes the screen reads it, signed in or not.

use seekwell_core::{store::UrgentMark, workstation::Workstation};
use tauri::{AppHandle, Manager, UserAttentionType, WebviewWindow, WindowEvent};

use crate::{desk::Desk, notification, window, words};

/// What was known when somebody was last told.
pub(crate) struct Notice {
    seen: UrgentMark,
}

impl Notice {
    /// What is open already when the workstation is opened is no news.
    pub(crate) async fn begin(workstation: &Workstation) -> Self {
        Self {
            seen: workstation.urgent_mark().await.unwrap_or_default(),
        }
    }

    /// Looks whether a case has come in, and says so where nobody is signed in and looks at the window.
    pub(crate) async fn look(&mut self, workstation: &Workstation, app: &AppHandle) {
        match workstation.urgent_mark().await {
            Ok(now) => {
                // The sign-in says nothing of what is urgent.
                let is_told = is_in_front(app) && app.state::<Desk>().signed_in().is_ok();
                if is_due(&self.seen, &now, is_told) {
                    show(app, words::urgent(words::chosen(app).await));
                }
                self.seen = seen(&self.seen, &now);
            }
            Err(error) => tracing::warn!(%error, "the urgent cases can't be counted"),
        }
    }
}

/// Whether to say it: a case that nobody was told of is open, and the window does not tell somebody just now. A case
/// that one acknowledges while another comes leaves the number of open ones as it was; the arrival tells.
fn is_due(seen: &UrgentMark, now: &UrgentMark, is_told: bool) -> bool {
    !is_told && now.open > 0 && now.newest > seen.newest
}

/// A case that is acknowledged is no news when it is the newest again.
fn seen(before: &UrgentMark, now: &UrgentMark) -> UrgentMark {
    UrgentMark {
        open: now.open,
        newest: now.newest.max(before.newest),
    }
}

fn is_in_front(app: &AppHandle) -> bool {
    app.get_webview_window(window::LABEL)
        .is_some_and(|window| window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false))
}

/// The window's title is its own again as soon as somebody looks.
pub(crate) fn end_when_seen(window: &WebviewWindow) {
    let seen = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Focused(true) = event
            && let Err(error) = seen.set_title(window::TITLE)
        {
            tracing::warn!(%error, "the window's title stays as it is");
        }
    });
}

/// Tells the desktop, and asks for attention in the task bar: the window's entry is marked, and its title says why.
fn show(app: &AppHandle, body: &str) {
    notification::show(body.to_owned());
    let Some(window) = app.get_webview_window(window::LABEL) else {
        return;
    };
    let asked = window
        .request_user_attention(Some(UserAttentionType::Critical))
        .and_then(|()| window.set_title(&format!("{}: {body}", window::TITLE)));
    if let Err(error) = asked {
        tracing::warn!(%error, "nobody could be told of an urgent case");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn mark(open: u32, newest: u32) -> UrgentMark {
        UrgentMark { open, newest }
    }

    #[test]
    fn a_case_is_told_once_and_only_where_nobody_looks() {
        let cases = [
            ("the first", mark(0, 0), mark(1, 1), false, true),
            ("one more", mark(1, 1), mark(2, 2), false, true),
            ("told by the window", mark(1, 1), mark(2, 2), true, false),
            ("nothing new", mark(2, 2), mark(2, 2), false, false),
            ("one was acknowledged", mark(2, 2), mark(1, 1), false, false),
            ("all were acknowledged", mark(2, 2), mark(0, 0), false, false),
            ("one went and one came", mark(1, 1), mark(1, 2), false, true),
        ];
        for (what, before, now, is_told, due) in cases {
            assert_eq!(is_due(&before, &now, is_told), due, "{what}");
        }
    }

    #[test]
    fn an_older_case_is_no_news_when_the_newest_is_acknowledged() {
        let after = seen(&mark(2, 2), &mark(1, 1));
        assert_eq!(after, mark(1, 2));
        assert!(!is_due(&after, &mark(1, 1), false));
        assert!(is_due(&after, &mark(2, 3), false));
        // Who looked at the window while it came has seen it.
        assert!(!is_due(&seen(&mark(0, 0), &mark(1, 1)), &mark(1, 1), false));
    }
}
