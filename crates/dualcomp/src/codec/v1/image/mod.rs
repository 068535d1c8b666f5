//! Coding of the tiles of an image (docs/spec/image.md).

pub(crate) mod binarization;
#[cfg(feature = "learn")]
pub(crate) mod coder_logits;
pub(crate) mod context;
#[cfg(feature = "learn")]
pub(crate) mod expected;
pub(crate) mod matching;
mod pixel_network;
pub(crate) mod planes;
pub(crate) mod predict;
pub(crate) mod profile;
pub(crate) mod tile;
pub(crate) mod tile_bytes;
pub(crate) mod wavefront;
