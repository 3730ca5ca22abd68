//! Photos, their history and the notes under them.

use seekwell_core::{
    capture::{KeepRequest, Kept},
    clinical::{AnalysisId, Measured, Note, NoteId, NoteVersion, PatientId, PhotoId, PhotoMeasured},
    error::Failure,
    store::{HistoryCounts, HistoryFilter, HistoryPage},
    workstation::{Corners, PhotoDetail, Rendition, StagedPhoto},
};
use tauri::{AppHandle, State};

use crate::{desk::Desk, window};

#[tauri::command]
#[specta::specta]
pub(crate) async fn stage_file(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: String,
) -> Result<StagedPhoto, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    let (file_name, original) = window::read_granted(app, path).await?;
    Ok(workstation.stage(&caller, file_name, original).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn discard_staged(desk: State<'_, Desk>, staged_id: PhotoId) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    workstation.discard_staged(&caller, staged_id);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn keep_photo(desk: State<'_, Desk>, request: KeepRequest) -> Result<Kept, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.keep_photo(&caller, &request).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn history(
    desk: State<'_, Desk>,
    patient_id: PatientId,
    filter: HistoryFilter,
    before: Option<String>,
    limit: u32,
) -> Result<HistoryPage, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation
        .history(&caller, patient_id, &filter, before.as_deref(), limit)
        .await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn history_counts(
    desk: State<'_, Desk>,
    patient_id: PatientId,
) -> Result<HistoryCounts, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.history_counts(&caller, patient_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn photo(desk: State<'_, Desk>, photo_id: PhotoId) -> Result<PhotoDetail, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.photo(&caller, photo_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_image(
    desk: State<'_, Desk>,
    photo_id: PhotoId,
    rendition: Rendition,
) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.check_image(&caller, photo_id, rendition).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn measure_photo(
    desk: State<'_, Desk>,
    photo_id: PhotoId,
    corners: Option<Corners>,
    millimetres_per_pixel: Option<f64>,
) -> Result<Option<Measured>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation
        .measure_photo(&caller, photo_id, corners, millimetres_per_pixel)
        .await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_outline(
    desk: State<'_, Desk>,
    photo_id: PhotoId,
    corners: Corners,
    millimetres_per_pixel: Option<f64>,
) -> Result<PhotoMeasured, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation
        .save_outline(&caller, photo_id, corners, millimetres_per_pixel)
        .await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_note(
    desk: State<'_, Desk>,
    analysis_id: AnalysisId,
    text: String,
) -> Result<Note, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.add_note(&caller, analysis_id, &text).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_note(
    desk: State<'_, Desk>,
    note_id: NoteId,
    revision: u32,
    text: String,
) -> Result<Note, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.edit_note(&caller, note_id, revision, &text).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn note_versions(
    desk: State<'_, Desk>,
    note_id: NoteId,
) -> Result<Vec<NoteVersion>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.note_versions(&caller, note_id).await?)
}
