//! Products with the byte dot products of x86.

use dualcomp_simd::Quads;
use fearless_simd::x86::{Avx2, Avx512};
use fearless_simd::{Bytes as _, SimdBase as _, SimdCombine as _, SimdSplit as _};
use fearless_simd::{i8x16, i8x32, i8x64, i32x8, i32x16, u8x32, u8x64};

use super::processor::{Products, Tiles, narrowed};
use crate::lanes::{Chunk, LANES};

fearless_simd::kernel!(
    /// Adds the dot products of four unsigned and four signed bytes to each sum.
    #[inline(always)]
    fn dot_unsigned(token: Avx512, sum: i32x16<Avx512>, x: u8x64<Avx512>, w: i8x64<Avx512>) -> i32x16<Avx512> {
        use fearless_simd::SimdInto as _;
        #[cfg(target_arch = "x86")]
        use std::arch::x86::_mm512_dpbusd_epi32;
        #[cfg(target_arch = "x86_64")]
        use std::arch::x86_64::_mm512_dpbusd_epi32;
        _mm512_dpbusd_epi32(sum.into(), x.into(), w.into()).simd_into(token)
    }
);

fearless_simd::kernel!(
    #[inline(always)]
    fn low_bytes(token: Avx512, x: i32x16<Avx512>) -> i8x16<Avx512> {
        use fearless_simd::SimdInto as _;
        #[cfg(target_arch = "x86")]
        use std::arch::x86::_mm512_cvtepi32_epi8;
        #[cfg(target_arch = "x86_64")]
        use std::arch::x86_64::_mm512_cvtepi32_epi8;
        _mm512_cvtepi32_epi8(x.into()).simd_into(token)
    }
);

/// AVX-512 VNNI has one instruction for the whole of [`Products::dot`], with an unsigned and a signed factor: x is
/// made unsigned by adding 128.
impl Products for Avx512 {
    const BIAS: u8 = 128;
    const DOT: bool = false;
    const TILES: Tiles = Tiles::Wide;
    type Factor = u8x64<Self>;
    type Sum = i32x16<Self>;

    #[inline(always)]
    fn factor(self, x: i32) -> Self::Factor {
        i32x16::splat(self, x).bitcast()
    }

    #[inline(always)]
    fn zero(self, bias: &Chunk<i32>) -> Self::Sum {
        i32x16::load_array_ref(self, &bias.0)
    }

    #[inline(always)]
    fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum {
        dot_unsigned(self, sum, x, i8x64::load_array_ref(self, &w.0))
    }

    #[inline(always)]
    fn sum(self, sum: Self::Sum) -> i32x16<Self> {
        sum
    }

    #[inline(always)]
    fn low_bytes(self, bits: i32x16<Self>, _: i32) -> [i8; LANES] {
        low_bytes(self, bits).to_array()
    }
}

fearless_simd::kernel!(
    /// Adds the dot products of four unsigned and four signed bytes to each sum. The instruction for pairs saturates, but
    /// `w` is such (see `fits_pairs` of `packed`) that it keeps them within 16 bits.
    #[inline(always)]
    fn dot_pairs(token: Avx2, sum: i32x8<Avx2>, x: u8x32<Avx2>, w: i8x32<Avx2>) -> i32x8<Avx2> {
        use fearless_simd::SimdInto as _;
        #[cfg(target_arch = "x86")]
        use std::arch::x86::{_mm256_add_epi32, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set1_epi16};
        #[cfg(target_arch = "x86_64")]
        use std::arch::x86_64::{_mm256_add_epi32, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set1_epi16};
        let pairs = _mm256_maddubs_epi16(x.into(), w.into());
        _mm256_add_epi32(sum.into(), _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))).simd_into(token)
    }
);

/// AVX2 multiplies unsigned with signed bytes as well, but to pairs of 16 bits.
impl Products for Avx2 {
    const BIAS: u8 = 128;
    const DOT: bool = true;
    const TILES: Tiles = Tiles::Two;
    type Factor = u8x32<Self>;
    type Sum = [i32x8<Self>; 2];

    #[inline(always)]
    fn factor(self, x: i32) -> Self::Factor {
        i32x8::splat(self, x).bitcast()
    }

    #[inline(always)]
    fn zero(self, bias: &Chunk<i32>) -> Self::Sum {
        let (low, high) = i32x16::load_array_ref(self, &bias.0).split();
        [low, high]
    }

    #[inline(always)]
    fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum {
        let (low, high) = i8x64::load_array_ref(self, &w.0).split();
        [dot_pairs(self, sum[0], x, low), dot_pairs(self, sum[1], x, high)]
    }

    #[inline(always)]
    fn sum(self, [low, high]: Self::Sum) -> i32x16<Self> {
        low.combine(high)
    }

    #[inline(always)]
    fn low_bytes(self, bits: i32x16<Self>, zero: i32) -> [i8; LANES] {
        // Narrowing saturates, so it is done without the bias.
        (i8x16::load_array_ref(self, &narrowed(bits - zero)) + i8x16::splat(self, zero as i8)).to_array()
    }
}
