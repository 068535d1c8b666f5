//! What the chunks of an image say: size, layout, metadata, tiles, and the end (docs/spec/format.md, section 5).

pub(crate) mod area;
pub(crate) mod header;
pub(crate) mod info;
pub(crate) mod metadata;
pub(crate) mod original_file;
pub(crate) mod stream_sum;
pub(crate) mod tile_grid;
