//! The probability of one decision of the light form: what follows states of contexts, mixed by one set of weights
//! that is the sum of three (docs/spec/bytes.md, section 11.3).

use std::array;

use dualcomp_entropy::{BitCoder, Number, Prior, hash, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x4, f32x8, i32x4};
use prefetch_index::prefetch_index;

use crate::codec::v1::bytes::byte_match::{LENGTHS, MATCHES};
use crate::codec::v1::bytes::contexts::CONTEXTS;
use crate::codec::v1::bytes::light::states::STATES;
use crate::codec::v1::bytes::light::table::StateTable;
use crate::codec::v1::bytes::light::tree::Walk;

/// Weights of a set: one for each context, then for the match, for what is always there and for what came last at a node;
/// the others have no input.
const WIDTH: usize = 16;
/// A bias of one nat.
const BIAS: f32 = 256.0;
/// What lengths of the match (docs/spec/bytes.md, section 3.2) learn by: one part of this, a power of two, of the error
/// (experiments/0042).
const LENGTH_RATE: u32 = 7;
/// What came last at a node learns as one part in eight of its error (experiments/0071).
const NODE_RATE: u32 = 3;
/// Logarithm of the contexts of the APM, its points, the logit between two of them in 1/256 nat, and its rate.
const REFINED: u32 = 12;
const POINTS: usize = 23;
const STEP: i32 = 256;
const REFINED_RATE: u32 = 6;
/// The rate of the weights at first and at last, and after how many decisions it is halfway there (experiments/0042).
const RATE: f32 = 0.004;
const LEAST_RATE: f32 = 0.001;
const SLOWING: f32 = (1 << 18) as f32;
/// The rate is for errors and logits of one, but these count in 1/65536 and 1/256.
const UNIT: f32 = 1.0 / (1 << 24) as f32;

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Weights([f32; WIDTH]);

/// Classes of what is known: of contexts, of the match, depths of nodes.
const CLASSES: usize = 8 * MATCHES * 8;

#[derive(Clone)]
struct WeightSets {
    by_node: [Weights; 256],
    by_class: [Weights; CLASSES],
    by_last: [Weights; 256],
}

impl WeightSets {
    /// All numbers in the order of a prior.
    fn numbers(&self) -> impl Iterator<Item = &f32> {
        self.by_node.iter().chain(&self.by_class).chain(&self.by_last).flat_map(|weights| &weights.0)
    }

    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        let Self { by_node, by_class, by_last } = self;
        by_node.iter_mut().chain(by_class).chain(by_last).flat_map(|weights| &mut weights.0)
    }
}

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Points([u16; 32]);

/// What one decision is made under.
#[derive(Clone, Copy)]
pub(crate) struct Decision {
    pub(crate) node: u8,
    pub(crate) walk: Walk,
    /// The outcome that the match expects, and how long it is; 0 without one.
    pub(crate) expected: bool,
    pub(crate) length: usize,
    /// What is known, but for the depth of the node.
    pub(crate) class: usize,
    /// The last byte.
    pub(crate) last: u8,
    /// What to encode.
    pub(crate) bit: bool,
}

/// All that a substream learns but for the states of its contexts.
#[derive(Clone)]
pub(crate) struct Mixing {
    /// The logit of each state of each context, which the prior gives: what a stream could learn of that is worth 0.2 % and
    /// took a quarter of the time (experiments/0071).
    logits: Box<[[f32; 256]; CONTEXTS]>,
    /// How often matches of each length are right, in 1/2^20.
    lengths: [u32; 64],
    /// How often a 1 came at each node of late, in 1/2^20.
    nodes: [u32; 256],
    /// Weights by node, by what is known, by the last byte.
    weights: Box<WeightSets>,
    points: Box<[Points; 1 << REFINED]>,
    rate: f32,
    decisions: u32,
    #[cfg(feature = "__train")]
    pub(super) outcomes: Option<Box<super::learn::Outcomes>>,
}

impl Mixing {
    pub(crate) fn new() -> Self {
        let by_state = array::from_fn(|state| logistic::stretch(STATES.p[state].into()) as f32);
        let mut start = [0.0; WIDTH];
        start[..=CONTEXTS].fill(0.25);
        let none = Weights([0.0; WIDTH]);
        let weights =
            Box::new(WeightSets { by_node: [Weights(start); 256], by_class: [none; CLASSES], by_last: [none; 256] });
        let line = Points(array::from_fn(|i| logistic::squash((i as i32 - POINTS as i32 / 2) * STEP) as u16));
        let Ok(points) = vec![line; 1 << REFINED].into_boxed_slice().try_into() else { unreachable!("as many") };
        Self {
            logits: Box::new([by_state; CONTEXTS]),
            lengths: [1 << 19; 64],
            nodes: [1 << 19; 256],
            weights,
            points,
            rate: RATE,
            decisions: 0,
            #[cfg(feature = "__train")]
            outcomes: None,
        }
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for logit in self.logits.as_flattened_mut() {
            *logit = prior.probability().map_or(*logit, |p| logistic::stretch(p.into()) as f32);
        }
        for learned in self.lengths[..LENGTHS].iter_mut().chain(&mut self.nodes) {
            *learned = prior.probability().map_or(*learned, |p| u32::from(p) << 4);
        }
        for weight in self.weights.numbers_mut() {
            *weight = prior.weight().map_or(*weight, |new| new as f32 / 65536.0);
        }
        for point in self.points.iter_mut().flat_map(|points| &mut points.0[..POINTS]) {
            *point = prior.probability().unwrap_or(*point);
        }
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        let logits = self.logits.as_flattened().iter().map(|&logit| logistic::squash(logit as i32));
        let learned = self.lengths[..LENGTHS].iter().chain(&self.nodes).map(|p| p >> 4);
        out.extend(logits.chain(learned).map(|p| Number::Probability(p as u16)));
        out.extend(self.weights.numbers().map(|weight| Number::Weight((weight * 65536.0) as i32)));
        let points = self.points.iter().flat_map(|points| &points.0[..POINTS]);
        out.extend(points.map(|&point| Number::Probability(point)));
    }

