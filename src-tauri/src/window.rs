//! The window itself, and what a person's pick or drop lets the program read.

use std::io::Read;
use std::path::{Path, PathBuf};

use seekwell_core::{
    error::{Code, Error, Failure},
    imaging::MAX_FILE,
    vault::write_durably,
};
use tauri::{
    AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Wry, plugin::TauriPlugin, webview::PageLoadEvent,
};
use tauri_plugin_fs::{FilePath, FsExt, OpenOptions};

use crate::{background::WindowBell, drawing, leaving, notice, revival};

pub(crate) const LABEL: &str = "main";
pub(crate) const TITLE: &str = "SeekWell";

/// Opens the window. Its profile is in memory only: nothing of a patient stays in a cache.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(TITLE)
        .inner_size(1440.0, 900.0)
        .min_inner_size(360.0, 560.0)
        .incognito(!is_driven())
        // What a page held that is loaded anew is gone.
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<leaving::Unsaved>().set(false);
            }
        })
        .build()?;
    drawing::choose(&window)?;
    leaving::watch(&window);
    notice::end_when_seen(&window);
    revival::watch(&window)
}

/// Whether a test drives the window. WebKit lets no window with a profile in memory be driven; the tests then search
/// the profile on the disk for anything that may not be there.
fn is_driven() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|driven| driven == "true")
}

/// A second start of the program on the same data directory shows this one's window.
pub(crate) fn single_instance(data_dir: &Path) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!(
            "org.seekwell.desktop.d{:016x}",
            directory_number(data_dir)
        ))
        .callback(|app, _, _| show(app))
        .build()
}

/// Brings the window to the front, or opens it again where it was closed.
pub(crate) fn show(app: &AppHandle) {
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus()),
        None => open(app).inspect(|()| app.state::<WindowBell>().ring()),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "the window can't be brought to the front");
    }
}

/// Closes the window, whatever it holds.
pub(crate) fn close(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the window stays open");
    }
}

/// Whether there is a window, in front or not.
pub(crate) fn is_open(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some()
}

/// Reads a file that the dialog or a drop granted; on a phone it is a content address. Gives its name and its bytes, of
/// one that is larger than any photo no more than the core needs to say so.
pub(crate) async fn read_granted(app: AppHandle, path: String) -> Result<(String, Vec<u8>), Failure> {
    let file = parsed(&path);
    if !is_granted(&app, &file) {
        return Err(unreadable("nobody picked this file"));
    }
    let name = Path::new(&path)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let bytes = tauri::async_runtime::spawn_blocking(move || {
        let mut options = OpenOptions::new();
        let opened = app.fs().open(file, options.read(true).to_owned())?;
        let mut bytes = Vec::new();
        opened.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    });
    match bytes.await {
        Ok(Ok(bytes)) => Ok((name, bytes)),
        Ok(Err(error)) => Err(unreadable(&error.to_string())),
        Err(error) => Err(unreadable(&error.to_string())),
    }
}

/// Whether a person picked or dropped it. A `file://` address is a path by another name; the other addresses are a phone's, whose
/// system grants them by itself.
fn is_granted(app: &AppHandle, file: &FilePath) -> bool {
    match file.clone().into_path() {
        Ok(path) => app.fs_scope().is_allowed(path),
        Err(_) => cfg!(mobile),
    }
}

/// Writes a file that the dialog granted, whole or not at all.
pub(crate) async fn write_granted(app: &AppHandle, path: &Path, bytes: Vec<u8>) -> Result<(), Failure> {
    if !app.fs_scope().is_allowed(path) {
        return Err(unreadable("nobody picked this file"));
    }
    let path = path.to_owned();
    let written = tauri::async_runtime::spawn_blocking(move || write_durably(&path, &bytes));
    written
        .await
        .map_err(|_| Error::Interrupted)?
        .map_err(Error::from)?;
    Ok(())
}

/// A folder that the dialog granted.
pub(crate) fn granted_folder(app: &AppHandle, path: String) -> Result<PathBuf, Failure> {
    let folder = PathBuf::from(path);
    if app.fs_scope().is_allowed(folder.join("model.onnx")) || app.fs_scope().is_allowed(&folder) {
        Ok(folder)
    } else {
        Err(unreadable("nobody picked this folder"))
    }
}

fn parsed(path: &str) -> FilePath {
    path.parse().unwrap_or_else(|never| match never {})
}

fn unreadable(message: &str) -> Failure {
    Failure {
        code: Code::FileUnreadable,
        message: message.to_owned(),
        subject: None,
    }
}

/// Names a data directory on the session bus, where a path may not stand (FNV-1a).
fn directory_number(data_dir: &Path) -> u64 {
    let absolute = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
    absolute
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}
