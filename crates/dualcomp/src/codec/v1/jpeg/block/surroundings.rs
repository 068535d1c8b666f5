//! What is known around a coefficient beyond the constant one, and what its magnitude and value are predicted by
//! (docs/spec/jpeg.md, sections 4 and 6).

use fearless_simd::Simd;

use super::DONE;
use super::walk::{State, Walk};
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::plane::{Block, SPACED};

/// Where coded coefficients near one are, by pass.
const NEAR: [[isize; 3]; 3] = [[-8, -1, -9], [8, 1, 9], [1, 8, 9]];

/// Magnitudes around a coefficient, and what the borders of its block make of it.
pub(super) struct Surroundings {
    /// Its place in the block, and the pass: 0 for the interior, 1 for the first row, 2 for the first column.
    pub(super) k: usize,
    pub(super) pass: usize,
    /// The same coefficient of other blocks.
    pub(super) west: u32,
    pub(super) north: u32,
    north_west: u32,
    north_east: u32,
    far_west: u32,
    far_north: u32,
    /// Coded coefficients of the block: next to it, and one further on.
    pub(super) near: [u32; 3],
    pub(super) further: u32,
    /// Sums of the blocks to the west and to the north, of the coefficients next to it.
    above: u32,
    below: u32,
    left: u32,
    right: u32,
    /// The value, in steps, with which samples go on across the borders to the west and to the north, and both as one.
    pub(super) from_west: f32,
    pub(super) from_north: f32,
    pub(super) boundary: f32,
    /// The value of the same coefficient of the second plane.
    pub(super) second: i32,
}

impl Surroundings {
    #[inline(always)]
    pub(super) fn new<S: Simd>(walk: &Walk<'_, S>, state: &State, k: usize, previous: usize, pass: usize) -> Self {
        let (around, beside, scales) = (walk.around, walk.beside, walk.scales);
        let (row, column) = (k / 8, k % 8);
        let of = |block: &Block| i32::from(block[k]).unsigned_abs();
        // What is beyond the pass's reach is 0 so far, but for one.
        let near_at = |i: usize| walk.magnitudes[(k as isize + NEAR[pass][i]) as usize % DONE];
        let further = match pass {
            0 => walk.magnitudes[previous % DONE],
            1 => walk.magnitudes[if k < 7 { k + 2 } else { 0 }],
            _ => walk.magnitudes[(k + 16) % DONE],
        };
        let from_west = if around.has.0 { state.rows[row] * scales.row(k) } else { 0.0 };
        let from_north = if around.has.1 { state.columns[column] * scales.column(k) } else { 0.0 };
        let boundary = match pass {
            0 => (from_west + from_north) * 0.25,
            1 => from_north,
            _ => from_west,
        };
        let both = |row: usize, column: usize| walk.both[row * SPACED + column];
        Self {
            k,
            pass,
            west: of(&around.west),
            north: of(&around.north),
            north_west: of(&around.north_west),
            north_east: of(&around.north_east),
            far_west: of(&around.far_west),
            far_north: of(&around.far_north),
            near: [near_at(0), near_at(1), near_at(2)],
            further,
            above: both(row, column + 1),
            below: both(row + 2, column + 1),
            left: both(row + 1, column),
            right: both(row + 1, column + 2),
            from_west,
            from_north,
            boundary,
            second: beside.second.map_or(0, |(block, _)| i32::from(block[k])),
        }
    }

    /// The sum of what other blocks have at this place and next to it.
    #[inline(always)]
    pub(super) fn around(&self) -> u32 {
        self.west + self.north + self.below + self.right + self.above + self.left
    }

    /// What the magnitude is predicted by: one group of sixteen, or two.
    #[inline(always)]
    pub(super) fn magnitude_regressors<S: Simd, const R: usize>(
        &self,
        walk: &Walk<'_, S>,
        state: &State,
    ) -> [[f32; LANES]; R] {
        let &Self { k, west, north, near, above, below, left, right, .. } = self;
        let share = state.left as f32 / state.remain as f32;
        let mut x = [[0.0; LANES]; R];
        if R == 1 {
            x[0] = [
                west as f32,
                north as f32,
                self.north_west as f32,
                near[0] as f32,
                near[1] as f32,
                near[2] as f32,
                self.further as f32,
                walk.beside.means[k],
                self.second.unsigned_abs() as f32,
                self.boundary.abs(),
                below as f32,
                right as f32,
                above as f32 * 0.5,
                left as f32 * 0.5,
                share,
                0.3,
            ];
            return x;
        }
        // Where there is no row or column beyond, the coefficient itself.
        let (row, column, here) = (k / 8, k % 8, west + north);
        let or_here = |inside: bool, magnitude: u32| (if inside { magnitude } else { here }) as f32;
        x[0] = [
            west as f32,
            north as f32,
            self.north_west as f32,
            self.north_east as f32,
            self.far_west as f32,
            self.far_north as f32,
            near[0] as f32,
            near[1] as f32,
            near[2] as f32,
            self.further as f32,
            walk.beside.means[k],
            self.second.unsigned_abs() as f32,
            self.boundary.abs(),
            or_here(row < 7, below),
            or_here(column < 7, right),
            or_here(row > 0, above) * 0.5,
        ];
        [x[1][0], x[1][1], x[1][2], x[1][3]] = [or_here(column > 0, left) * 0.5, share, state.sum as f32 * 0.1, 0.3];
        x
    }

    /// What the value is predicted by.
    #[inline(always)]
    pub(super) fn value_regressors<S: Simd>(&self, walk: &Walk<'_, S>) -> [[f32; LANES]; 1] {
        let &Self { k, pass, from_west, from_north, .. } = self;
        let (row, column, beside) = (k / 8, k % 8, walk.beside);
        let signed = |block: &Block| f32::from(block[k]);
        let coded = |inside: bool, k: usize| if inside { f32::from(walk.done[k % 64]) } else { 0.0 };
        let flip = |odd: usize, value: f32| if odd & 1 == 1 { -value } else { value };
        let (west, north) = (signed(&walk.around.west), signed(&walk.around.north));
        [[
            from_west,
            from_north,
            west,
            north,
            if beside.same_size { signed(&beside.first) } else { 0.0 },
            self.second as f32,
            flip(column, west),
            flip(row, north),
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
            if beside.same_size { 0.0 } else { signed(&beside.first) },
            0.0,
            0.0,
            0.0,
        ]]
    }
}
