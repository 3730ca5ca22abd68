//! The window's cross while something on the screen is not saved: the page asks first.
//!
//! The page says when it holds something. The answer is not left to its own listener, because one that was loaded anew, after its
//! process had ended, has none, and its window would close no more.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tauri::{AppHandle, CloseRequestApi, Manager, WebviewWindow, WindowEvent};
use tauri_specta::Event;

use crate::ipc::CrossClicked;

/// A page that has not heard of the cross for so long hangs, and holds nobody.
const HANGS: Duration = Duration::from_secs(5);

/// What the page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Held {
    #[default]
    Nothing,
    Something,
    /// It was told of the cross then, and has not said that it heard.
    Asked(Instant),
}

/// Whether the page holds something that is not saved.
#[derive(Default)]
pub(crate) struct Unsaved(Mutex<Held>);

impl Unsaved {
    /// The page says so, and says it again when it hears of the cross.
    pub(crate) fn set(&self, unsaved: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = match unsaved {
            true => Held::Something,
            false => Held::Nothing,
        };
    }

    /// Whether the page is to ask before the window closes.
    fn asks(&self, now: Instant) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *held {
            Held::Nothing => false,
            Held::Something => {
                *held = Held::Asked(now);
                true
            }
            Held::Asked(since) => now.duration_since(since) < HANGS,
        }
    }
}

/// Keeps the window open where the page has to ask.
pub(crate) fn watch(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            cross_clicked(&app, api);
        }
    });
}

fn cross_clicked(app: &AppHandle, api: &CloseRequestApi) {
    if !app.state::<Unsaved>().asks(Instant::now()) {
        return;
    }
    match CrossClicked.emit(app) {
        Ok(()) => api.prevent_close(),
        Err(error) => tracing::warn!(%error, "the page hears of no cross"),
    }
}

#[cfg(test)]
mod tests {
    use super::{HANGS, Unsaved};
    use std::time::Instant;

    #[test]
    fn a_page_that_holds_something_asks_unless_it_hangs() {
        let (unsaved, now) = (Unsaved::default(), Instant::now());
        assert!(!unsaved.asks(now));
        unsaved.set(true);
        assert!(unsaved.asks(now));
        assert!(unsaved.asks(now + HANGS / 2), "a double click");
        assert!(!unsaved.asks(now + HANGS), "it has not heard of the first");
        unsaved.set(true);
        assert!(unsaved.asks(now + HANGS));
        unsaved.set(true);
        assert!(unsaved.asks(now + HANGS * 9), "it had heard");
        unsaved.set(false);
        assert!(!unsaved.asks(now + HANGS * 9));
    }
}
