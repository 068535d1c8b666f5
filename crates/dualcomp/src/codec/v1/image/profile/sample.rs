//! Coding of one sample under a distribution, with mixing (docs/spec/image.md, section 6).
//!
//! A value is told apart by thresholds. Each decision's probability comes from the distribution and is mixed with
//! those of linear predictions, counters under the sample's contexts, and recalled values.

#[cfg(feature = "learn")]
use dualcomp_entropy::Number;
use dualcomp_entropy::{
    Apm, BitCoder, Counter, Distribution, Logistics, MixingNetwork, Prior, SimdMixer, StateMap, WIDTH, logistic,
};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8, i32x16};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{KINDS, Walk};
use crate::codec::v1::image::context::counter_slots::{Line, Lines};
use crate::codec::v1::image::context::pixel_history::{GROUPS, Pasts, REACHES, Recall};
use crate::codec::v1::image::context::value_cache::{TINTS, Tints, Votes};
use crate::codec::v1::image::matching::pixel_match::Hits;

/// Contexts that have counters: two that are numbered, and hashed ones.
const NUMBERED: usize = 2;
pub(crate) const HASHED: usize = 4;
const CONTEXTS: usize = NUMBERED + HASHED;
/// Numbers of the first two contexts.
pub(crate) const PLACES: usize = APARTS * ACTIVITIES * ACTIVITIES;
/// Channels, and how far the two expectations lie apart.
pub(crate) const APARTS: usize = 16 * CHANNELS;
pub(crate) const TRAITS: usize = 4096;

/// Inputs before those of the linear predictions; the last one is 0, and so are those after them.
const INPUTS: usize = WIDTH;
const NETWORK: usize = CONTEXTS + REACHES;
const BIAS: usize = NETWORK + 1;
const TINT: usize = BIAS + 1;

/// Levels of local activity.
pub(crate) const ACTIVITIES: usize = 12;
pub(crate) const CHANNELS: usize = 4;
/// Those of them that are colours.
pub(crate) const COLORS: usize = 3;
/// Logarithm of the lines of the hashed context, and of the recall's entries: a quarter of the pixels, within these
/// bounds.
const TABLE_LOG2: std::ops::RangeInclusive<u32> = 10..=16;
pub(crate) const LIMIT: u32 = 255;
/// How fast mixers learn. Where values come back exactly, fast learning pays.
pub(crate) const RATE: i32 = 240;
const RECALL_RATE: i32 = 1000;
pub(crate) const BLEND_RATE: i32 = 120;

/// What is known about a sample.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    /// 0..4; 3 for planes without a network.
    pub(crate) channel: usize,
    /// How far the neighbours were from their predictions, below [`ACTIVITIES`].
    pub(crate) activity: usize,
    pub(crate) distribution: Distribution,
    /// What else is expected, if there are linear predictions.
    pub(crate) linear: Option<Logistics>,
    /// Numbers of contexts, below [`PLACES`] and [`TRAITS`].
    pub(crate) place: usize,
    pub(crate) traits: usize,
    /// Hash of exact neighbours and of what the thresholds follow from.
    pub(crate) hashes: [u32; HASHED],
    /// Hashes of what tells which values are likely, if anything does.
    pub(crate) tints: Option<[u32; TINTS]>,
}

/// Learns while it codes the samples of one tile.
pub(crate) struct SampleCoder {
    places: Vec<Line>,
    traits: Vec<Line>,
    near: [Lines; HASHED],
    map: StateMap<HASHED>,
    /// What samples that were not hits came with, and what really follows that.
    pub(crate) tints: Tints,
    votes: Votes,
    pub(crate) recall: Recall,
    /// Mixers by kind, by activity and by recall.
    network: MixingNetwork<3, 2>,
    apm: Apm,
    pub(crate) hits: Hits,
}

impl SampleCoder {
    /// Bytes of memory that a tile of this many pixels needs at most for what is learned.
    pub(crate) fn memory(pixels: usize) -> u64 {
        let entry = HASHED * size_of::<Line>() + REACHES * size_of::<u64>() + Hits::ENTRY + Tints::ENTRY;
        ((entry as u64) << table_log2(pixels)) + (2 << 20)
    }

    pub(crate) fn new(pixels: usize, mut prior: Prior<'_>) -> Self {
        let log2 = table_log2(pixels);
        let mut start = [0; INPUTS];
        start[NETWORK] = 1 << 16;
        let mut coder = Self {
            places: vec![Line::default(); PLACES],
            traits: vec![Line::default(); TRAITS],
            near: core::array::from_fn(|_| Lines::new(log2)),
            map: StateMap::new(KINDS),
            tints: Tints::new(log2),
            votes: Votes::new(CHANNELS, KINDS),
            recall: Recall::new(log2),
            network: MixingNetwork::new(
                [
                    SimdMixer::new(CHANNELS * KINDS, [start, [0; INPUTS]], RATE),
                    SimdMixer::new(ACTIVITIES * KINDS, [start, [0; INPUTS]], RATE),
                    SimdMixer::new(GROUPS * GROUPS * KINDS, [start, [0; INPUTS]], RECALL_RATE),
                ],
                GROUPS * GROUPS,
                BLEND_RATE,
            ),
            apm: Apm::new(APARTS * KINDS, 6),
            hits: Hits::new(log2),
        };
        coder.load(&mut prior);
        coder
    }

