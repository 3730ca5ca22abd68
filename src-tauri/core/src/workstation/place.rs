//! Where a workstation's data is when nobody says otherwise: the same place for the window and the CLI.

use std::path::PathBuf;

/// The data directory of this platform and user; `None` where the environment names no home.
///
/// Windows: `%LOCALAPPDATA%\SeekWell` (local, since a roaming profile would carry the database over the network).
/// macOS: `~/Library/Application Support/SeekWell`. Elsewhere: `$XDG_DATA_HOME/seekwell` or `~/.local/share/seekwell`, by
/// the XDG base directory specification, which says to ignore a relative path.
pub fn default_data_dir() -> Option<PathBuf> {
    if cfg!(windows) {
        return absolute("LOCALAPPDATA").map(|local| local.join("SeekWell"));
    }
    if cfg!(target_os = "macos") {
        return absolute("HOME").map(|home| home.join("Library/Application Support/SeekWell"));
    }
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("seekwell"))
}

fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}
