//! Everything SeekWell decides. Knows no Tauri; the shell and the CLI call `workstation`.

pub mod analysis;
pub mod clinical;
pub mod clock;
pub mod imaging;
