//! Who analyses, the queue, and second opinions.

use seekwell_core::{
    clinical::{AnalysisId, PatientId, PhotoId},
    error::Failure,
    store::{Asked, Reanalysis},
    workstation::{AnalysisChange, AnalysisSettings},
};
use tauri::State;

use crate::desk::Desk;

#[tauri::command]
#[specta::specta]
pub(crate) async fn analysis_settings(desk: State<'_, Desk>) -> Result<AnalysisSettings, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.analysis_settings(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_analysis_settings(
    desk: State<'_, Desk>,
    change: AnalysisChange,
) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.set_analysis_settings(&caller, change).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn analyse_pending(desk: State<'_, Desk>) -> Result<u32, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.analyse_pending(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn look_at(desk: State<'_, Desk>, patient_id: Option<PatientId>) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    workstation.look_at(&caller, patient_id);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn ask_opinion(
    desk: State<'_, Desk>,
    photo_id: PhotoId,
    of: Asked,
) -> Result<AnalysisId, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.ask_opinion(&caller, photo_id, of).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn withdraw_opinion(desk: State<'_, Desk>, analysis_id: AnalysisId) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.withdraw_opinion(&caller, analysis_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reanalysis(desk: State<'_, Desk>) -> Result<Reanalysis, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.reanalysis(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reanalyse(desk: State<'_, Desk>) -> Result<u32, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.reanalyse(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_reanalysis(desk: State<'_, Desk>) -> Result<u32, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.cancel_reanalysis(&caller).await?)
}
