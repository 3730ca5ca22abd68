//! Urgent cases of the whole clinic.

use seekwell_core::{
    clinical::{AnalysisId, PhotoId},
    error::Failure,
    store::{Acknowledgement, UrgentCase, UrgentPage, UrgentSummary, WhichUrgent},
};
use tauri::State;

use crate::desk::Desk;

#[tauri::command]
#[specta::specta]
pub(crate) async fn urgent_cases(
    desk: State<'_, Desk>,
    which: WhichUrgent,
    before: Option<String>,
    limit: u32,
) -> Result<UrgentPage, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation
        .urgent_cases(&caller, which, before.as_deref(), limit)
        .await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn urgent_summary(desk: State<'_, Desk>) -> Result<UrgentSummary, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.urgent_summary(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn urgent_case(
    desk: State<'_, Desk>,
    photo_id: PhotoId,
) -> Result<Option<UrgentCase>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.urgent_case(&caller, photo_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn acknowledge(
    desk: State<'_, Desk>,
    analysis_id: AnalysisId,
) -> Result<Acknowledgement, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.acknowledge(&caller, analysis_id).await?)
}
