//! Decompresses the content of requests and responses.

mod body;
mod engine;
mod error;
mod future;
mod layer;
mod options;
mod request;
mod response;
mod service;
mod turn;

pub use body::DecompressionBody;
pub(crate) use engine::Engine;
pub use error::LimitExceeded;
pub use future::{RequestFuture, ResponseFuture};
pub use layer::DecompressionLayer;
pub use options::DecompressionOptions;
pub use request::{RequestDecompression, RequestDecompressionLayer};
pub use response::ResponseBody;
pub use service::Decompression;
