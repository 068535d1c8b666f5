//! Version 1 of the format. Every bit of a stream follows from this folder, `dualcomp-entropy`, `dualcomp-model` and
//! the artefacts: nothing here may change once the version is released.

pub(crate) mod artefacts;
pub(crate) mod budget;
pub(crate) mod bytes;
pub(crate) mod deflate;
pub(crate) mod direction;
pub(crate) mod float_mixing;
pub(crate) mod image;
pub(crate) mod jpeg;
pub(crate) mod jpeg_file;
pub(crate) mod metadata;
