//! Everything SeekWell decides. Knows no Tauri; the shell and the CLI call [`workstation`].

pub mod accounts;
mod address;
pub mod analysis;
pub mod capture;
pub mod clock;
pub mod error;
mod later;
pub mod store;
pub mod sync;
pub mod vault;
pub mod workstation;

pub use seekwell_clinical as clinical;
pub use seekwell_imaging as imaging;
