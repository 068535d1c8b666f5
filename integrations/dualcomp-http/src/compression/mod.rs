//! Compresses the content of responses.

mod body;
mod future;
mod layer;
mod service;

pub use body::CompressionBody;
pub use future::ResponseFuture;
pub use layer::CompressionLayer;
pub use service::Compression;
