//! Systems of normal equations, one in each lane (docs/spec/fast.md, section 4.2).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

use super::regressors::MAX_REGRESSORS;
use crate::codec::v1::image::fast::lanes::Lanes;

/// Where the moment of regressors `i` and `j <= i` lies; the moments with the sample are row `n` of `n` regressors.
#[inline(always)]
pub(crate) const fn at(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

/// Moments of `n` regressors and the sample.
pub(crate) const fn moments(n: usize) -> usize {
    at(n, n)
}

/// Moments at most.
pub(crate) const MAX_MOMENTS: usize = moments(MAX_REGRESSORS);
/// The least pivot: what rounding may leave of a system whose rows depend on each other.
const MIN_PIVOT: f32 = 1e-3;

/// Solves the systems of all lanes by an LDL decomposition, column by column; `system` is overwritten.
#[inline(always)]
pub(crate) fn solve<S: Simd>(
    simd: S,
    n: usize,
    system: &mut [Lanes; MAX_MOMENTS],
    weights: &mut [Lanes; MAX_REGRESSORS],
) {
    let mut inverse = [Lanes::ZERO; MAX_REGRESSORS];
    let mut scaled = [Lanes::ZERO; MAX_REGRESSORS];
    for j in 0..n {
        let row = at(j, 0);
        let mut pivot = system[row + j].load(simd);
        for k in 0..j {
            let u = system[row + k].load(simd);
            let v = u * inverse[k].load(simd);
            pivot -= u * v;
            scaled[k].store(v);
        }
        // Not the maximum, which processors find differently where the pivot is no number.
        let least = f32x16::splat(simd, MIN_PIVOT);
        inverse[j].store(1.0 / pivot.simd_gt(least).select(pivot, least));
        let mut i = j + 1;
        // Two rows at a time, so that fewer subtractions wait for the one before.
        while i < n {
            let (a, b) = (at(i, 0), at(i + 1, 0));
            let (mut s, mut t) = (system[a + j].load(simd), system[b + j].load(simd));
            for k in 0..j {
                let v = scaled[k].load(simd);
                s -= system[a + k].load(simd) * v;
                t -= system[b + k].load(simd) * v;
            }
            system[a + j].store(s);
            system[b + j].store(t);
            i += 2;
        }
        if i == n {
            let a = at(i, 0);
            let mut s = system[a + j].load(simd);
            for k in 0..j {
                s -= system[a + k].load(simd) * scaled[k].load(simd);
            }
            system[a + j].store(s);
        }
    }
    for j in (0..n).rev() {
        let mut s = system[at(n, j)].load(simd);
        for i in j + 1..n {
            s -= system[at(i, j)].load(simd) * weights[i].load(simd);
        }
        weights[j].store(s * inverse[j].load(simd));
    }
}
