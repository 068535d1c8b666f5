//! The constant coefficient, predicted from the samples on both sides of the block's borders.

use fearless_simd::Simd;

use super::borders::{Edges, borders};
use super::estimate::Estimate;
use super::walk::Walk;
use super::{PlaneCoder, salt};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::model::{MAX_CONTEXTS, Selectors};
use crate::codec::v1::jpeg::plane::{Block, Plane};
use crate::codec::v1::jpeg::quantize::{level_of, signed_level};
use crate::codec::v1::jpeg::sets;
use crate::codec::v1::jpeg::value::Symbol;

impl<const M: usize, const R: usize> PlaneCoder<M, R> {
    /// The coefficient that stands for the mean of the block, after all others.
    #[inline(always)]
    pub(super) fn code_constant<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        plane: &mut Plane<'_>,
        edges: &mut Edges,
        value: i16,
    ) {
        let simd = walk.simd;
        simd.vectorize(
            #[inline(always)]
            || self.code_constant_here(coder, walk, plane, edges, value),
        );
    }

    #[inline(always)]
    fn code_constant_here<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        plane: &mut Plane<'_>,
        edges: &mut Edges,
        value: i16,
    ) {
        let (simd, class) = (walk.simd, walk.class);
        let steps = &walk.scales.steps;
        let [left, right, top, bottom] = borders(&walk.done, steps);
        let estimate = Estimate::new(walk.around.has, edges, walk.x, &left, &top, 8.0 / steps[0]);
        let x = regressors(walk, &estimate);
        let expected = (estimate.middle + self.values[class][0].predict(simd, &x)).clamp(-32768.0, 32767.0);
        let base = (expected + 65536.5) as i32 - 65536;
        let errors = Errors::new(walk, plane);
        let levels = Levels::new(walk, &estimate, &errors, expected - base as f32);
        let at = walk.y * plane.shape.blocks_wide + walk.x;
        let contexts = contexts(&levels, u32::from(plane.counts[at][0]));
        let sign = || sign_contexts(walk, &estimate, &errors, &levels, expected);
        self.model.selectors = Selectors {
            sets: [class * 64, 256 + levels.spread.min(60) as usize, 256 + levels.error.min(60) as usize],
            refined: 1936 + levels.spread.min(63) as usize,
        };
        let symbol = Symbol { kind: salt(class, 4), certain: false, contexts };
        let direct = || {
            let error = signed_level(errors.west + errors.north, 2.0).clamp(-4, 3) + 4;
            class * 4096 + levels.fraction as usize * 8 + error as usize
        };
        let residual = self.model.code_value(simd, coder, i32::from(value) - base, &symbol, direct, sign);
        let value = (base + residual).clamp(-32768, 32767);
        let error = value as f32 - expected;
        self.values[class][0].update(simd, &x, error, 0.002);
        plane.errors[at] = error;
        walk.done[0] = value as i16;
        let constant = value as f32 * steps[0] * 0.125;
        edges.go_on(walk.x, &right, &bottom, constant);
    }
}

/// How far the predictions of the blocks to the west, to the north and between north and east were off.
struct Errors {
    west: f32,
    north: f32,
    north_east: f32,
}

impl Errors {
    #[inline(always)]
    fn new<S: Simd>(walk: &Walk<'_, S>, plane: &Plane<'_>) -> Self {
        let wide = plane.shape.blocks_wide;
        let at = walk.y * wide + walk.x;
        let error_at = |exists: bool, back: usize| if exists { plane.errors[at - back] } else { 0.0 };
        Self {
            west: error_at(walk.x > 0, 1),
            north: error_at(walk.y > 0, wide),
            north_east: error_at(walk.y > 0 && walk.x + 1 < wide, wide.wrapping_sub(1)),
        }
    }
}

/// Levels of what is known of a constant.
struct Levels {
    /// Of the estimates' spread, and of the difference of those from the west and from the north.
    spread: u32,
    difference: u32,
    /// Of the errors to the west and to the north together, and between north and east.
    error: u32,
    error_north_east: u32,
    /// Of the block's other coefficients.
    energy: u32,
    /// Of the errors of the first and the second plane.
    first: i32,
    second: i32,
    /// Eighths by which the prediction is above its whole part.
    fraction: u32,
}

