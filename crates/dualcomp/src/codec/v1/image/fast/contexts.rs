//! What is expected of the error of a prediction, and the contexts that follow from it (docs/coding.md, "Fast tiles").

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16};

use super::lanes::{LANES, Offset};
use super::regressors::{Channel, Rings};

/// Added to the expected error, of which the inverse is the weight of a sample in moments.
const CALM: f32 = 0.4;
/// The share of the error of the plane before the last in the error of other planes.
const BEFORE_LAST: f32 = 0.25;

/// How a sample of each lane is coded.
pub(super) struct Contexts {
    /// The level of the expected error.
    pub(super) energy: [i32; LANES],
    /// The contexts of the second and third table.
    pub(super) first: [i32; LANES],
    pub(super) second: [i32; LANES],
    /// The prediction in quarters.
    pub(super) quarters: [i32; LANES],
}

/// The logarithm of a number in `low..=high`, in steps of `2^-fine` of a power of two from that of `low` on.
#[inline(always)]
fn log<S: Simd>(simd: S, v: f32x16<S>, low: f32, high: f32, power: i32, fine: u32) -> i32x16<S> {
    let v = v.max(f32x16::splat(simd, low)).min(f32x16::splat(simd, high));
    (v.bitcast::<i32x16<S>>() >> (23 - fine)) - i32x16::splat(simd, (127 + power) << fine)
}

/// The contexts of a plane, and the weights of the samples in moments. `slow` and `last` are predictions, `errors`
/// those of the planes before at the same pixel.
#[inline(always)]
pub(super) fn contexts<S: Simd, C: Channel>(
    simd: S,
    rings: &Rings,
    step: usize,
    [slow, last]: [f32x16<S>; 2],
    errors: &[f32x16<S>; 3],
    planes: usize,
) -> (Contexts, f32x16<S>) {
    let error = |plane: usize, up, right| rings.errors[plane].get(simd, step, Offset(up, right));
    let sample = |up, right| rings.samples[C::PLANE].get(simd, step, Offset(up, right));
    let (w, n) = (error(C::PLANE, 0, -1), error(C::PLANE, 1, 0));
    let own = w * C::ENERGY[0]
        + n * C::ENERGY[1]
        + error(C::PLANE, 1, -1) * C::ENERGY[2]
        + error(C::PLANE, 1, 1) * C::ENERGY[3]
        + error(C::PLANE, 0, -2) * C::ENERGY[4]
        + error(C::PLANE, 2, 0) * C::ENERGY[5];
    let (energy, other) = match C::PLANE {
        0 if planes == 1 => (own, own),
        0 => (own, (error(1, 0, -1) + error(1, 1, 0)) + (error(2, 0, -1) + error(2, 1, 0))),
        1 => (own + errors[0] * C::ENERGY[6], errors[0]),
        _ => {
            let energy = own + errors[1] * C::ENERGY[6] + errors[0] * C::ENERGY[7];
            (energy, errors[1] + errors[0] * BEFORE_LAST)
        }
    };
    let weight = 1.0 / (energy + CALM);
    // Four parities: of the column and of the row.
    let parity = i32x16::load_array(simd, std::array::from_fn(|lane| (step % 2 * 2 + lane % 2) as i32));
    let other = log(simd, other, 0.126, 15.0, -3, 1);
    let first = (log(simd, own, 0.126, 31.0, -3, 1) << 4) + ((other >> 2) << 2) + parity;
    let (west, corner, north) = (sample(0, -1), sample(1, -1), sample(1, 0));
    let texture = (west - corner).abs() + (north - corner).abs() + (north - sample(1, 1)).abs();
    let disagreement = log(simd, (last - slow).abs() * 2.0, 0.126, 15.0, -3, 1);
    let disagree = disagreement.simd_gt(i32x16::splat(simd, 6));
    let disagree = disagree.select(i32x16::splat(simd, 1), i32x16::splat(simd, 0));
    let second = (log(simd, (w + n) * 0.5, 0.126, 31.0, -3, 1) << 4)
        + (log(simd, texture, 1.01, 127.0, 0, 0) << 1)
        + disagree;
    let quarters: i32x16<S> = (last * 4.0 + 0.5).to_int();
    let contexts = Contexts {
        energy: log(simd, energy, 0.0626, 100.0, -4, 2).to_array(),
        first: first.to_array(),
        second: second.to_array(),
        quarters: quarters.to_array(),
    };
    (contexts, weight)
}
