//! The ways to code the planes of a tile: with all contexts, as a photograph, or a plane alone.

pub(crate) mod full;
pub(crate) mod photo;
pub(crate) mod plane;
pub(crate) mod sample;
