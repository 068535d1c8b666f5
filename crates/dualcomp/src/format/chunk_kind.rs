//! Kinds of chunks (docs/spec/format.md, section 3).

use std::fmt;

/// What a chunk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChunkKind {
    /// Nothing, but it may end the stream.
    Empty,
    /// A block or tile as it is.
    Stored,
    /// A block or tile coded by contexts only.
    ContextsOnly,
    /// A block or tile coded with the network and contexts.
    Network,
    /// One byte or pixel, repeated.
    Fill,
    /// A photograph's tile, coded with the shallow network and sub-predictors.
    Photo,
    /// A photograph's tile, coded by sub-predictors without the network.
    PhotoLinear,
    /// A photograph's tile, coded with the deep network and sub-predictors.
    PhotoDeep,
    /// The size and layout of an image.
    ImageHeader,
    /// Metadata of an image.
    Metadata,
    /// Length and checksum of a stream of several blocks or tiles.
    End,
    /// A photograph's tile, coded as luma and chroma that its colours came from, as [`Self::Photo`] codes colours.
    LatticePhoto,
    /// The same, as [`Self::PhotoLinear`] codes them.
    LatticeLinear,
    /// The same, as [`Self::PhotoDeep`] codes them.
    LatticeDeep,
    /// A span of the bytes that follow stands for a file, which is coded apart.
    FileSpan,
    /// What an image file shows.
    FileHeader,
    /// A photograph's tile, coded by least squares of sixteen rows at a time.
    PhotoFast,
    /// A tile coded as a string of bytes, as blocks of a stream of bytes are.
    TileBytes,
    /// A photograph's tile, coded as luma and chroma that its colours came from, as [`Self::PhotoFast`] codes colours.
    LatticeFast,
    /// What makes the file again that the pixels of an image came from.
    OriginalFile,
    /// A tile of a drawn picture, coded by few contexts in the order of rows.
    Drawn,
    /// A tile that a JPEG decoder made, coded as coefficients of its blocks.
    TileBlocks,
    /// How many of the last bytes of a stream copies may be of.
    Window,
    /// Copies of earlier bytes, between those that follow.
    Copies,
    /// A tile of numbers that stand for its samples, as not all values occur, coded as a tile of another kind.
    TileMapped,
}

/// The code of a chunk that this library does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownChunkKind(pub u8);

impl ChunkKind {
    /// All kinds with their codes in a stream and their names.
    const TABLE: [(Self, u8, &'static str); 25] = [
        (Self::Empty, 0, "empty"),
        (Self::Stored, 1, "stored"),
        (Self::ContextsOnly, 2, "contexts-only"),
        (Self::Network, 3, "network"),
        (Self::Fill, 4, "fill"),
        (Self::Photo, 5, "photo"),
        (Self::PhotoLinear, 6, "photo-linear"),
        (Self::PhotoDeep, 7, "photo-deep"),
        (Self::ImageHeader, 8, "image-header"),
        (Self::Metadata, 9, "metadata"),
        (Self::End, 10, "end"),
        (Self::LatticePhoto, 11, "lattice-photo"),
        (Self::LatticeLinear, 12, "lattice-linear"),
        (Self::LatticeDeep, 13, "lattice-deep"),
        (Self::FileSpan, 14, "file-span"),
        (Self::FileHeader, 15, "file-header"),
        (Self::PhotoFast, 16, "photo-fast"),
        (Self::TileBytes, 17, "tile-bytes"),
        (Self::LatticeFast, 18, "lattice-fast"),
        (Self::OriginalFile, 19, "original-file"),
        (Self::Drawn, 20, "drawn"),
        (Self::TileBlocks, 21, "tile-blocks"),
        (Self::Window, 22, "window"),
        (Self::Copies, 23, "copies"),
        (Self::TileMapped, 24, "tile-mapped"),
    ];

    fn row(self) -> &'static (Self, u8, &'static str) {
        // Kinds stand in the same order: a test compares.
        &Self::TABLE[self as usize]
    }

    /// The code in a stream, below 64.
    pub fn code(self) -> u8 {
        self.row().1
    }

    /// Whether a chunk of this kind needs the network.
    pub(crate) fn uses_network(self) -> bool {
        matches!(self, Self::Network | Self::Photo | Self::PhotoDeep | Self::LatticePhoto | Self::LatticeDeep)
    }

    /// Whether a reader that does not know this kind may go on.
    pub(crate) fn may_be_skipped(self) -> bool {
        self == Self::OriginalFile
    }

    /// Whether a chunk of this kind holds a block, or a tile in a stream of an image.
    pub(crate) fn is_tile(self) -> bool {
        !matches!(
            self,
            Self::Empty
                | Self::ImageHeader
                | Self::Metadata
                | Self::End
                | Self::FileSpan
                | Self::FileHeader
                | Self::OriginalFile
                | Self::Window
                | Self::Copies
        )
    }
}

impl TryFrom<u8> for ChunkKind {
    type Error = UnknownChunkKind;

    fn try_from(code: u8) -> Result<Self, UnknownChunkKind> {
        Self::TABLE.iter().find(|row| row.1 == code).map(|row| row.0).ok_or(UnknownChunkKind(code))
    }
}

impl fmt::Display for ChunkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().2)
    }
}

impl fmt::Display for UnknownChunkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kind {} of a chunk is unknown", self.0)
    }
}

impl std::error::Error for UnknownChunkKind {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_codes() {
        for (kind, code, name) in ChunkKind::TABLE {
            assert_eq!((kind.code(), ChunkKind::try_from(code), kind.to_string()), (code, Ok(kind), name.into()));
        }
        let free = |code: &u8| ChunkKind::TABLE.iter().all(|row| row.1 != *code);
        for code in (0..=255).filter(free) {
            assert_eq!(ChunkKind::try_from(code), Err(UnknownChunkKind(code)));
        }
    }
}
