//! The colour mask: which values of a plane are rarer or more frequent than tables expect, given the other planes
//! (docs/spec/fast.md, section 8).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u8x64, u16x32, u32x16};

use super::rans::TOTAL;
use super::tables::SYMBOLS;

/// Values of a row: differences of two samples, of -255 to 255, with room for a window of symbols on both sides.
const WIDTH: usize = 576;
/// Where the value 0 lies in a row.
const ZERO: isize = 288;
/// Rows.
const ROWS: usize = 512;
/// Added to what was seen and to what was expected (experiments/0026).
const PRIOR: f32 = 0.8;
/// What all frequencies but one each are scaled to: a little less than there is, so that rounding fits.
const SCALED: f32 = (TOTAL - SYMBOLS as u32 - 8) as f32;

/// How often values were seen in each row, and how often they were expected.
pub(super) struct Mask {
    seen: Vec<f32>,
    expected: Vec<f32>,
}

impl Mask {
    /// The mask of a plane: those of the first plane have one row.
    pub(super) fn new(plane: usize) -> Self {
        let len = if plane == 0 { WIDTH } else { ROWS * WIDTH };
        Self { seen: vec![0.0; len], expected: vec![0.0; len] }
    }

    /// Bytes that the masks of a group take.
    pub(super) const MEMORY: u64 = 8 * (1 + 2 * ROWS as u64) * WIDTH as u64;

    /// Where a window begins whose first symbol stands for this value.
    #[inline(always)]
    pub(super) fn window(&self, row: usize, first: isize) -> usize {
        let at = (row % ROWS) * WIDTH + ((ZERO + first).max(0) as usize).min(WIDTH - SYMBOLS);
        at.min(self.seen.len() - SYMBOLS)
    }

    /// Multiplies frequencies by what was seen over what was expected, and counts what is expected now.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(&mut self, simd: S, window: usize, table: u16x32<S>) -> u16x32<S> {
        let total = u16x32::splat(simd, TOTAL as u16);
        let (a, b) = (table.slide::<1>(total) - table).widen();
        let (seen, expected) = (&self.seen[window..][..SYMBOLS], &mut self.expected[window..][..SYMBOLS]);
        let (seen_a, seen_b) = seen.split_at(SYMBOLS / 2);
        let (expected_a, expected_b) = expected.split_at_mut(SYMBOLS / 2);
        let a = multiply(simd, a, seen_a, expected_a);
        let b = multiply(simd, b, seen_b, expected_b);
        let scale = SCALED / sum(a + b);
        let (a, b): (u32x16<S>, u32x16<S>) = ((a * scale).to_int(), (b * scale).to_int());
        let ends = prefix_sums(simd, a.narrow(b) + u16x32::splat(simd, 1));
        u16x32::splat(simd, 0).slide::<{ SYMBOLS - 1 }>(ends)
    }

    #[inline(always)]
    pub(super) fn see(&mut self, window: usize, symbol: usize) {
        self.seen[window + symbol] += 1.0;
    }
}

/// Multiplies frequencies by what was seen over what was expected, and counts what is expected now.
#[inline(always)]
fn multiply<S: Simd>(simd: S, frequencies: u32x16<S>, seen: &[f32], expected: &mut [f32]) -> f32x16<S> {
    let frequencies: f32x16<S> = frequencies.to_float();
    let seen = f32x16::from_slice(simd, seen);
    let before = f32x16::from_slice(simd, expected);
    (before + frequencies * (1.0 / TOTAL as f32)).store_slice(expected);
    frequencies * ((seen + PRIOR) / (before + PRIOR))
}

/// The sum of all lanes: halves are added until one is left.
#[inline(always)]
fn sum<S: Simd>(v: f32x16<S>) -> f32 {
    let (a, b) = v.split();
    let (a, b) = (a + b).split();
    let v = (a + b).to_array();
    (v[0] + v[2]) + (v[1] + v[3])
}

/// The bytes of the last lane of each block of eight.
const LAST: [u8; 64] = {
    let mut bytes = [14; 64];
    let mut i = 1;
    while i < bytes.len() {
        bytes[i] = 15;
        i += 2;
    }
    bytes
};

/// Sums of each lane and those before.
#[inline(always)]
fn prefix_sums<S: Simd>(simd: S, v: u16x32<S>) -> u16x32<S> {
    let zero = u16x32::splat(simd, 0);
    let v = v + zero.slide_within_blocks::<7>(v);
    let v = v + zero.slide_within_blocks::<6>(v);
    let v = v + zero.slide_within_blocks::<4>(v);
    // Now of each block of eight: add the last of the blocks before.
    let ends = v.swizzle_dyn_within_blocks(u8x64::load_array_ref(simd, &LAST));
    let ends = zero.slide::<24>(ends);
    let ends = ends + zero.slide::<24>(ends);
    v + ends + zero.slide::<16>(ends)
}
