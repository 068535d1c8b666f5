//! A probability that learns from each decision, fast at first and slowly later.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x8, i32x16};

/// An adaptive probability with the number of decisions seen, in one word that is 0 when fresh.
///
/// The upper 22 bits are the probability of a 1, with the top bit flipped so that 0 stands for one half; the
/// lower 9 count, and the one between says whether the counter is pretrained. Where the last decisions
/// matter, [`remember_all`] keeps two of them in the lowest bits of the probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Counter(u32);

/// A fresh word is 0, so that tables begin as zeros.
const FLIP: u32 = 1 << 31;
/// Nine bits of count, two flags and 22 bits of probability are one word (experiments/0022).
const COUNT: u32 = 511;
const PRETRAINED: u32 = 512;
/// Where the last two decisions are, if they are kept.
const RECENT_SHIFT: u32 = 10;
const RECENT: u32 = 3 << RECENT_SHIFT;

/// round(32768 / (n + 1.5)), the adaptive rate of lpaq. Not a constant: functions as large as the coders would copy it
/// to their stacks.
static STEP: [u32; 512] = {
    let mut table = [0; 512];
    let mut n = 0;
    while n < table.len() {
        table[n] = (32768 * 2 + (n as u32 * 2 + 3) / 2) / (n as u32 * 2 + 3);
        n += 1;
    }
    table
};

impl Counter {
    /// A counter of probability `p`, in 1/65536, that weighs as much as `count` decisions (below 512).
    #[inline(always)]
    pub const fn new(p: u16, count: u32) -> Self {
        Self(((p as u32) << 16 | count) ^ FLIP)
    }

    /// As [`Self::new`], marked for ever as pretrained: its start was learned beforehand on other data.
    #[inline(always)]
    pub const fn pretrained(p: u16, count: u32) -> Self {
        Self(Self::new(p, count).0 | PRETRAINED)
    }

    /// The last two decisions, the latest lowest, if [`remember_all`] keeps them.
    #[cfg(test)]
    pub(crate) fn recent(self) -> u32 {
        (self.0 & RECENT) >> RECENT_SHIFT
    }

    /// Whether it is pretrained: began with [`Self::pretrained`].
    #[inline(always)]
    pub fn is_pretrained(self) -> bool {
        self.0 & PRETRAINED != 0
    }

    /// The probability of a 1, in 1/65536.
    #[inline(always)]
    pub fn p(self) -> u32 {
        (self.0 ^ FLIP) >> 16
    }

    /// The counter as a word, for [`update_all`].
    #[inline(always)]
    pub const fn word(self) -> u32 {
        self.0
    }

    /// The counter of a [`Self::word`].
    #[inline(always)]
    pub fn from_word(word: u32) -> Self {
        Self(word)
    }

    /// How many decisions it has seen, up to the limit it was updated with.
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.0 & COUNT
    }

    /// The same with a count of at most `limit`.
    #[inline(always)]
    pub fn capped(self, limit: u32) -> Self {
        Self(self.0 & !COUNT | self.count().min(limit))
    }

    /// Learns a decision. The step is 1 / (count + 1.5), and the count stops at `limit` (below 512).
    #[inline(always)]
    pub fn update(&mut self, bit: bool, limit: u32) {
        let word = self.0 ^ FLIP;
        let (p, n) = ((word >> 10) as i32, word & COUNT);
        let target = if bit { (1 << 22) - 1 } else { 0 };
        // In 32 bits, so that many counters can learn at once.
        let moved = p + ((((target - p) >> 6) * STEP[n as usize] as i32) >> 9);
        self.0 = ((moved as u32) << 10 | word & PRETRAINED | (n + u32::from(n < limit))) ^ FLIP;
    }
}

/// As [`Counter::p`] for eight counters.
#[inline(always)]
pub fn probabilities<S: Simd>(words: i32x8<S>) -> i32x8<S> {
    ((words >> 16) ^ (1 << 15)) & 0xFFFF
}

/// As [`Counter::update`] for sixteen counters, each with a limit of its own.
#[inline(always)]
pub fn update_all<S: Simd>(words: i32x16<S>, bit: bool, limits: i32x16<S>) -> i32x16<S> {
    let word = words ^ FLIP as i32;
    // The sign would come along.
    let (p, n) = ((word >> 10) & ((1 << 22) - 1), word & COUNT as i32);
    let target = if bit { (1 << 22) - 1 } else { 0 };
    // The quotient is never near half a number, so that each division that rounds as IEEE 754 has it gives `STEP`.
    let step = 65536.0 / f32x16::float_from(n * 2 + 3) + 0.5;
    let moved = p + ((((target - p) >> 6) * i32x16::truncate_from(step)) >> 9);
    let count = (n + 1).min(n.max(limits));
    (moved << 10 | word & PRETRAINED as i32 | count) ^ FLIP as i32
}

/// The first eight of sixteen counters that have learned this decision, which were `before`, keep it and the one before
/// it in the lowest bits of their probabilities.
#[inline(always)]
pub fn remember_all<S: Simd>(learned: i32x16<S>, before: i32x8<S>, bit: bool) -> i32x16<S> {
    let (counters, others) = learned.split();
    let recent = (before & 1 << RECENT_SHIFT) << 1 | i32::from(bit) << RECENT_SHIFT;
    (counters & !(RECENT as i32) | recent).combine(others)
}

/// The last two decisions that eight counters remember, the latest lowest.
#[inline(always)]
pub fn recent<S: Simd>(words: i32x8<S>) -> i32x8<S> {
    (words & RECENT as i32) >> RECENT_SHIFT
}

