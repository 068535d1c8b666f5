//! The thresholds that tell a value apart (docs/spec/image.md, section 6): first the center of its distribution, then
//! growing steps away from it, then halves of the last step.

/// Kinds of decisions: the side, five steps to each side, four halvings; the last of each stand for all further ones
/// (experiments/0005).
pub(crate) const KINDS: usize = 15;
const STEPS: usize = 5;
const HALVINGS: usize = 4;
/// Stages before the steps and before the halvings.
const FIRST_STEP: usize = 1;
const FIRST_HALF: usize = 9;
/// The first kind of halvings.
pub(crate) const FIRST_HALVING: usize = 1 + 2 * STEPS;

/// The state of telling a value by thresholds.
pub(crate) struct Binarization {
    /// The value is in low..high.
    pub(crate) low: i32,
    pub(crate) high: i32,
    /// The decision: is the value at least this?
    pub(crate) threshold: i32,
    /// The kind of decision, below [`KINDS`].
    pub(crate) kind: usize,
    stage: usize,
    /// Side of the center.
    up: bool,
    width: i32,
}

impl Binarization {
    /// From all values, 0..=255. `center` is one of them, `step` the width of the first two steps.
    #[inline(always)]
    pub(crate) fn new(center: i32, step: i32) -> Self {
        // Nothing is below 0, so the side is known there.
        let stage = if center == 0 { FIRST_STEP } else { 0 };
        Self { low: 0, high: 256, threshold: center, kind: 0, stage, up: true, width: step }
    }

    /// Finds the next threshold; false if the value is known.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> bool {
        if self.high - self.low == 1 {
            return false;
        }
        if self.stage == 0 {
            return true;
        }
        if self.stage < FIRST_HALF {
            let threshold = if self.up { self.low + self.width } else { self.high - self.width };
            if self.low < threshold && threshold < self.high {
                self.threshold = threshold;
                let step = (self.stage - FIRST_STEP).min(STEPS - 1);
                self.kind = 1 + step + if self.up { 0 } else { STEPS };
                return true;
            }
            self.stage = FIRST_HALF;
        }
        self.threshold = self.low + (self.high - self.low) / 2;
        self.kind = FIRST_HALVING + (self.stage - FIRST_HALF).min(HALVINGS - 1);
        true
    }

    /// Takes the outcome of the decision.
    #[inline(always)]
    pub(crate) fn answer(&mut self, bit: bool) {
        if bit {
            self.low = self.threshold;
        } else {
            self.high = self.threshold;
        }
        if self.stage == 0 {
            self.up = bit;
        } else if self.stage < FIRST_HALF {
            if bit != self.up {
                // Within the last step.
                self.stage = FIRST_HALF;
                return;
            }
            // The second step is as wide as the first.
            self.width <<= u32::from(self.stage > FIRST_STEP);
        }
        self.stage += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(center: i32, step: i32, value: i32) -> Vec<(i32, usize)> {
        let mut binarization = Binarization::new(center, step);
        let mut list = Vec::new();
        while binarization.next() {
            list.push((binarization.threshold, binarization.kind));
            binarization.answer(value >= binarization.threshold);
        }
        assert_eq!(binarization.low, value);
        list
    }

    #[test]
    fn every_value_is_found() {
        for center in [0, 1, 77, 254, 255] {
            for step in [1, 2, 8, 256] {
                for value in 0..256 {
                    assert!(decisions(center, step, value).iter().all(|&(_, kind)| kind < KINDS));
                }
            }
        }
    }

    #[test]
    fn steps_grow() {
        let thresholds = |value| decisions(100, 2, value).iter().map(|&(threshold, _)| threshold).collect::<Vec<_>>();
        assert_eq!(thresholds(100), [100, 102, 101]);
        assert_eq!(thresholds(112), [100, 102, 104, 108, 116, 112, 114, 113]);
        assert_eq!(thresholds(98), [100, 98, 99]);
        assert_eq!(decisions(0, 1, 0), [(1, 1)]);
    }
}
