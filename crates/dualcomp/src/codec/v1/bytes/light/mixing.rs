//! The probability of one decision of the light form: what follows states of contexts, mixed by one set of weights
//! that is the sum of three (docs/spec/bytes.md, section 11.3).

use std::array;

use dualcomp_entropy::{BitCoder, Number, Prior, hash, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x4, f32x16, i32x4, i32x16};

use crate::codec::v1::bytes::contexts::CONTEXTS;
use crate::codec::v1::bytes::light::states::STATES;
use crate::codec::v1::bytes::light::table::StateTable;
use crate::codec::v1::bytes::light::tree::Walk;

/// Inputs: the contexts, the match, what follows at a node in any context; the others are 0.
const WIDTH: usize = 16;
const MATCH: usize = CONTEXTS;
const ALONE: usize = CONTEXTS + 1;
const MAPS: usize = CONTEXTS + 2;

/// Learns as one part of this, a power of two, of its error (experiments/0042).
const MAP_RATE: u32 = 7;
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

/// Logits are of the lower side of an interval where the match expects outcome 0, and count nothing where it expects
/// nothing.
static SIGNS: [[f32; WIDTH]; 3] = {
    let mut signs = [[1.0; WIDTH]; 3];
    signs[0][MATCH] = -1.0;
    signs[1][MATCH] = 0.0;
    signs
};
/// All bits of a probability of the match.
static OPPOSITE: [i32; WIDTH] = {
    let mut bits = [0; WIDTH];
    bits[MATCH] = GOAL;
    bits
};

/// A probability of 20 bits, above its logit in 1/128 nat.
type Known = u32;
const P_SHIFT: u32 = 12;
const GOAL: i32 = (1 << (32 - P_SHIFT)) - 1;

/// A probability of 16 bits as it is kept.
fn known(p: u32) -> Known {
    let p = p.clamp(1, 65535);
    p << 16 | (logistic::stretch(p) >> 1) as u32 & ((1 << P_SHIFT) - 1)
}

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Weights([f32; WIDTH]);

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
    /// The last byte.
    pub(crate) last: u8,
    /// What to encode.
    pub(crate) bit: bool,
}

/// All that a substream learns but for the states of its contexts.
#[derive(Clone)]
pub(crate) struct Mixing {
    /// What follows: states of each context, lengths of the match, nodes.
    maps: Box<[[Known; 256]; MAPS]>,
    /// Weights by node, by what is known, by the last byte.
    weights: Box<[[Weights; 256]; 3]>,
    points: Box<[Points; 1 << REFINED]>,
    rate: f32,
    decisions: u32,
}

