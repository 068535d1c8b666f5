//! Bodies that were coded before, beside the files that a service serves.
//!
//! `dualcomp compress --for-web DIR` writes them. See [`Precompressed`].

mod folder;
mod manifest;
mod service;
mod stamp;

pub use service::{Precompressed, ResponseFuture};
