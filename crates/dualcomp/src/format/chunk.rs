//! What stands before the body of a chunk.

use crate::error::{Error, FormatErrorKind, Result};
use crate::format::ChunkKind;

/// A chunk whose body comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The code of its kind.
    pub(crate) code: u8,
    /// Whether the stream ends with this chunk.
    pub(crate) last: bool,
    /// Whether a reader that does not know the kind may go on.
    pub(crate) skippable: bool,
    /// Bytes of the body.
    pub(crate) len: u64,
    /// Where the chunk starts.
    pub(crate) offset: u64,
}

impl Chunk {
    pub(super) fn new(byte: u8, len: u64, offset: u64) -> Self {
        Self { code: byte & 0x3F, last: byte & 0x40 != 0, skippable: byte & 0x80 != 0, len, offset }
    }

    /// What it is for, as far as this library knows.
    pub(crate) fn kind(&self) -> Option<ChunkKind> {
        ChunkKind::try_from(self.code).ok()
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: ChunkKind) -> bool {
        self.kind() == Some(kind)
    }

    /// The type as it is written.
    pub(crate) fn byte(&self) -> u8 {
        self.code | u8::from(self.last) << 6 | u8::from(self.skippable) << 7
    }

    /// Fails if its type marks as skippable what is not: of known kinds, metadata and original files may be.
    pub(super) fn check_type(&self) -> Result<()> {
        let may = matches!(self.kind(), None | Some(ChunkKind::Metadata | ChunkKind::OriginalFile));
        if self.skippable && !may {
            return Err(self.corrupt("a chunk that must not be skipped says that it may be"));
        }
        Ok(())
    }

    pub(crate) fn mismatch(&self) -> Error {
        Error::format(FormatErrorKind::Checksum, self.offset, "the chunk does not match its checksum")
    }

    pub(crate) fn corrupt(&self, detail: &'static str) -> Error {
        Error::format(FormatErrorKind::Corrupt, self.offset, detail)
    }
}
