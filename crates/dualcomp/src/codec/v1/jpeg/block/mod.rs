//! Coding of a plane, block by block: the 7x7 interior, the edges, the constant coefficient.

mod borders;
mod coefficient;
mod constant;
mod estimate;
mod regions;
mod surroundings;
mod walk;

#[cfg(feature = "__train")]
use dualcomp_entropy::Number;
use dualcomp_entropy::Prior;
use fearless_simd::Simd;

use crate::codec::v1::direction::Direction;
use crate::codec::v1::float_mixing::load_weights;
#[cfg(feature = "__train")]
use crate::codec::v1::float_mixing::save_weights;
use crate::codec::v1::jpeg::Meter;
use crate::codec::v1::jpeg::model::Model;
use crate::codec::v1::jpeg::model::linear::Linear;
use crate::codec::v1::jpeg::model::mixing::LANES;
use crate::codec::v1::jpeg::plane::{Around, Beside, Block, EMPTY, Plane};
use crate::codec::v1::jpeg::sets;
use borders::Edges;
use walk::{Scales, State, Walk};

/// Coefficients with those that are read beyond the last.
const DONE: usize = 128;

/// Classes of planes: the first, the second, others.
pub(super) const CLASSES: usize = 3;

/// Weights of magnitudes at first, of those that are not 0.
const AT_FIRST: [(usize, f32); 6] = [(0, 0.25), (1, 0.25), (2, 0.1), (6, 0.05), (7, 0.05), (17, 0.2)];
const FEW_AT_FIRST: [(usize, f32); 6] = [(0, 0.25), (1, 0.25), (2, 0.1), (3, 0.05), (4, 0.05), (14, 0.2)];

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
        load_weights(magnitudes.chain(values), prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "__train")]
    pub(super) fn save(&self, out: &mut Vec<Number>) {
        self.model.save(out);
        let magnitudes = self.magnitudes.as_flattened().iter().flat_map(|linear| linear.0.as_flattened());
        let values = self.values.as_flattened().iter().flat_map(|linear| linear.0.as_flattened());
        save_weights(magnitudes.chain(values).copied(), out);
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
        let mut constants = Edges::new(plane.shape.blocks_wide);
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
}
