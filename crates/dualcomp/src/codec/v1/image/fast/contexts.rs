//! What is expected of the error of a prediction, and the contexts that follow from it (docs/spec/fast.md, section 6).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16};

use super::lanes::{LANES, Offset};
use super::predict::regressors::{Channel, Rings};

/// Added to the expected error, of which the inverse is the weight of a sample in moments
/// (experiments/0026).
const CALM: f32 = 0.2;
/// The share of the error of the plane before the last in the error of other planes: by hand (experiments/0022).
const BEFORE_LAST: f32 = 0.25;

/// The parity of the row, and two more where that of the column is odd.
const PARITIES: [[i32; LANES]; 2] = {
    let mut parities = [[0; LANES]; 2];
    let mut lane = 0;
    while lane < LANES {
        parities[0][lane] = (lane % 2) as i32;
        parities[1][lane] = (lane % 2 + 2) as i32;
        lane += 1;
    }
    parities
};

/// How a sample of each lane is coded.
pub(super) struct Contexts {
    /// The level of the expected error.
    pub(super) energy: [i32; LANES],
    /// The contexts of the second and third table.
    pub(super) first: [i32; LANES],
    pub(super) second: [i32; LANES],
    /// The prediction in quarters of a sample.
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
    unit: f32,
) -> (Contexts, f32x16<S>) {
    let own_errors = &rings.errors[C::PLANE];
    let own_samples = &rings.samples[C::PLANE];
    let (w, n) = (own_errors.get(simd, step, Offset(0, -1)), own_errors.get(simd, step, Offset(1, 0)));
    let own = w * C::ENERGY[0]
        + n * C::ENERGY[1]
        + own_errors.get(simd, step, Offset(1, -1)) * C::ENERGY[2]
        + own_errors.get(simd, step, Offset(1, 1)) * C::ENERGY[3]
        + own_errors.get(simd, step, Offset(0, -2)) * C::ENERGY[4]
        + own_errors.get(simd, step, Offset(2, 0)) * C::ENERGY[5];
    let (energy, other) = match C::PLANE {
        0 if planes == 1 => (own, own),
        0 => (
            own,
            (rings.errors[1].get(simd, step, Offset(0, -1)) + rings.errors[1].get(simd, step, Offset(1, 0)))
                + (rings.errors[2].get(simd, step, Offset(0, -1)) + rings.errors[2].get(simd, step, Offset(1, 0))),
        ),
        1 => (own + errors[0] * C::ENERGY[6], errors[0]),
        _ => {
            let energy = own + errors[1] * C::ENERGY[6] + errors[0] * C::ENERGY[7];
            (energy, errors[1] + errors[0] * BEFORE_LAST)
        }
    };
    let weight = 1.0 / (energy + CALM);
    // Four parities: of the column and of the row.
    let parity = i32x16::load_array_ref(simd, &PARITIES[step % 2]);
    let other = log(simd, other, 0.126, 15.0, -3, 1);
    let first = (log(simd, own, 0.126, 31.0, -3, 1) << 4) + ((other >> 2) << 2) + parity;
    let (west, corner, north) = (
        own_samples.get(simd, step, Offset(0, -1)),
        own_samples.get(simd, step, Offset(1, -1)),
        own_samples.get(simd, step, Offset(1, 0)),
    );
    let texture =
        (west - corner).abs() + (north - corner).abs() + (north - own_samples.get(simd, step, Offset(1, 1))).abs();
    let disagreement = log(simd, (last - slow).abs() * 2.0, 0.126, 15.0, -3, 1);
    let disagree = disagreement.simd_gt(i32x16::splat(simd, 6));
    let disagree = disagree.select(i32x16::splat(simd, 1), i32x16::splat(simd, 0));
    let second =
        (log(simd, (w + n) * 0.5, 0.126, 31.0, -3, 1) << 4) + (log(simd, texture, 1.01, 127.0, 0, 0) << 1) + disagree;
    let quarters: i32x16<S> = (last * (4.0 * unit) + 0.5).to_int();
    let contexts = Contexts {
        energy: log(simd, energy, 0.0626, 100.0, -4, 2).to_array(),
        first: first.to_array(),
        second: second.to_array(),
        quarters: quarters.to_array(),
    };
    (contexts, weight)
}
