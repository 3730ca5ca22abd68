//! The shell: it knows Tauri and decides nothing. Every command takes arguments, calls the core and converts the error.

mod arguments;
mod background;
mod commands;
mod desk;
mod drawing;
mod ipc;
mod leaving;
mod notice;
mod notification;
mod photo_protocol;
mod preferences;
mod revival;
mod window;
mod words;

use std::{process::ExitCode, sync::Arc};

use seekwell_core::{clock::Clock, imaging::worker::Workers, workstation::Place};
use tauri::{Manager, RunEvent};
use tracing_subscriber::EnvFilter;

pub use ipc::bindings;

use arguments::Arguments;
use background::WindowBell;
use desk::Desk;
use leaving::Unsaved;

/// Opens the window and runs until it is closed. The entry point on a phone as well.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn mobile() {
    let _ = run();
}

/// Opens the window and runs until it is closed.
pub fn run() -> ExitCode {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,seekwell_core=info,seekwell_desktop=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match Arguments::read(std::env::args_os().skip(1)) {
        Ok(arguments) => start(arguments),
        Err(unknown) => {
            tracing::error!("{unknown}");
            ExitCode::from(2)
        }
    }
}

/// A phone starts no second process; its build has no decoder that would need one.
#[cfg(mobile)]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
fn workers() -> std::io::Result<Workers> {
    Ok(Workers::in_process())
}

#[cfg(not(mobile))]
fn workers() -> std::io::Result<Workers> {
    Workers::for_current_exe()
}

fn start(arguments: Arguments) -> ExitCode {
    let workers = match workers() {
        Ok(workers) => Arc::new(workers),
        Err(error) => {
            tracing::error!(%error, "the program can't find itself");
            return ExitCode::FAILURE;
        }
    };
    let place = Place {
        data_dir: arguments.data_dir,
        keys: arguments.keys,
        program: "SeekWell Desktop",
        clock: Clock::system(),
        workers,
    };
    match build(place) {
        Ok(app) => {
            app.run(|app, event| match event {
                // The last window was closed; a program that is told to end gives a code.
                RunEvent::ExitRequested { code: None, api, .. } if background::begin(app) => {
                    api.prevent_exit()
                }
                RunEvent::Exit => tauri::async_runtime::block_on(app.state::<Desk>().close()),
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

fn build(place: Place) -> tauri::Result<tauri::App> {
    let mut context = tauri::generate_context!();
    preferences::configure(&mut context, &place.data_dir);
    let builder = ipc::builder();
    let handler = ipc::handler(&builder);
    let single_instance = window::single_instance(&place.data_dir);
    let data_dir = place.data_dir.clone();
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_fs::init())
        .register_asynchronous_uri_scheme_protocol("photo", photo_protocol::answer)
        .invoke_handler(handler)
        .manage(Desk::new(place))
        .manage(WindowBell::default())
        .manage(Unsaved::default())
        .setup(move |app| {
            builder.mount_events(app);
            // The system starts a process that draws the page, which takes longer than all the rest. Meanwhile the session bus
            // is asked whether this program runs already, in which case it ends here, and a file is opened.
            window::open(app.handle())?;
            app.handle().plugin(single_instance)?;
            preferences::open(app.handle(), &data_dir);
            Ok(())
        })
        .build(context)
}
