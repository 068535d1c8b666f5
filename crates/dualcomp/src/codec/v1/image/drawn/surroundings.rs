//! What is known around a pixel: the rows above and the pixels before (docs/spec/drawn.md, section 1).

use super::predictions::PREDICTIONS;

/// Samples of a pixel at most.
pub(super) const CHANNELS: usize = 4;
/// Columns beyond each side that neighbours may lie in.
const MARGIN: usize = 3;
/// Rows above the tile.
const ABOVE: usize = 2;
/// A pixel above the tile.
const BEYOND: u32 = 0x8080_8080;

/// How far each prediction of each sample of a pixel was off.
pub(super) type Errors = [[u8; PREDICTIONS]; CHANNELS];

/// The pixels of a tile with a border, each as one number, the first sample lowest.
pub(super) struct Pixels {
    words: Vec<u32>,
    width: usize,
    stride: usize,
}

impl Pixels {
    pub(super) fn new(width: usize, height: usize, channels: usize) -> Self {
        let stride = width + 2 * MARGIN;
        let mut words = vec![0; (height + ABOVE) * stride];
        words[..ABOVE * stride].fill(BEYOND & (u32::MAX >> (32 - 8 * channels)));
        Self { words, width, stride }
    }

    /// The place of a pixel.
    #[inline(always)]
    pub(super) fn place(&self, row: usize, column: usize) -> usize {
        (row + ABOVE) * self.stride + MARGIN + column
    }

    /// The pixels of a row.
    pub(super) fn row(&mut self, row: usize) -> &mut [u32] {
        let start = self.place(row, 0);
        &mut self.words[start..start + self.width]
    }

    /// Puts the border around a row that is begun: left of it its neighbour above, right of the row before its last pixel.
    pub(super) fn begin(&mut self, row: usize) {
        let (here, above) = (self.place(row, 0), self.place(row, 0) - self.stride);
        let (first, last) = (self.words[above], self.words[above + self.width - 1]);
        self.words[here - MARGIN..here].fill(first);
        self.words[above + self.width..above + self.width + MARGIN].fill(last);
    }

    /// The pixel so many rows up and columns to the right of a place.
    #[inline(always)]
    pub(super) fn near(&self, place: usize, (up, right): (usize, isize)) -> u32 {
        self.words[(place - up * self.stride).wrapping_add_signed(right)]
    }

    #[inline(always)]
    pub(super) fn set(&mut self, place: usize, word: u32) {
        self.words[place] = word;
    }
}

/// Something of each pixel of this row and the one before, with one more column on both sides that stays as it was.
pub(super) struct Rows<T> {
    above: Vec<T>,
    here: Vec<T>,
}

impl<T: Copy> Rows<T> {
    pub(super) fn new(width: usize, fresh: T) -> Self {
        Self { above: vec![fresh; width + 2], here: vec![fresh; width + 2] }
    }

    pub(super) fn next_row(&mut self) {
        std::mem::swap(&mut self.above, &mut self.here);
    }

    /// Of the neighbours W, N, NW, NE.
    #[inline(always)]
    pub(super) fn near(&self, column: usize) -> [T; 4] {
        let above = &self.above[column..column + 3];
        [self.here[column], above[1], above[0], above[2]]
    }

    #[inline(always)]
    pub(super) fn set(&mut self, column: usize, value: T) {
        self.here[column + 1] = value;
    }
}
