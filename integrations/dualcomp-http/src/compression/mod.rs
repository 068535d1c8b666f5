//! Compresses the content of responses.

mod alarm;
mod body;
#[cfg(feature = "fallback")]
mod fallback;
mod future;
mod gather;
pub(crate) mod head;
mod job;
mod layer;
mod plan;
mod service;
mod whole;

pub use body::CompressionBody;
#[cfg(feature = "fallback")]
pub use fallback::{Fallback, FallbackLayer};
pub use future::ResponseFuture;
pub use layer::CompressionLayer;
pub(crate) use layer::Engine;
pub(crate) use plan::{Outcome, not_modified};
pub use service::Compression;
pub(crate) use whole::Whole;
