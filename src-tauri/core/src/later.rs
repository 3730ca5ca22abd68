//! The one shape of an answer that comes later, for every port.

use std::pin::Pin;

/// A future in a box, so that ports stay usable as `dyn`.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
