//! The doors: whole values, readers and writers, and the structure of a stream.

pub(crate) mod dictionary;
pub(crate) mod image_encoder;
pub(crate) mod image_file;
pub(crate) mod inspect;
pub(crate) mod oneshot;
pub mod read;
pub mod write;
