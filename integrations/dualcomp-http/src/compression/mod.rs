//! Compresses the content of responses.

mod body;
#[cfg(feature = "fallback")]
mod fallback;
mod future;
mod gather;
mod job;
mod layer;
mod plan;
mod service;

pub use body::CompressionBody;
#[cfg(feature = "fallback")]
pub use fallback::{Fallback, FallbackLayer};
pub use future::ResponseFuture;
pub use layer::CompressionLayer;
pub(crate) use plan::not_modified;
pub use service::Compression;
