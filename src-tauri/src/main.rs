//! The program: the window, or a worker that decodes images, by its first argument.
#![cfg_attr(
    all(not(debug_assertions), target_os = "windows"),
    windows_subsystem = "windows"
)]

use std::process::ExitCode;

fn main() -> ExitCode {
    seekwell_core::vault::keep_memory_private();
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|argument| argument == seekwell_core::imaging::worker::FLAG) {
        return seekwell_core::imaging::worker::serve();
    }
    seekwell_desktop::run()
}
