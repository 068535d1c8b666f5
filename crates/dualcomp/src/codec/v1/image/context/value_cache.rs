//! Values that came with the same earlier samples of a pixel, or after the same pixel: drawn images have few colours.

use dualcomp_entropy::{Counter, hash};
use dualcomp_tokens::Neighbourhood;
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::Walk;

/// Tints of a sample.
pub(crate) const TINTS: usize = 3;

/// Values that are kept for each.
const VALUES: usize = 8;
/// Groups of counts: by the length of the number in bits, 7 and more together.
const GROUPS: usize = 8;
/// What the values can say of a decision.
const VOTES: usize = GROUPS * GROUPS;

/// Values of a sample that came before in the same case, and how often.
#[derive(Clone, Copy)]
struct Tint {
    values: [u8; VALUES],
    counts: [u8; VALUES],
}

/// The lowest bit of each byte of a word.
const ONES: u64 = u64::from_ne_bytes([1; VALUES]);
/// All but the highest bit of each.
const LOW: u64 = ONES * 0x7F;

/// The highest bit of each byte that is 0.
#[inline(always)]
fn zeros(bytes: u64) -> u64 {
    !(((bytes & LOW) + LOW) | bytes | LOW)
}

impl Tint {
    const FRESH: Self = Self { values: [0; VALUES], counts: [0; VALUES] };

    /// How many of the values lie below and at or above a threshold, 0 if none is possible.
    #[inline(always)]
    fn votes(&self, walk: &Walk) -> usize {
        // In bytes, as many as there are at once: thresholds are below 256.
        let (low, threshold, last) = (walk.low as u8, walk.threshold as u8, (walk.high - 1) as u8);
        let (mut below, mut above) = (0, 0);
        for i in 0..VALUES {
            let (value, count) = (self.values[i], self.counts[i]);
            below += u32::from(if value.wrapping_sub(low) < threshold.wrapping_sub(low) { count } else { 0 });
            above += u32::from(if value.wrapping_sub(threshold) <= last.wrapping_sub(threshold) { count } else { 0 });
        }
        let group = |count: u32| (32 - count.leading_zeros()).min(GROUPS as u32 - 1) as usize;
        group(below) * GROUPS + group(above)
    }

    /// Counts a value. One that is new takes the place of the rarest.
    #[inline(always)]
    fn count(&mut self, value: u8) {
        let counts = u64::from_le_bytes(self.counts);
        let vacant = zeros(counts);
        let same = zeros(u64::from_le_bytes(self.values) ^ (u64::from(value) * ONES)) & !vacant;
        if same != 0 {
            let counts = counts + (1 << (same.trailing_zeros() & !7));
            // All are halved, and rounded up, if one is 255.
            let halves = if zeros(!counts) != 0 { counts >> 1 & LOW } else { 0 };
            self.counts = (counts - halves).to_le_bytes();
            return;
        }
        let mut rarest = u32::MAX;
        for i in 0..VALUES {
            rarest = rarest.min(u32::from(self.counts[i]) << 3 | i as u32);
        }
        let rarest = (rarest & 7) as usize;
        (self.values[rarest], self.counts[rarest]) = (value, 1);
    }
}

/// Tints under hashes of what they follow.
pub(crate) struct Tints {
    entries: Vec<(u32, Tint)>,
    shift: u32,
}

impl Tints {
    /// Bytes of an entry.
    pub(crate) const ENTRY: usize = size_of::<(u32, Tint)>();

    /// With 2^`log2` entries.
    pub(crate) fn new(log2: u32) -> Self {
        Self { entries: vec![(0, Tint::FRESH); 1 << log2], shift: 32 - log2 }
    }

    /// Fetches what [`Self::look`] will read.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hashes: Option<[u32; TINTS]>) {
        let Some(hashes) = hashes else { return };
        for i in 0..TINTS {
            prefetch_index(&self.entries, (hashes[i] >> self.shift) as usize);
        }
    }

    /// What came in these cases, if there are any.
    #[inline(always)]
    pub(crate) fn look(&self, hashes: Option<[u32; TINTS]>) -> Likely {
        let mut likely = Likely([Tint::FRESH; TINTS]);
        let Some(hashes) = hashes else { return likely };
        for i in 0..TINTS {
            let (check, tint) = self.entries[(hashes[i] >> self.shift) as usize];
            let counts = u64::from_le_bytes(tint.counts) & if check == hashes[i] { u64::MAX } else { 0 };
            likely.0[i] = Tint { values: tint.values, counts: counts.to_le_bytes() };
        }
        likely
    }

    /// Notes a value in these cases.
    #[inline(always)]
    pub(crate) fn note(&mut self, hashes: Option<[u32; TINTS]>, value: u8) {
        let Some(hashes) = hashes else { return };
        for i in 0..TINTS {
            let entry = &mut self.entries[(hashes[i] >> self.shift) as usize];
            if entry.0 != hashes[i] {
                *entry = (hashes[i], Tint::FRESH);
            }
            entry.1.count(value);
        }
    }
}

