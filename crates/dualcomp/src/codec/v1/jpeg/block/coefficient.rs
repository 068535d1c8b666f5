//! A coefficient beyond the constant one.

use fearless_simd::Simd;

use super::PlaneCoder;
use super::walk::{State, Walk};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::block::{DONE, salt};
use crate::codec::v1::jpeg::model::Selectors;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::plane::{Block, SPACED};
use crate::codec::v1::jpeg::quantize::{level, level_of, signed_level};
use crate::codec::v1::jpeg::sets;
use crate::codec::v1::jpeg::value::Symbol;

/// Where coded coefficients near one are, by pass.
const NEAR: [[isize; 3]; 3] = [[-8, -1, -9], [8, 1, 9], [1, 8, 9]];

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
        let (simd, class, around, beside, scales) = (walk.simd, walk.class, walk.around, walk.beside, walk.scales);
        let (row, column) = (k / 8, k % 8);
        let of = |block: &Block, k: usize| i32::from(block[k]).unsigned_abs();
        let [west, north] = [of(&around.west, k), of(&around.north, k)];
        let [north_west, north_east] = [of(&around.north_west, k), of(&around.north_east, k)];
        let [far_west, far_north] = [of(&around.far_west, k), of(&around.far_north, k)];
        // What is beyond the pass's reach is 0 so far, but for one.
        let near_at = |i: usize| walk.magnitudes[(k as isize + NEAR[pass][i]) as usize % DONE];
        let near = [near_at(0), near_at(1), near_at(2)];
        let d4 = match pass {
            0 => walk.magnitudes[previous % DONE],
            1 => walk.magnitudes[if k < 7 { k + 2 } else { 0 }],
            _ => walk.magnitudes[(k + 16) % DONE],
        };
        let near_sum = near[0] + near[1] + near[2];
        let from_west = if around.has.0 { state.rows[row] * scales.row(k) } else { 0.0 };
        let from_north = if around.has.1 { state.columns[column] * scales.column(k) } else { 0.0 };
        let boundary = match pass {
            0 => (from_west + from_north) * 0.25,
            1 => from_north,
            _ => from_west,
        };
        let both = |row: usize, column: usize| walk.both[row * SPACED + column];
        let [below, right] = [both(row + 2, column + 1), both(row + 1, column + 2)];
        let [above, left_of] = [both(row, column + 1), both(row + 1, column)];
        let around_sum = west + north + below + right + above + left_of;
        let (left, remain) = (state.left, state.remain);
        let second = beside.second.map_or(0, |(block, _)| i32::from(block[k]));

        // Where there is no row or column beyond, the coefficient itself.
        let here = west + north;
        let below_here = (if row < 7 { below } else { here }) as f32;
        let right_here = (if column < 7 { right } else { here }) as f32;
        let above_here = (if row > 0 { above } else { here }) as f32 * 0.5;
        let left_here = (if column > 0 { left_of } else { here }) as f32 * 0.5;
        let share = left as f32 / remain as f32;
        let mut x = [[0.0; LANES]; R];
        if R == 1 {
            x[0] = [
                west as f32,
                north as f32,
                north_west as f32,
                near[0] as f32,
                near[1] as f32,
                near[2] as f32,
                d4 as f32,
                beside.means[k],
                second.unsigned_abs() as f32,
                boundary.abs(),
                below as f32,
                right as f32,
                above as f32 * 0.5,
                left_of as f32 * 0.5,
                share,
                0.3,
            ];
        } else {
            x[0] = [
                west as f32,
                north as f32,
                north_west as f32,
                north_east as f32,
                far_west as f32,
                far_north as f32,
                near[0] as f32,
                near[1] as f32,
                near[2] as f32,
                d4 as f32,
                beside.means[k],
                second.unsigned_abs() as f32,
                boundary.abs(),
                below_here,
                right_here,
                above_here,
            ];
            [x[1][0], x[1][1], x[1][2], x[1][3]] = [left_here, share, state.sum as f32 * 0.1, 0.3];
        }
        let expected = self.magnitudes[class][k].predict(simd, &x).max(0.0);

        let signed = |block: &Block, k: usize| f32::from(block[k]);
        let coded = |inside: bool, k: usize| if inside { f32::from(walk.done[k % 64]) } else { 0.0 };
        let flip = |odd: usize, value: f32| if odd & 1 == 1 { -value } else { value };
        let (value_west, value_north) = (signed(&around.west, k), signed(&around.north, k));
        let regressors = || {
            [[
                from_west,
                from_north,
                value_west,
                value_north,
                if beside.same_size { signed(&beside.first, k) } else { 0.0 },
                second as f32,
                flip(column, value_west),
                flip(row, value_north),
                coded(pass == 0 && row > 1, k.wrapping_sub(8)),
                coded(pass == 0 && column > 1, k.wrapping_sub(1)),
                match pass {
                    1 => coded(column < 6, k + 2),
                    2 => coded(row < 6, k + 16),
                    _ => 0.0,
                },
                match pass {
                    1 => coded(true, k + 16),
                    2 => coded(true, k + 2),
                    _ => 0.0,
                },
                if beside.same_size { 0.0 } else { signed(&beside.first, k) },
                0.0,
                0.0,
                0.0,
            ]]
        };
        // With one group only the sign needs it.
        let (mut z, mut expected_value) = ([[0.0; LANES]; 1], 0.0);
        if R > 1 {
            z = regressors();
            expected_value = self.values[class][k].predict(simd, &z);
        }

        let eb = level_of(expected, 16.0);
        let qes = signed_level(expected_value, 8.0);
        let likely_of = |level: i32| ((level / 2).clamp(-31, 31) + 32) as usize;
        let qadv = signed_level(boundary, 8.0);
        let (qpw, qpn) = (signed_level(from_west, 4.0), signed_level(from_north, 4.0));
        let (aes, aadv) = (qes.unsigned_abs(), qadv.unsigned_abs());
        let lr = left.min(15) * 64 + remain;
        let l1 = (beside.means[k] * 4.0 + 0.5) as u32;
        let l2 = second.unsigned_abs();
        let near_level = level(near_sum * 4);
        let around_level = level(around_sum * 2);
        let z0 = (k as u32) << 20;
        let short = left.min(15);
        let contexts = [
            eb * 1024 + lr,
            z0 + near[0].min(15) * 256 + near[1].min(15) * 16 + near[2].min(15),
            (eb << 12) + (aadv << 6) + near_level,
            z0 + around_level * 16 + short,
            z0 + lr,
            z0 + l2.min(31) * 32 + l1.min(31),
            z0 + state.inside * 16 + short,
            // Only where there are several mixers.
            z0 + d4.min(31) * 64 + level(state.sum * 2),
            z0 + l2.min(31) * 64 + eb,
            z0 + around_level * 64 + near_level,
            z0 + (lr << 6) + eb.min(31) + (aadv.min(31) << 17),
            z0 + aes,
        ];
        let part = |value: i32, mask: i32| (value & mask) as u32;
        let likely = likely_of(qes);
        let sign = || {
            let small = |value: i16| part(i32::from(value).clamp(-3, 3), 15);
            let contexts = [
                z0 + part(qes, 1023),
                z0 + part(qadv, 1023),
                z0 + (part(qpw, 255) << 8) + part(qpn, 255),
                z0 + part(second, 255),
                part(qes, 1023),
                z0 + small(around.west[k]) * 16 + small(around.north[k]),
                z0,
                z0 + part(qpw, 1023),
                z0 + part(qpn, 1023),
                z0 + (if beside.same_size { part(i32::from(beside.first[k]), 255) } else { 0 }) * 1024
                    + part(second, 255),
                part(qadv, 1023) + ((pass as u32) << 12),
                z0 + (part(qes, 255) << 8) + eb,
            ];
            let set = sets::OTHERS + 12;
            (contexts, Selectors { sets: [sets::SIGNS + likely, set, set], refined: 1870 + likely })
        };
        self.model.selectors = Selectors {
            sets: [class * 64 + k, eb.min(60) as usize + 64 * pass, (short * 16 + (remain / 3).min(15)) as usize],
            refined: k * 24 + (eb as usize / 2).min(23),
        };
        let values = &mut self.values[class][k];
        let direct = || {
            z = regressors();
            expected_value = values.predict(simd, &z);
            (class * 64 + k) * 64 + likely_of(signed_level(expected_value, 8.0))
        };
        let symbol = Symbol { kind: salt(class, 3), certain: left == remain, contexts };
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
