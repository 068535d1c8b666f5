//! Coding of one sample under a distribution, with mixing (docs/coding.md, section 4).
//!
//! A value is told apart by thresholds: first its side of the distribution's center, then growing steps away
//! from it, then halves of the last step. Each decision's probability comes from the distribution and is mixed
//! with counters under the sample's contexts.

use dualcomp_entropy::{
    BitCoder, Counter, Distribution, Logistic, Mixer, MixingNetwork, Prior, Refiner, hash, logistic,
};

use super::recall::{GROUPS, REACHES, Recall};

/// Hashed contexts of a sample.
pub(super) const CONTEXTS: usize = 5;
const INPUTS: usize = CONTEXTS + REACHES + 3;
const REGRESSION: usize = INPUTS - 3;
const NETWORK: usize = INPUTS - 2;
const BIAS: usize = INPUTS - 1;

/// Kinds of decisions: the side, eight steps to each side, eight halvings.
const KINDS: usize = 25;
/// Levels of local activity.
pub(super) const ACTIVITIES: usize = 12;
const CHANNELS: usize = 4;
/// Logarithm of the counters for each context: four for each pixel, within these bounds.
const TABLE_LOG2: std::ops::RangeInclusive<u32> = 14..=20;
const LIMIT: u32 = 255;
/// How fast mixers learn. Where values come back exactly, fast learning pays.
const RATE: i32 = 240;
const RECALL_RATE: i32 = 1000;
const BLEND_RATE: i32 = 120;

/// What is known about a sample besides its distribution.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    /// 0..4; 3 for planes without a network.
    pub(super) channel: usize,
    /// How far the neighbours were from their predictions, below [`ACTIVITIES`].
    pub(super) activity: usize,
    /// What else is expected.
    pub(super) regression: Option<Logistic>,
    /// Hashes of what the neighbours are.
    pub(super) contexts: [u32; CONTEXTS],
    /// Hashes of all that is near, the widest reach first.
    pub(super) surroundings: [u32; REACHES],
}

/// Learns while it codes the samples of one tile.
pub(super) struct SampleCoder {
    counters: Vec<Counter>,
    log2: u32,
    recall: Recall,
    /// Mixers by kind, by activity and by recall.
    network: MixingNetwork<INPUTS, 3>,
    refiner: Refiner,
}

impl SampleCoder {
    /// Bytes of memory that a tile of this many pixels needs at most for what is learned.
    pub(super) fn memory(pixels: usize) -> u64 {
        (((CONTEXTS * size_of::<Counter>()) as u64) << table_log2(pixels)) + (2 << 20)
    }

    pub(super) fn new(pixels: usize, mut prior: Prior<'_>) -> Self {
        let log2 = table_log2(pixels);
        let mut start = [0; INPUTS];
        start[NETWORK] = 1 << 16;
        let mut coder = Self {
            counters: vec![Counter::default(); CONTEXTS << log2],
            log2,
            recall: Recall::new(KINDS),
            network: MixingNetwork::new(
                [
                    Mixer::new(CHANNELS * KINDS, start, RATE),
                    Mixer::new(ACTIVITIES * KINDS, start, RATE),
                    Mixer::new(GROUPS * GROUPS * KINDS, start, RECALL_RATE),
                ],
                GROUPS * GROUPS,
                BLEND_RATE,
            ),
            refiner: Refiner::new(CHANNELS * KINDS, 6),
        };
        coder.load(&mut prior);
        coder
    }

    /// Takes over what a prior has learned. The counters under hashed contexts are too many for one.
    fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(self.recall.trust());
        self.network.load(prior);
        self.refiner.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    pub(super) fn save(&mut self, out: &mut Vec<u16>) {
        dualcomp_entropy::save_counters(self.recall.trust(), out);
        self.network.save(out);
        self.refiner.save(out);
    }

