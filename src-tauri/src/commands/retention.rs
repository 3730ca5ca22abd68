//! How long records are kept, what may not go, and freeing space.

use seekwell_core::{
    clinical::{Patient, PatientId, retention::RetentionYears},
    error::Failure,
    workstation::{Purged, RetentionPlan, RetentionReport},
};
use tauri::State;

use crate::desk::Desk;

#[tauri::command]
#[specta::specta]
pub(crate) async fn retention_plan(desk: State<'_, Desk>) -> Result<RetentionPlan, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.retention_plan(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_retention_years(desk: State<'_, Desk>, years: RetentionYears) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.set_retention_years(&caller, years).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_retention(desk: State<'_, Desk>) -> Result<RetentionReport, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.apply_retention(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn purgeable_originals(desk: State<'_, Desk>, keep_days: u16) -> Result<Purged, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.purgeable_originals(&caller, keep_days).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn purge_originals(desk: State<'_, Desk>, keep_days: u16) -> Result<Purged, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.purge_originals(&caller, keep_days).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_legal_hold(
    desk: State<'_, Desk>,
    id: PatientId,
    on: bool,
) -> Result<Patient, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.set_legal_hold(&caller, id, on).await?)
}
