//! Closing the window while something on the screen is not saved.

use tauri::{AppHandle, State};

use crate::{leaving::Unsaved, window};

/// Whether something on the screen is not saved; and that the page has heard of the cross.
#[tauri::command]
#[specta::specta]
pub(crate) fn set_unsaved(held: State<'_, Unsaved>, unsaved: bool) {
    held.set(unsaved);
}

/// Somebody has said that it may be lost.
#[tauri::command]
#[specta::specta]
pub(crate) fn close_window(app: AppHandle) {
    window::close(&app);
}
