//! What an encoder is free to choose: tiles, kinds of blocks and tiles, sizes of tables. No decoder depends on it.

pub(crate) mod blocks;
pub(crate) mod bytes;
mod choose_block;
mod choose_blocks;
mod choose_map;
mod choose_tile;
pub(crate) mod classify;
pub(crate) mod fast_forms;
pub(crate) mod files;
pub(crate) mod image;
pub(crate) mod lattice;
mod plan;
mod records;
mod sample_maps;
mod tiling;
pub(crate) mod train_dictionary;
