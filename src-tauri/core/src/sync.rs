//! Background sync: images to the bucket, records to the centre's database, and what others recorded back.
//!
//! [`plan`] decides what is next and is pure; [`worker`] does it, in one loop; [`Blobs`] and [`Registry`] are the ports to the
//! bucket and to the database; [`status`] says honestly how far things have come. [`central`] and [`bucket`] are the other side: what
//! the centre's own people do. [`gcs`] is the bucket at Google.

mod blobs;
pub mod bucket;
pub mod central;
pub mod gcs;
mod link;
pub mod plan;
mod postgres;
mod registry;
pub mod status;
pub mod worker;

pub use blobs::{BlobError, BlobFacts, Blobs};
pub use link::{Link, LinkError};
pub use plan::Line;
pub use postgres::PostgresRegistry;
pub use registry::{
    Answer, Hello, LARGEST_PAGE, LARGEST_PUSH, Numbered, Operation, Outcome, Page, Registry, RegistryError,
};

pub use crate::later::Later;
