//! First run, recovery, sign-in.

use seekwell_core::{
    clinical::{NewPerson, Person},
    error::Failure,
    workstation::RecoveryOffer,
};
use tauri::{AppHandle, State};

use crate::desk::{BootState, Desk};

#[tauri::command]
#[specta::specta]
pub(crate) async fn boot_state(app: AppHandle, desk: State<'_, Desk>) -> Result<BootState, Failure> {
    Ok(desk.boot(&app).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn boot_retry(app: AppHandle, desk: State<'_, Desk>) -> Result<BootState, Failure> {
    Ok(desk.boot(&app).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_up(
    app: AppHandle,
    desk: State<'_, Desk>,
    clinic: String,
    person: NewPerson,
) -> Result<RecoveryOffer, Failure> {
    Ok(desk.set_up(&app, &clinic, person).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn renew_recovery_key(
    desk: State<'_, Desk>,
    password: String,
) -> Result<RecoveryOffer, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.renew_recovery_key(&caller, &password).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_recovery_key(desk: State<'_, Desk>, typed: Vec<String>) -> Result<(), Failure> {
    let (workstation, caller) = desk.signed_in()?;
    Ok(workstation.confirm_recovery_key(&caller, &typed).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn recover(
    app: AppHandle,
    desk: State<'_, Desk>,
    recovery_key: String,
) -> Result<(), Failure> {
    Ok(desk.recover(&app, &recovery_key).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    desk: State<'_, Desk>,
    email: String,
    password: String,
) -> Result<Person, Failure> {
    let caller = desk.opened()?.sign_in(&email, &password).await?;
    let person = caller.person().clone();
    desk.set_caller(Some(caller));
    Ok(person)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(desk: State<'_, Desk>) -> Result<(), Failure> {
    desk.leave();
    Ok(())
}
