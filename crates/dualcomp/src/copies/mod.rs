//! Long strings that came before in a stream of bytes are told as copies (docs/spec/format.md, section 4.7): they cost
//! neither the room nor the time of coding them again, at distances that the history of coders does not reach.

pub(crate) mod copier;
pub(crate) mod finder;
pub(crate) mod window;