    /// Codes a decision and learns it, and so do the contexts.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        decision: Decision,
        table: &mut StateTable,
        coder: &mut impl BitCoder,
    ) -> bool {
        let Decision { node, walk, expected, length, class, last, bit } = decision;
        let (node, last) = (usize::from(node), usize::from(last));
        let line = (hash(last as u32, node as u32) >> (32 - REFINED)) as usize;
        prefetch_index(&self.points[..], line);
        // Index loops: iterators stay calls in functions as large as the callers.
        let mut logits = [0.0; CONTEXTS];
        for i in 0..CONTEXTS {
            logits[i] = self.logits[i][usize::from(*table.state(i, walk.index))];
        }
        let length = &mut self.lengths[length & 63];
        let by_match = logistic::stretch_coarse(*length >> 4);
        let by_match = if decision.length == 0 {
            0
        } else if expected {
            by_match
        } else {
            -by_match
        };
        let logits = f32x8::from_slice(simd, &logits);
        let lately = logistic::stretch_coarse(self.nodes[node] >> 4);
        let others = f32x4::from_slice(simd, &[by_match as f32, BIAS, lately as f32, 0.0]);

        let WeightSets { by_node, by_class, by_last } = &mut *self.weights;
        let class = (class + usize::from(walk.depth & 7)) & (CLASSES - 1);
        let (x, y, z) = (&mut by_node[node].0, &mut by_class[class].0, &mut by_last[last].0);
        let (a, b) = (f32x8::from_slice(simd, &x[..8]), f32x8::from_slice(simd, &y[..8]));
        let c = f32x8::from_slice(simd, &z[..8]);
        let (d, e) = (f32x4::from_slice(simd, &x[8..12]), f32x4::from_slice(simd, &y[8..12]));
        let f = f32x4::from_slice(simd, &z[8..12]);
        let (low, high) = (logits * (a + b + c)).split();
        let sums = (low + high) + others * (d + e + f);
        let sums = sums.as_slice();
        let sum = f32x4::splat(simd, (sums[0] + sums[2]) + (sums[1] + sums[3]));
        let limit = logistic::LIMIT as f32;
        let logit = i32x4::truncate_from(sum.max(f32x4::splat(simd, -limit)).min(f32x4::splat(simd, limit)));
        let logit = logit.as_slice()[0];
        let p = logistic::squash(logit);

        let place = (logit + POINTS as i32 / 2 * STEP) as usize;
        let (low, part) = ((place / STEP as usize) & 31, (place % STEP as usize) as u32);
        let points = &mut self.points[line].0;
        let (below, above) = (u32::from(points[low]), u32::from(points[(low + 1) & 31]));
        let refined = (below * (STEP as u32 - part) + above * part) / STEP as u32;
        let bit = coder.code(bit, ((p + refined) >> 1).clamp(1, 65535));

        let point = &mut points[(low + usize::from(part * 2 >= STEP as u32)) & 31];
        let target = if bit { 65535 } else { 0 };
        *point = (i32::from(*point) + ((target - i32::from(*point)) >> REFINED_RATE)) as u16;
        let error = ((i32::from(bit) << 16) - p as i32) as f32 * (self.rate * UNIT);
        let (steps, more) = (logits * error, others * error);
        (a + steps).store_slice(&mut x[..8]);
        (b + steps).store_slice(&mut y[..8]);
        (c + steps).store_slice(&mut z[..8]);
        (d + more).store_slice(&mut x[8..12]);
        (e + more).store_slice(&mut y[8..12]);
        (f + more).store_slice(&mut z[8..12]);
        if decision.length > 0 {
            move_to(length, bit == expected, LENGTH_RATE);
        }
        move_to(&mut self.nodes[node], bit, NODE_RATE);
        #[cfg(feature = "__train")]
        if let Some(outcomes) = &mut self.outcomes {
            for i in 0..CONTEXTS {
                outcomes[i][usize::from(*table.state(i, walk.index))][usize::from(bit)] += 1;
            }
        }
        let next = &table.states.next;
        for i in 0..CONTEXTS {
            let state = table.state(i, walk.index);
            *state = next[usize::from(*state)][usize::from(bit)];
        }
        self.slow_down();
        bit
    }

    /// Counts a decision; each 1,024 the rate falls.
    #[inline(always)]
    fn slow_down(&mut self) {
        self.decisions = self.decisions.saturating_add(1);
        if self.decisions.is_multiple_of(1 << 10) {
            self.rate = LEAST_RATE + (RATE - LEAST_RATE) * SLOWING / (SLOWING + self.decisions as f32);
        }
    }
}

/// A probability of 20 bits learns an outcome.
#[inline(always)]
fn move_to(p: &mut u32, outcome: bool, rate: u32) {
    let goal = if outcome { (1 << 20) - 1 } else { 0 };
    *p = (*p as i32 + ((goal - *p as i32) >> rate)) as u32;
}
