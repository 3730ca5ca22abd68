//! The centre: connecting to it, how far things have come, and what somebody does about what waits.

use std::path::Path;

use seekwell_core::{
    clinical::PhotoId,
    error::Failure,
    store::{Conflict, Leftover},
    sync::status::ItemState,
    workstation::{CentreSummary, ConflictChoice, SyncSettings, SyncStatus, Unsent},
};
use tauri::{AppHandle, State};
use uuid::Uuid;

use crate::{desk::Desk, window};

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_status(desk: State<'_, Desk>) -> Result<SyncStatus, Failure> {
    let (workstation, _) = desk.signed_in()?;
    Ok(workstation.sync_status().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn centre(desk: State<'_, Desk>) -> Result<Option<CentreSummary>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.centre(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_centre(desk: State<'_, Desk>, code: String) -> Result<String, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    let clinic = workstation.connect(&caller, &code).await?;
    desk.keep_in_step();
    Ok(clinic)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_sync(desk: State<'_, Desk>) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.retry_sync(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unsent(desk: State<'_, Desk>, limit: u32) -> Result<Unsent, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.unsent(&caller, limit).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn deliveries(
    desk: State<'_, Desk>,
    photo_ids: Vec<PhotoId>,
) -> Result<Vec<ItemState>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.deliveries(&caller, &photo_ids).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts(desk: State<'_, Desk>) -> Result<Vec<Conflict>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.conflicts(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn settle_conflict(
    desk: State<'_, Desk>,
    id: Uuid,
    choice: ConflictChoice,
) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.settle_conflict(&caller, id, choice).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn leftovers(desk: State<'_, Desk>) -> Result<Vec<Leftover>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.leftovers(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn let_go(desk: State<'_, Desk>, record: Uuid) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.let_go(&caller, record).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_sync_report(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: String,
) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    let report = workstation.sync_report(&caller).await?;
    window::write_granted(&app, Path::new(&path), report.into_bytes()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_settings(desk: State<'_, Desk>) -> Result<SyncSettings, Failure> {
    let (workstation, _) = desk.signed_in()?;
    Ok(workstation.sync_settings().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_sync_settings(desk: State<'_, Desk>, settings: SyncSettings) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.set_sync_settings(&caller, settings).await?)
}
