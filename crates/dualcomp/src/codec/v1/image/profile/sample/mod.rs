//! Coding of one sample under a distribution, with mixing (docs/spec/image.md, section 6).
//!
//! A value is told by thresholds. The probability of each decision mixes the distribution, the sub-predictors, counters
//! under the sample's contexts, the pixel history and the value caches.

pub(crate) mod context;
#[cfg(test)]
mod tests;

use dualcomp_entropy::Number;
use dualcomp_entropy::{Apm, BitCoder, Counter, MixingNetwork, Prior, SimdMixer, StateMap, WIDTH, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8, i32x16};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{Binarization, KINDS};
use crate::codec::v1::image::context::activity::ACTIVITIES;
use crate::codec::v1::image::context::classes::DISAGREEMENTS;
use crate::codec::v1::image::context::hashed_contexts::{ContextCounters, HashedContexts};
use crate::codec::v1::image::context::pixel_history::{GROUPS, HistoryStates, PixelHistory, TEMPLATES};
use crate::codec::v1::image::context::value_cache::{CACHES, ValueCache, VoteCounters};
use crate::codec::v1::image::matching::pixel_match::PixelMatch;
use context::{ACTIVITY_CONTEXTS, CHANNELS, HASHED, RESIDUAL_CONTEXTS, SampleContext, first_step};

/// Contexts that have counters: two that are numbered, and hashed ones.
const NUMBERED: usize = 2;
const CONTEXTS: usize = NUMBERED + HASHED;

/// Inputs before those of the sub-predictors; the last one is 0, and so are those after them.
const INPUTS: usize = WIDTH;
const NETWORK: usize = CONTEXTS + TEMPLATES;
const BIAS: usize = NETWORK + 1;
const CACHE: usize = BIAS + 1;

/// Logarithm of the entries of all tables of a tile: a quarter of the pixels, within these bounds (experiments/0022).
const TABLE_LOG2: std::ops::RangeInclusive<u32> = 10..=16;
/// Limit of the counters under contexts: by hand (experiments/0022).
pub(crate) const LIMIT: u32 = 255;
/// Rates of the mixers; that by the pixel history is fast, as exact repetition rewards it (experiments/0022).
pub(crate) const RATE: i32 = 240;
const HISTORY_RATE: i32 = 1000;
pub(crate) const BLEND_RATE: i32 = 120;

/// Learns while it codes the samples of one tile.
pub(crate) struct SampleCoder {
    activity_contexts: Vec<ContextCounters>,
    residual_contexts: Vec<ContextCounters>,
    near: [HashedContexts; HASHED],
    map: StateMap<HASHED>,
    /// Value caches of the samples that were not coded as candidates, and the counters of their votes.
    pub(crate) value_cache: ValueCache,
    votes: VoteCounters,
    pub(crate) pixel_history: PixelHistory,
    /// Mixers by channel, by activity and by the pixel history, each with the kind of decision.
    network: MixingNetwork<3, 2>,
    apm: Apm,
    pub(crate) pixel_match: PixelMatch,
}

impl SampleCoder {
    /// Bytes of memory that a tile of this many pixels needs at most for what is learned.
    pub(crate) fn memory(pixels: usize) -> u64 {
        let entry = HASHED * size_of::<ContextCounters>()
            + TEMPLATES * size_of::<u64>()
            + PixelMatch::ENTRY
            + ValueCache::ENTRY;
        ((entry as u64) << table_log2(pixels)) + (2 << 20)
    }

    pub(crate) fn new(pixels: usize, mut prior: Prior<'_>) -> Self {
        let log2 = table_log2(pixels);
        let mut start = [0; INPUTS];
        start[NETWORK] = 1 << 16;
        let mut coder = Self {
            activity_contexts: vec![ContextCounters::default(); ACTIVITY_CONTEXTS],
            residual_contexts: vec![ContextCounters::default(); RESIDUAL_CONTEXTS],
            near: core::array::from_fn(|_| HashedContexts::new(log2)),
            map: StateMap::new(KINDS),
            value_cache: ValueCache::new(log2),
            votes: VoteCounters::new(CHANNELS, KINDS),
            pixel_history: PixelHistory::new(log2),
            network: MixingNetwork::new(
                [
                    SimdMixer::new(CHANNELS * KINDS, [start, [0; INPUTS]], RATE),
                    SimdMixer::new(ACTIVITIES * KINDS, [start, [0; INPUTS]], RATE),
                    SimdMixer::new(GROUPS * GROUPS * KINDS, [start, [0; INPUTS]], HISTORY_RATE),
                ],
                GROUPS * GROUPS,
                BLEND_RATE,
            ),
            apm: Apm::new(CHANNELS * DISAGREEMENTS * KINDS, 6),
            pixel_match: PixelMatch::new(log2),
        };
        coder.load(&mut prior);
        coder
    }

