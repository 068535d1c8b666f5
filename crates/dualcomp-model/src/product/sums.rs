//! The sums of a tile: by what a level of `fearless_simd` has, or by an instruction beyond it.

use dualcomp_simd::DotProduct;
use fearless_simd::{SimdBase as _, i32x16};

use super::{Products, QUAD, Quads};
use crate::numerics::Chunk;

/// The dot products of `R` rows of x with `N` blocks of sixteen rows of a matrix, or of several that add up to it, one
/// after the other. `bias` is what [`Products::zero`] and [`DotProduct::sums`] take.
#[inline(always)]
pub(super) fn sums<S: Products, const R: usize, const N: usize>(
    s: S,
    dot: Option<DotProduct>,
    weights: [&[Quads]; N],
    x: [&[[i8; QUAD]]; R],
    bias: &[Chunk<i32>],
) -> [[i32x16<S>; R]; N] {
    let mut out = [[i32x16::splat(s, 0); R]; N];
    if let Some(dot) = dot {
        let mut offset = [&bias[0].0; N];
        for n in 1..N {
            offset[n] = &bias[n].0;
        }
        let sums = dot.sums(weights, x, offset);
        for n in 0..N {
            for r in 0..R {
                out[n][r] = i32x16::load_array_ref(s, &sums[n][r]);
            }
        }
        return out;
    }
    let mut sums = [[s.zero(&bias[0]); R]; N];
    for n in 1..N {
        sums[n] = [s.zero(&bias[n]); R];
    }
    let (quads, mut rest) = (x[0].len(), weights);
    while !rest[0].is_empty() {
        let mut part = rest;
        for n in 0..N {
            (part[n], rest[n]) = rest[n].split_at(quads);
        }
        for quad in 0..quads {
            let mut factors = [s.factor(0); R];
            for r in 0..R {
                let x = &x[r][quad];
                factors[r] = s.factor(i32::from_ne_bytes([x[0] as u8, x[1] as u8, x[2] as u8, x[3] as u8]));
            }
            for n in 0..N {
                for r in 0..R {
                    sums[n][r] = s.dot(sums[n][r], &part[n][quad], factors[r]);
                }
            }
        }
    }
    for n in 0..N {
        for r in 0..R {
            out[n][r] = s.sum(sums[n][r]);
        }
    }
    out
}
