//! What followed the same surroundings before: exact repetition, the mark of drawn images.

use dualcomp_entropy::{Counter, hash, logistic};

/// Surroundings of different reach, the widest first.
pub(super) const REACHES: usize = 4;
const LOG2: u32 = 16;
/// Times in a row that are counted.
const LONGEST: u32 = 15;
/// Times in a row fall in this many groups.
pub(super) const GROUPS: usize = 4;

/// The last value after each of many surroundings, and how often in a row it came.
pub(super) struct Recall {
    /// Value in bits 0 to 7, times in 8 to 15, check above.
    entries: Vec<u32>,
    /// Right or wrong, under reach, times and kind of decision.
    trust: Vec<Counter>,
    kinds: usize,
    at: [usize; REACHES],
    checks: [u32; REACHES],
    /// The value expected by each reach and the times it came in a row, 0 if unknown.
    expected: [(i32, u32); REACHES],
}

impl Recall {
    pub(super) fn new(kinds: usize) -> Self {
        Self {
            entries: vec![0; REACHES << LOG2],
            trust: vec![Counter::default(); REACHES * (LONGEST as usize + 1) * kinds],
            kinds,
            at: [0; REACHES],
            checks: [0; REACHES],
            expected: [(0, 0); REACHES],
        }
    }

    /// How far each reach is to be trusted, as far as it was learned.
    pub(super) fn trust(&mut self) -> &mut [Counter] {
        &mut self.trust
    }

    /// Looks up the surroundings of the next sample.
    pub(super) fn look(&mut self, surroundings: [u32; REACHES]) {
        for (i, hashed) in surroundings.into_iter().enumerate() {
            let hashed = hash(hashed, i as u32);
            self.at[i] = i << LOG2 | (hashed >> (32 - LOG2)) as usize;
            self.checks[i] = hashed & 0xFFFF;
            let entry = self.entries[self.at[i]];
            let times = if entry >> 16 == self.checks[i] { entry >> 8 & 0xFF } else { 0 };
            self.expected[i] = ((entry & 0xFF) as i32, times);
        }
    }

    /// How sure the reaches are, as a number below `GROUPS` to the power of two.
    pub(super) fn state(&self) -> usize {
        let group = |i: usize| match self.expected[i].1 {
            0 => 0,
            1 => 1,
            2..=5 => 2,
            _ => 3,
        };
        group(0) * GROUPS + group(2)
    }

    /// The bit that reach `i` expects when a value in `low..high` is compared with `threshold`, and its place
    /// among the counters of trust.
    fn bit(&self, i: usize, low: i32, high: i32, threshold: i32, kind: usize) -> Option<(bool, usize)> {
        let (value, times) = self.expected[i];
        let place = (i * (LONGEST as usize + 1) + times as usize) * self.kinds + kind;
        (times > 0 && (low..high).contains(&value)).then_some((value >= threshold, place))
    }

    /// The logit that each reach gives a decision; 0 where it has no opinion.
    pub(super) fn logits(&self, low: i32, high: i32, threshold: i32, kind: usize) -> [i32; REACHES] {
        core::array::from_fn(|i| match self.bit(i, low, high, threshold, kind) {
            Some((bit, place)) => {
                let p = logistic::stretch(self.trust[place].p());
                if bit { p } else { -p }
            }
            None => 0,
        })
    }

    /// Learns how a decision came out.
    pub(super) fn update(&mut self, low: i32, high: i32, threshold: i32, kind: usize, outcome: bool) {
        for i in 0..REACHES {
            if let Some((bit, place)) = self.bit(i, low, high, threshold, kind) {
                self.trust[place].update(bit == outcome, 1023);
            }
        }
    }

    /// Notes the value of the sample last looked up.
    pub(super) fn note(&mut self, value: u8) {
        for i in 0..REACHES {
            let (expected, times) = self.expected[i];
            let (value, times) = match times {
                0 | 1 if expected != i32::from(value) || times == 0 => (u32::from(value), 1),
                _ if expected == i32::from(value) => (u32::from(value), (times + 1).min(LONGEST)),
                _ => (expected as u32, times / 2),
            };
            self.entries[self.at[i]] = self.checks[i] << 16 | times << 8 | value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expects_what_came_before() {
        let mut recall = Recall::new(1);
        for _ in 0..40 {
            recall.look([7; REACHES]);
            recall.update(0, 256, 100, 0, true);
            recall.note(200);
        }
        recall.look([7; REACHES]);
        assert!(recall.logits(0, 256, 100, 0).iter().all(|&logit| logit > 100));
        assert_eq!(recall.logits(0, 150, 100, 0), [0; REACHES]);
        recall.look([8; REACHES]);
        assert_eq!(recall.logits(0, 256, 100, 0), [0; REACHES]);
    }
}
