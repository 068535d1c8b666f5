//! Coding of the tiles of an image (docs/spec/image.md).

pub(crate) mod binarization;
pub(crate) mod blocks;
pub(crate) mod context;
pub(crate) mod drawn;
pub(crate) mod fast;
pub(crate) mod lattice;
pub(crate) mod mapped;
pub(crate) mod matching;
pub(crate) mod nested;
mod pixel_network;
pub(crate) mod planes;
pub(crate) mod predict;
pub(crate) mod profile;
pub(crate) mod tile;
pub(crate) mod tile_bytes;
pub(crate) mod tile_kinds;
pub(crate) mod wavefront;
