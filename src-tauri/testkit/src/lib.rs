//! What the tests share and nothing ships.

pub mod hostile;
pub mod lesion;
pub mod metadata;
pub mod pillow;
