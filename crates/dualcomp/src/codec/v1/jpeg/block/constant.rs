//! The constant coefficient, predicted from the samples on both sides of the block's borders.

use fearless_simd::Simd;

use super::walk::Walk;
use super::{PlaneCoder, salt};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::model::Selectors;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::plane::{Block, Plane};
use crate::codec::v1::jpeg::quantize::{level_of, signed_level};
use crate::codec::v1::jpeg::sets;
use crate::codec::v1::jpeg::value::Symbol;

/// cos(k pi / 16) / 2, but for k = 0 the square root of 1/8.
const COSINES: [f32; 8] =
    [0.353_553_4, 0.490_392_64, 0.461_939_76, 0.415_734_8, 0.353_553_4, 0.277_785_12, 0.191_341_72, 0.097_545_16];

/// The basis: sample by frequency.
const BASIS: [[f32; 8]; 8] = {
    let mut basis = [[0.0; 8]; 8];
    let mut sample = 0;
    while sample < 8 {
        let mut frequency = 0;
        while frequency < 8 {
            // cos((2 x + 1) u pi / 16), folded into the first quarter.
            let turn = (2 * sample + 1) * frequency % 32;
            let half = if turn > 16 { 32 - turn } else { turn };
            basis[sample][frequency] = if frequency == 0 {
                COSINES[0]
            } else if half > 8 {
                -COSINES[16 - half]
            } else if half == 8 {
                0.0
            } else if half == 0 {
                0.5
            } else {
                COSINES[half]
            };
            frequency += 1;
        }
        sample += 1;
    }
    basis
};

/// Samples beyond the borders of blocks, as they would go on.
pub(super) struct Edges {
    west: [f32; 8],
    north: Vec<[f32; 8]>,
}

impl Edges {
    pub(super) fn new(blocks_wide: usize) -> Self {
        Self { west: [0.0; 8], north: vec![[0.0; 8]; blocks_wide] }
    }
}

/// The samples of the borders of a block without its constant, extended by half a step outwards: left, right, top, bottom.
#[inline(always)]
fn borders(block: &Block, steps: &[f32; 64]) -> [[f32; 8]; 4] {
    let mut values = [[0.0; 8]; 8];
    let mut turned = [[0.0; 8]; 8];
    for v in 0..8 {
        for u in 0..8 {
            let value = f32::from(block[v * 8 + u]) * steps[v * 8 + u];
            values[v][u] = value;
            turned[u][v] = value;
        }
    }
    values[0][0] = 0.0;
    turned[0][0] = 0.0;
    let [left, right] = sides(&turned);
    let [top, bottom] = sides(&values);
    [left, right, top, bottom]
}

/// From `lines[u]`, the coefficients of frequency `u` across: the extended samples of the first and the last line.
#[inline(always)]
fn sides(lines: &[[f32; 8]; 8]) -> [[f32; 8]; 2] {
    // Even and odd frequencies, of the outer and the inner samples.
    let mut parts = [[[0.0f32; 8]; 2]; 2];
    for inner in 0..2 {
        for u in 0..8 {
            for v in 0..8 {
                parts[inner][u % 2][v] += BASIS[inner][u] * lines[u][v];
            }
        }
    }
    let mut out = [[0.0; 8]; 2];
    for last in 0..2 {
        let mut line = [0.0; 8];
        for v in 0..8 {
            let sample = |inner: usize| {
                let [even, odd] = [parts[inner][0][v], parts[inner][1][v]];
                if last == 1 { even - odd } else { even + odd }
            };
            line[v] = sample(0) + (sample(0) - sample(1)) * 0.5;
        }
        for v in 0..8 {
            for y in 0..8 {
                out[last][y] += BASIS[y][v] * line[v];
            }
        }
    }
    out
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
        let mut estimates = [0.0f32; 16];
        let mut count = 0;
        let (mut mean_west, mut mean_north) = (0.0, 0.0);
        if around.has.0 {
            for i in 0..8 {
                estimates[count] = (edges.west[i] - left[i]) * scale;
                mean_west += estimates[count] * 0.125;
                count += 1;
            }
        }
        if around.has.1 {
            for i in 0..8 {
                estimates[count] = (edges.north[walk.x][i] - top[i]) * scale;
                mean_north += estimates[count] * 0.125;
                count += 1;
            }
        }
        match around.has {
            (false, true) => mean_west = mean_north,
            (true, false) => mean_north = mean_west,
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
        for i in 0..8 {
            edges.west[i] = right[i] + constant;
            edges.north[walk.x][i] = bottom[i] + constant;
        }
    }
}