impl Mixing {
    pub(crate) fn new() -> Self {
        let by_state = array::from_fn(|state| known(STATES.p[state].into()));
        let (mut maps, mut start) = ([[known(1 << 15); 256]; MAPS], [0.0; WIDTH]);
        maps[..CONTEXTS].fill(by_state);
        start[..MAPS].fill(0.25);
        let mut weights = Box::new([[Weights([0.0; WIDTH]); 256]; 3]);
        weights[0].fill(Weights(start));
        let line = Points(array::from_fn(|i| logistic::squash((i as i32 - POINTS as i32 / 2) * STEP) as u16));
        let Ok(points) = vec![line; 1 << REFINED].into_boxed_slice().try_into() else { unreachable!("as many") };
        Self { maps: Box::new(maps), weights, points, rate: RATE, decisions: 0 }
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for entry in self.maps.as_flattened_mut() {
            *entry = prior.probability().map_or(*entry, |p| known(p.into()));
        }
        for weight in self.weights.as_flattened_mut().iter_mut().flat_map(|weights| &mut weights.0) {
            *weight = prior.weight().map_or(*weight, |new| new as f32 / 65536.0);
        }
        for point in self.points.iter_mut().flat_map(|points| &mut points.0[..POINTS]) {
            *point = prior.probability().unwrap_or(*point);
        }
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        out.extend(self.maps.as_flattened().iter().map(|entry| Number::Probability((entry >> 16) as u16)));
        let weights = self.weights.as_flattened().iter().flat_map(|weights| &weights.0);
        out.extend(weights.map(|weight| Number::Weight((weight * 65536.0) as i32)));
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
        let Decision { node, walk, expected, length, last, bit } = decision;
        let (node, last) = (usize::from(node), usize::from(last));
        // Index loops: iterators stay calls in functions as large as the callers.
        let mut entries = [0; WIDTH];
        for i in 0..CONTEXTS {
            entries[i] = self.maps[i][usize::from(*table.state(i, walk.index))] as i32;
        }
        entries[MATCH] = self.maps[MATCH][length & 255] as i32;
        entries[ALONE] = self.maps[ALONE][node] as i32;
        let entries = i32x16::from_slice(simd, &entries);
        let side = if length == 0 { 1 } else { 2 * usize::from(expected) };
        let signs = f32x16::from_slice(simd, &SIGNS[side]);
        let certain = usize::from(length > 0) + usize::from(length >= 16) + usize::from(length > 32);
        let class = ((table.known().min(7) * 4 + certain) * 8 + usize::from(walk.depth & 7)) & 255;

        let [by_node, by_class, by_last] = &mut *self.weights;
        let (x, y, z) = (&mut by_node[node].0, &mut by_class[class].0, &mut by_last[last].0);
        let (a, b) = (f32x16::from_slice(simd, &*x), f32x16::from_slice(simd, &*y));
        let c = f32x16::from_slice(simd, &*z);
        // The logits in 1/256 nat.
        let logits = f32x16::float_from((entries << 20) >> 19);
        let products = logits * ((a + b + c) * signs);
        let (low, high) = products.split();
        let (low, high) = (low + high).split();
        let sums = low + high;
        let sums = sums.as_slice();
        let sum = f32x4::splat(simd, (sums[0] + sums[2]) + (sums[1] + sums[3]));
        let limit = logistic::LIMIT as f32;
        let logit = i32x4::truncate_from(sum.max(f32x4::splat(simd, -limit)).min(f32x4::splat(simd, limit)));
        let logit = logit.as_slice()[0];
        let p = logistic::squash(logit);

        let place = (logit + POINTS as i32 / 2 * STEP) as usize;
        let (low, part) = ((place / STEP as usize) & 31, (place % STEP as usize) as u32);
        let points = &mut self.points[(hash(last as u32, node as u32) >> (32 - REFINED)) as usize].0;
        let (below, above) = (u32::from(points[low]), u32::from(points[(low + 1) & 31]));
        let refined = (below * (STEP as u32 - part) + above * part) / STEP as u32;
        let bit = coder.code(bit, ((p + refined) >> 1).clamp(1, 65535));

        let point = &mut points[(low + usize::from(part * 2 >= STEP as u32)) & 31];
        let target = if bit { 65535 } else { 0 };
        *point = (i32::from(*point) + ((target - i32::from(*point)) >> REFINED_RATE)) as u16;
        let error = ((i32::from(bit) << 16) - p as i32) as f32 * (self.rate * UNIT);
        let steps = (logits * signs) * error;
        (a + steps).store_slice(x);
        (b + steps).store_slice(y);
        (c + steps).store_slice(z);
        self.learn(simd, entries, decision, bit, table);
        self.slow_down();
        bit
    }

    /// What follows states, lengths and nodes learns an outcome, and the contexts have seen it.
    #[inline(always)]
    fn learn<S: Simd>(&mut self, simd: S, entries: i32x16<S>, decision: Decision, bit: bool, table: &mut StateTable) {
        let mut goals = i32x16::splat(simd, if bit { GOAL } else { 0 });
        if !decision.expected {
            goals ^= i32x16::from_slice(simd, &OPPOSITE);
        }
        let p = (entries >> P_SHIFT) & GOAL;
        let p = p + ((goals - p) >> MAP_RATE);
        let ones = p * 2 + 1;
        let (ones, zeros) = (ones.split(), ((2 << (32 - P_SHIFT)) - ones).split());
        let logits = logistic::logits_of_odds(ones.0, zeros.0).combine(logistic::logits_of_odds(ones.1, zeros.1));
        let mut learned = [0; WIDTH];
        ((p << P_SHIFT) | ((logits >> 1) & ((1 << P_SHIFT) - 1))).store_slice(&mut learned);
        let next = &STATES.next;
        for i in 0..CONTEXTS {
            let state = table.state(i, decision.walk.index);
            self.maps[i][usize::from(*state)] = learned[i] as u32;
            *state = next[usize::from(*state)][usize::from(bit)];
        }
        if decision.length > 0 {
            self.maps[MATCH][decision.length & 255] = learned[MATCH] as u32;
        }
        self.maps[ALONE][usize::from(decision.node)] = learned[ALONE] as u32;
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
