//! Streams back to bytes and pixels, within limits.

pub(crate) mod bytes;
pub(crate) mod image;
mod splice;