/// A counter with spare bits in its word: 16 bits of probability, the lowest two of which
/// are the last two decisions, and 6 of count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct SmallCounter(u32);

impl SmallCounter {
    /// Bits that it leaves, the upper ones of the word.
    pub const SPARE: u32 = 10;
    const P: u32 = 6;
    const LIMIT: u32 = 63;
    const FLIP: u32 = 1 << (Self::P + 15);

    /// A fresh counter with these spare bits.
    #[inline(always)]
    pub fn with_spare(bits: u32) -> Self {
        Self(bits << (32 - Self::SPARE))
    }

    /// Starts with probability `p`, in 1/65536, as if `count` decisions were seen (at most 63).
    #[inline(always)]
    pub fn start(&mut self, p: u32, count: u32) {
        self.0 = (self.spare() << (32 - Self::SPARE) | p << Self::P | count) ^ Self::FLIP;
    }

    /// The spare bits.
    #[inline(always)]
    pub fn spare(self) -> u32 {
        self.0 >> (32 - Self::SPARE)
    }

    /// The probability of a 1, in 1/65536.
    #[inline(always)]
    pub fn p(self) -> u32 {
        (self.0 ^ Self::FLIP) >> Self::P & 0xFFFF
    }

    /// How many decisions it has seen, at most 63.
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.0 & Self::LIMIT
    }

    /// Learns a decision. The step is 1 / (count + 1.5).
    #[inline(always)]
    pub fn update(&mut self, bit: bool) {
        let (p, n) = (self.p(), self.count());
        let distance = if bit { 65535 - p } else { p };
        let step = (distance * STEP[n as usize]) >> 15;
        let moved = if bit { p + step } else { p - step };
        self.start(moved & !3 | p << 1 & 2 | u32::from(bit), n + u32::from(n < Self::LIMIT));
    }

    /// The same as a [`Counter`] that remembers the last two decisions.
    #[inline(always)]
    pub fn widen(self) -> Counter {
        Counter(Counter::new(self.p() as u16, self.count()).0 | (self.p() & 3) << RECENT_SHIFT)
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;

    #[test]
    fn starts_at_a_half_and_learns() {
        let mut c = Counter::default();
        assert_eq!((c.p(), c.count()), (32768, 0));
        c.update(true, 255);
        assert!((54_000..55_000).contains(&c.p()));
        for _ in 0..1000 {
            c.update(true, 255);
        }
        assert!(c.p() > 65_000 && c.count() == 255);
        for _ in 0..10_000 {
            c.update(false, 255);
        }
        assert!(c.p() < 200);
    }

    #[test]
    fn small_ones_learn_alike() {
        let (mut small, mut large) = (SmallCounter::with_spare(0x2A5), Counter::default());
        assert_eq!(small.widen(), large);
        for i in 0..300 {
            let bit = i % 5 != 0 && i < 200;
            small.update(bit);
            large.update(bit, 63);
            assert_eq!((small.count(), small.spare()), (large.count(), 0x2A5));
            assert!(small.p().abs_diff(large.p()) < 200, "{i}: {small:?} {large:?}");
        }
    }

    /// The same as one by one, for all counts and many probabilities.
    fn all_at_once<S: Simd>(simd: S) {
        for n in 0..512u32 {
            for bit in [false, true] {
                let mut counters: [Counter; 16] = core::array::from_fn(|i| {
                    Counter((i as u32).wrapping_mul(0x1234_5678) & !1023 | (i as u32 & 1) << 9 | n)
                });
                let words = i32x16::from_slice(simd, &counters.map(|c| c.0 as i32));
                let limits = core::array::from_fn::<_, 16, _>(|i| if i < 8 { 80 } else { 511 });
                let mut out = [0; 16];
                update_all(words, bit, i32x16::from_slice(simd, &limits)).store_slice(&mut out);
                for (counter, limit) in counters.iter_mut().zip(limits) {
                    counter.update(bit, limit as u32);
                }
                assert_eq!(out.map(|w| w as u32), counters.map(|c| c.0), "{n}");
            }
        }
    }

    #[test]
    fn vectors_have_the_probabilities_of_single_counters() {
        let counters: [Counter; 8] = core::array::from_fn(|i| Counter((i as u32).wrapping_mul(0x2468_ACE1)));
        let mut out = [0; 8];
        dispatch!(Level::new(), simd => {
            probabilities(i32x8::from_slice(simd, &counters.map(|c| c.0 as i32))).store_slice(&mut out);
        });
        assert_eq!(out.map(|p| p as u32), counters.map(Counter::p));
    }

    #[test]
    fn the_last_two_decisions_are_kept() {
        let (mut small, mut word) = (SmallCounter::default(), Counter::pretrained(1 << 15, 0).word() as i32);
        let mut last = 0;
        for i in 0..200u32 {
            let bit = i % 3 == 0 || i % 7 < 2;
            last = (last << 1 | u32::from(bit)) & 3;
            small.update(bit);
            dispatch!(Level::new(), simd => {
                let before = i32x8::splat(simd, word);
                let words = before.combine(before);
                let learned = remember_all(update_all(words, bit, i32x16::splat(simd, 63)), before, bit);
                assert_eq!(recent(learned.split().0).as_slice(), [last as i32; 8]);
                word = learned.as_slice()[0];
            });
            let small = small.widen();
            assert_eq!(small.recent(), last);
            assert!(small.p().abs_diff(Counter(word as u32).p()) < 200);
        }
    }

    #[test]
    fn vectors_learn_as_single_counters() {
        for level in [Level::new(), Level::baseline()] {
            dispatch!(level, simd => all_at_once(simd));
        }
    }
}
