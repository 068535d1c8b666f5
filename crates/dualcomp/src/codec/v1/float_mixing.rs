//! What mixers of f32 have in common: the order in which products are summed (docs/spec/numerics.md), and weights in
//! priors (docs/spec/entropy.md, section 8).

use dualcomp_entropy::{Number, Prior, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x4, i32x4};

/// The step of a weight for an error and a logit of one, which count in 1/65536 and 1/256.
pub(crate) const STEP: f32 = 1.0 / (1 << 24) as f32;

/// A weight of 1 in a prior.
const ONE: f32 = 65536.0;

/// Sets weights to a prior's numbers, as far as it has any.
pub(crate) fn load_weights<'a>(weights: impl Iterator<Item = &'a mut f32>, prior: &mut Prior<'_>) {
    for weight in weights {
        if let Some(number) = prior.weight() {
            *weight = number as f32 / ONE;
        }
    }
}

/// Writes what [`load_weights`] reads.
pub(crate) fn save_weights(weights: impl Iterator<Item = f32>, out: &mut Vec<Number>) {
    out.extend(weights.map(|weight| Number::Weight((weight * ONE) as i32)));
}

/// The sum of four lanes, to which halves were added before.
#[inline(always)]
pub(crate) fn sum<S: Simd>(lanes: f32x4<S>) -> f32 {
    let [a, b, c, d] = lanes.into();
    (a + c) + (b + d)
}

/// The same as a logit in 1/256.
#[inline(always)]
pub(crate) fn logit<S: Simd>(simd: S, lanes: f32x4<S>) -> i32 {
    let (sum, limit) = (f32x4::splat(simd, sum(lanes)), logistic::LIMIT as f32);
    let logits = i32x4::truncate_from(sum.max(f32x4::splat(simd, -limit)).min(f32x4::splat(simd, limit)));
    logits.as_slice()[0]
}
