//! Fast tiles (docs/spec/fast.md): photographs, by least squares of sixteen rows in lock step and one call of the range
//! coder a sample.

mod contexts;
mod lanes;
mod mask;
mod pipeline;
mod predict;
mod rans;
mod symbols;
mod tables;
mod tile;

pub(crate) use tile::{Coding, Form, Group, MAX_SPARE, decode, encode, fits, groups, tile_memory};
