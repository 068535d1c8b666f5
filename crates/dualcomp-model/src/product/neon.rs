//! Products with the instructions of NEON, which multiply bytes. Other machines compile what is portable of them for
//! their tests.

use dualcomp_simd::Quads;
use fearless_simd::{Simd, SimdBase as _, SimdIntWiden as _, i8x64, i32x16};

#[cfg(target_arch = "aarch64")]
use {
    super::processor::{Products, Tiles, narrowed},
    crate::lanes::{Chunk, LANES},
    fearless_simd::Bytes as _,
};

/// Sums pairs of i8 products in i16, which holds them since no weight is -128.
#[inline(always)]
pub(crate) fn dot_bytes<S: Simd>(s: S, sum: i32x16<S>, w: &Quads, x: i8x64<S>) -> i32x16<S> {
    sum + i8x64::load_array_ref(s, &w.0).pairwise_dot_product(x).pairwise_widening_add()
}

/// NEON multiplies bytes to i16 and adds pairs of those to i32. Its four-byte dot product is an extension.
#[cfg(target_arch = "aarch64")]
impl Products for fearless_simd::aarch64::Neon {
    const BIAS: u8 = 0;
    const DOT: bool = true;
    const TILES: Tiles = Tiles::Narrow;
    type Factor = i8x64<Self>;
    type Sum = i32x16<Self>;

    #[inline(always)]
    fn factor(self, x: i32) -> Self::Factor {
        i32x16::splat(self, x).bitcast()
    }

    #[inline(always)]
    fn zero(self, _: &Chunk<i32>) -> Self::Sum {
        i32x16::splat(self, 0)
    }

    #[inline(always)]
    fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum {
        dot_bytes(self, sum, w, x)
    }

    #[inline(always)]
    fn sum(self, sum: Self::Sum) -> i32x16<Self> {
        sum
    }

    #[inline(always)]
    fn low_bytes(self, bits: i32x16<Self>, zero: i32) -> [i8; LANES] {
        narrowed(bits - zero)
    }
}