    /// Codes `value`, or gives the value decoded.
    pub(super) fn code(
        &mut self,
        distribution: &Distribution,
        around: &Surroundings,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        self.recall.look(around.surroundings);
        let value = i32::from(value);
        let center = distribution.center();
        // The first step is as wide as the distribution, so that few decisions are needed.
        let step = 1 << (distribution.spread() / 16).max(1).ilog2();
        // Value is in low..high.
        let (mut low, mut high) = (0, 256);
        let mut bounds = (0, 1 << 24);
        let mut others = (0, 1 << 24);
        let salt = hash(center as u32, step as u32);
        let mut ask = |threshold: i32, kind: usize, low: &mut i32, high: &mut i32| {
            if threshold <= *low || threshold >= *high {
                return threshold <= *low;
            }
            let at = distribution.below(threshold);
            let other = around.regression.map_or(0, |logistic| logistic.below(threshold));
            let question = Question {
                low: *low,
                high: *high,
                threshold,
                kind,
                network: upper(bounds, at),
                regression: around.regression.map_or(0, |_| upper(others, other)),
                salt,
            };
            let bit = self.decide(&question, around, coder, value >= threshold);
            if bit {
                (*low, bounds.0, others.0) = (threshold, at, other);
            } else {
                (*high, bounds.1, others.1) = (threshold, at, other);
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
        self.recall.note(low as u8);
        low as u8
    }

    fn decide(&mut self, q: &Question, around: &Surroundings, coder: &mut impl BitCoder, bit: bool) -> bool {
        let place = hash(q.salt, (q.low as u32) << 16 | q.threshold as u32);
        let mut inputs = [0; INPUTS];
        let mut slots = [0; CONTEXTS];
        for (i, slot) in slots.iter_mut().enumerate() {
            // The first contexts are small and need the kind alone, the others the exact question.
            let what = if i < 2 { q.kind as u32 } else { place };
            *slot = i << self.log2 | (hash(around.contexts[i], what) >> (32 - self.log2)) as usize;
            let counter = self.counters[*slot];
            if counter.count() > 0 {
                inputs[i] = logistic::stretch(counter.p());
            }
        }
        let recalled = self.recall.logits(q.low, q.high, q.threshold, q.kind);
        inputs[CONTEXTS..CONTEXTS + REACHES].copy_from_slice(&recalled);
        inputs[REGRESSION] = q.regression;
        inputs[NETWORK] = q.network;
        inputs[BIAS] = 256;
        let kind = around.channel * KINDS + q.kind;
        let state = self.recall.state();
        let selectors = [kind, around.activity * KINDS + q.kind, state * KINDS + q.kind];
        let logit = self.network.mix(&inputs, &selectors, state);
        let refined = self.refiner.refine(logit, kind);
        let bit = coder.code(bit, ((logistic::squash(logit) + refined) >> 1).clamp(1, 65535));
        for slot in slots {
            self.counters[slot].update(bit, LIMIT);
        }
        self.recall.update(q.low, q.high, q.threshold, q.kind, bit);
        self.network.update(&inputs, bit);
        self.refiner.update(bit);
        bit
    }
}

/// A decision: is a value in `low..high` at least `threshold`?
struct Question {
    low: i32,
    high: i32,
    threshold: i32,
    kind: usize,
    /// Logits of yes by the distribution and by the regression.
    network: i32,
    regression: i32,
    /// Hash of what the thresholds follow from.
    salt: u32,
}

/// Logarithm of the counters that each context of a tile has.
fn table_log2(pixels: usize) -> u32 {
    (pixels.next_power_of_two().ilog2() + 2).clamp(*TABLE_LOG2.start(), *TABLE_LOG2.end())
}

/// The logit of lying at or above a threshold, between two bounds; all as probabilities of lying below.
fn upper(bounds: (u32, u32), at: u32) -> i32 {
    let p = (u64::from(bounds.1 - at) << 16) / u64::from(bounds.1 - bounds.0);
    logistic::stretch(p.clamp(1, 65535) as u32)
}
