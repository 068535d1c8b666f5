//! Compresses the content of responses.

mod body;
#[cfg(feature = "fallback")]
mod fallback;
mod future;
mod gather;
mod job;
mod layer;
mod service;

pub use body::CompressionBody;
#[cfg(feature = "fallback")]
pub use fallback::{Fallback, FallbackLayer};
pub use future::ResponseFuture;
pub(crate) use future::not_modified;
pub use layer::CompressionLayer;
pub use service::Compression;
