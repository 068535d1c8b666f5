//! What an encoder is free to choose: tiles, kinds of blocks and tiles, sizes of tables. No decoder depends on it.

pub(crate) mod bytes;
pub(crate) mod files;
pub(crate) mod image;
