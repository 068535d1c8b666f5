//! The probability of a decision: counters mixed by weights that are the sum of two sets (docs/spec/drawn.md, section 4).

use dualcomp_entropy::{BitCoder, Counter, Number, Prior, logistic, update_all};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16};

use crate::codec::v1::float_mixing::{STEP, load_weights, logit, save_weights};

/// Inputs of a decision; the last one is always the same.
pub(super) const INPUTS: usize = 16;
/// One nat, in the last place.
static CONSTANT: [f32; INPUTS] = {
    let mut constant = [0.0; INPUTS];
    constant[INPUTS - 1] = 256.0;
    constant
};
/// Decisions that a counter counts at most: by hand (experiments/0022).
const LIMIT: i32 = 255;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Weights([f32; INPUTS]);

/// What a decision is made under.
pub(super) struct Asked<'a, const N: usize, const M: usize> {
    /// Places of counters.
    pub(super) places: &'a [usize; N],
    /// Counters that lie elsewhere.
    pub(super) others: &'a mut [Counter; M],
    pub(super) selectors: [usize; 2],
}

/// Two sets of weights, each with a selector of its own.
pub(super) struct Mixing {
    weights: [Vec<Weights>; 2],
    rate: f32,
}

impl Mixing {
    /// With so many sets; each of the first `counters` inputs has the weight `start`, and each step moves weights by
    /// `rate` times error times logit.
    pub(super) fn new(sets: [usize; 2], counters: usize, start: f32, rate: f32) -> Self {
        let mut first = Weights([0.0; INPUTS]);
        first.0[..counters].fill(start);
        Self { weights: [vec![first; sets[0]], vec![Weights([0.0; INPUTS]); sets[1]]], rate: rate * STEP }
    }

    fn numbers(&mut self) -> impl Iterator<Item = &mut f32> {
        self.weights.iter_mut().flatten().flat_map(|weights| &mut weights.0)
    }

    /// Takes over what a prior has learned.
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        load_weights(self.numbers(), prior);
    }

    /// Writes what [`Self::load`] reads.
    pub(super) fn save(&mut self, out: &mut Vec<Number>) {
        save_weights(self.numbers().map(|weight| *weight), out);
    }

    /// Codes a decision under counters, which learn it, and so do the weights.
    #[inline(always)]
    pub(super) fn code<S: Simd, const N: usize, const M: usize>(
        &mut self,
        simd: S,
        counters: &mut [Counter],
        asked: Asked<'_, N, M>,
        coder: &mut impl BitCoder,
        bit: bool,
    ) -> bool {
        let Asked { places, others, selectors } = asked;
        // Index loops: iterators stay calls in functions as large as the callers.
        let mut words = [0; INPUTS];
        for i in 0..N {
            words[i] = counters[places[i]].word() as i32;
        }
        for i in 0..M {
            words[N + i] = others[i].word() as i32;
        }
        let words = i32x16::from_slice(simd, &words);
        let ones = (((words >> 16) ^ (1 << 15)) & 0xFFFF) * 2 + 1;
        let (ones, zeros) = (ones.split(), ((1 << 17) - ones).split());
        let logits = logistic::logits_of_odds(ones.0, zeros.0).combine(logistic::logits_of_odds(ones.1, zeros.1));
        let logits = f32x16::float_from(logits) + f32x16::from_slice(simd, &CONSTANT);

        let [first, second] = &mut self.weights;
        let (first, second) = (&mut first[selectors[0]].0, &mut second[selectors[1]].0);
        let (a, b) = (f32x16::from_slice(simd, &*first), f32x16::from_slice(simd, &*second));
        let (low, high) = (logits * (a + b)).split();
        let (low, high) = (low + high).split();
        let p = logistic::squash(logit(simd, low + high));

        let bit = coder.code(bit, p.clamp(1, 65535));

        let error = ((i32::from(bit) << 16) - p as i32) as f32 * self.rate;
        let steps = logits * error;
        (a + steps).store_slice(first);
        (b + steps).store_slice(second);
        let mut learned = [0; INPUTS];
        update_all(words, bit, i32x16::splat(simd, LIMIT)).store_slice(&mut learned);
        for i in 0..N {
            counters[places[i]] = Counter::from_word(learned[i] as u32);
        }
        for i in 0..M {
            others[i] = Counter::from_word(learned[N + i] as u32);
        }
        bit
    }
}
