//! What a product asks of an instruction set.

use dualcomp_simd::Quads;
use fearless_simd::{Simd, SimdBase as _, SimdNarrow as _, SimdSplit as _, i32x16};

use crate::lanes::{Chunk, LANES};

/// Rows of x and blocks of sixteen columns of the result that are computed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each architecture has some of them")]
pub(crate) enum Tiles {
    /// For 32 registers of sixteen sums: eight rows and two blocks, then fewer rows and more blocks.
    Wide,
    /// Four rows and a block, for registers of four or eight sums.
    Narrow,
    /// Two rows and two blocks.
    Two,
    /// One by one.
    One,
}

/// How a processor multiplies.
pub(crate) trait Products: Simd {
    /// What is to be added, modulo 256, to the int8 numbers that a product takes. A [`DotProduct`] takes the same.
    const BIAS: u8;
    /// Whether [`DotProduct`] is faster, where the processor has it.
    const DOT: bool;
    /// The tiles that suit the number of registers.
    const TILES: Tiles;
    /// Four numbers of x, sixteen times.
    type Factor: Copy;
    /// Sixteen sums on their way.
    type Sum: Copy;

    /// Spreads four numbers of x, given as they lie in memory.
    fn factor(self, x: i32) -> Self::Factor;
    /// Sums that begin at zero. `bias` takes off again what [`Self::BIAS`] adds.
    fn zero(self, bias: &Chunk<i32>) -> Self::Sum;
    /// Adds sixteen dot products of four numbers.
    fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum;
    /// The sums.
    fn sum(self, sum: Self::Sum) -> i32x16<Self>;
    /// The low bytes of `bits`, none further than 127 from those of `zero`.
    fn low_bytes(self, bits: i32x16<Self>, zero: i32) -> [i8; LANES];
}

/// Numbers that fit in bytes.
#[inline(always)]
pub(crate) fn narrowed<S: Simd>(x: i32x16<S>) -> [i8; LANES] {
    let (low, high) = x.split();
    let (low, high) = low.saturating_narrow(high).split();
    low.saturating_narrow(high).to_array()
}
