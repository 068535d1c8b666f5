//! Coding of one sample under a distribution, with mixing (docs/coding.md, section 4).
//!
//! A value is told apart by thresholds: first its side of the distribution's center, then growing steps away
//! from it, then halves of the last step. Each decision's probability comes from the distribution and is mixed
//! with counters under the sample's contexts.

use dualcomp_entropy::{BitCoder, Counter, Distribution, Mixer, Refiner, hash, logistic};

/// Hashed contexts of a sample.
pub(super) const CONTEXTS: usize = 5;
const INPUTS: usize = CONTEXTS + 2;
const NETWORK: usize = CONTEXTS;
const BIAS: usize = CONTEXTS + 1;

/// Kinds of decisions: the side, eight steps to each side, eight halvings.
const KINDS: usize = 25;
/// Levels of local activity.
pub(super) const ACTIVITIES: usize = 12;
const CHANNELS: usize = 4;
const TABLE_LOG2: u32 = 18;
const LIMIT: u32 = 255;

/// What is known about a sample besides its distribution.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    /// 0..4; 3 for planes without a network.
    pub(super) channel: usize,
    /// How far the neighbours were from their predictions, below [`ACTIVITIES`].
    pub(super) activity: usize,
    /// Hashes of what the neighbours are.
    pub(super) contexts: [u32; CONTEXTS],
}

/// Learns while it codes the samples of one tile.
pub(super) struct SampleCoder {
    counters: Vec<Counter>,
    by_kind: Mixer<INPUTS>,
    by_activity: Mixer<INPUTS>,
    refiner: Refiner,
}

impl SampleCoder {
    pub(super) fn new() -> Self {
        let mut start = [0; INPUTS];
        start[NETWORK] = 1 << 16;
        Self {
            counters: vec![Counter::default(); CONTEXTS << TABLE_LOG2],
            by_kind: Mixer::new(CHANNELS * KINDS, start, 24),
            by_activity: Mixer::new(ACTIVITIES * KINDS, start, 24),
            refiner: Refiner::new(CHANNELS * KINDS, 6),
        }
    }

    /// Codes `value`, or gives the value decoded.
    pub(super) fn code(
        &mut self,
        distribution: &Distribution,
        around: &Surroundings,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        let value = i32::from(value);
        let center = distribution.center();
        // The first step is as wide as the distribution, so that few decisions are needed.
        let step = 1 << (distribution.spread() / 16).max(1).ilog2();
        // Value is in low..high.
        let (mut low, mut high) = (0, 256);
        let mut bounds = (0, 1 << 24);
        let salt = hash(center as u32, step as u32);
        let mut ask = |threshold: i32, kind: usize, low: &mut i32, high: &mut i32| {
            if threshold <= *low || threshold >= *high {
                return threshold <= *low;
            }
            let at = distribution.below(threshold);
            let one = ((u64::from(bounds.1 - at) << 16) / u64::from(bounds.1 - bounds.0)).clamp(1, 65535) as u32;
            let place = hash(salt, (*low as u32) << 16 | threshold as u32);
            let bit = self.decide(one, kind, place, around, coder, value >= threshold);
            if bit {
                (*low, bounds.0) = (threshold, at);
            } else {
                (*high, bounds.1) = (threshold, at);
            }
            bit
        };
        let up = ask(center, 0, &mut low, &mut high);
        let mut width = step;
        for i in 0..8 {
            let threshold = if up { low + width } else { high - width };
            let beyond = ask(threshold, 1 + i + if up { 0 } else { 8 }, &mut low, &mut high) == up;
            if !beyond {
                break;
            }
            // One first step, another, then two, four and so on.
            width = if i == 0 { step } else { width * 2 };
        }
        let mut depth = 0;
        while high - low > 1 {
            ask(low + (high - low) / 2, 17 + depth.min(7), &mut low, &mut high);
            depth += 1;
        }
        low as u8
    }

    fn decide(
        &mut self,
        network: u32,
        kind: usize,
        place: u32,
        around: &Surroundings,
        coder: &mut impl BitCoder,
        bit: bool,
    ) -> bool {
        let mut inputs = [0; INPUTS];
        let mut slots = [0; CONTEXTS];
        for i in 0..CONTEXTS {
            // The first context is small and needs the kind alone, the others the exact question.
            let what = if i < 2 { kind as u32 } else { place };
            slots[i] = i << TABLE_LOG2 | (hash(around.contexts[i], what) >> (32 - TABLE_LOG2)) as usize;
            let counter = self.counters[slots[i]];
            if counter.count() > 1 {
                inputs[i] = logistic::stretch(counter.p());
            }
        }
        let network = logistic::stretch(network);
        inputs[NETWORK] = network;
        inputs[BIAS] = 256;
        let kind_of = around.channel * KINDS + kind;
        let logit =
            (self.by_kind.mix(&inputs, kind_of) + self.by_activity.mix(&inputs, around.activity * KINDS + kind)) >> 1;
        let refined = self.refiner.refine(logit, kind_of);
        let bit = coder.code(bit, ((logistic::squash(logit) + refined) >> 1).clamp(1, 65535));
        for slot in slots {
            self.counters[slot].update(bit, LIMIT);
        }
        self.by_kind.update(bit);
        self.by_activity.update(bit);
        self.refiner.update(bit);
        bit
    }
}
