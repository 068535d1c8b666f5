//! Values that came with the same earlier samples of a pixel, or after the same pixel: drawn images have few colours.

use prefetch_index::prefetch_index;

use super::walk::Walk;

/// Values that are kept for each.
const VALUES: usize = 8;
/// A value's count at most.
const MOST: u8 = 255;
/// Groups of counts: by the length of the number in bits, 7 and more together.
const GROUPS: usize = 8;
/// What the values can say of a decision.
pub(super) const VOTES: usize = GROUPS * GROUPS;

/// Values of a sample that came before in the same case, and how often.
#[derive(Clone, Copy, Default)]
pub(super) struct Tint {
    values: [u8; VALUES],
    counts: [u8; VALUES],
}

impl Tint {
    /// How many of the values lie below and at or above a threshold, 0 if none is possible.
    #[inline(always)]
    pub(super) fn votes(&self, walk: &Walk) -> usize {
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
    pub(super) fn prefetch(&self, hash: u32) {
        prefetch_index(&self.entries, (hash >> self.shift) as usize);
    }

    /// What came in this case.
    #[inline(always)]
    pub(super) fn look(&self, hash: u32) -> Tint {
        let (check, tint) = self.entries[(hash >> self.shift) as usize];
        if check == hash { tint } else { Tint::default() }
    }

    /// Notes a value.
    #[inline(always)]
    pub(super) fn note(&mut self, hash: u32, value: u8) {
        let entry = &mut self.entries[(hash >> self.shift) as usize];
        if entry.0 != hash {
            *entry = (hash, Tint::default());
        }
        entry.1.count(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_of_values_that_came() {
        let mut tints = Tints::new(4);
        for value in [10, 200, 200, 90] {
            tints.note(5, value);
        }
        let mut walk = Walk::new(100, 1);
        assert!(walk.next());
        assert_eq!(tints.look(5).votes(&walk), 2 * GROUPS + 2);
        walk.answer(true);
        assert!(walk.next());
        assert_eq!(tints.look(5).votes(&walk), 2);
        assert_eq!(tints.look(6).votes(&walk), 0);
    }
}
