//! The constant coefficient, predicted from the samples on both sides of the block's borders.

use fearless_simd::Simd;

use super::borders::{Edges, borders};
use super::walk::Walk;
use super::{PlaneCoder, salt};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::model::Selectors;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::plane::{Block, Plane};
use crate::codec::v1::jpeg::quantize::{level_of, signed_level};
use crate::codec::v1::jpeg::sets;
use crate::codec::v1::jpeg::value::Symbol;

/// What the samples on both sides of the borders say of the constant.
struct Estimate {
    /// The means of those to the west and to the north.
    west: f32,
    north: f32,
    /// Of all of them, of their middle half, and how far that reaches.
    mean: f32,
    middle: f32,
    spread: f32,
}

impl Estimate {
    #[inline(always)]
    fn new(has: (bool, bool), edges: &Edges, x: usize, left: &[f32; 8], top: &[f32; 8], scale: f32) -> Self {
        let mut estimates = [0.0f32; 16];
        let mut count = 0;
        let (mut west, mut north) = (0.0, 0.0);
        if has.0 {
            for i in 0..8 {
                estimates[count] = (edges.west[i] - left[i]) * scale;
                west += estimates[count] * 0.125;
                count += 1;
            }
        }
        if has.1 {
            for i in 0..8 {
                estimates[count] = (edges.north[x][i] - top[i]) * scale;
                north += estimates[count] * 0.125;
                count += 1;
            }
        }
        match has {
            (false, true) => west = north,
            (true, false) => north = west,
            _ => (),
        }
        let (mut middle, mut mean, mut spread) = (0.0, 0.0, 0.0);
        if count > 0 {
            for i in 0..count {
                mean += estimates[i];
            }
            mean *= 1.0 / count as f32;
            let sorted = &mut estimates[..count];
            sorted.sort_unstable_by(f32::total_cmp);
            let (low, high) = (count / 4, count - count / 4);
            for i in low..high {
                middle += sorted[i];
            }
            middle *= 1.0 / (high - low) as f32;
            spread = sorted[high - 1] - sorted[low];
        }
        Self { west, north, mean, middle, spread }
    }
}

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
        let (simd, class, around, beside) = (walk.simd, walk.class, walk.around, walk.beside);
        let steps = &walk.scales.steps;
        let [left, right, top, bottom] = borders(&walk.done, steps);
        let scale = 8.0 / steps[0];
        let Estimate { west: mean_west, north: mean_north, mean, middle, spread } =
            Estimate::new(around.has, edges, walk.x, &left, &top, scale);
        let of = |block: &Block| f32::from(block[0]);
        let (west, north, north_west) = (of(&around.west), of(&around.north), of(&around.north_west));
        let both = around.has.0 && around.has.1;
        let mut x = [[0.0; LANES]; 1];
        let features = [
            mean_west - middle,
            mean_north - middle,
            if both { west - middle } else { 0.0 },
            if both { north - middle } else { 0.0 },
            if both { west + north - north_west - middle } else { 0.0 },
            if beside.same_size { 0.1 * f32::from(beside.first[0]) } else { 0.0 },
            mean - middle,
            0.3,
        ];
        x[0][..features.len()].copy_from_slice(&features);
        let expected = (middle + self.values[class][0].predict(simd, &x)).clamp(-32768.0, 32767.0);
        let base = (expected + 65536.5) as i32 - 65536;
        let fraction = expected - base as f32;

        let wide = plane.shape.blocks_wide;
        let at = walk.y * wide + walk.x;
        let error_at = |exists: bool, back: usize| if exists { plane.errors[at - back] } else { 0.0 };
        let error_west = error_at(walk.x > 0, 1);
        let error_north = error_at(walk.y > 0, wide);
        let error_north_east = error_at(walk.y > 0 && walk.x + 1 < wide, wide.wrapping_sub(1));
        let mut energy = 0.0;
        for k in 1..64 {
            energy += f32::from(walk.done[k]).abs() * steps[k];
        }
        let qsd = level_of(spread, 4.0);
        let qd = level_of(mean_west - mean_north, 4.0);
        let qer = level_of(error_west.abs() + error_north.abs(), 4.0);
        let qx = level_of(error_north_east, 4.0);
        let qen = level_of(energy, 1.0 / (steps[0] + 1.0).min(64.0));
        let (c1, c2) = (signed_level(beside.errors[0], 2.0), signed_level(beside.errors[1], 2.0));
        let (a1, a2) = (c1.unsigned_abs(), c2.unsigned_abs());
        let fq = ((fraction + 0.5) * 7.99) as u32;
        let inside = u32::from(plane.counts[at][0]);
        let contexts = [
            qsd * 64 + qd,
            qsd * 64 + qer,
            qd * 64 + qer,
            (qsd * 64 + qd) * 64 + qer,
            qen * 64 + qer,
            a2 * 64 + a1,
            a2 * 64 + qer,
            // Only where there are several mixers.
            qen * 64 + qsd,
            inside * 64 + qd,
            qx * 64 + qer,
            fq * 64 + qsd,
            ((qsd / 2) * 32 + qd / 2) * 32 + qen / 2,
        ];
        let part = |value: i32| (value & 255) as u32;
        let signed = |value: f32, scale: f32| part(signed_level(value, scale));
        let sign = || {
            let contexts = [
                fq,
                fq * 64 + qsd,
                signed(mean_west - expected, 4.0) * 256 + signed(mean_north - expected, 4.0),
                signed(error_west, 2.0) * 256 + signed(error_north, 2.0),
                part(c2) * 256 + part(c1),
                part(c2),
                part(c1),
                signed(west - expected, 2.0) * 256 + signed(north - expected, 2.0),
                0,
                fq * 256 + part(c2),
                signed(error_west, 2.0) * 8 + fq,
                signed(error_west + error_north, 2.0) * 8 + fq,
            ];
            let set = sets::OTHERS + 13;
            (contexts, Selectors { sets: [sets::SIGNS + 2 * fq as usize, set, set], refined: 2000 + fq as usize })
        };
        self.model.selectors = Selectors {
            sets: [class * 64, 256 + qsd.min(60) as usize, 256 + qer.min(60) as usize],
            refined: 1936 + qsd.min(63) as usize,
        };
        let symbol = Symbol { kind: salt(class, 4), certain: false, contexts };
        let direct =
            || class * 4096 + fq as usize * 8 + (signed_level(error_west + error_north, 2.0).clamp(-4, 3) + 4) as usize;
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
