//! A coefficient beyond the constant one.

use fearless_simd::Simd;

use super::PlaneCoder;
use super::surroundings::Surroundings;
use super::walk::{State, Walk};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::block::salt;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::model::{MAX_CONTEXTS, Selectors};
use crate::codec::v1::jpeg::plane::Block;
use crate::codec::v1::jpeg::quantize::{level, level_of, signed_level};
use crate::codec::v1::jpeg::sets;
use crate::codec::v1::jpeg::value::Symbol;

impl<const M: usize, const R: usize> PlaneCoder<M, R> {
    /// A coefficient with all contexts.
    #[inline(always)]
    #[expect(clippy::too_many_arguments)]
    pub(super) fn code_coefficient<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        state: &mut State,
        k: usize,
        previous: usize,
        pass: usize,
        block: &Block,
    ) {
        let simd = walk.simd;
        simd.vectorize(
            #[inline(always)]
            || self.code_coefficient_here(coder, walk, state, k, previous, pass, block),
        );
    }

    #[inline(always)]
    #[expect(clippy::too_many_arguments)]
    fn code_coefficient_here<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        state: &mut State,
        k: usize,
        previous: usize,
        pass: usize,
        block: &Block,
    ) {
        let (simd, class, scales) = (walk.simd, walk.class, walk.scales);
        let around = Surroundings::new(walk, state, k, previous, pass);
        let x = around.magnitude_regressors(walk, state);
        let expected = self.magnitudes[class][k].predict(simd, &x).max(0.0);
        // With one group only the sign needs it.
        let (mut z, mut expected_value) = ([[0.0; LANES]; 1], 0.0);
        if R > 1 {
            z = around.value_regressors(walk);
            expected_value = self.values[class][k].predict(simd, &z);
        }
        let levels = Levels {
            magnitude: level_of(expected, 16.0),
            value: signed_level(expected_value, 8.0),
            boundary: signed_level(around.boundary, 8.0),
        };
        self.model.selectors = selectors(walk, state, &around, &levels);
        let values = &mut self.values[class][k];
        let direct = || {
            z = around.value_regressors(walk);
            expected_value = values.predict(simd, &z);
            (class * 64 + k) * 64 + sign_class(signed_level(expected_value, 8.0))
        };
        let sign = || sign_contexts(walk, &around, &levels);
        let contexts = contexts(walk, state, &around, &levels);
        let symbol = Symbol { kind: salt(class, 3), certain: state.left == state.remain, contexts };
        let value = self.model.code_value(simd, coder, block[k].into(), &symbol, direct, sign);
        let value = value.clamp(-32768, 32767);
        self.magnitudes[class][k].update(simd, &x, value.unsigned_abs() as f32 - expected, 0.006);
        if R > 1 || value != 0 {
            values.update(simd, &z, value as f32 - expected_value, 0.004);
        }
        if value != 0 {
            walk.done[k] = value as i16;
            walk.magnitudes[k] = value.unsigned_abs();
            state.take(k, value, scales);
        }
    }
}

/// Levels of what is expected of a coefficient: of its magnitude, of its value, of the value by the borders.
struct Levels {
    magnitude: u32,
    value: i32,
    boundary: i32,
}

/// The contexts of a coefficient's exponent and mantissa.
#[inline(always)]
fn contexts<S: Simd>(walk: &Walk<'_, S>, state: &State, around: &Surroundings, levels: &Levels) -> [u32; MAX_CONTEXTS] {
    let &Surroundings { k, near, .. } = around;
    let expected = levels.magnitude;
    let (boundary, value) = (levels.boundary.unsigned_abs(), levels.value.unsigned_abs());
    let left = state.left.min(15);
    let left_of = left * 64 + state.remain;
    let first = (walk.beside.means[k] * 4.0 + 0.5) as u32;
    let second = around.second.unsigned_abs();
    let near_level = level((near[0] + near[1] + near[2]) * 4);
    let around_level = level(around.around() * 2);
    let place = place(k);
    [
        expected * 1024 + left_of,
        place + near[0].min(15) * 256 + near[1].min(15) * 16 + near[2].min(15),
        (expected << 12) + (boundary << 6) + near_level,
        place + around_level * 16 + left,
        place + left_of,
        place + second.min(31) * 32 + first.min(31),
        place + state.inside * 16 + left,
        // Only where there are several mixers.
        place + around.further.min(31) * 64 + level(state.sum * 2),
        place + second.min(31) * 64 + expected,
        place + around_level * 64 + near_level,
        place + (left_of << 6) + expected.min(31) + (boundary.min(31) << 17),
        place + value,
    ]
}

/// What picks weights for a coefficient's exponent, and its context of the APM.
#[inline(always)]
fn selectors<S: Simd>(walk: &Walk<'_, S>, state: &State, around: &Surroundings, levels: &Levels) -> Selectors {
    let &Surroundings { k, pass, .. } = around;
    let expected = levels.magnitude as usize;
    let left = state.left.min(15) * 16 + (state.remain / 3).min(15);
    Selectors {
        sets: [walk.class * 64 + k, expected.min(60) + 64 * pass, left as usize],
        refined: k * 24 + (expected / 2).min(23),
    }
}

/// The contexts of a coefficient's sign, and what picks weights for it.
#[inline(always)]
fn sign_contexts<S: Simd>(
    walk: &Walk<'_, S>,
    around: &Surroundings,
    levels: &Levels,
) -> ([u32; MAX_CONTEXTS], Selectors) {
    let (k, beside) = (around.k, walk.beside);
    let part = |value: i32, mask: i32| (value & mask) as u32;
    let small = |value: i16| part(i32::from(value).clamp(-3, 3), 15);
    let (value, boundary, second) = (levels.value, levels.boundary, part(around.second, 255));
    let (west, north) = (signed_level(around.from_west, 4.0), signed_level(around.from_north, 4.0));
    let first = if beside.same_size { part(i32::from(beside.first[k]), 255) } else { 0 };
    let place = place(k);
    let contexts = [
        place + part(value, 1023),
        place + part(boundary, 1023),
        place + (part(west, 255) << 8) + part(north, 255),
        place + second,
        part(value, 1023),
        place + small(walk.around.west[k]) * 16 + small(walk.around.north[k]),
        place,
        place + part(west, 1023),
        place + part(north, 1023),
        place + first * 1024 + second,
        part(boundary, 1023) + ((around.pass as u32) << 12),
        place + (part(value, 255) << 8) + levels.magnitude,
    ];
    let (class, set) = (sign_class(value), sets::OTHERS + 12);
    (contexts, Selectors { sets: [sets::SIGNS + class, set, set], refined: 1870 + class })
}

/// The class of an expected value's level, below 64.
#[inline(always)]
fn sign_class(level: i32) -> usize {
    ((level / 2).clamp(-31, 31) + 32) as usize
}

/// The place of a coefficient in its block, as contexts have it.
#[inline(always)]
fn place(k: usize) -> u32 {
    (k as u32) << 20
}
