//! What the workstation says of itself, and what the window remembers.

use seekwell_core::{
    error::Failure,
    workstation::{CheckReport, StorageSummary},
};
use tauri::{AppHandle, State};

use crate::{
    desk::Desk,
    preferences::{self, Preferences},
};

#[tauri::command]
#[specta::specta]
pub(crate) async fn storage_summary(desk: State<'_, Desk>) -> Result<StorageSummary, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.storage_summary(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_integrity(desk: State<'_, Desk>) -> Result<CheckReport, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.check(&caller, |_| ()).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn preferences(app: AppHandle) -> Result<Preferences, Failure> {
    preferences::read(&app).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_preferences(app: AppHandle, preferences: Preferences) -> Result<(), Failure> {
    preferences::write(&app, &preferences).await
}
