//! Coding of the colour samples of a photograph under the network (docs/coding.md, section 4.6): with the few contexts
//! that help there, and without those of exact repetition.

#[cfg(feature = "learn")]
use dualcomp_entropy::Number;
use dualcomp_entropy::{BitCoder, Counter, MixingNetwork, Prior, Refiner, WIDTH, WideMixer, logistic};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8};
use prefetch_index::prefetch_index;

use super::lines::Line;
use super::recall::Pasts;
use super::sample::{
    ACTIVITIES, APARTS, BLEND_RATE, CHANNELS, COLORS, ColorCoder, Expected, LIMIT, RATE, SampleCoder, TRAITS,
    first_step, share, table_log2,
};
use super::tints::{TINTS, Tints, Votes};
use super::walk::{FIRST_HALVING, Walk};

/// Kinds of decisions that are mixed: all but the halvings.
pub(super) const KINDS: usize = FIRST_HALVING;
const NETWORK: usize = 0;
const REGRESSION: usize = 1;
const BIAS: usize = 2;
const TRAIT: usize = 3;
const TINT: usize = 4;
const LANES: usize = 8;
/// Odds of one nat: an input that is always the same.
pub(super) const EVIDENCE: (i32, i32) = (23_225, 8_544);
/// Classes of a distribution's spread: by the length of the number in bits.
const SPREADS: usize = 16;

/// Learns while it codes the colour samples of one tile.
pub(super) struct PhotoCoder {
    traits: Vec<Line>,
    tints: Tints,
    votes: Votes,
    /// Mixers by kind, by activity and by spread.
    network: MixingNetwork<3>,
    refiner: Refiner,
}

impl PhotoCoder {
    /// Bytes of memory that a tile of this many pixels needs at most for what is learned.
    pub(super) fn memory(pixels: usize) -> u64 {
        ((Tints::ENTRY as u64) << table_log2(pixels)) + (1 << 20)
    }

    pub(super) fn new(pixels: usize, mut prior: Prior<'_>) -> Self {
        let mut start = [0; WIDTH];
        start[NETWORK] = 1 << 16;
        let mixer = |selectors| WideMixer::new(selectors * KINDS, [start], RATE);
        let mut coder = Self {
            traits: vec![Line::default(); TRAITS / 2],
            tints: Tints::new(table_log2(pixels)),
            votes: Votes::new(COLORS, KINDS),
            network: MixingNetwork::new([mixer(COLORS), mixer(ACTIVITIES), mixer(SPREADS)], SPREADS, BLEND_RATE),
            refiner: Refiner::new(APARTS / CHANNELS * COLORS * KINDS, 6),
        };
        coder.network.load(&mut prior);
        coder.refiner.load(&mut prior);
        prior.counters(coder.votes.counters());
        coder
    }

    /// Writes what [`Self::new`] reads.
    #[cfg(feature = "learn")]
    pub(super) fn save(&mut self, out: &mut Vec<Number>) {
        self.network.save(out);
        self.refiner.save(out);
        dualcomp_entropy::save_counters(self.votes.counters(), out);
    }
}

/// The odds of a counter's decision being a 1.
#[inline(always)]
pub(super) fn odds(counter: Counter) -> (i32, i32) {
    let one = 2 * counter.p() as i32 + 1;
    (one, (1 << 17) - one)
}

impl ColorCoder for PhotoCoder {
    #[inline(always)]
    fn repeats(&mut self) -> Option<&mut SampleCoder> {
        None
    }

    #[inline(always)]
    fn tints(&mut self) -> &mut Tints {
        &mut self.tints
    }

    #[inline(always)]
    fn prefetch(&self, expected: &Expected) {
        prefetch_index(&self.traits, expected.traits);
        self.tints.prefetch(expected.tints);
    }

    #[inline(always)]
    fn code<S: Simd>(
        &mut self,
        simd: S,
        expected: &Expected,
        _pasts: &mut Pasts,
        coder: &mut impl BitCoder,
        value: u8,
    ) -> u8 {
        let Self { traits, tints, votes, network, refiner } = self;
        let Expected { channel, activity, distribution, regression, .. } = expected;
        let value = i32::from(value);
        let line = &mut traits[expected.traits];
        let likely = tints.look(expected.tints);
        let spread = (distribution.spread().max(1).ilog2() as usize).min(SPREADS - 1);
        let mut walk = Walk::new(distribution.center(), first_step(distribution));
        // Probabilities of values below walk.low and walk.high.
        let (mut bounds, mut others) = ([0, 1 << 24], [0, 1 << 24]);
        while walk.next() {
            let kind = walk.kind;
            let at = distribution.below(walk.threshold);
            if kind >= FIRST_HALVING {
                // What follows within a step is nearly even: little is left to learn.
                let bit = coder.code(value >= walk.threshold, share(bounds, at));
                walk.answer(bit);
                bounds[usize::from(!bit)] = at;
                continue;
            }
            // Odds of what is at or above the threshold, of each input.
            let (mut ones, mut zeros) = ([1; LANES], [1; LANES]);
            (ones[NETWORK], zeros[NETWORK]) = ((bounds[1] - at) as i32, (at - bounds[0]) as i32);
            let mut other = 0;
            if let Some(logistic) = regression {
                other = logistic.below(walk.threshold);
                (ones[REGRESSION], zeros[REGRESSION]) = ((others[1] - other) as i32, (other - others[0]) as i32);
            }
            (ones[BIAS], zeros[BIAS]) = EVIDENCE;
            let mut counter = line.counters[kind];
            (ones[TRAIT], zeros[TRAIT]) = odds(counter);
            let (tinted, voted) = votes.ask(&likely, *channel, &walk);
            for i in 0..TINTS {
                (ones[TINT + i], zeros[TINT + i]) = odds(tinted[i]);
            }
            let (ones, zeros) = (i32x8::from_slice(simd, &ones), i32x8::from_slice(simd, &zeros));
            let inputs = logistic::logits_of_odds(ones, zeros).combine(i32x8::splat(simd, 0));
            let selectors = [channel * KINDS + kind, activity * KINDS + kind, spread * KINDS + kind];
            let logit = network.mix(&[inputs], &selectors, spread);
            let refined = refiner.refine(logit, expected.place / (ACTIVITIES * ACTIVITIES) * KINDS + kind);
            let one = ((logistic::squash(logit) + refined) >> 1).clamp(1, 65535);
            let bit = coder.code(value >= walk.threshold, one);
            counter.update(bit, LIMIT);
            line.counters[kind] = counter;
            votes.update(&voted, bit);
            network.update(&[inputs], bit);
            refiner.update(bit);
            walk.answer(bit);
            bounds[usize::from(!bit)] = at;
            others[usize::from(!bit)] = other;
        }
        walk.low as u8
    }
}
