//! DualComp as a content coding of HTTP.

mod accept;
mod budget;
#[cfg(feature = "client")]
mod client;
mod coding;
pub mod compression;
pub mod decompression;
mod headers;
pub mod predicate;
mod source;

pub use budget::Budget;
#[cfg(feature = "client")]
pub use client::DualCompMiddleware;
pub use coding::{Coding, UnknownCoding};
pub use compression::CompressionLayer;
pub use decompression::{DecompressionLayer, DecompressionOptions, LimitExceeded, RequestDecompressionLayer};
pub use dualcomp::Level;
pub use dualcomp_async::{FlushPolicy, Offload, Pool};

/// The error of bodies: that of the body inside, or of the codec.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