/// Hashes of what tells which values of a sample are likely: the earlier samples of its pixel and the pixels before it.
#[inline(always)]
pub(crate) fn tinges(around: &Neighbourhood, channel: usize, values: [u8; 3]) -> [u32; TINTS] {
    let west = u32::from_le_bytes(around.0[const { Neighbourhood::index(0, -1) }]);
    let north = u32::from_le_bytes(around.0[const { Neighbourhood::index(1, 0) }]);
    let known = (channel as u32) << 16 | u32::from(values[0]) << 8 | u32::from(values[1]);
    let first = if channel == 0 { west } else { 0 };
    [
        hash(known, first),
        hash(known | 1 << 24, if channel == 0 { north } else { west }),
        hash(known | 2 << 24, if channel == 0 { hash(west, north) } else { north }),
    ]
}

/// The tints of a sample.
pub(crate) struct Likely([Tint; TINTS]);

/// What follows from what tints say of a decision.
pub(crate) struct Votes {
    counters: Vec<Counter>,
    kinds: usize,
}

impl Votes {
    /// For so many channels and kinds of decisions.
    pub(crate) fn new(channels: usize, kinds: usize) -> Self {
        Self { counters: vec![Counter::default(); channels * TINTS * VOTES * kinds], kinds }
    }

    pub(crate) fn counters(&mut self) -> &mut [Counter] {
        &mut self.counters
    }

    /// What follows what each tint says, a counter that has seen nothing if it says nothing. Gives the places for
    /// [`Self::update`], too.
    #[inline(always)]
    pub(crate) fn ask(&self, likely: &Likely, channel: usize, walk: &Walk) -> ([Counter; TINTS], [usize; TINTS]) {
        let (mut counters, mut places) = ([Counter::default(); TINTS], [0; TINTS]);
        for i in 0..TINTS {
            if likely.0[i].counts == [0; VALUES] {
                continue;
            }
            let said = likely.0[i].votes(walk);
            if said > 0 {
                places[i] = ((channel * TINTS + i) * VOTES + said) * self.kinds + walk.kind;
                counters[i] = self.counters[places[i]];
            }
        }
        (counters, places)
    }

    /// Learns how a decision came out.
    #[inline(always)]
    pub(crate) fn update(&mut self, places: &[usize; TINTS], bit: bool) {
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

    /// As [`Tint::count`] and [`Tint::votes`] say, one value at a time.
    fn count(tint: &mut Tint, value: u8) {
        if let Some(i) = (0..VALUES).find(|&i| tint.counts[i] > 0 && tint.values[i] == value) {
            tint.counts[i] += 1;
            if tint.counts[i] == 255 {
                tint.counts = tint.counts.map(|count| count.div_ceil(2));
            }
            return;
        }
        let rarest = (0..VALUES).min_by_key(|&i| tint.counts[i]).unwrap();
        (tint.values[rarest], tint.counts[rarest]) = (value, 1);
    }

    fn votes(tint: &Tint, walk: &Walk) -> usize {
        let within = |low: i32, high: i32| -> u32 {
            let inside = (0..VALUES).filter(|&i| (low..high).contains(&i32::from(tint.values[i])));
            inside.map(|i| u32::from(tint.counts[i])).sum()
        };
        let group = |count: u32| count.checked_ilog2().map_or(0, |log2| (log2 as usize + 1).min(GROUPS - 1));
        group(within(walk.low, walk.threshold)) * GROUPS + group(within(walk.threshold, walk.high))
    }

    #[test]
    fn words_do_what_single_bytes_do() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) % below
        };
        for colors in [3, 8, 12, 256] {
            let (mut words, mut bytes) = (Tint::FRESH, Tint::FRESH);
            for _ in 0..3000 {
                let value = if next(4) > 0 { next(2) } else { next(colors) * 255 / (colors - 1) } as u8;
                words.count(value);
                count(&mut bytes, value);
                assert_eq!((words.values, words.counts), (bytes.values, bytes.counts));
                let mut walk = Walk::new(next(256) as i32, 1 << next(5));
                while walk.next() {
                    assert_eq!(words.votes(&walk), votes(&bytes, &walk));
                    walk.answer(i32::from(value) >= walk.threshold);
                }
            }
        }
    }
}
