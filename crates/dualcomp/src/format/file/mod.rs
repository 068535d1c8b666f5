//! Files that are kept to the last byte: what a stream says of one, and spans of bytes that stand for one.

pub(crate) mod header;
pub(crate) mod span;