    /// Takes over what a prior has learned. The counters under contexts are too many for one.
    fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(self.recall.trust());
        self.network.load(prior);
        self.apm.load(prior);
        self.hits.load(prior);
        self.map.load(prior);
        prior.counters(self.votes.counters());
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    pub(crate) fn save(&mut self, out: &mut Vec<Number>) {
        dualcomp_entropy::save_counters(self.recall.trust(), out);
        self.network.save(out);
        self.apm.save(out);
        self.hits.save(out);
        self.map.save(out);
        dualcomp_entropy::save_counters(self.votes.counters(), out);
    }

    /// Fetches memory that [`Self::code`] needs soon.
    #[inline(always)]
    pub(crate) fn prefetch(&self, expected: &Expected) {
        prefetch_index(&self.places, expected.place);
        prefetch_index(&self.traits, expected.traits);
        for i in 0..HASHED {
            self.near[i].prefetch(expected.hashes[i]);
        }
        self.tints.prefetch(expected.tints);
    }

    /// Codes `value`, or gives the value decoded.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        expected: &Expected,
        pasts: &mut Pasts,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        let Self { places, traits, near, map, tints, votes, recall, network, apm, .. } = self;
        let Expected { channel, activity, distribution, linear, .. } = expected;
        let (known, state) = (pasts.known(), pasts.state());
        // The plane of a pixel's past that is meant: planes alone have one.
        let past = channel % 3;
        let value = i32::from(value);
        let [first, second, third, fourth] = near;
        let lines = [
            &mut places[expected.place],
            &mut traits[expected.traits],
            first.line(expected.hashes[0]),
            second.line(expected.hashes[1]),
            third.line(expected.hashes[2]),
            fourth.line(expected.hashes[3]),
        ];
        let likely = tints.look(expected.tints);
        let mut walk = Walk::new(distribution.center(), first_step(distribution));
        // Probabilities of values below walk.low and walk.high.
        let mut bounds = [0, 1 << 24];
        let mut others = [i32x8::splat(simd, 0), i32x8::splat(simd, 1 << 24)];
        while walk.next() {
            let kind = walk.kind;
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
            let (tinted, voted) = votes.ask(&likely, *channel, &walk);
            for i in 0..TINTS {
                inputs[TINT + i] = if tinted[i].count() > 0 { logistic::stretch(tinted[i].p()) } else { 0 };
            }
            let recalled = if known { Some(recall.ask(pasts, past, &walk)) } else { None };
            if let Some(recalled) = &recalled {
                inputs[CONTEXTS..CONTEXTS + REACHES].copy_from_slice(&recalled.logits);
            }
            let at = distribution.below(walk.threshold);
            inputs[NETWORK] = upper(bounds, at);
            inputs[BIAS] = 256;
            let none = i32x8::splat(simd, 0);
            let (mut other, mut predicted) = (none, none);
            if let Some(linear) = linear {
                other = linear.below(simd, walk.threshold);
                predicted = logistic::logits_of_odds(others[1] - other, other - others[0]);
            }
            let inputs = [i32x16::from_slice(simd, &inputs), predicted.combine(none)];
            let selectors = [channel * KINDS + kind, activity * KINDS + kind, state * KINDS + kind];
            let logit = network.mix(&inputs, &selectors, state);
            let refined = apm.refine(logit, expected.place / (ACTIVITIES * ACTIVITIES) * KINDS + kind);
            let one = ((logistic::squash(logit) + refined) >> 1).clamp(1, 65535);
            let bit = coder.code(value >= walk.threshold, one);
            for i in 0..CONTEXTS {
                counters[i].update(bit, LIMIT);
                lines[i].counters[kind] = counters[i];
            }
            map.update(&states, bit);
            votes.update(&voted, bit);
            if let Some(recalled) = &recalled {
                recall.update(recalled, bit);
            }
            network.update(&inputs, bit);
            apm.update(bit);
            walk.answer(bit);
            bounds[usize::from(!bit)] = at;
            others[usize::from(!bit)] = other;
        }
        let value = walk.low as u8;
        pasts.narrow(past, value);
        value
    }
}

/// The width of the first step away from the center: about that of the distribution, so that few decisions are needed.
#[inline(always)]
pub(crate) fn first_step(distribution: &Distribution) -> i32 {
    1 << (distribution.spread() / 16).max(1).ilog2()
}

/// What the questions about a sample follow from, as a number.
#[inline(always)]
pub(crate) fn questions(distribution: &Distribution) -> u32 {
    (distribution.center() << 16 | first_step(distribution)) as u32
}

/// Logarithm of the lines and entries of a tile's tables.
pub(crate) fn table_log2(pixels: usize) -> u32 {
    (pixels.next_power_of_two().ilog2().saturating_sub(2)).clamp(*TABLE_LOG2.start(), *TABLE_LOG2.end())
}

/// The logit of lying at or above a threshold, between two bounds; all as probabilities of lying below.
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
