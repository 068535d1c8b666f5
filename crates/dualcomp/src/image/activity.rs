//! How far recent samples were from what was expected: a measure of how busy a place is.

use super::sample::ACTIVITIES;

/// Errors of the samples of one channel, with a border of zeros.
pub(super) struct Errors {
    stride: usize,
    errors: Vec<u8>,
}

impl Errors {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        Self { stride, errors: vec![0; stride * (height + 1)] }
    }

    pub(super) fn set(&mut self, row: usize, column: usize, error: u8) {
        self.errors[(row + 1) * self.stride + column + 1] = error;
    }

    /// The level, below [`ACTIVITIES`], of the neighbours' errors; the left and upper count twice.
    pub(super) fn level(&self, row: usize, column: usize) -> usize {
        let at = (row + 1) * self.stride + column + 1;
        let e = |back: usize| u32::from(self.errors[at - back]);
        let sum = 2 * (e(1) + e(self.stride)) + e(self.stride + 1) + e(self.stride - 1);
        const BOUNDS: [u32; ACTIVITIES - 1] = [0, 1, 3, 5, 9, 15, 24, 38, 62, 105, 190];
        BOUNDS.partition_point(|&bound| bound < sum)
    }
}

/// Logarithm of the scale, in 1/32 nat, that suits each level when nothing else is known.
pub(super) const SCALES: [i16; ACTIVITIES] = [-73, -51, -34, -16, 0, 15, 29, 44, 60, 77, 96, 118];
