//! Gated linear mixing in the logistic domain.

use alloc::vec;
use alloc::vec::Vec;

use crate::Prior;
use crate::logistic::{LIMIT, squash};

/// Mixes `N` logits by weights that are chosen by a selector and learn from each decision, by gradient descent
/// on coding cost (Mahoney 2005).
#[derive(Clone, Debug)]
pub struct Mixer<const N: usize> {
    /// In 1/65536.
    weights: Vec<[i32; N]>,
    inputs: [i32; N],
    selected: usize,
    p: u32,
    rate: i32,
}

/// Weights are within 2^20; a prior holds them in 16 bits.
const PRIOR_SHIFT: u32 = 5;

impl<const N: usize> Mixer<N> {
    /// A mixer with `selectors` sets of weights, all `start` (in 1/65536) at first. Each step moves weights by
    /// `rate / 2^24` times input (1/256 nat) times error (1/65536).
    pub fn new(selectors: usize, start: [i32; N], rate: i32) -> Self {
        Self { weights: vec![start; selectors], inputs: [0; N], selected: 0, p: 32768, rate }
    }

    /// Sets all weights to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        for weight in self.weights.as_flattened_mut() {
            if let Some(number) = prior.take() {
                *weight = (i32::from(number) - 32768) << PRIOR_SHIFT;
            }
        }
    }

    /// Writes all weights as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<u16>) {
        out.extend(self.weights.as_flattened().iter().map(|w| ((w >> PRIOR_SHIFT) + 32768).clamp(0, 65535) as u16));
    }

    /// The mixed logit, in 1/256 nat. Remembers the inputs for [`Self::update`].
    ///
    /// # Panics
    /// If `selector` is out of range.
    #[inline]
    pub fn mix(&mut self, inputs: &[i32; N], selector: usize) -> i32 {
        self.inputs = *inputs;
        self.selected = selector;
        let weights = &self.weights[selector];
        let mut sum = 0i64;
        for (&input, &weight) in inputs.iter().zip(weights) {
            sum += i64::from(input) * i64::from(weight);
        }
        let logit = ((sum + 32768) >> 16).clamp(-i64::from(LIMIT), i64::from(LIMIT)) as i32;
        self.p = squash(logit);
        logit
    }

    /// Learns the decision that followed the last [`Self::mix`].
    #[inline]
    pub fn update(&mut self, bit: bool) {
        let error = (i32::from(bit) << 16) - self.p as i32;
        let step = (error * self.rate) >> 8;
        let weights = &mut self.weights[self.selected];
        for (weight, &input) in weights.iter_mut().zip(&self.inputs) {
            *weight = (*weight + ((input * step + 32768) >> 16)).clamp(-(1 << 20), 1 << 20);
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
            mixer.mix(&[if bit { 300 } else { -300 }, if bit { -300 } else { 300 }], 0);
            mixer.update(bit);
        }
        assert!(mixer.mix(&[300, -300], 0) > 500);
    }
}
