//! What really follows a counter of some state, for eight counters at once.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8, i32x8};

use crate::{Counter, Number, Prior, probabilities, recent, save_counters};

/// Counters that are mapped at once, each of a context of its own.
const CONTEXTS: usize = 8;

/// Maps the states of eight counters, each of a context of its own, to probabilities that learn, as a
/// [`StateMap`](crate::StateMap) does. A counter's state is its certainty (how much it has seen, and whether it is
/// pretrained), its logit, both coarse, and the last two decisions, which it must remember. A counter that has seen
/// nothing is a state, too.
#[derive(Clone, Debug)]
pub struct SimdStateMap<const CLASSES: usize> {
    /// By class, context and state.
    probabilities: Box<[[Counter; STATES * CONTEXTS]; CLASSES]>,
}

/// Groups of a counter's probability, and of its count, pretrained or not.
const LEVELS: usize = 32;
const CERTAINTIES: usize = 16;
/// Outcomes of the last two decisions, which make text 1.2 % smaller (experiments/0012).
const RECENT: usize = 4;
/// States of a counter.
const STATES: usize = RECENT * CERTAINTIES * LEVELS;
/// Where the states of each context begin.
const STARTS: [i32; CONTEXTS] = {
    let mut starts = [0; CONTEXTS];
    let mut i = 0;
    while i < CONTEXTS {
        starts[i] = (i * STATES) as i32;
        i += 1;
    }
    starts
};
/// Count of a probability that has seen nothing, by hand (experiments/0022).
const FIRST: u32 = 4;

/// A probability of each level, in 1/65536: the mean.
static TYPICAL: [u16; LEVELS] = {
    let (mut sums, mut counts) = ([0u64; LEVELS], [0u64; LEVELS]);
    let mut p = 0;
    while p < 1 << 16 {
        let level = level(p);
        sums[level] += p as u64;
        counts[level] += 1;
        p += 1;
    }
    let mut typical = [0; LEVELS];
    let mut level = 0;
    while level < LEVELS {
        typical[level] = (sums[level] / counts[level]) as u16;
        level += 1;
    }
    typical
};

/// The level of a probability: sixteen on each side, two for each halving of the rarer outcome at first, then one.
const fn level(p: u32) -> usize {
    let rare = if p < 65535 - p { p } else { 65535 - p } | 1;
    let octave = rare.ilog2();
    let halves = 29 - (octave * 2 + (if octave > 0 { rare >> (octave - 1) & 1 } else { 0 }));
    let coarse = (halves + 8) / 2;
    let level = if halves < coarse { halves } else { coarse };
    ((p >> 15) * 16 + if level < 15 { level } else { 15 }) as usize
}

impl<const CLASSES: usize> SimdStateMap<CLASSES> {
    /// A map with `CLASSES` classes of decisions. At first each state has its own typical probability.
    pub fn new() -> Self {
        let state = |i: usize| {
            let fresh = (i / LEVELS % CERTAINTIES).is_multiple_of(CERTAINTIES / 2);
            Counter::new(if fresh { 1 << 15 } else { TYPICAL[i % LEVELS] }, FIRST)
        };
        let context: [Counter; STATES] = core::array::from_fn(state);
        let one: [Counter; STATES * CONTEXTS] = core::array::from_fn(|i| context[i % STATES]);
        // Goes by the heap, since it is large.
        let all: Box<[[Counter; STATES * CONTEXTS]]> = vec![one; CLASSES].into_boxed_slice();
        let Ok(probabilities) = all.try_into() else { unreachable!("there are as many as classes") };
        Self { probabilities }
    }

