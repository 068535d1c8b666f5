//! Values that came with the same earlier samples of a pixel, or after the same pixel: drawn images have few colours.

use dualcomp_entropy::{Counter, logistic};
use prefetch_index::prefetch_index;

use super::walk::Walk;

/// Tints of a sample.
pub(super) const TINTS: usize = 3;

/// Values that are kept for each.
const VALUES: usize = 8;
/// A value's count at most.
const MOST: u8 = 255;
/// Groups of counts: by the length of the number in bits, 7 and more together.
const GROUPS: usize = 8;
/// What the values can say of a decision.
const VOTES: usize = GROUPS * GROUPS;

/// Values of a sample that came before in the same case, and how often.
#[derive(Clone, Copy, Default)]
struct Tint {
    values: [u8; VALUES],
    counts: [u8; VALUES],
}

impl Tint {
    /// How many of the values lie below and at or above a threshold, 0 if none is possible.
    #[inline(always)]
    fn votes(&self, walk: &Walk) -> usize {
        let (mut below, mut above) = (0, 0);
        for i in 0..VALUES {
            let (value, count) = (i32::from(self.values[i]), u32::from(self.counts[i]));
            below += if walk.low <= value && value < walk.threshold { count } else { 0 };
            above += if walk.threshold <= value && value < walk.high { count } else { 0 };
        }
        let group = |count: u32| (32 - count.leading_zeros()).min(GROUPS as u32 - 1) as usize;
        group(below) * GROUPS + group(above)
    }

    /// Counts a value. One that is new takes the place of the rarest.
    #[inline(always)]
    fn count(&mut self, value: u8) {
        let mut rarest = 0;
        for i in 0..VALUES {
            if self.counts[i] > 0 && self.values[i] == value {
                self.counts[i] += 1;
                if self.counts[i] == MOST {
                    for i in 0..VALUES {
                        self.counts[i] = self.counts[i].div_ceil(2);
                    }
                }
                return;
            }
            rarest = if self.counts[i] < self.counts[rarest] { i } else { rarest };
        }
        (self.values[rarest], self.counts[rarest]) = (value, 1);
    }
}

/// Tints under hashes of what they follow.
pub(super) struct Tints {
    entries: Vec<(u32, Tint)>,
    shift: u32,
}

impl Tints {
    /// Bytes of an entry.
    pub(super) const ENTRY: usize = size_of::<(u32, Tint)>();

    /// With 2^`log2` entries.
    pub(super) fn new(log2: u32) -> Self {
        Self { entries: vec![(0, Tint::default()); 1 << log2], shift: 32 - log2 }
    }

    /// Fetches what [`Self::look`] will read.
    #[inline(always)]
    pub(super) fn prefetch(&self, hashes: Option<[u32; TINTS]>) {
        let Some(hashes) = hashes else { return };
        for i in 0..TINTS {
            prefetch_index(&self.entries, (hashes[i] >> self.shift) as usize);
        }
    }

    /// What came in these cases, if there are any.
    #[inline(always)]
    pub(super) fn look(&self, hashes: Option<[u32; TINTS]>) -> Likely {
        let mut likely = Likely([Tint::default(); TINTS]);
        let Some(hashes) = hashes else { return likely };
        for i in 0..TINTS {
            let (check, tint) = self.entries[(hashes[i] >> self.shift) as usize];
            likely.0[i] = if check == hashes[i] { tint } else { Tint::default() };
        }
        likely
    }

    /// Notes a value in these cases.
    #[inline(always)]
    pub(super) fn note(&mut self, hashes: Option<[u32; TINTS]>, value: u8) {
        let Some(hashes) = hashes else { return };
        for i in 0..TINTS {
            let entry = &mut self.entries[(hashes[i] >> self.shift) as usize];
            if entry.0 != hashes[i] {
                *entry = (hashes[i], Tint::default());
            }
            entry.1.count(value);
        }
    }
}

/// The tints of a sample.
pub(super) struct Likely([Tint; TINTS]);

/// What follows from what tints say of a decision.
pub(super) struct Votes {
    counters: Vec<Counter>,
    kinds: usize,
}

impl Votes {
    /// For so many channels and kinds of decisions.
    pub(super) fn new(channels: usize, kinds: usize) -> Self {
        Self { counters: vec![Counter::default(); channels * TINTS * VOTES * kinds], kinds }
    }

    pub(super) fn counters(&mut self) -> &mut [Counter] {
        &mut self.counters
    }

    /// Puts a logit for each tint, which stays if it says nothing. Gives the places for [`Self::update`].
    #[inline(always)]
    pub(super) fn ask(&self, likely: &Likely, channel: usize, walk: &Walk, logits: &mut [i32]) -> [usize; TINTS] {
        let mut places = [0; TINTS];
        for i in 0..TINTS {
            let said = likely.0[i].votes(walk);
            if said > 0 {
                places[i] = ((channel * TINTS + i) * VOTES + said) * self.kinds + walk.kind;
                let counter = self.counters[places[i]];
                logits[i] = if counter.count() > 0 { logistic::stretch(counter.p()) } else { 0 };
            }
        }
        places
    }

    /// Learns how a decision came out.
    #[inline(always)]
    pub(super) fn update(&mut self, places: &[usize; TINTS], bit: bool) {
        for i in 0..TINTS {
            if places[i] > 0 {
                self.counters[places[i]].update(bit, 511);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_of_values_that_came() {
        let mut tints = Tints::new(4);
        for value in [10, 200, 200, 90] {
            tints.note(Some([5, 7 << 28, 9 << 28]), value);
        }
        let mut walk = Walk::new(100, 1);
        assert!(walk.next());
        let votes = |tints: &Tints, hash, walk: &Walk| tints.look(Some([hash; TINTS])).0.map(|tint| tint.votes(walk));
        assert_eq!(votes(&tints, 5, &walk), [2 * GROUPS + 2; TINTS]);
        walk.answer(true);
        assert!(walk.next());
        assert_eq!(votes(&tints, 5, &walk), [2; TINTS]);
        assert_eq!(votes(&tints, 6, &walk), [0; TINTS]);
    }
}
