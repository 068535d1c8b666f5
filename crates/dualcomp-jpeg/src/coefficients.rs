//! The coefficients of a file, as a coder of coefficients sees them.

use alloc::vec::Vec;

/// The quantised coefficients of a JPEG file, undivided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coefficients {
    /// Pixels of a row.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
    /// One to four, in the order of the frame header.
    pub components: Vec<Component>,
    /// Whether the file is progressive. It says nothing about the coefficients, but tends to go with other encoders.
    pub progressive: bool,
}

/// A component of the picture: luma, a chroma difference, an ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Horizontal sampling factor, 1 to 4.
    pub h: u8,
    /// Vertical sampling factor, 1 to 4.
    pub v: u8,
    /// The step of each coefficient, row by row (not in zigzag order). Zeros where the file gives none.
    pub quantization: [u16; 64],
    /// Blocks of a row that are stored, with those that only fill the last minimum coded unit.
    pub blocks_wide: u32,
    /// Rows of blocks that are stored.
    pub blocks_high: u32,
    /// Blocks of a row that show a part of the picture.
    pub real_wide: u32,
    /// Rows of blocks that show a part of the picture.
    pub real_high: u32,
    /// 64 for each stored block, the blocks row by row, the coefficients of a block row by row: vertical frequency
    /// times 8 plus horizontal frequency. The first one is the mean itself, no difference to another block's.
    ///
    /// Empty in what [`Rebuild::layout`](crate::Rebuild::layout) gives.
    pub coefficients: Vec<i16>,
}

impl Component {
    /// The number of stored blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks_wide as usize * self.blocks_high as usize
    }
}

impl Coefficients {
    /// The number of stored blocks of all components.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.components.iter().map(Component::blocks).sum()
    }
}
