//! Linear predictors that learn from each value (normalised least mean squares).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

use crate::codec::v1::jpeg::model::mixing::{LANES, sum_of_lanes};

/// Weights for `G` times sixteen regressors.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Linear<const G: usize>(pub(crate) [[f32; LANES]; G]);

impl<const G: usize> Linear<G> {
    #[inline(always)]
    pub(crate) fn predict<S: Simd>(&self, simd: S, x: &[[f32; LANES]; G]) -> f32 {
        let mut lanes = f32x16::from_slice(simd, &x[0]) * f32x16::from_slice(simd, &self.0[0]);
        for g in 1..G {
            lanes += f32x16::from_slice(simd, &x[g]) * f32x16::from_slice(simd, &self.0[g]);
        }
        sum_of_lanes(lanes)
    }

    /// Learns that the prediction was off by `error`.
    #[inline(always)]
    pub(crate) fn update<S: Simd>(&mut self, simd: S, x: &[[f32; LANES]; G], error: f32, rate: f32) {
        let mut lanes = f32x16::splat(simd, 0.0);
        for g in 0..G {
            let x = f32x16::from_slice(simd, &x[g]);
            lanes += x * x;
        }
        let step = rate * error / (sum_of_lanes(lanes) + 0.5);
        for g in 0..G {
            let moved = f32x16::from_slice(simd, &self.0[g]) + f32x16::from_slice(simd, &x[g]) * step;
            moved.store_slice(&mut self.0[g]);
        }
    }
}