    /// The places, in a class, of what follows these counters.
    #[inline(always)]
    pub fn states<S: Simd>(words: i32x8<S>) -> [u32; CONTEXTS] {
        let simd = words.simd;
        let p = probabilities(words);
        // The exponent and the first bit of the mantissa of a float are twice the octave, and the half of it.
        let halves = |x: i32x8<S>| -> i32x8<S> { f32x8::float_from(x).bitcast::<i32x8<S>>() >> 22 };
        let rarity = 283 - halves(p.min(65535 - p) | 1);
        let level = rarity.min((rarity + 8) >> 1).min(15) | ((p >> 15) << 4);
        let count = (halves(words & 511) - 253).max(0);
        let certainty = count.min((count + 3) >> 1).min(7) | ((words >> 9) & 1) << 3;
        let contexts = i32x8::from_slice(simd, &STARTS);
        let mut states = [0; CONTEXTS];
        (contexts | recent(words) << 9 | certainty << 5 | level)
            .bitcast::<fearless_simd::u32x8<S>>()
            .store_slice(&mut states);
        states
    }

    /// What follows counters in these states.
    ///
    /// # Panics
    /// If the class or a state is out of range.
    #[inline(always)]
    pub fn read(&self, class: usize, states: &[u32; CONTEXTS]) -> [Counter; CONTEXTS] {
        let class = &self.probabilities[class];
        let mut out = [Counter::default(); CONTEXTS];
        for i in 0..CONTEXTS {
            out[i] = class[states[i] as usize % (STATES * CONTEXTS)];
        }
        out
    }

    /// Takes over what follows counters in these states, after it has learned.
    ///
    /// # Panics
    /// If the class is out of range.
    #[inline(always)]
    pub fn write(&mut self, class: usize, states: &[u32; CONTEXTS], learned: &[Counter; CONTEXTS]) {
        let class = &mut self.probabilities[class];
        for i in 0..CONTEXTS {
            class[states[i] as usize % (STATES * CONTEXTS)] = learned[i];
        }
    }

    /// Sets all probabilities to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(self.probabilities.as_flattened_mut());
    }

    /// Writes all probabilities as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<Number>) {
        save_counters(self.probabilities.as_flattened(), out);
    }
}

impl<const CLASSES: usize> Default for SimdStateMap<CLASSES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "what the tables must be near to")]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;

    /// The state of a counter, computed one by one.
    fn plain(counter: Counter) -> u32 {
        let certainty = match counter.count() {
            n @ ..2 => n,
            n => (n.ilog2() + 2).min(7),
        };
        let certainty = u32::from(counter.is_pretrained()) << 3 | certainty;
        counter.recent() << 9 | certainty << 5 | level(counter.p()) as u32
    }

    #[test]
    fn vectors_give_the_states_of_single_counters() {
        let counter = |p: u32, n| if p & 1 == 0 { Counter::new(p as u16, n) } else { Counter::pretrained(p as u16, n) };
        for n in (0..80).chain([100, 255, 511]) {
            for p in (0..65536u32).step_by(251) {
                let counters: [Counter; 8] = core::array::from_fn(|i| counter((p + i as u32 * 9) & 0xFFFF, n));
                // With all outcomes of the last two decisions.
                let mut outcomes = 0..;
                let counters =
                    counters.map(|c| Counter::from_word(c.word() | (outcomes.next().unwrap_or(0) % 4) << 10));
                let words = counters.map(|c| c.word() as i32);
                for simd in [Level::new(), Level::baseline()] {
                    let states = dispatch!(simd, simd => SimdStateMap::<1>::states(i32x8::from_slice(simd, &words)));
                    for (i, counter) in counters.into_iter().enumerate() {
                        assert_eq!(states[i], plain(counter) + (i * STATES) as u32, "{counter:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn begins_with_what_counters_say() {
        let map = SimdStateMap::<2>::new();
        for p in (640..65000u32).step_by(640) {
            let mut words = [0; 8];
            words[0] = Counter::new(p as u16, 30).word() as i32;
            let states = dispatch!(Level::new(), simd => SimdStateMap::<2>::states(i32x8::from_slice(simd, &words)));
            let read = map.read(1, &states);
            let odds = |p: u32| f64::from(p) / f64::from(65536 - p);
            assert!((odds(read[0].p()) / odds(p)).ln().abs() < 0.5, "{p}");
            assert_eq!(read[1].p(), 32768);
        }
    }
}
