//! Coding of the colour samples of a photograph: sub-predictors with the few contexts that help there, and without
//! those of exact repetition (docs/spec/image.md, section 7.1; experiments/0006).

use dualcomp_entropy::Number;
use dualcomp_entropy::{Apm, BitCoder, Counter, MixingNetwork, Prior, SimdMixer, WIDTH, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{Binarization, FIRST_HALVING};
use crate::codec::v1::image::context::classes::DISAGREEMENTS;
use crate::codec::v1::image::context::hashed_contexts::ContextCounters;
use crate::codec::v1::image::context::value_cache::{CACHES, ValueCache, VoteCounters};
use crate::codec::v1::image::predict::sub_predictors::REGRESSION;
use crate::codec::v1::image::profile::photo::sample_context::{ACTIVITIES, PhotoContext, RESIDUAL_CONTEXTS};
use crate::codec::v1::image::profile::sample::context::COLORS;
use crate::codec::v1::image::profile::sample::{BLEND_RATE, LIMIT, share, table_log2};

/// Kinds of decisions that are mixed: all but the halvings.
const KINDS: usize = FIRST_HALVING;
/// Inputs behind those of the linear predictions: a constant, the counter of the residual context, those of value caches,
/// and the network.
const BIAS: usize = 0;
const RESIDUAL: usize = 1;
const CACHE: usize = 2;
const NETWORK: usize = 5;
const LANES: usize = 8;
/// Odds of one nat: the constant input.
const EVIDENCE: (i32, i32) = (23_225, 8_544);
/// Rate of the mixers: slow, as the prior has most of the weights (experiments/0009).
const RATE: i32 = 100;

/// Learns while it codes the colour samples of one tile.
pub(crate) struct PhotoCoder {
    residual_contexts: Vec<ContextCounters>,
    value_cache: ValueCache,
    votes: VoteCounters,
    /// Mixers by colour, by the local error of the least squares, and by the network's spread or the local error of
    /// MED.
    network: MixingNetwork<3>,
    apm: Apm,
}

impl PhotoCoder {
    pub(crate) fn new(pixels: usize, mut prior: Prior<'_>) -> Self {
        let mut start = [0; WIDTH];
        start[REGRESSION] = 1 << 16;
        let mixer = |selectors| SimdMixer::new(selectors * KINDS, [start], RATE);
        let mut coder = Self {
            residual_contexts: vec![ContextCounters::default(); RESIDUAL_CONTEXTS],
            value_cache: ValueCache::new(table_log2(pixels)),
            votes: VoteCounters::new(COLORS, KINDS),
            network: MixingNetwork::new([mixer(COLORS), mixer(ACTIVITIES), mixer(ACTIVITIES)], ACTIVITIES, BLEND_RATE),
            apm: Apm::new(COLORS * DISAGREEMENTS * KINDS, 7),
        };
        coder.network.load(&mut prior);
        coder.apm.load(&mut prior);
        prior.counters(coder.votes.counters());
        coder
    }

    /// Bytes of memory that a tile of this many pixels needs at most for what is learned.
    pub(crate) fn memory(pixels: usize) -> u64 {
        ((ValueCache::ENTRY as u64) << table_log2(pixels)) + (1 << 20)
    }

    /// Writes what [`Self::new`] reads.
    pub(crate) fn save(&mut self, out: &mut Vec<Number>) {
        self.network.save(out);
        self.apm.save(out);
        dualcomp_entropy::save_counters(self.votes.counters(), out);
    }

    /// Fetches memory that [`Self::code`] needs soon.
    #[inline(always)]
    pub(crate) fn prefetch(&self, context: &PhotoContext) {
        prefetch_index(&self.residual_contexts, context.residual_context);
        self.value_cache.prefetch(Some(context.cache_hashes));
    }

    /// Codes `value`, or gives the value decoded.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        context: &PhotoContext,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        let Self { residual_contexts, value_cache, votes, network, apm } = self;
        let PhotoContext { channel, ref logistics, ref distribution, activities, disagreement, .. } = *context;
        let value = i32::from(value);
        let line = &mut residual_contexts[context.residual_context];
        let ranked = value_cache.look(Some(context.cache_hashes));
        let mut binarization = Binarization::new(context.center, context.step);
        // Probabilities of values below `low` and `high`: those of the predictions, and that of the network or
        // else of the regression.
        let mut bounds = [i32x8::splat(simd, 0), i32x8::splat(simd, 1 << 24)];
        let mut certain = [0, 1 << 24];
        while binarization.next() {
            let kind = binarization.kind;
            if kind >= FIRST_HALVING {
                // Outcomes within a step are nearly even: mixing them gains 0.04 % (experiments/0006).
                let at = match distribution {
                    Some(network) => network.below(binarization.threshold),
                    None => logistics.below_of(REGRESSION, binarization.threshold),
                };
                let bit = coder.code(value >= binarization.threshold, share(certain, at));
                binarization.answer(bit);
                certain[usize::from(!bit)] = at;
                continue;
            }
            let at = logistics.below(simd, binarization.threshold);
            let main = distribution.map_or(at[REGRESSION] as u32, |network| network.below(binarization.threshold));
            let predicted = logistic::logits_of_odds(bounds[1] - at, at - bounds[0]);
            let (mut ones, mut zeros) = ([1; LANES], [1; LANES]);
            (ones[BIAS], zeros[BIAS]) = EVIDENCE;
            let mut counter = line.counters[kind];
            (ones[RESIDUAL], zeros[RESIDUAL]) = odds(counter);
            let (cached, voted) = votes.ask(&ranked, channel, &binarization);
            for i in 0..CACHES {
                (ones[CACHE + i], zeros[CACHE + i]) = odds(cached[i]);
            }
            if distribution.is_some() {
                (ones[NETWORK], zeros[NETWORK]) = ((certain[1] - main) as i32, (main - certain[0]) as i32);
            }
            let (ones, zeros) = (i32x8::from_slice(simd, &ones), i32x8::from_slice(simd, &zeros));
            let inputs = predicted.combine(logistic::logits_of_odds(ones, zeros));
            let selectors = [channel * KINDS + kind, activities[0] * KINDS + kind, activities[1] * KINDS + kind];
            let logit = network.mix(&[inputs], &selectors, activities[1]);
            let one = apm.final_probability(logit, (channel * DISAGREEMENTS + disagreement) * KINDS + kind);
            let bit = coder.code(value >= binarization.threshold, one);
            counter.update(bit, LIMIT);
            line.counters[kind] = counter;
            votes.update(&voted, bit);
            network.update(&[inputs], bit);
            apm.update(bit);
            binarization.answer(bit);
            bounds[usize::from(!bit)] = at;
            certain[usize::from(!bit)] = main;
        }
        let value = binarization.low as u8;
        value_cache.note(Some(context.cache_hashes), value);
        value
    }
}

/// The odds of a counter's decision being a 1.
#[inline(always)]
fn odds(counter: Counter) -> (i32, i32) {
    let one = 2 * counter.p() as i32 + 1;
    (one, (1 << 17) - one)
}