impl Levels {
    #[inline(always)]
    fn new<S: Simd>(walk: &Walk<'_, S>, estimate: &Estimate, errors: &Errors, fraction: f32) -> Self {
        let steps = &walk.scales.steps;
        let mut energy = 0.0;
        for k in 1..64 {
            energy += f32::from(walk.done[k]).abs() * steps[k];
        }
        Self {
            spread: level_of(estimate.spread, 4.0),
            difference: level_of(estimate.west - estimate.north, 4.0),
            error: level_of(errors.west.abs() + errors.north.abs(), 4.0),
            error_north_east: level_of(errors.north_east, 4.0),
            energy: level_of(energy, 1.0 / (steps[0] + 1.0).min(64.0)),
            first: signed_level(walk.beside.errors[0], 2.0),
            second: signed_level(walk.beside.errors[1], 2.0),
            fraction: ((fraction + 0.5) * 7.99) as u32,
        }
    }
}

/// What corrects the middle of the estimates.
#[inline(always)]
fn regressors<S: Simd>(walk: &Walk<'_, S>, estimate: &Estimate) -> [[f32; LANES]; 1] {
    let (around, beside, middle) = (walk.around, walk.beside, estimate.middle);
    let of = |block: &Block| f32::from(block[0]);
    let (west, north, north_west) = (of(&around.west), of(&around.north), of(&around.north_west));
    let both = around.has.0 && around.has.1;
    let features = [
        estimate.west - middle,
        estimate.north - middle,
        if both { west - middle } else { 0.0 },
        if both { north - middle } else { 0.0 },
        if both { west + north - north_west - middle } else { 0.0 },
        if beside.same_size { 0.1 * f32::from(beside.first[0]) } else { 0.0 },
        estimate.mean - middle,
        0.3,
    ];
    let mut x = [[0.0; LANES]; 1];
    x[0][..features.len()].copy_from_slice(&features);
    x
}

/// The contexts of the residual's exponent and mantissa. `inside` counts coefficients of the interior.
#[inline(always)]
fn contexts(levels: &Levels, inside: u32) -> [u32; MAX_CONTEXTS] {
    let &Levels { spread, difference, error, error_north_east, energy, first, second, fraction } = levels;
    let (first, second) = (first.unsigned_abs(), second.unsigned_abs());
    [
        spread * 64 + difference,
        spread * 64 + error,
        difference * 64 + error,
        (spread * 64 + difference) * 64 + error,
        energy * 64 + error,
        second * 64 + first,
        second * 64 + error,
        // Only where there are several mixers.
        energy * 64 + spread,
        inside * 64 + difference,
        error_north_east * 64 + error,
        fraction * 64 + spread,
        ((spread / 2) * 32 + difference / 2) * 32 + energy / 2,
    ]
}

/// The contexts of the residual's sign, and what picks weights for it.
#[inline(always)]
fn sign_contexts<S: Simd>(
    walk: &Walk<'_, S>,
    estimate: &Estimate,
    errors: &Errors,
    levels: &Levels,
    expected: f32,
) -> ([u32; MAX_CONTEXTS], Selectors) {
    let part = |value: i32| (value & 255) as u32;
    let signed = |value: f32, scale: f32| part(signed_level(value, scale));
    let (west, north) = (f32::from(walk.around.west[0]), f32::from(walk.around.north[0]));
    let (fraction, first, second) = (levels.fraction, part(levels.first), part(levels.second));
    let contexts = [
        fraction,
        fraction * 64 + levels.spread,
        signed(estimate.west - expected, 4.0) * 256 + signed(estimate.north - expected, 4.0),
        signed(errors.west, 2.0) * 256 + signed(errors.north, 2.0),
        second * 256 + first,
        second,
        first,
        signed(west - expected, 2.0) * 256 + signed(north - expected, 2.0),
        0,
        fraction * 256 + second,
        signed(errors.west, 2.0) * 8 + fraction,
        signed(errors.west + errors.north, 2.0) * 8 + fraction,
    ];
    let (fraction, set) = (fraction as usize, sets::OTHERS + 13);
    (contexts, Selectors { sets: [sets::SIGNS + 2 * fraction, set, set], refined: 2000 + fraction })
}
