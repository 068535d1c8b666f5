//! What turns payloads of chunks into bytes and pixels, a module for each version of the format.
//!
//! A version that was released is frozen: a later one is added beside it and never changes it.

pub(crate) mod v1;
