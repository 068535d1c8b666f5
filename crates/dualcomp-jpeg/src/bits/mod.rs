//! Bits of entropy-coded segments, first bit of a byte first (T.81 F.1.2.3, F.2.2.5).

mod read;
mod write;

pub(crate) use read::{BitReader, Place};
pub(crate) use write::BitWriter;

/// Data that are no code, or that end within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop;
