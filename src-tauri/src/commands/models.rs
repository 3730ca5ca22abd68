//! Installed models.

use seekwell_core::{error::Failure, workstation::ModelRow};
use tauri::{AppHandle, State};

use crate::{desk::Desk, window};

#[tauri::command]
#[specta::specta]
pub(crate) async fn models(desk: State<'_, Desk>) -> Result<Vec<ModelRow>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.models(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn install_model(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: String,
) -> Result<ModelRow, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    let folder = window::granted_folder(&app, path)?;
    Ok(workstation.install_model(&caller, folder).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn use_model(desk: State<'_, Desk>, sha256: String) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.use_model(&caller, &sha256).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_model(desk: State<'_, Desk>, sha256: String) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.remove_model(&caller, &sha256).await?)
}
