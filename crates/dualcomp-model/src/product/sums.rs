//! The sums of a tile: by what a level of `fearless_simd` has, or by an instruction beyond it.

use dualcomp_simd::{DotProduct, QUAD, Quads};
use fearless_simd::{SimdBase as _, SimdMask as _, i32x16};

use super::processor::Products;
use crate::lanes::{Chunk, LANES};

/// Bits of a set of quads.
const WORD: usize = 64;

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
                factors[r] = s.factor(number(&x[r][quad]));
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

/// The dot products of one row of x, which has no bias, with `N` blocks of sixteen rows of a matrix, or of several that
/// add up to it: where x has four zeros, weights are not even loaded.
#[inline(always)]
pub(super) fn sparse_sums<S: Products, const N: usize>(
    s: S,
    weights: [&[Quads]; N],
    x: &[[i8; QUAD]],
) -> [[i32x16<S>; 1]; N] {
    let mut sums = [s.zero(&Chunk([0; LANES])); N];
    let mut rest = weights;
    while !rest[0].is_empty() {
        let mut part = rest;
        for n in 0..N {
            (part[n], rest[n]) = rest[n].split_at(x.len());
        }
        for at in (0..x.len()).step_by(WORD) {
            let mut left = present(s, &x[at..x.len().min(at + WORD)]);
            while left != 0 {
                let quad = at + left.trailing_zeros() as usize;
                left &= left - 1;
                let factor = s.factor(number(&x[quad]));
                for n in 0..N {
                    sums[n] = s.dot(sums[n], &part[n][quad], factor);
                }
            }
        }
    }
    let mut out = [[i32x16::splat(s, 0)]; N];
    for n in 0..N {
        out[n] = [s.sum(sums[n])];
    }
    out
}

/// Which of up to 64 times four numbers are not all zero, as bits.
#[inline(always)]
fn present<S: Products>(s: S, x: &[[i8; QUAD]]) -> u64 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut bits = 0;
    for i in 0..chunks.len() {
        let mut numbers = [0; LANES];
        for j in 0..LANES {
            numbers[j] = number(&chunks[i][j]);
        }
        let zeros = i32x16::load_array(s, numbers).simd_eq(0).to_bitmask();
        bits |= (!zeros & 0xFFFF) << (i * LANES);
    }
    for (i, x) in rest.iter().enumerate() {
        bits |= u64::from(*x != [0; QUAD]) << (chunks.len() * LANES + i);
    }
    bits
}

/// Four bytes as they lie in memory.
#[inline(always)]
fn number(x: &[i8; QUAD]) -> i32 {
    i32::from_ne_bytes([x[0] as u8, x[1] as u8, x[2] as u8, x[3] as u8])
}
