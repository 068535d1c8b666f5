//! Value caches: the values that came most often with the same earlier samples of a pixel, or after the same pixels
//! (docs/spec/image.md, section 9). Drawn images have few colours.

use dualcomp_entropy::{Counter, hash};
use dualcomp_tokens::Neighbourhood;
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::Binarization;

/// Value caches of a sample (experiments/0006).
pub(crate) const CACHES: usize = 3;

/// Values of a cache entry: one word of bytes, and one of counts.
const VALUES: usize = 8;
/// Groups of counts: by the length of the number in bits, 7 and more together.
const GROUPS: usize = 8;
/// Pairs of groups: the counts of values below a threshold, and above.
const VOTES: usize = GROUPS * GROUPS;

/// Values of a sample that came before in the same case, and how often.
#[derive(Clone, Copy)]
struct ValueCounts {
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

impl ValueCounts {
    const FRESH: Self = Self { values: [0; VALUES], counts: [0; VALUES] };

    /// The groups of the counts of values below a threshold, and at or above it; 0 if no value is possible.
    #[inline(always)]
    fn votes(&self, binarization: &Binarization) -> usize {
        // All values at once, as bytes: thresholds are below 256.
        let (low, threshold, last) =
            (binarization.low as u8, binarization.threshold as u8, (binarization.high - 1) as u8);
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

/// Counts of values under hashes of their cases.
pub(crate) struct ValueCache {
    entries: Vec<(u32, ValueCounts)>,
    shift: u32,
}

impl ValueCache {
    /// Bytes of an entry.
    pub(crate) const ENTRY: usize = size_of::<(u32, ValueCounts)>();

    /// With 2^`log2` entries.
    pub(crate) fn new(log2: u32) -> Self {
        Self { entries: vec![(0, ValueCounts::FRESH); 1 << log2], shift: 32 - log2 }
    }

    /// Fetches what [`Self::look`] will read.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hashes: Option<[u32; CACHES]>) {
        let Some(hashes) = hashes else { return };
        for i in 0..CACHES {
            prefetch_index(&self.entries, (hashes[i] >> self.shift) as usize);
        }
    }

    /// What came in these cases, if there are any.
    #[inline(always)]
    pub(crate) fn look(&self, hashes: Option<[u32; CACHES]>) -> RankedValues {
        let mut ranked = RankedValues([ValueCounts::FRESH; CACHES]);
        let Some(hashes) = hashes else { return ranked };
        for i in 0..CACHES {
            let (check, counts_of) = self.entries[(hashes[i] >> self.shift) as usize];
            let counts = u64::from_le_bytes(counts_of.counts) & if check == hashes[i] { u64::MAX } else { 0 };
            ranked.0[i] = ValueCounts { values: counts_of.values, counts: counts.to_le_bytes() };
        }
        ranked
    }

    /// Notes a value in these cases.
    #[inline(always)]
    pub(crate) fn note(&mut self, hashes: Option<[u32; CACHES]>, value: u8) {
        let Some(hashes) = hashes else { return };
        for i in 0..CACHES {
            let entry = &mut self.entries[(hashes[i] >> self.shift) as usize];
            if entry.0 != hashes[i] {
                *entry = (hashes[i], ValueCounts::FRESH);
            }
            entry.1.count(value);
        }
    }
}

/// Hashes of the cases of a sample: the earlier samples of its pixel with none, one or both of the pixels left and
/// above.
#[inline(always)]
pub(crate) fn cache_hashes(around: &Neighbourhood, channel: usize, values: [u8; 3]) -> [u32; CACHES] {
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

/// The entries of a sample's caches.
pub(crate) struct RankedValues([ValueCounts; CACHES]);

impl RankedValues {
    /// The groups of the counts of a cache's values below a threshold, and at or above it.
    #[inline(always)]
    pub(crate) fn votes(&self, cache: usize, binarization: &Binarization) -> usize {
        self.0[cache].votes(binarization)
    }
}

/// Counters under the votes of the caches.
pub(crate) struct VoteCounters {
    counters: Vec<Counter>,
    kinds: usize,
}

impl VoteCounters {
    /// Counters for `channels` channels and `kinds` kinds of decisions.
    pub(crate) fn new(channels: usize, kinds: usize) -> Self {
        Self { counters: vec![Counter::default(); channels * CACHES * VOTES * kinds], kinds }
    }

    pub(crate) fn counters(&mut self) -> &mut [Counter] {
        &mut self.counters
    }

    /// The counter under each cache's votes, a fresh one if a cache has none, and the places for [`Self::update`].
    #[inline(always)]
    pub(crate) fn ask(
        &self,
        ranked: &RankedValues,
        channel: usize,
        binarization: &Binarization,
    ) -> ([Counter; CACHES], [usize; CACHES]) {
        let (mut counters, mut places) = ([Counter::default(); CACHES], [0; CACHES]);
        for i in 0..CACHES {
            if ranked.0[i].counts == [0; VALUES] {
                continue;
            }
            let said = ranked.0[i].votes(binarization);
            if said > 0 {
                places[i] = ((channel * CACHES + i) * VOTES + said) * self.kinds + binarization.kind;
                counters[i] = self.counters[places[i]];
            }
        }
        (counters, places)
    }

    /// Learns how a decision came out.
    #[inline(always)]
    pub(crate) fn update(&mut self, places: &[usize; CACHES], bit: bool) {
        for i in 0..CACHES {
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
        let mut value_cache = ValueCache::new(4);
        for value in [10, 200, 200, 90] {
            value_cache.note(Some([5, 7 << 28, 9 << 28]), value);
        }
        let mut binarization = Binarization::new(100, 1);
        assert!(binarization.next());
        let votes = |value_cache: &ValueCache, hash, binarization: &Binarization| {
            value_cache.look(Some([hash; CACHES])).0.map(|counts_of| counts_of.votes(binarization))
        };
        assert_eq!(votes(&value_cache, 5, &binarization), [2 * GROUPS + 2; CACHES]);
        binarization.answer(true);
        assert!(binarization.next());
        assert_eq!(votes(&value_cache, 5, &binarization), [2; CACHES]);
        assert_eq!(votes(&value_cache, 6, &binarization), [0; CACHES]);
    }

    /// As [`ValueCounts::count`] and [`ValueCounts::votes`] say, one value at a time.
    fn count(counts_of: &mut ValueCounts, value: u8) {
        if let Some(i) = (0..VALUES).find(|&i| counts_of.counts[i] > 0 && counts_of.values[i] == value) {
            counts_of.counts[i] += 1;
            if counts_of.counts[i] == 255 {
                counts_of.counts = counts_of.counts.map(|count| count.div_ceil(2));
            }
            return;
        }
        let rarest = (0..VALUES).min_by_key(|&i| counts_of.counts[i]).unwrap();
        (counts_of.values[rarest], counts_of.counts[rarest]) = (value, 1);
    }

    fn votes(counts_of: &ValueCounts, binarization: &Binarization) -> usize {
        let within = |low: i32, high: i32| -> u32 {
            let inside = (0..VALUES).filter(|&i| (low..high).contains(&i32::from(counts_of.values[i])));
            inside.map(|i| u32::from(counts_of.counts[i])).sum()
        };
        let group = |count: u32| count.checked_ilog2().map_or(0, |log2| (log2 as usize + 1).min(GROUPS - 1));
        group(within(binarization.low, binarization.threshold)) * GROUPS
            + group(within(binarization.threshold, binarization.high))
    }

    #[test]
    fn words_do_what_single_bytes_do() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) % below
        };
        for colors in [3, 8, 12, 256] {
            let (mut words, mut bytes) = (ValueCounts::FRESH, ValueCounts::FRESH);
            for _ in 0..3000 {
                let value = if next(4) > 0 { next(2) } else { next(colors) * 255 / (colors - 1) } as u8;
                words.count(value);
                count(&mut bytes, value);
                assert_eq!((words.values, words.counts), (bytes.values, bytes.counts));
                let mut binarization = Binarization::new(next(256) as i32, 1 << next(5));
                while binarization.next() {
                    assert_eq!(words.votes(&binarization), votes(&bytes, &binarization));
                    binarization.answer(i32::from(value) >= binarization.threshold);
                }
            }
        }
    }
}
