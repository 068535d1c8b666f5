//! The parts of a block: the 7x7 interior, the edges, and how many coefficients of them are not 0.

use fearless_simd::Simd;

use super::PlaneCoder;
use super::walk::{State, Walk};
use crate::codec::v1::direction::Direction;
use crate::codec::v1::jpeg::block::salt;
use crate::codec::v1::jpeg::model::{MAX_CONTEXTS, Selectors};
use crate::codec::v1::jpeg::plane::{Block, Plane};
use crate::codec::v1::jpeg::quantize::level;
use crate::codec::v1::jpeg::sets;

/// The coefficients of the interior in zigzag order.
const INTERIOR: [u8; 49] = [
    9, 10, 17, 25, 18, 11, 12, 19, 26, 33, 41, 34, 27, 20, 13, 14, 21, 28, 35, 42, 49, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
/// The first row and the first column, from the highest frequency.
const EDGES: [[u8; 7]; 2] = [[7, 6, 5, 4, 3, 2, 1], [56, 48, 40, 32, 24, 16, 8]];

impl<const M: usize, const R: usize> PlaneCoder<M, R> {
    /// A count of so many bits, by trees of three.
    #[inline(always)]
    fn code_count<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        value: u32,
        bits: u32,
        contexts: &[u32; MAX_CONTEXTS],
        salt: u32,
    ) -> u32 {
        let mut decoded = 1u32;
        let first = self.model.selectors;
        let mut node = 1;
        for place in (0..bits).rev() {
            let coded = bits - 1 - place;
            if coded.is_multiple_of(2) {
                self.model.find(simd, contexts, salt.wrapping_add(decoded.wrapping_mul(0x85EB_CA6B)));
                node = 1;
            }
            // Sets of weights for each three bits.
            if bits > 3 && coded == 3 {
                self.model.selectors.sets[0] = first.sets[0] + decoded as usize - 7;
                for set in &mut self.model.selectors.sets[1..] {
                    *set = sets::OTHERS + decoded as usize - 7;
                }
            }
            let rank =
                if coded < 3 { decoded - 1 } else { (1 << (coded - 3)) - 1 + (decoded & ((1 << (coded - 3)) - 1)) };
            let bit = self.model.code(simd, coder, value >> place & 1 != 0, node - 1, rank as usize);
            node = node << 1 | usize::from(bit);
            decoded = decoded << 1 | u32::from(bit);
        }
        decoded - (1 << bits)
    }

    /// Counts, then values of the coefficients beyond the first row and column.
    #[inline(always)]
    pub(super) fn code_interior<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        state: &mut State,
        plane: &mut Plane<'_>,
        block: &Block,
    ) {
        let (simd, class) = (walk.simd, walk.class);
        let wide = plane.shape.blocks_wide;
        let at = walk.y * wide + walk.x;
        let count_at = |exists: bool, back: usize| if exists { u32::from(plane.counts[at - back][0]) } else { 0 };
        let (x, y) = (walk.x, walk.y);
        let (west, north) = (count_at(x > 0, 1), count_at(y > 0, wide));
        let north_west = count_at(x > 0 && y > 0, wide + 1);
        let north_east = count_at(y > 0 && x + 1 < wide, wide.wrapping_sub(1));
        let mean = (2 * west + 2 * north + north_west + north_east + 3) / 6;
        let second = walk.beside.second.map_or(0, |(_, counts)| u32::from(counts[0]));
        let first = walk.beside.count;
        let mut energy = 0;
        for k in 1..64 {
            energy += i32::from(walk.around.west[k]).unsigned_abs() + i32::from(walk.around.north[k]).unsigned_abs();
        }
        let energy = level(energy);
        let contexts = [
            mean,
            west * 64 + north,
            west * 4096 + north * 64 + north_west,
            north * 64 + north_east,
            first * 64 + mean,
            first * 64 + second,
            second * 64 + mean,
            // Only where there are several mixers.
            (west + north) / 2 * 64 + (north_east + north_west) / 2,
            energy,
            energy * 64 + mean,
            x as u32 / 2,
            0,
        ];
        self.model.selectors = Selectors {
            sets: [sets::COUNTS + class * 9, sets::OTHERS, sets::OTHERS],
            refined: 1536 + class * 64 + mean as usize,
        };
        let mut count = 0;
        for &k in &INTERIOR {
            count += u32::from(block[usize::from(k)] != 0);
        }
        let count = self.code_count(simd, coder, count, 6, &contexts, salt(class, 0)).min(49);
        plane.counts[at][0] = count as u8;
        state.inside = count;
        state.left = count;
        for (i, &k) in INTERIOR.iter().enumerate() {
            if state.left == 0 {
                break;
            }
            state.remain = (INTERIOR.len() - i) as u32;
            let previous = if i > 0 { usize::from(INTERIOR[i - 1]) } else { 0 };
            self.code_coefficient(coder, walk, state, usize::from(k), previous, 0, block);
        }
    }

    /// The count and the values of the first row or column, without the constant coefficient.
    #[inline(always)]
    pub(super) fn code_edge<S: Simd>(
        &mut self,
        coder: &mut Direction<'_>,
        walk: &mut Walk<'_, S>,
        state: &mut State,
        plane: &mut Plane<'_>,
        block: &Block,
        edge: usize,
    ) {
        let (simd, class) = (walk.simd, walk.class);
        let wide = plane.shape.blocks_wide;
        let at = walk.y * wide + walk.x;
        let count_at =
            |exists: bool, back: usize| if exists { u32::from(plane.counts[at - back][1 + edge]) } else { 0 };
        let (x, y) = (walk.x, walk.y);
        let (west, north) = (count_at(x > 0, 1), count_at(y > 0, wide));
        let north_west = count_at(x > 0 && y > 0, wide + 1);
        let inside = u32::from(plane.counts[at][0]);
        let other = if edge == 1 { u32::from(plane.counts[at][1]) } else { 0 };
        let (mut first, mut second, mut near) = (0, 0, 0);
        for &k in &EDGES[edge] {
            let k = usize::from(k);
            first += u32::from(walk.beside.means[k] > 0.49);
            second += u32::from(walk.beside.second.is_some_and(|(block, _)| block[k] != 0));
            let step = if edge == 0 { 8 } else { 1 };
            near += u32::from(walk.done[k + step] != 0) + u32::from(walk.done[k + 2 * step] != 0);
        }
        let along = if edge == 0 { north } else { west };
        let contexts = [
            inside * 8 + other,
            west * 8 + north,
            (west * 8 + north) * 8 + other,
            (west * 8 + north) * 64 + inside,
            inside * 64 + west * 8 + first,
            second * 64 + first * 8 + other,
            second * 8 + along,
            along * 64 + inside,
            (along * 8 + other) * 64 + inside,
            north_west * 64 + west * 8 + north,
            near * 64 + west * 8 + north,
            near * 64 + inside,
        ];
        let set = class * 2 + edge;
        let other_set = sets::OTHERS + 10 + edge;
        self.model.selectors = Selectors {
            sets: [sets::EDGE_COUNTS + set, other_set, other_set],
            refined: 1728 + (near * 8 + other) as usize,
        };
        let mut count = 0;
        for &k in &EDGES[edge] {
            count += u32::from(block[usize::from(k)] != 0);
        }
        let count = self.code_count(simd, coder, count, 3, &contexts, salt(class, 1 + edge as u32));
        plane.counts[at][1 + edge] = count as u8;
        state.left = count;
        for (i, &k) in EDGES[edge].iter().enumerate() {
            if state.left == 0 {
                break;
            }
            state.remain = (EDGES[edge].len() - i) as u32;
            self.code_coefficient(coder, walk, state, usize::from(k), 0, 1 + edge, block);
        }
    }
}
