//! What followed the same surroundings before: exact repetition, the mark of drawn images.

use dualcomp_entropy::{Counter, logistic};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{KINDS, Walk};

/// Surroundings of different reach, the widest first.
pub(crate) const REACHES: usize = 4;
/// Times that are counted.
const LONGEST: u32 = 15;
/// Times fall in this many groups.
pub(crate) const GROUPS: usize = 4;
/// What the second pixel says beside the first: nothing, the same, the opposite, the opposite more than once.
const SECOND: usize = 4;
/// What a reach can say of a pixel.
pub(crate) const SAYINGS: usize = (LONGEST as usize + 1) * 4 * 3;
const TRUSTS: usize = REACHES * (LONGEST as usize + 1) * SECOND * KINDS;

/// The last two pixels after each of many surroundings, and how often they came lately.
pub(crate) struct Recall {
    entries: Vec<u64>,
    shift: u32,
    /// Right or wrong, under reach, times, second pixel and kind of decision.
    trust: Vec<Counter>,
}

/// What came after some surroundings: two pixels and the times that they came, 0 if unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Past {
    first: [u8; 3],
    times: u32,
    second: [u8; 3],
    others: u32,
}

/// What the reaches expect of a pixel.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pasts([Past; REACHES]);

/// The logits of the reaches for one decision, and what they follow from.
#[derive(Clone, Copy)]
pub(crate) struct Recalled {
    pub(crate) logits: [i32; REACHES],
    /// The place among the counters of trust and the bit it stands for, or none.
    places: [Option<(u32, bool)>; REACHES],
}

impl Past {
    /// First pixel in bits 0 to 23, times in 24 to 27, the same of the second, a check of 8 bits.
    #[inline(always)]
    fn from_entry(entry: u64, hash: u32) -> Self {
        if entry >> 56 != check(hash) {
            return Self::default();
        }
        let [r, g, b, times, ..] = entry.to_le_bytes();
        let [x, y, z, others, ..] = (entry >> 28).to_le_bytes();
        Self { first: [r, g, b], times: u32::from(times & 15), second: [x, y, z], others: u32::from(others & 15) }
    }

    #[inline(always)]
    fn entry(&self, hash: u32) -> u64 {
        let half = |[r, g, b]: [u8; 3], times: u32| u64::from(u32::from_le_bytes([r, g, b, times as u8]));
        check(hash) << 56 | half(self.second, self.others) << 28 | half(self.first, self.times)
    }

    /// After this pixel came too.
    #[inline(always)]
    fn with(self, pixel: [u8; 3]) -> Self {
        if self.times == 0 {
            return Self { first: pixel, times: 1, ..Self::default() };
        }
        if self.first == pixel {
            return Self { times: (self.times + 1).min(LONGEST), ..self };
        }
        let again = self.others > 0 && self.second == pixel;
        let others = if again { (self.others + 1).min(LONGEST) } else { 1 };
        let times = self.times.div_ceil(2);
        if others >= times {
            Self { first: pixel, times: others, second: self.first, others: times }
        } else {
            Self { times, second: pixel, others, ..self }
        }
    }
}

impl Pasts {
    /// How sure the reaches are, as a number below `GROUPS` to the power of two.
    #[inline(always)]
    pub(crate) fn state(&self) -> usize {
        const GROUP: [u8; LONGEST as usize + 1] = [0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
        let group = |i: usize| usize::from(GROUP[self.0[i].times as usize & 15]);
        group(0) * GROUPS + group(2)
    }

    /// First pixels of the reaches, then second ones, as far as they are known.
    #[inline(always)]
    pub(crate) fn pixels(&self) -> [Option<[u8; 3]>; 2 * REACHES] {
        let mut pixels = [None; 2 * REACHES];
        for i in 0..REACHES {
            let past = &self.0[i];
            pixels[i] = (past.times > 0).then_some(past.first);
            pixels[REACHES + i] = (past.others > 0).then_some(past.second);
        }
        pixels
    }

    /// What each reach says of a pixel, below [`SAYINGS`].
    #[inline(always)]
    pub(crate) fn sayings(&self, pixel: [u8; 3]) -> [usize; REACHES] {
        let mut sayings = [0; REACHES];
        for i in 0..REACHES {
            let past = &self.0[i];
            let which = if past.times > 0 && past.first == pixel {
                0
            } else if past.others > 0 && past.second == pixel {
                1
            } else {
                2
            };
            sayings[i] = ((past.times * 4 + past.others.min(3)) * 3) as usize + which;
        }
        sayings
    }

    /// Forgets a pixel that it is not.
    #[inline(always)]
    pub(crate) fn refute(&mut self, pixel: [u8; 3]) {
        for i in 0..REACHES {
            let past = &mut self.0[i];
            past.times = if past.first == pixel { 0 } else { past.times };
            past.others = if past.second == pixel { 0 } else { past.others };
        }
    }

    /// Whether any reach knows something.
    #[inline(always)]
    pub(crate) fn known(&self) -> bool {
        let mut known = 0;
        for i in 0..REACHES {
            known |= self.0[i].times | self.0[i].others;
        }
        known > 0
    }

    /// Forgets pixels that do not have this value in a channel.
    #[inline(always)]
    pub(crate) fn narrow(&mut self, channel: usize, value: u8) {
        for i in 0..REACHES {
            let past = &mut self.0[i];
            past.times = if past.first[channel] == value { past.times } else { 0 };
            past.others = if past.second[channel] == value { past.others } else { 0 };
        }
    }
}

impl Recall {
    /// With 2^`log2` entries for each reach, up to 2^16.
    pub(crate) fn new(log2: u32) -> Self {
        Self { entries: vec![0; REACHES << log2], shift: 32 - log2, trust: vec![Counter::default(); TRUSTS] }
    }

