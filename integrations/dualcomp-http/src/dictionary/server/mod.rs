//! The layer of a server.

mod body;
mod future;
mod layer;
mod offer;
mod plan;

pub use body::DictionaryBody;
pub use future::ResponseFuture;
pub use layer::{DictionaryLayer, DictionaryService};
