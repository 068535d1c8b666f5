//! Products with what every instruction set has: dot products of pairs of i16.

use dualcomp_simd::Quads;
use fearless_simd::{Bytes as _, Simd, SimdBase as _, SimdIntWiden as _, SimdWiden as _, i8x64, i16x32, i32x16};

use super::processor::{Products, Tiles, narrowed};
use crate::lanes::{Chunk, LANES};

/// Widens to i16 and sums pairs; [`sum_pairs`] joins the two pairs of each dot product.
#[inline(always)]
pub(crate) fn dot_pairs<S: Simd>(s: S, sum: [i32x16<S>; 2], w: &Quads, x: i16x32<S>) -> [i32x16<S>; 2] {
    let (low, high) = i8x64::load_array_ref(s, &w.0).widen();
    [sum[0] + low.pairwise_dot_product(x), sum[1] + high.pairwise_dot_product(x)]
}

#[inline(always)]
pub(crate) fn sum_pairs<S: Simd>([low, high]: [i32x16<S>; 2]) -> i32x16<S> {
    low.unzip_low(high) + low.unzip_high(high)
}

#[inline(always)]
pub(crate) fn widened<S: Simd>(s: S, x: i32) -> i16x32<S> {
    let x: i8x64<S> = i32x16::splat(s, x).bitcast();
    x.widen().0
}

macro_rules! pairs {
    ($($token:ty),*) => {$(
        impl Products for $token {
            const BIAS: u8 = 0;
            const DOT: bool = false;
            const TILES: Tiles = Tiles::One;
            type Factor = i16x32<Self>;
            type Sum = [i32x16<Self>; 2];

            #[inline(always)]
            fn factor(self, x: i32) -> Self::Factor {
                widened(self, x)
            }

            #[inline(always)]
            fn zero(self, _: &Chunk<i32>) -> Self::Sum {
                [i32x16::splat(self, 0); 2]
            }

            #[inline(always)]
            fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum {
                dot_pairs(self, sum, w, x)
            }

            #[inline(always)]
            fn sum(self, sum: Self::Sum) -> i32x16<Self> {
                sum_pairs(sum)
            }

            #[inline(always)]
            fn low_bytes(self, bits: i32x16<Self>, zero: i32) -> [i8; LANES] {
                narrowed(bits - zero)
            }
        }
    )*};
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pairs!(fearless_simd::x86::Sse2, fearless_simd::x86::Sse4_2);
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pairs!(fearless_simd::wasm32::WasmSimd128);
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pairs!(fearless_simd::Fallback);
