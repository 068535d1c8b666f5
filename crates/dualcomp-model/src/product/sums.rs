//! Two ways to the sums of a tile: by what a level of `fearless_simd` has, and by an instruction beyond it.

use dualcomp_simd::DotProduct;
use fearless_simd::{SimdBase as _, i32x16};

use super::{Products, QUAD, Quads};
use crate::numerics::Chunk;

/// How the sums of a tile come about: by a level of its own, or by [`DotProduct`].
pub(super) trait Sums<S: Products>: Copy {
    fn sums<const R: usize, const N: usize>(
        self,
        s: S,
        weights: [&[Quads]; N],
        x: [&[[i8; QUAD]]; R],
        bias: &[Chunk<i32>],
    ) -> [[i32x16<S>; R]; N];
}

/// By [`Products`].
#[derive(Clone, Copy)]
pub(super) struct Own;

impl<S: Products> Sums<S> for Own {
    #[inline(always)]
    fn sums<const R: usize, const N: usize>(
        self,
        s: S,
        weights: [&[Quads]; N],
        x: [&[[i8; QUAD]]; R],
        bias: &[Chunk<i32>],
    ) -> [[i32x16<S>; R]; N] {
        let mut sums = [[s.zero(&bias[0]); R]; N];
        for n in 1..N {
            sums[n] = [s.zero(&bias[n]); R];
        }
        for quad in 0..x[0].len() {
            let mut factors = [s.factor(0); R];
            for r in 0..R {
                let x = &x[r][quad];
                factors[r] = s.factor(i32::from_ne_bytes([x[0] as u8, x[1] as u8, x[2] as u8, x[3] as u8]));
            }
            for n in 0..N {
                for r in 0..R {
                    sums[n][r] = s.dot(sums[n][r], &weights[n][quad], factors[r]);
                }
            }
        }
        let mut out = [[i32x16::splat(s, 0); R]; N];
        for n in 0..N {
            for r in 0..R {
                out[n][r] = s.sum(sums[n][r]);
            }
        }
        out
    }
}

impl<S: Products> Sums<S> for DotProduct {
    #[inline(always)]
    fn sums<const R: usize, const N: usize>(
        self,
        s: S,
        weights: [&[Quads]; N],
        x: [&[[i8; QUAD]]; R],
        bias: &[Chunk<i32>],
    ) -> [[i32x16<S>; R]; N] {
        let mut offset = [&bias[0].0; N];
        for n in 1..N {
            offset[n] = &bias[n].0;
        }
        let sums = DotProduct::sums(self, weights, x, offset);
        let mut out = [[i32x16::splat(s, 0); R]; N];
        for n in 0..N {
            for r in 0..R {
                out[n][r] = i32x16::load_array_ref(s, &sums[n][r]);
            }
        }
        out
    }
}
