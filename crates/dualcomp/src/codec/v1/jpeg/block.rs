//! Coding of a plane, block by block: counts, the 7x7 interior, the edges, the constant coefficient.

#[cfg(feature = "__train")]
use dualcomp_entropy::Number;
use dualcomp_entropy::Prior;
use fearless_simd::Simd;

use super::Meter;
use super::linear::Linear;
use super::mixing::LANES;
use super::model::{Direction, MANY, Model, Selectors};
use super::plane::{Around, Beside, Block, EMPTY, Plane, SPACED};
use super::quantize::{level, level_of, signed_level};
use super::sets;
use super::value::Symbol;

/// The coefficients of the interior in zigzag order.
const INTERIOR: [u8; 49] = [
    9, 10, 17, 25, 18, 11, 12, 19, 26, 33, 41, 34, 27, 20, 13, 14, 21, 28, 35, 42, 49, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
/// The first row and the first column, from the highest frequency.
const EDGES: [[u8; 7]; 2] = [[7, 6, 5, 4, 3, 2, 1], [56, 48, 40, 32, 24, 16, 8]];

/// Coefficients with those that are read beyond the last.
const DONE: usize = 128;
/// Where coded coefficients near one are, by pass.
const NEAR: [[isize; 3]; 3] = [[-8, -1, -9], [8, 1, 9], [1, 8, 9]];

/// Classes of planes: the first, the second, others.
pub(super) const CLASSES: usize = 3;

/// Weights of magnitudes at first, of those that are not 0.
const AT_FIRST: [(usize, f32); 6] = [(0, 0.25), (1, 0.25), (2, 0.1), (6, 0.05), (7, 0.05), (17, 0.2)];
const FEW_AT_FIRST: [(usize, f32); 6] = [(0, 0.25), (1, 0.25), (2, 0.1), (3, 0.05), (4, 0.05), (14, 0.2)];

/// The square root of one half: the weight of a constant term.
const HALF_ROOT: f32 = 0.707_106_77;

/// Salts of the kinds of symbols of a class.
pub(super) fn salt(class: usize, kind: u32) -> u32 {
    (class as u32 * 8 + kind + 1).wrapping_mul(0x9E37_79B9)
}

/// Codes planes.
pub(super) struct PlaneCoder<const M: usize, const R: usize> {
    pub(super) model: Model<M>,
    magnitudes: Vec<[Linear<R>; 64]>,
    pub(super) values: Vec<[Linear<1>; 64]>,
}

impl<const M: usize, const R: usize> PlaneCoder<M, R> {
    pub(super) fn new(bits: u32) -> Self {
        let mut magnitude = Linear([[0.0; LANES]; R]);
        for (i, weight) in if R == 1 { FEW_AT_FIRST } else { AT_FIRST } {
            magnitude.0[i / LANES][i % LANES] = weight;
        }
        let mut values = [Linear([[0.0; LANES]]); 64];
        for k in 1..8 {
            values[k].0[0][1] = 0.5;
            values[k * 8].0[0][0] = 0.5;
        }
        let totals: [usize; M] = core::array::from_fn(|m| sets::TOTAL[m]);
        Self {
            model: Model::new(totals, bits),
            magnitudes: vec![[magnitude; 64]; CLASSES],
            values: vec![values; CLASSES],
        }
    }

    /// Sets weights to a prior's numbers, as far as it has any.
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        self.model.load(prior);
        let magnitudes = self.magnitudes.as_flattened_mut().iter_mut().flat_map(|linear| linear.0.as_flattened_mut());
        let values = self.values.as_flattened_mut().iter_mut().flat_map(|linear| linear.0.as_flattened_mut());
        for weight in magnitudes.chain(values) {
            if let Some(number) = prior.weight() {
                *weight = number as f32 * (1.0 / 65536.0);
            }
        }
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "__train")]
    pub(super) fn save(&self, out: &mut Vec<Number>) {
        self.model.save(out);
        let magnitudes = self.magnitudes.as_flattened().iter().flat_map(|linear| linear.0.as_flattened());
        let values = self.values.as_flattened().iter().flat_map(|linear| linear.0.as_flattened());
        out.extend(magnitudes.chain(values).map(|weight| Number::Weight((weight * 65536.0) as i32)));
    }

    /// Codes all blocks of a plane, in either direction, as long as `meter` allows.
    #[inline(always)]
    pub(super) fn code<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        earlier: &[Plane<'_>],
        plane: &mut Plane<'_>,
        source: Option<&[Block]>,
        meter: &Meter,
    ) -> bool {
        let class = earlier.len().min(CLASSES - 1);
        let scales = Scales::new(&plane.shape.quantization);
        let mut constants = super::constant::Edges::new(plane.shape.blocks_wide);
        for y in 0..plane.rows {
            for x in 0..plane.shape.blocks_wide {
                let at = y * plane.shape.blocks_wide + x;
                let block = source.map_or(EMPTY, |source| source[at]);
                let around = Around::new(plane, x, y);
                let beside = Beside::new(earlier, plane, x, y);
                let mut walk = Walk {
                    simd,
                    class,
                    x,
                    y,
                    around: &around,
                    beside: &beside,
                    scales: &scales,
                    both: around.both(),
                    done: EMPTY,
                    magnitudes: [0; DONE],
                };
                let mut state = State::new(&walk);
                self.code_interior(coder, &mut walk, &mut state, plane, &block);
                for edge in 0..2 {
                    self.code_edge(coder, &mut walk, &mut state, plane, &block, edge);
                }
                self.code_constant(coder, &mut walk, plane, &mut constants, block[0]);
                plane.blocks[at] = walk.done;
                if !meter.count(state.bits) {
                    return false;
                }
            }
        }
        true
    }

    /// A count of so many bits, by trees of three.
    #[inline(always)]
    fn code_count<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        value: u32,
        bits: u32,
        contexts: &[u32; MANY],
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
    fn code_interior<S: Simd>(
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
    fn code_edge<S: Simd>(
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

    /// A coefficient with all contexts.
    #[inline(always)]
    #[expect(clippy::too_many_arguments)]
    fn code_coefficient<S: Simd>(
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
        let near = NEAR[pass].map(|step| walk.magnitudes[(k as isize + step) as usize % DONE]);
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
            x[1][..4].copy_from_slice(&[left_here, share, state.sum as f32 * 0.1, 0.3]);
        }
        let expected = self.magnitudes[class][k].predict(simd, &x).max(0.0);

        let signed = |block: &Block, k: usize| f32::from(block[k]);
        let coded = |inside: bool, k: usize| if inside { f32::from(walk.done[k % 64]) } else { 0.0 };
        let flip = |odd: usize, value: f32| if odd & 1 == 1 { -value } else { value };
        let (value_west, value_north) = (signed(&around.west, k), signed(&around.north, k));
        let regressors = || {
            let mut z = [[0.0; LANES]; 1];
            z[0][..13].copy_from_slice(&[
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
            ]);
            z
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

/// Steps of coefficients, and their inverses.
pub(super) struct Scales {
    pub(super) steps: [f32; 64],
    inverse: [f32; 64],
}

impl Scales {
    fn new(quantization: &[u16; 64]) -> Self {
        let steps = quantization.map(|step| f32::from(step.max(1)));
        Self { steps, inverse: steps.map(|step| 1.0 / step) }
    }

    /// From a row's sum to steps of the coefficient.
    #[inline(always)]
    fn row(&self, k: usize) -> f32 {
        self.inverse[k] * if k.is_multiple_of(8) { 2.0 * HALF_ROOT } else { 1.0 }
    }

    #[inline(always)]
    fn column(&self, k: usize) -> f32 {
        self.inverse[k] * if k < 8 { 2.0 * HALF_ROOT } else { 1.0 }
    }
}

/// A block on its way.
pub(super) struct Walk<'a, S: Simd> {
    pub(super) simd: S,
    pub(super) class: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) around: &'a Around,
    pub(super) beside: &'a Beside,
    pub(super) scales: &'a Scales,
    /// The sums of magnitudes to the west and to the north, row by row, with a border of zeros. The constant is 0.
    both: [u32; SPACED * SPACED],
    /// Coefficients coded so far.
    pub(super) done: Block,
    /// Their magnitudes, and zeros.
    magnitudes: [u32; DONE],
}

/// What changes from coefficient to coefficient of a pass.
struct State {
    /// Along each row, how the blocks would have to go on from the west, less what is coded; for columns from the north.
    rows: [f32; 8],
    columns: [f32; 8],
    inside: u32,
    left: u32,
    remain: u32,
    sum: u32,
    /// Bits that the coefficients coded so far have in a file at least.
    bits: u64,
}

impl State {
    #[inline(always)]
    fn new<S: Simd>(walk: &Walk<'_, S>) -> Self {
        let (mut rows, mut columns) = ([0.0; 8], [0.0; 8]);
        let steps = &walk.scales.steps;
        for i in 0..8 {
            for u in 0..8 {
                let weight = if u == 0 { HALF_ROOT } else { 1.0 };
                let weight = if u & 1 == 1 { -weight } else { weight };
                let (in_row, in_column) = (i * 8 + u, u * 8 + i);
                rows[i] += f32::from(walk.around.west[in_row]) * steps[in_row] * weight;
                columns[i] += f32::from(walk.around.north[in_column]) * steps[in_column] * weight;
            }
        }
        Self { rows, columns, inside: 0, left: 0, remain: 0, sum: 0, bits: 0 }
    }

    #[inline(always)]
    fn take(&mut self, k: usize, value: i32, scales: &Scales) {
        let moved = value as f32 * scales.steps[k];
        self.rows[k / 8] -= moved;
        self.columns[k % 8] -= moved;
        self.sum = self.sum.saturating_add(value.unsigned_abs()).min(1 << 20);
        self.left = self.left.saturating_sub(1);
        // A Huffman code, and the bits of the magnitude.
        self.bits += 1 + u64::from(u32::BITS - value.unsigned_abs().leading_zeros());
    }
}
