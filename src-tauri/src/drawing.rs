//! How the window is drawn where there is no graphics processor.
//!
//! Without one the system's web view still draws through OpenGL, in software: half a second at start and tens of megabytes
//! for a picture that the processor draws as well by itself. Many a clinic's machine is a virtual one, or is looked at from
//! afar.

use tauri::WebviewWindow;

/// Draws without OpenGL where the system has no graphics processor. Call it right after the window was made: the web
/// process starts with what is set by then.
#[cfg(target_os = "linux")]
pub(crate) fn choose(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    if has_graphics_processor() {
        return Ok(());
    }
    window.with_webview(|platform| {
        if let Some(settings) = WebViewExt::settings(&platform.inner()) {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// macOS and Windows choose by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn choose(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// A processor that draws has a node of this name: `/dev/dri/renderD128` is the first.
#[cfg(target_os = "linux")]
fn has_graphics_processor() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|nodes| {
        nodes
            .flatten()
            .any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
    })
}
