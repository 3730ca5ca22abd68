//! What goes between this workstation and the centre, and the centre's own administration.

pub mod central;
