//! Finding the border of a lesion.

mod background;
mod border;
mod find;
mod plane;
mod region;
mod veil;

pub(super) use find::{Found, find};
pub(super) use plane::{Plane, quantile, small};
pub(super) use veil::{Thumbnail, brightness};
