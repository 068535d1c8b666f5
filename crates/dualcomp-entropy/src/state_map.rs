//! What really follows a counter of some state.

use alloc::vec;
use alloc::vec::Vec;

use crate::logistic::{LIMIT, stretch_coarse};
use crate::{Counter, Number, Prior, save_counters};

/// Maps the states of `N` counters, each of a context of its own, to probabilities that learn: the indirect
/// estimation of PAQ's state maps. A counter's state is its certainty (how much it has seen) and its logit, both
/// coarse. A counter that has seen nothing is a state, too. Whether it is pretrained is no part of it.
#[derive(Clone, Debug)]
pub struct StateMap<const N: usize> {
    probabilities: Vec<Counter>,
}

/// Groups of a counter's count: fresh, 1, 2, 3, 4 to 5, 6 to 9, 10 to 19, 20 to 49, more. By hand, after the indirect
/// maps of PAQ (experiments/0022), and so are the groups of logits.
const COUNTS: usize = 9;
/// Groups of a counter's logit.
const LEVELS: usize = 32;
/// Logits of a group: all of them, in 32 groups.
const LEVEL_STEP: i32 = 176;
/// Limit of the count: the largest that nine bits hold.
const COUNT_LIMIT: u32 = 511;
/// Count of a probability that has seen nothing, by hand (experiments/0022).
const FIRST: u32 = 4;

/// The group of a count, counts above 127 as that.
static CERTAINTY: [u32; 128] = {
    const BOUNDS: [usize; COUNTS - 1] = [1, 2, 3, 4, 6, 10, 20, 50];
    let mut table = [0; 128];
    let mut count = 0;
    while count < table.len() {
        while (table[count] as usize) < BOUNDS.len() && count >= BOUNDS[table[count] as usize] {
            table[count] += 1;
        }
        count += 1;
    }
    table
};

/// The group of the logit of a probability, by its upper twelve bits.
static LEVEL: [u32; 4096] = {
    let mut table = [0; 4096];
    let mut p = 0;
    while p < table.len() {
        table[p] = (stretch_coarse(p as u32 * 16) + LIMIT + 1) as u32 / LEVEL_STEP as u32;
        p += 1;
    }
    table
};

/// The place of each counter's state.
pub type States<const N: usize> = [u32; N];

impl<const N: usize> StateMap<N> {
    /// A map for counters of `N` contexts in `classes` classes of decisions. At first each state has its own typical
    /// probability.
    pub fn new(classes: usize) -> Self {
        let state = |level: usize| {
            let logit = (level as i32 * LEVEL_STEP + LEVEL_STEP / 2 - LIMIT - 1).clamp(-LIMIT, LIMIT);
            Counter::new(crate::logistic::squash(logit) as u16, FIRST)
        };
        let mut group = vec![Counter::new(1 << 15, FIRST); LEVELS];
        group.extend((0..(COUNTS - 1) * LEVELS).map(|i| state(i % LEVELS)));
        Self { probabilities: group.repeat(N * classes) }
    }

    /// The logit, in 1/256 nat, of what follows each of the counters, and their states for [`Self::update`].
    ///
    /// # Panics
    /// If the class is out of range.
    #[inline(always)]
    pub fn read(&self, counters: &[Counter; N], class: usize, logits: &mut [i32; N]) -> States<N> {
        let mut states = [0; N];
        for i in 0..N {
            let counter = counters[i];
            let level = LEVEL[(counter.p() >> 4) as usize & 4095];
            let certainty = CERTAINTY[counter.count().min(127) as usize];
            states[i] = ((class * N + i) * COUNTS * LEVELS) as u32 + certainty * LEVELS as u32 + level;
        }
        for i in 0..N {
            logits[i] = stretch_coarse(self.probabilities[states[i] as usize].p());
        }
        states
    }

    /// Learns the decision that followed these states.
    #[inline(always)]
    pub fn update(&mut self, states: &States<N>, bit: bool) {
        let mut probabilities = [Counter::default(); N];
        for i in 0..N {
            probabilities[i] = self.probabilities[states[i] as usize];
        }
        for i in 0..N {
            probabilities[i].update(bit, COUNT_LIMIT);
        }
        for i in 0..N {
            self.probabilities[states[i] as usize] = probabilities[i];
        }
    }

    /// Sets all probabilities to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(&mut self.probabilities);
    }

    /// Writes all probabilities as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<Number>) {
        save_counters(&self.probabilities, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_with_what_counters_say() {
        let map = StateMap::<2>::new(2);
        for p in (640..65000u32).step_by(640) {
            let counters = [Counter::new(p as u16, 30), Counter::default()];
            let mut logits = [0; 2];
            map.read(&counters, 1, &mut logits);
            assert!((logits[0] - stretch_coarse(p)).abs() <= LEVEL_STEP, "{p}");
            assert!(logits[1].abs() <= 1);
        }
    }

    #[test]
    fn learns_what_follows() {
        let mut map = StateMap::<2>::new(1);
        // Counters that have seen a single 1 are right three times in four.
        let mut once = Counter::default();
        once.update(true, 255);
        let counters = [once, Counter::default()];
        let mut logits = [0; 2];
        for i in 0..4000 {
            let states = map.read(&counters, 0, &mut logits);
            map.update(&states, i % 4 != 0);
        }
        map.read(&counters, 0, &mut logits);
        assert!((logits[0] - 281).abs() < 12, "{logits:?}");
    }
}
