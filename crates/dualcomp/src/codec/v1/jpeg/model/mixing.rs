//! Mixing of the predictions of counters: sets of weights picked by selectors, a last mixer, and an APM.
//!
//! Numbers are f32. Each sum is of sixteen lanes, then of halves: the same on every processor.

use dualcomp_entropy::Apm;
#[cfg(feature = "__train")]
use dualcomp_entropy::Number;
use dualcomp_entropy::Prior;
use dualcomp_entropy::logistic::{LIMIT, squash};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16};

use crate::codec::v1::float_mixing::{load_weights, sum};
use crate::codec::v1::jpeg::model::SET;
use crate::codec::v1::jpeg::sets::{GROUPS, group};

/// Lanes of inputs.
pub(crate) const LANES: usize = 16;
/// Mixers of the first layer at most.
pub(crate) const MAX_MIXERS: usize = 3;
/// The lane that holds the bias.
pub(crate) const BIAS: usize = LANES - 1;

/// Sixteen weights of a set.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Weights([f32; LANES]);

/// Logits in one nat.
const UNIT: f32 = 256.0;

/// Inputs of a decision: logits, in nats.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<S: Simd> {
    logits: f32x16<S>,
}

impl<S: Simd> Inputs<S> {
    /// Of counters, as words; a counter that has seen nothing says nothing. The last lane is the bias.
    #[inline(always)]
    pub(crate) fn new(simd: S, words: i32x16<S>) -> Self {
        let p = ((words >> 16) ^ (1 << 15)) & 0xFFFF;
        let count = f32x16::float_from(words & 511);
        Self { logits: logits_of(p) * count.min(1.0) + f32x16::from_slice(simd, &BIAS_INPUT) }
    }
}

const BIAS_INPUT: [f32; LANES] = {
    let mut input = [0.0; LANES];
    input[BIAS] = 0.4;
    input
};

/// The logits, in nats, of probabilities in 1/65536, each taken as if it were half a step more. The logarithms are those
/// of the exponent and of the mantissa's parabola.
#[inline(always)]
fn logits_of<S: Simd>(p: i32x16<S>) -> f32x16<S> {
    let ones = p * 2 + 1;
    let (one, zero) = (bits(ones), bits((1 << 17) - ones));
    let octaves = f32x16::float_from(one - zero) * (1.0 / (1 << 23) as f32);
    (octaves + (bend(one) - bend(zero)) * 0.343_75) * core::f32::consts::LN_2
}

/// The bits of numbers as f32.
#[inline(always)]
fn bits<S: Simd>(numbers: i32x16<S>) -> i32x16<S> {
    f32x16::float_from(numbers).bitcast()
}

/// How far the logarithm of a mantissa is above its chord, as far as a parabola has it.
#[inline(always)]
fn bend<S: Simd>(bits: i32x16<S>) -> f32x16<S> {
    let mantissa = f32x16::float_from(bits & ((1 << 23) - 1)) * (1.0 / (1 << 23) as f32);
    mantissa * (1.0 - mantissa)
}

/// The sum of sixteen lanes: of halves, then of halves of these.
#[inline(always)]
pub(crate) fn sum_of_lanes<S: Simd>(lanes: f32x16<S>) -> f32 {
    let (low, high) = lanes.split();
    let (low, high) = (low + high).split();
    sum(low + high)
}

/// Sets of weights, two layers of them.
#[derive(Clone, Debug)]
pub(crate) struct Mixing<const M: usize> {
    first: [Vec<Weights>; M],
    last: Vec<[f32; MAX_MIXERS]>,
    apm: Apm,
    /// Decisions of each set of weights.
    #[cfg(feature = "__train")]
    visits: [Vec<u32>; M],
    /// What was picked for the decision.
    picked: [usize; M],
    last_picked: usize,
    logits: [f32; MAX_MIXERS],
    p: u32,
}

/// Steps of the weights, for an error of 1 and an input of one nat: the first from experiments/0023, the last by hand.
const FIRST_RATE: f32 = 0.008;
const LAST_RATE: f32 = 0.004;
/// The weight of each logit at first (experiments/0023).
const START: f32 = 0.1;

impl<const M: usize> Mixing<M> {
    /// With so many sets of each mixer, and contexts of the APM.
    pub(crate) fn new(sets: [usize; M], refined: usize) -> Self {
        let set = Weights([START; LANES]);
        Self {
            first: sets.map(|sets| vec![set; sets]),
            last: vec![[1.0 / M as f32; MAX_MIXERS]; sets[0]],
            apm: Apm::new(refined, 6),
            #[cfg(feature = "__train")]
            visits: sets.map(|sets| vec![0; sets]),
            picked: [0; M],
            last_picked: 0,
            logits: [0.0; MAX_MIXERS],
            p: 0,
        }
    }

