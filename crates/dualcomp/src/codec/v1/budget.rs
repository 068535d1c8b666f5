//! What decoding of one file inside a stream may take.

use crate::limits::Limits;

/// What a file may take, and what the stream around it has taken.
pub(crate) struct Budget<'a> {
    pub(crate) limits: &'a Limits,
    /// Bytes of memory that are taken already.
    pub(crate) held: u64,
    pub(crate) threads: usize,
    /// Units of work so far, which the blocks of the file are added to, and bytes of input so far.
    pub(crate) work: &'a mut u64,
    pub(crate) read: u64,
}