    /// How far each reach is to be trusted, as far as it was learned.
    pub(crate) fn trust(&mut self) -> &mut [Counter] {
        &mut self.trust
    }

    #[inline(always)]
    fn place(&self, reach: usize, hash: u32) -> usize {
        reach << (32 - self.shift) | (hash >> self.shift) as usize
    }

    /// Fetches what [`Self::look`] will read.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hashes: &[u32; REACHES]) {
        for i in 0..REACHES {
            prefetch_index(&self.entries, self.place(i, hashes[i]));
        }
    }

    /// Looks up the surroundings of a pixel.
    #[inline(always)]
    pub(crate) fn look(&self, hashes: &[u32; REACHES]) -> Pasts {
        let mut pasts = Pasts([Past::default(); REACHES]);
        for i in 0..REACHES {
            pasts.0[i] = Past::from_entry(self.entries[self.place(i, hashes[i])], hashes[i]);
        }
        pasts
    }

    /// What the reaches say to a question about a channel.
    #[inline(always)]
    pub(crate) fn ask(&self, pasts: &Pasts, channel: usize, walk: &Walk) -> Recalled {
        let mut recalled = Recalled { logits: [0; REACHES], places: [None; REACHES] };
        for i in 0..REACHES {
            let Past { first, times, second, others } = pasts.0[i];
            let (first, second) = (i32::from(first[channel]), i32::from(second[channel]));
            let first_in = times > 0 && walk.low <= first && first < walk.high;
            let second_in = others > 0 && walk.low <= second && second < walk.high;
            if !first_in && !second_in {
                continue;
            }
            let (yes, also) = (first >= walk.threshold, second >= walk.threshold);
            let (bit, times, beside) = if first_in {
                let beside = if !second_in {
                    0
                } else if also == yes {
                    1
                } else {
                    2 + u32::from(others > 1)
                };
                (yes, times, beside)
            } else {
                (also, 0, others.min(SECOND as u32) - 1)
            };
            let place = ((i as u32 * (LONGEST + 1) + times) * SECOND as u32 + beside) * KINDS as u32;
            let place = place + walk.kind as u32;
            let logit = logistic::stretch(self.trust[place as usize].p());
            recalled.logits[i] = if bit { logit } else { -logit };
            recalled.places[i] = Some((place, bit));
        }
        recalled
    }

    /// Learns how a decision came out.
    #[inline(always)]
    pub(crate) fn update(&mut self, recalled: &Recalled, outcome: bool) {
        for i in 0..REACHES {
            if let Some((place, bit)) = recalled.places[i] {
                self.trust[place as usize].update(bit == outcome, 511);
            }
        }
    }

    /// Notes a pixel after its surroundings.
    #[inline(always)]
    pub(crate) fn note(&mut self, hashes: &[u32; REACHES], pixel: [u8; 3]) {
        for i in 0..REACHES {
            let place = self.place(i, hashes[i]);
            self.entries[place] = Past::from_entry(self.entries[place], hashes[i]).with(pixel).entry(hashes[i]);
        }
    }
}

/// What tells surroundings that share an entry apart; never that of a fresh entry.
#[inline(always)]
fn check(hash: u32) -> u64 {
    u64::from(hash as u8 | 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes a grey pixel.
    fn step(recall: &mut Recall, value: u8) {
        let pasts = recall.look(&[7; REACHES]);
        let mut walk = Walk::new(100, 1);
        while walk.next() {
            let (recalled, bit) = (recall.ask(&pasts, 0, &walk), i32::from(value) >= walk.threshold);
            recall.update(&recalled, bit);
            walk.answer(bit);
        }
        recall.note(&[7; REACHES], [value, 1, 2]);
    }

    /// The logits of the first question.
    fn asked(recall: &Recall, hash: u32) -> [i32; REACHES] {
        let mut walk = Walk::new(100, 1);
        walk.next();
        recall.ask(&recall.look(&[hash; REACHES]), 0, &walk).logits
    }

    #[test]
    fn expects_what_came_before() {
        let mut recall = Recall::new(8);
        for _ in 0..40 {
            step(&mut recall, 200);
        }
        assert!(asked(&recall, 7).iter().all(|&logit| logit > 100));
        assert_eq!(asked(&recall, 8), [0; REACHES]);
    }

    #[test]
    fn keeps_two_pixels() {
        let mut recall = Recall::new(8);
        for value in [200, 200, 200, 50] {
            step(&mut recall, value);
        }
        let mut pasts = recall.look(&[7; REACHES]);
        assert_eq!(pasts.0[0], Past { first: [200, 1, 2], times: 2, second: [50, 1, 2], others: 1 });
        pasts.narrow(0, 50);
        assert_eq!((pasts.0[0].times, pasts.0[0].others, pasts.known()), (0, 1, true));
        pasts.narrow(1, 2);
        assert!(!pasts.known());
    }
}
