//! Drawn tiles (docs/spec/drawn.md): pictures that repeat whole pixels, by few contexts in the order of rows.
//!
//! Most pixels of a drawn picture lie in flat surroundings and take one decision of one counter. The others are asked
//! about as whole pixels first, and only what is none of these is told sample by sample.

mod candidates;
mod history;
mod mixing;
mod predictions;
mod samples;
mod surroundings;
mod tile;

pub(crate) use tile::{DrawnCoder, decode, encode, fits, tile_memory};
