//! Everything SeekWell decides. Knows no Tauri; the shell and the CLI call [`workstation`].

pub mod accounts;
mod address;
pub mod analysis;
pub mod capture;
pub mod clinical;
pub mod clock;
pub mod error;
pub mod imaging;
mod later;
pub mod store;
pub mod sync;
pub mod vault;
pub mod workstation;
