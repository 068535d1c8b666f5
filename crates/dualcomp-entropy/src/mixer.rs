//! Gated linear mixing in the logistic domain.

use alloc::vec;
use alloc::vec::Vec;

use crate::logistic::{LIMIT, squash};
use crate::{Number, Prior};

/// Mixes `N` logits by weights that are chosen by a selector and learn from each decision, by gradient descent
/// on coding cost (Mahoney 2005). `N` is at most [`MAX_INPUTS`]. For many inputs see [`SimdMixer`](crate::SimdMixer).
#[derive(Clone, Debug)]
pub struct Mixer<const N: usize> {
    /// In 1/65536.
    weights: Vec<[i32; N]>,
    selected: usize,
    p: u32,
    rate: i32,
}

/// Inputs of a mixer at most: more could overflow its sum.
pub const MAX_INPUTS: usize = 23;

/// Weights are within this, sixteen: together with [`SUM_SHIFT`] what lets sums fit in 32 bits.
pub(crate) const BOUND: i32 = 1 << 20;
/// Weights count in units of 1/2^11 in a sum, which then fits in 32 bits.
pub(crate) const SUM_SHIFT: u32 = 5;

impl<const N: usize> Mixer<N> {
    const FITS: () = assert!(N as i64 * LIMIT as i64 * (BOUND >> SUM_SHIFT) as i64 <= i32::MAX as i64);

    /// A mixer with `selectors` sets of weights, all `start` (in 1/65536) at first. Each step moves weights by
    /// `rate / 2^24` times input (1/256 nat) times error (1/65536); `rate` is below 2900.
    pub fn new(selectors: usize, start: [i32; N], rate: i32) -> Self {
        let () = Self::FITS;
        Self { weights: vec![start; selectors], selected: 0, p: 32768, rate }
    }

    /// Sets all weights to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        for weight in self.weights.as_flattened_mut() {
            *weight = prior.weight().unwrap_or(*weight);
        }
    }

    /// Writes all weights as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<Number>) {
        out.extend(self.weights.as_flattened().iter().map(|&weight| Number::Weight(weight)));
    }

    /// The mixed logit, in 1/256 nat, of inputs within -[`LIMIT`]..=[`LIMIT`].
    ///
    /// # Panics
    /// If `selector` is out of range.
    #[inline(always)]
    pub fn mix(&mut self, inputs: &[i32; N], selector: usize) -> i32 {
        self.selected = selector;
        let weights = &self.weights[selector];
        let mut sum = 1 << (15 - SUM_SHIFT);
        for i in 0..N {
            sum += inputs[i] * (weights[i] >> SUM_SHIFT);
        }
        let logit = (sum >> (16 - SUM_SHIFT)).clamp(-LIMIT, LIMIT);
        self.p = squash(logit);
        logit
    }

    /// Learns the decision that followed the last [`Self::mix`], which had the same inputs.
    #[inline(always)]
    pub fn update(&mut self, inputs: &[i32; N], bit: bool) {
        let error = (i32::from(bit) << 16) - self.p as i32;
        let step = (error * self.rate) >> 8;
        let weights = &mut self.weights[self.selected];
        for i in 0..N {
            weights[i] = (weights[i] + ((inputs[i] * step + 32768) >> 16)).clamp(-BOUND, BOUND);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusts_the_better_input() {
        let mut mixer = Mixer::<2>::new(1, [1 << 15; 2], 100);
        for i in 0..20_000 {
            let bit = i % 3 == 0;
            // The first input knows, the second says the opposite.
            let inputs = [if bit { 300 } else { -300 }, if bit { -300 } else { 300 }];
            mixer.mix(&inputs, 0);
            mixer.update(&inputs, bit);
        }
        assert!(mixer.mix(&[300, -300], 0) > 500);
    }

    #[test]
    fn stays_in_bounds_whatever_comes() {
        let mut mixer = Mixer::<MAX_INPUTS>::new(1, [0; MAX_INPUTS], 2899);
        for bit in [true, false] {
            let inputs = [LIMIT; MAX_INPUTS];
            for _ in 0..5000 {
                mixer.mix(&inputs, 0);
                mixer.update(&inputs, bit);
            }
            assert!(mixer.weights[0].iter().all(|w| w.abs() <= BOUND));
            assert_eq!(mixer.mix(&inputs, 0) > 0, bit);
        }
    }
}
