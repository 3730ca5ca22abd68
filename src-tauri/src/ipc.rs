//! What the window can call: the list of commands and events, and the TypeScript that is made from it.

use seekwell_core::workstation::Changed;
use serde::{Deserialize, Serialize};
use specta_typescript::{Typescript, semantic};
use tauri::{Wry, ipc::Invoke};
use tauri_specta::{Builder, ErrorHandlingMode, Event, collect_commands, collect_events};

use crate::commands::{
    analyses, bytes, entrance, leaving, models, patients, photos, retention, settings, sync, urgent,
};

/// What went stale; the window refetches it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
#[tauri_specta(event_name = "changed")]
pub(crate) struct ChangedEvent(pub(crate) Changed);

/// The window's cross was clicked while the page holds something that is not saved: it asks, and closes the window or not.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, specta::Type, Event)]
#[tauri_specta(event_name = "cross-clicked")]
pub(crate) struct CrossClicked;

/// Every command with typed arguments. `stage_bytes`, whose body is raw, is added in [`handler`].
pub(crate) fn builder() -> Builder<Wry> {
    Builder::<Wry>::new()
        .error_handling(ErrorHandlingMode::Result)
        // One type for both directions, and every number is a number: the core sends no NaN and no infinity.
        .disable_serde_phases()
        .semantic_types(semantic::Configuration::empty().enable_lossless_floats())
        .commands(collect_commands![
            entrance::boot_state,
            entrance::boot_retry,
            entrance::set_up,
            entrance::renew_recovery_key,
            entrance::confirm_recovery_key,
            entrance::recover,
            entrance::sign_in,
            entrance::sign_out,
            leaving::set_unsaved,
            leaving::close_window,
            patients::find_patients,
            patients::recent_patients,
            patients::patient,
            patients::likely_duplicates,
            patients::register_patient,
            patients::edit_patient,
            patients::patient_versions,
            patients::lesions,
            patients::label_lesion,
            photos::stage_file,
            photos::discard_staged,
            photos::keep_photo,
            photos::history,
            photos::history_counts,
            photos::photo,
            photos::check_image,
            photos::measure_photo,
            photos::save_outline,
            photos::add_note,
            photos::edit_note,
            photos::note_versions,
            models::models,
            models::install_model,
            models::use_model,
            models::remove_model,
            analyses::analysis_settings,
            analyses::set_analysis_settings,
            analyses::analyse_pending,
            analyses::look_at,
            analyses::ask_opinion,
            analyses::withdraw_opinion,
            analyses::reanalysis,
            analyses::reanalyse,
            analyses::cancel_reanalysis,
            retention::retention_plan,
            retention::set_retention_years,
            retention::apply_retention,
            retention::purgeable_originals,
            retention::purge_originals,
            retention::set_legal_hold,
            patients::set_cloud_consent,
            urgent::urgent_cases,
            urgent::urgent_summary,
            urgent::urgent_case,
            urgent::acknowledge,
            settings::storage_summary,
            settings::check_integrity,
            settings::preferences,
            settings::set_preferences,
            sync::sync_status,
            sync::centre,
            sync::connect_centre,
            sync::retry_sync,
            sync::unsent,
            sync::deliveries,
            sync::conflicts,
            sync::settle_conflict,
            sync::leftovers,
            sync::let_go,
            sync::export_sync_report,
            sync::sync_settings,
            sync::set_sync_settings,
        ])
        .events(collect_events![ChangedEvent, CrossClicked])
}

/// The typed commands, and the one whose body is raw bytes.
pub(crate) fn handler(builder: &Builder<Wry>) -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    let typed = builder.invoke_handler();
    let raw: fn(Invoke<Wry>) -> bool = tauri::generate_handler![bytes::stage_bytes];
    move |invoke| {
        if invoke.message.command() == "stage_bytes" {
            raw(invoke)
        } else {
            typed(invoke)
        }
    }
}

/// `ui/src/ipc/bindings.ts`, as `cargo xtask codegen` writes it.
///
/// # Errors
/// Where a type has no counterpart in TypeScript, or the file can't be written.
pub fn bindings(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let header = "// Written by `cargo xtask codegen` from the shell's commands. Do not edit.\n";
    builder().export(Typescript::default().header(header), path)?;
    Ok(())
}
