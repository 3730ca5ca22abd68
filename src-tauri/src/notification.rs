//! Notifications of the desktop. They only repeat what the window shows, and name no patient: they may appear on a locked screen.

use tauri::async_runtime;

#[cfg(not(mobile))]
use crate::window::TITLE;

/// Shows one, where the desktop can. Nobody waits for it.
pub(crate) fn show(body: String) {
    async_runtime::spawn(async move {
        if let Err(error) = send(body).await {
            tracing::info!(%error, "the desktop shows no notification");
        }
    });
}

#[cfg(target_os = "linux")]
async fn send(body: String) -> Result<(), notify_rust::error::Error> {
    notification(body).show_async().await.map(drop)
}

#[cfg(any(target_os = "windows", target_os = "macos"))]
async fn send(body: String) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // The system's call may take its time.
    tokio::task::spawn_blocking(move || notification(body).show().map(drop)).await??;
    Ok(())
}

#[cfg(not(mobile))]
fn notification(body: String) -> notify_rust::Notification {
    let mut notification = notify_rust::Notification::new();
    notification
        .appname(TITLE)
        .summary(TITLE)
        .body(&body)
        .icon("seekwell-desktop");
    notification
}

/// A phone repeats nothing yet: the program is in front there whenever it runs.
#[cfg(mobile)]
#[expect(clippy::unused_async, reason = "the same signature as where it waits")]
async fn send(_body: String) -> Result<(), std::convert::Infallible> {
    Ok(())
}