    /// Loads a prior, which has no counters under contexts.
    fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(self.pixel_history.confidence());
        self.network.load(prior);
        self.apm.load(prior);
        self.pixel_match.load(prior);
        self.map.load(prior);
        prior.counters(self.votes.counters());
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&mut self, out: &mut Vec<Number>) {
        dualcomp_entropy::save_counters(self.pixel_history.confidence(), out);
        self.network.save(out);
        self.apm.save(out);
        self.pixel_match.save(out);
        self.map.save(out);
        dualcomp_entropy::save_counters(self.votes.counters(), out);
    }

    /// Fetches memory that [`Self::code`] needs soon.
    #[inline(always)]
    pub(crate) fn prefetch(&self, context: &SampleContext) {
        prefetch_index(&self.activity_contexts, context.activity_context);
        prefetch_index(&self.residual_contexts, context.residual_context);
        for i in 0..HASHED {
            self.near[i].prefetch(context.hashes[i]);
        }
        self.value_cache.prefetch(context.cache_hashes);
    }

    /// Codes `value`, or gives the value decoded.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        context: &SampleContext,
        history: &mut HistoryStates,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        let Self {
            activity_contexts,
            residual_contexts,
            near,
            map,
            value_cache,
            votes,
            pixel_history,
            network,
            apm,
            ..
        } = self;
        let SampleContext { channel, activity, distribution, linear, .. } = context;
        let (known, confidence) = (history.known(), history.state());
        // The channel of the history's pixels: a plane alone has one.
        let plane = channel % 3;
        let value = i32::from(value);
        let [first, second, third, fourth] = near;
        let lines = [
            &mut activity_contexts[context.activity_context],
            &mut residual_contexts[context.residual_context],
            first.line(context.hashes[0]),
            second.line(context.hashes[1]),
            third.line(context.hashes[2]),
            fourth.line(context.hashes[3]),
        ];
        let ranked = value_cache.look(context.cache_hashes);
        let mut binarization = Binarization::new(distribution.center(), first_step(distribution));
        // Probabilities of values below `low` and `high`.
        let mut bounds = [0, 1 << 24];
        let mut others = [i32x8::splat(simd, 0), i32x8::splat(simd, 1 << 24)];
        while binarization.next() {
            let kind = binarization.kind;
            let mut inputs = [0; INPUTS];
            let mut counters = [Counter::default(); CONTEXTS];
            for i in 0..CONTEXTS {
                counters[i] = lines[i].counters[kind];
            }
            for i in 0..NUMBERED {
                inputs[i] = if counters[i].count() > 0 { logistic::stretch(counters[i].p()) } else { 0 };
            }
            let mut hashed = [Counter::default(); HASHED];
            hashed.copy_from_slice(&counters[NUMBERED..]);
            let mut logits = [0; HASHED];
            let states = map.read(&hashed, kind, &mut logits);
            inputs[NUMBERED..CONTEXTS].copy_from_slice(&logits);
            let (cached, voted) = votes.ask(&ranked, *channel, &binarization);
            for i in 0..CACHES {
                inputs[CACHE + i] = if cached[i].count() > 0 { logistic::stretch(cached[i].p()) } else { 0 };
            }
            let history_inputs = if known { Some(pixel_history.ask(history, plane, &binarization)) } else { None };
            if let Some(history_inputs) = &history_inputs {
                inputs[CONTEXTS..CONTEXTS + TEMPLATES].copy_from_slice(&history_inputs.logits);
            }
            let at = distribution.below(binarization.threshold);
            inputs[NETWORK] = upper(bounds, at);
            inputs[BIAS] = 256;
            let none = i32x8::splat(simd, 0);
            let (mut other, mut predicted) = (none, none);
            if let Some(linear) = linear {
                other = linear.below(simd, binarization.threshold);
                predicted = logistic::logits_of_odds(others[1] - other, other - others[0]);
            }
            let inputs = [i32x16::from_slice(simd, &inputs), predicted.combine(none)];
            let selectors = [channel * KINDS + kind, activity * KINDS + kind, confidence * KINDS + kind];
            let logit = network.mix(&inputs, &selectors, confidence);
            let one = apm.final_probability(logit, context.activity_context / (ACTIVITIES * ACTIVITIES) * KINDS + kind);
            let bit = coder.code(value >= binarization.threshold, one);
            for i in 0..CONTEXTS {
                counters[i].update(bit, LIMIT);
                lines[i].counters[kind] = counters[i];
            }
            map.update(&states, bit);
            votes.update(&voted, bit);
            if let Some(history_inputs) = &history_inputs {
                pixel_history.update(history_inputs, bit);
            }
            network.update(&inputs, bit);
            apm.update(bit);
            binarization.answer(bit);
            bounds[usize::from(!bit)] = at;
            others[usize::from(!bit)] = other;
        }
        let value = binarization.low as u8;
        history.narrow(plane, value);
        value
    }
}

/// Logarithm of the lines and entries of a tile's tables.
pub(crate) fn table_log2(pixels: usize) -> u32 {
    (pixels.next_power_of_two().ilog2().saturating_sub(2)).clamp(*TABLE_LOG2.start(), *TABLE_LOG2.end())
}

/// The logit of a value at or above a threshold, between two bounds; all three are probabilities of a value below.
#[inline(always)]
fn upper(bounds: [u32; 2], at: u32) -> i32 {
    logistic::stretch(share(bounds, at))
}

/// The same as a probability, in 1/65536, 1..=65535.
#[inline(always)]
pub(crate) fn share(bounds: [u32; 2], at: u32) -> u32 {
    let p = (u64::from(bounds[1] - at) << 16) / u64::from(bounds[1] - bounds[0]);
    p.clamp(1, 65535) as u32
}
