//! Patients and lesions.

use seekwell_core::{
    clinical::{LesionId, Patient, PatientDraft, PatientId, PatientVersion},
    error::Failure,
    store::{LesionRow, PatientPage},
};
use tauri::State;

use crate::desk::Desk;

#[tauri::command]
#[specta::specta]
pub(crate) async fn find_patients(desk: State<'_, Desk>, text: String) -> Result<PatientPage, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.find_patients(&caller, &text).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn recent_patients(desk: State<'_, Desk>) -> Result<PatientPage, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.recent_patients(&caller).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn patient(desk: State<'_, Desk>, id: PatientId) -> Result<Patient, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.patient(&caller, id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn likely_duplicates(
    desk: State<'_, Desk>,
    draft: PatientDraft,
) -> Result<Vec<Patient>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.likely_duplicates(&caller, draft).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn register_patient(desk: State<'_, Desk>, draft: PatientDraft) -> Result<Patient, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.register_patient(&caller, draft).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_patient(
    desk: State<'_, Desk>,
    id: PatientId,
    revision: u32,
    draft: PatientDraft,
) -> Result<Patient, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.edit_patient(&caller, id, revision, draft).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn patient_versions(
    desk: State<'_, Desk>,
    id: PatientId,
) -> Result<Vec<PatientVersion>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.patient_versions(&caller, id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn lesions(desk: State<'_, Desk>, patient_id: PatientId) -> Result<Vec<LesionRow>, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.lesions(&caller, patient_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn label_lesion(
    desk: State<'_, Desk>,
    lesion_id: LesionId,
    label: Option<String>,
) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.label_lesion(&caller, lesion_id, label).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_cloud_consent(
    desk: State<'_, Desk>,
    id: PatientId,
    given: bool,
) -> Result<Patient, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.set_cloud_consent(&caller, id, given).await?)
}
