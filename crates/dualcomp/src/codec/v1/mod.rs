//! Version 1 of the format. Every bit of a stream follows from this folder, `dualcomp-entropy`, `dualcomp-model` and
//! the artefacts: nothing here may change once the version is released.

pub(crate) mod artefacts;
pub(crate) mod bytes;
pub(crate) mod image;
#[cfg_attr(not(test), allow(dead_code))]
pub(crate) mod jpeg;