    /// Sets weights to those of their groups: mixer by mixer for each group and decision, then the last mixer's.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for m in 0..M {
            let mut groups = [self.first[m][0]; GROUPS * SET];
            load_weights(groups.iter_mut().flat_map(|weights| &mut weights.0), prior);
            for (i, weights) in self.first[m].iter_mut().enumerate() {
                *weights = groups[group(m, i / SET) * SET + i % SET];
            }
        }
        let mut groups = vec![self.last[0]; GROUPS * SET];
        load_weights(groups.iter_mut().flat_map(|weights| &mut weights[..M]), prior);
        for (i, weights) in self.last.iter_mut().enumerate() {
            *weights = groups[group(0, i / SET) * SET + i % SET];
        }
    }

    /// The means of groups, each set by its decisions.
    #[cfg(feature = "__train")]
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        for m in 0..M {
            let sets: Vec<Vec<f32>> = self.first[m].iter().map(|set| set.0.to_vec()).collect();
            self.save_means(m, &sets, out);
        }
        let sets: Vec<Vec<f32>> = self.last.iter().map(|set| set[..M].to_vec()).collect();
        self.save_means(0, &sets, out);
    }

    #[cfg(feature = "__train")]
    fn save_means(&self, mixer: usize, sets: &[Vec<f32>], out: &mut Vec<Number>) {
        let width = sets[0].len();
        let mut sums = vec![(vec![0.0f64; width], 0.0f64); GROUPS * SET];
        for (i, (set, &visits)) in sets.iter().zip(&self.visits[mixer]).enumerate() {
            // Sets of few decisions have hardly moved; those of very many are one place among others.
            let visits = f64::from(visits).sqrt() + 1e-3;
            let (sum, count) = &mut sums[group(mixer, i / SET) * SET + i % SET];
            *count += visits;
            for (sum, &weight) in sum.iter_mut().zip(set) {
                *sum += f64::from(weight) * visits;
            }
        }
        for (sum, count) in sums {
            out.extend(sum.iter().map(|sum| Number::Weight((sum / count.max(1e-6) * 65536.0) as i32)));
        }
    }

    #[inline(always)]
    pub(crate) fn prefetch_refined(&self, context: usize) {
        self.apm.prefetch(context);
    }

    /// The probability of a 1, in 1/65536.
    #[inline(always)]
    pub(crate) fn mix<S: Simd>(&mut self, simd: S, inputs: &Inputs<S>, sets: &[usize; M], refined: usize) -> u32 {
        let mut logit = 0.0;
        let last = self.last[sets[0]];
        for m in 0..M {
            let weights = &self.first[m][sets[m]];
            let lanes = inputs.logits * f32x16::from_slice(simd, &weights.0);
            let bound = LIMIT as f32 / UNIT;
            self.logits[m] = sum_of_lanes(lanes).max(-bound).min(bound);
            logit += last[m] * self.logits[m];
        }
        self.picked = *sets;
        self.last_picked = sets[0];
        if M == 1 {
            logit = self.logits[0];
        }
        let logit = ((logit * UNIT) as i32).clamp(-LIMIT, LIMIT);
        self.p = squash(logit);
        (self.p + self.apm.refine(logit, refined)) >> 1
    }

    /// Learns the decision that followed.
    #[inline(always)]
    pub(crate) fn update<S: Simd>(&mut self, simd: S, inputs: &Inputs<S>, bit: bool) {
        let target = i32::from(bit) << 16;
        let error = |p: u32, rate: f32| (target - p as i32) as f32 * (rate / 65536.0);
        let step = error(self.p, LAST_RATE);
        let last = &mut self.last[self.last_picked];
        for m in 0..if M == 1 { 0 } else { M } {
            last[m] += step * self.logits[m];
        }
        for m in 0..M {
            #[cfg(feature = "__train")]
            {
                self.visits[m][self.picked[m]] += 1;
            }
            let p = if M == 1 { self.p } else { squash((self.logits[m] * UNIT) as i32) };
            let step = error(p, FIRST_RATE);
            let weights = &mut self.first[m][self.picked[m]];
            let moved = f32x16::from_slice(simd, &weights.0) + inputs.logits * step;
            moved.store_slice(&mut weights.0);
        }
        self.apm.update(bit);
    }
}
