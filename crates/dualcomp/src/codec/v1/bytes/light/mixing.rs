//! The probability of one decision of the light form: what follows states of contexts, mixed by one set of weights
//! that is the sum of three (docs/spec/bytes.md, section 11.3).

use std::array;
use std::sync::Arc;

use dualcomp_entropy::{BitCoder, Number, Prior, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8};

use crate::codec::v1::bytes::byte_match::{LENGTHS, MATCHES};
use crate::codec::v1::bytes::light::CONTEXTS;
use crate::codec::v1::bytes::light::states::STATES;
use crate::codec::v1::bytes::light::table::StateTable;
use crate::codec::v1::bytes::light::tree::{ONE, Walk};
use crate::codec::v1::bytes::recent_order0::{AdaptiveProbability, RecentOrder0};
use crate::codec::v1::bytes::shape::{BY_FOUR, BY_WORD, ByteSelectors};
use crate::codec::v1::float_mixing::{STEP, load_weights, logit, save_weights};

/// Weights of a set: one for each context, for the match and for what came last at a node.
const WIDTH: usize = 8;
/// What lengths of the match (docs/spec/bytes.md, section 3.2) learn by: one part of this, a power of two, of the error
/// (experiments/0042).
const LENGTH_RATE: u32 = 7;
/// The rate of the weights at first and at last, and after how many decisions it is halfway there (experiments/0042, 0097).
const RATE: f32 = 0.004;
const MIN_RATE: f32 = 0.0015;
const SLOWING: f32 = (1 << 18) as f32;

#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Weights([f32; WIDTH]);

/// Classes of what is known: of contexts, of the match, of the last byte.
const CLASSES: usize = 8 * MATCHES * 8;

#[derive(Clone)]
struct WeightSets {
    by_word: [Weights; BY_WORD],
    by_class: [Weights; CLASSES],
    by_four: [Weights; BY_FOUR],
}

impl WeightSets {
    /// All numbers in the order of a prior.
    fn numbers(&self) -> impl Iterator<Item = &f32> {
        self.by_word.iter().chain(&self.by_class).chain(&self.by_four).flat_map(|weights| &weights.0)
    }

    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        let Self { by_word, by_class, by_four } = self;
        by_word.iter_mut().chain(by_class).chain(by_four).flat_map(|weights| &mut weights.0)
    }
}

/// What one decision is made under.
#[derive(Clone, Copy)]
pub(crate) struct Decision {
    pub(crate) node: u8,
    pub(crate) walk: Walk,
    /// The outcome that the match expects, and how long it is; 0 without one.
    pub(crate) expected: bool,
    pub(crate) length: usize,
    /// What is known, and the class of the last byte.
    pub(crate) class: usize,
    pub(crate) selectors: ByteSelectors,
    /// What to encode.
    pub(crate) bit: bool,
}

/// All that a substream learns but for the states of its contexts.
#[derive(Clone)]
pub(crate) struct Mixing {
    /// The logit of each state of each context, which the prior gives: what a stream could learn of that is worth 0.2 % and
    /// took a quarter of the time (experiments/0071).
    logits: Arc<[[f32; 256]; CONTEXTS]>,
    /// How often matches of each length are right, in 1/2^20.
    lengths: [AdaptiveProbability; 64],
    recent: RecentOrder0,
    /// Weights by the word and the node, by what is known, by the classes of the last four bytes.
    weights: Box<WeightSets>,
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
        let weights = Box::new(WeightSets {
            by_word: [Weights(start); BY_WORD],
            by_class: [none; CLASSES],
            by_four: [none; BY_FOUR],
        });
        Self {
            logits: Arc::new([by_state; CONTEXTS]),
            lengths: [AdaptiveProbability::NONE; 64],
            recent: RecentOrder0::new(),
            weights,
            rate: RATE,
            decisions: 0,
            #[cfg(feature = "__train")]
            outcomes: None,
        }
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for logit in Arc::make_mut(&mut self.logits).as_flattened_mut() {
            *logit = prior.probability().map_or(*logit, |p| logistic::stretch(p.into()) as f32);
        }
        for learned in &mut self.lengths[..LENGTHS] {
            learned.load(prior);
        }
        self.lengths[0] = AdaptiveProbability::NONE;
        self.recent.load(prior);
        load_weights(self.weights.numbers_mut(), prior);
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        let logits = self.logits.as_flattened().iter().map(|&logit| logistic::squash(logit as i32));
        out.extend(logits.map(|p| Number::Probability(p as u16)));
        out.extend(self.lengths[..LENGTHS].iter().map(|length| length.number()));
        self.recent.save(out);
        save_weights(self.weights.numbers().copied(), out);
    }

    /// Codes a decision and learns it, and so do the contexts. Returns where the outcome leads, as [`Walk::next`] has it.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        decision: Decision,
        table: &mut StateTable,
        coder: &mut impl BitCoder,
    ) -> u16 {
        let Decision { node, walk, expected, length, class, selectors, bit } = decision;
        // Index loops: iterators stay calls in functions as large as the callers.
        let mut inputs = [0.0; WIDTH];
        for i in 0..CONTEXTS {
            inputs[i] = self.logits[i][usize::from(*table.state(i, walk.index))];
        }
        let length = &mut self.lengths[length & 63];
        // Without a match it is 0.
        inputs[CONTEXTS] = if expected { length.logit } else { -length.logit } as f32;
        inputs[CONTEXTS + 1] = self.recent.logit(node) as f32;
        let inputs = f32x8::from_slice(simd, &inputs);

        let WeightSets { by_word, by_class, by_four } = &mut *self.weights;
        let (word, class, four) = (selectors.by_word(node), class & (CLASSES - 1), selectors.four & (BY_FOUR - 1));
        let (x, y, z) = (&mut by_word[word].0, &mut by_class[class].0, &mut by_four[four].0);
        let (a, b) = (f32x8::from_slice(simd, x), f32x8::from_slice(simd, y));
        let c = f32x8::from_slice(simd, z);
        let (low, high) = (inputs * (a + b + c)).split();
        let p = logistic::squash_coarse(logit(simd, low + high));

        let bit = coder.code(bit, p);
        let next = coder.choose(bit, walk.next);
        let bit = next & ONE != 0;
        let error = ((i32::from(bit) << 16) - p as i32) as f32 * (self.rate * STEP);
        let steps = inputs * error;
        (a + steps).store_slice(x);
        (b + steps).store_slice(y);
        (c + steps).store_slice(z);
        if decision.length > 0 {
            length.move_to(bit == expected, LENGTH_RATE);
        }
        self.recent.learn(node, bit);
        #[cfg(feature = "__train")]
        if let Some(outcomes) = &mut self.outcomes {
            for i in 0..CONTEXTS {
                outcomes[i][usize::from(*table.state(i, walk.index))][usize::from(bit)] += 1;
            }
        }
        let follows = &table.states.next;
        for i in 0..CONTEXTS {
            let state = table.state(i, walk.index);
            *state = follows[usize::from(*state)][usize::from(bit)];
        }
        self.slow_down();
        next
    }

    /// Counts a decision; each 1,024 the rate falls.
    #[inline(always)]
    fn slow_down(&mut self) {
        self.decisions = self.decisions.saturating_add(1);
        if self.decisions.is_multiple_of(1 << 10) {
            self.rate = MIN_RATE + (RATE - MIN_RATE) * SLOWING / (SLOWING + self.decisions as f32);
        }
    }
}
