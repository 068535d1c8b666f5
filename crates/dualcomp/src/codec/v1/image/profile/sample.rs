//! Coding of one sample under a distribution, with mixing (docs/spec/image.md, section 6).
//!
//! A value is told by thresholds. The probability of each decision mixes the distribution, the sub-predictors, counters
//! under the sample's contexts, the pixel history and the value caches.

use dualcomp_entropy::Number;
use dualcomp_entropy::{
    Apm, BitCoder, Counter, Distribution, Logistics, MixingNetwork, Prior, SimdMixer, StateMap, WIDTH, logistic,
};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8, i32x16};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{Binarization, KINDS};
use crate::codec::v1::image::context::hashed_contexts::{ContextCounters, HashedContexts};
use crate::codec::v1::image::context::pixel_history::{GROUPS, HistoryStates, PixelHistory, TEMPLATES};
use crate::codec::v1::image::context::value_cache::{CACHES, ValueCache, VoteCounters};
use crate::codec::v1::image::matching::pixel_match::PixelMatch;

/// Contexts that have counters: two that are numbered, and hashed ones.
const NUMBERED: usize = 2;
pub(crate) const HASHED: usize = 4;
const CONTEXTS: usize = NUMBERED + HASHED;
/// Numbers of the first two contexts.
pub(crate) const ACTIVITY_CONTEXTS: usize = DISAGREEMENTS * ACTIVITIES * ACTIVITIES;
/// Channels, and classes of disagreement.
pub(crate) const DISAGREEMENTS: usize = 16 * CHANNELS;
pub(crate) const RESIDUAL_CONTEXTS: usize = 4096;

/// Inputs before those of the sub-predictors; the last one is 0, and so are those after them.
const INPUTS: usize = WIDTH;
const NETWORK: usize = CONTEXTS + TEMPLATES;
const BIAS: usize = NETWORK + 1;
const CACHE: usize = BIAS + 1;

/// Levels of local activity.
pub(crate) const ACTIVITIES: usize = 12;
pub(crate) const CHANNELS: usize = 4;
/// Those of them that are colours.
pub(crate) const COLORS: usize = 3;
/// Logarithm of the entries of all tables of a tile: a quarter of the pixels, within these bounds (experiments/0022).
const TABLE_LOG2: std::ops::RangeInclusive<u32> = 10..=16;
pub(crate) const LIMIT: u32 = 255;
/// Rates of the mixers; that by the pixel history is fast, as exact repetition rewards it (experiments/0022).
pub(crate) const RATE: i32 = 240;
const RECALL_RATE: i32 = 1000;
pub(crate) const BLEND_RATE: i32 = 120;

/// What is known about a sample.
#[derive(Clone, Copy)]
pub(crate) struct SampleContext {
    /// 0..4; 3 for planes without a network.
    pub(crate) channel: usize,
    /// The activity of the least squares' errors, below [`ACTIVITIES`].
    pub(crate) activity: usize,
    pub(crate) distribution: Distribution,
    /// The sub-predictors, if there are any.
    pub(crate) linear: Option<Logistics>,
    /// Numbers of contexts, below [`ACTIVITY_CONTEXTS`] and [`RESIDUAL_CONTEXTS`].
    pub(crate) activity_context: usize,
    pub(crate) residual_context: usize,
    /// Context hashes, including the binarization key.
    pub(crate) hashes: [u32; HASHED],
    /// Hashes of the value caches, if there are any.
    pub(crate) cache_hashes: Option<[u32; CACHES]>,
}

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
                    SimdMixer::new(GROUPS * GROUPS * KINDS, [start, [0; INPUTS]], RECALL_RATE),
                ],
                GROUPS * GROUPS,
                BLEND_RATE,
            ),
            apm: Apm::new(DISAGREEMENTS * KINDS, 6),
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

/// The first step away from the center: the spread rounded down to a power of two, so that few decisions are needed.
#[inline(always)]
pub(crate) fn first_step(distribution: &Distribution) -> i32 {
    1 << (distribution.spread() / 16).max(1).ilog2()
}

/// The binarization key: what the thresholds follow from.
#[inline(always)]
pub(crate) fn binarization_key(distribution: &Distribution) -> u32 {
    (distribution.center() << 16 | first_step(distribution)) as u32
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

#[cfg(test)]
mod tests {
    use dualcomp_entropy::{RangeDecoder, RangeEncoder};
    use fearless_simd::Level;

    use super::*;
    use crate::codec::v1::artefacts::PriorKind;
    use crate::codec::v1::image::profile::plane::fallbacks;
    use crate::runtime::at_level::at_level;

    /// Codes values with nothing around them, with the same contexts for all or with others for each.
    fn code<C: BitCoder>(coder: &mut C, values: &[u8], contexts: usize) -> Vec<u8> {
        let mut samples = SampleCoder::new(1 << 12, PriorKind::MixedTile.prior());
        let fallbacks = fallbacks();
        let mut code = |(i, &value): (usize, &u8)| {
            let (of, activity) = (i % contexts, i % ACTIVITIES);
            let distribution = fallbacks[activity].moved(128);
            let context = SampleContext {
                channel: 3,
                activity,
                distribution,
                linear: None,
                activity_context: of,
                residual_context: of,
                hashes: [of as u32 * 0x9E37_79B9; HASHED],
                cache_hashes: None,
            };
            let mut states = samples.pixel_history.look(&[0; TEMPLATES]);
            at_level!(Level::new(), simd => samples.code(simd, &context, &mut states, coder, value))
        };
        values.iter().enumerate().map(&mut code).collect()
    }

    #[test]
    fn every_value_comes_back_under_every_context() {
        let values: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for contexts in [1, 7, 300] {
            let mut encoder = RangeEncoder::new();
            assert!(code(&mut encoder, &values, contexts) == values);
            let zeros = vec![0; values.len()];
            assert!(code(&mut RangeDecoder::new(&encoder.finish()), &zeros, contexts) == values, "{contexts}");
        }
    }

    #[test]
    fn what_comes_again_under_a_context_gets_short() {
        let length = |values: &[u8]| {
            let mut encoder = RangeEncoder::new();
            code(&mut encoder, values, 1);
            encoder.finish().len()
        };
        // Far from the middle of the distribution, which predicts 128.
        assert!(length(&[31; 2000]) < 100, "{}", length(&[31; 2000]));
        let changing: Vec<u8> = (0..2000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(length(&changing) > 1900);
    }

    #[test]
    fn a_share_is_a_probability_between_any_bounds() {
        assert_eq!(share([0, 1 << 24], 1 << 23), 1 << 15);
        assert_eq!(share([0, 1 << 24], 1 << 24), 1);
        assert_eq!(share([1000, 1001], 1000), 65535);
        assert_eq!(share([100, 300], 250), 1 << 14);
    }
}
