//! DualComp as a content coding of HTTP.

mod accept;
mod budget;
mod coding;
pub mod compression;
mod headers;
pub mod predicate;
mod source;

pub use budget::Budget;
pub use coding::{Coding, UnknownCoding};
pub use compression::CompressionLayer;
pub use dualcomp::Level;
pub use dualcomp_async::{FlushPolicy, Offload, Pool};

/// The error of bodies: that of the body inside, or of the codec.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
