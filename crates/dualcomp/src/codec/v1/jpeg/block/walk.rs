//! What is known of a block while it is coded.

use fearless_simd::Simd;

use crate::codec::v1::jpeg::block::DONE;
use crate::codec::v1::jpeg::plane::{Around, Beside, Block, SPACED};

/// The square root of one half: the weight of a constant term.
const HALF_ROOT: f32 = 0.707_106_77;

/// Steps of coefficients, and their inverses.
pub(super) struct Scales {
    pub(super) steps: [f32; 64],
    pub(super) inverse: [f32; 64],
}

impl Scales {
    pub(super) fn new(quantization: &[u16; 64]) -> Self {
        let steps = quantization.map(|step| f32::from(step.max(1)));
        Self { steps, inverse: steps.map(|step| 1.0 / step) }
    }

    /// From a row's sum to steps of the coefficient.
    #[inline(always)]
    pub(super) fn row(&self, k: usize) -> f32 {
        self.inverse[k] * if k.is_multiple_of(8) { 2.0 * HALF_ROOT } else { 1.0 }
    }

    #[inline(always)]
    pub(super) fn column(&self, k: usize) -> f32 {
        self.inverse[k] * if k < 8 { 2.0 * HALF_ROOT } else { 1.0 }
    }
}

/// A block on its way.
pub(super) struct Walk<'a, S: Simd> {
    pub(super) simd: S,
    pub(super) class: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) around: &'a Around,
    pub(super) beside: &'a Beside,
    pub(super) scales: &'a Scales,
    /// The sums of magnitudes to the west and to the north, row by row, with a border of zeros. The constant is 0.
    pub(super) both: [u32; SPACED * SPACED],
    /// Coefficients coded so far.
    pub(super) done: Block,
    /// Their magnitudes, and zeros.
    pub(super) magnitudes: [u32; DONE],
}

/// What changes from coefficient to coefficient of a pass.
pub(super) struct State {
    /// Along each row, how the blocks would have to go on from the west, less what is coded; for columns from the north.
    pub(super) rows: [f32; 8],
    pub(super) columns: [f32; 8],
    pub(super) inside: u32,
    pub(super) left: u32,
    pub(super) remain: u32,
    pub(super) sum: u32,
    /// Bits that the coefficients coded so far have in a file at least.
    pub(super) bits: u64,
}

impl State {
    #[inline(always)]
    pub(super) fn new<S: Simd>(walk: &Walk<'_, S>) -> Self {
        let (mut rows, mut columns) = ([0.0; 8], [0.0; 8]);
        let steps = &walk.scales.steps;
        for i in 0..8 {
            for u in 0..8 {
                let weight = if u == 0 { HALF_ROOT } else { 1.0 };
                let weight = if u & 1 == 1 { -weight } else { weight };
                let (in_row, in_column) = (i * 8 + u, u * 8 + i);
                rows[i] += f32::from(walk.around.west[in_row]) * steps[in_row] * weight;
                columns[i] += f32::from(walk.around.north[in_column]) * steps[in_column] * weight;
            }
        }
        Self { rows, columns, inside: 0, left: 0, remain: 0, sum: 0, bits: 0 }
    }

    #[inline(always)]
    pub(super) fn take(&mut self, k: usize, value: i32, scales: &Scales) {
        let moved = value as f32 * scales.steps[k];
        self.rows[k / 8] -= moved;
        self.columns[k % 8] -= moved;
        self.sum = self.sum.saturating_add(value.unsigned_abs()).min(1 << 20);
        self.left = self.left.saturating_sub(1);
        // A Huffman code, and the bits of the magnitude.
        self.bits += 1 + u64::from(u32::BITS - value.unsigned_abs().leading_zeros());
    }
}
