//! A mixer whose inputs are vectors.

use alloc::vec;
use alloc::vec::Vec;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x4, i32x16};

use crate::logistic::{LIMIT, squash};
use crate::mixer::{BOUND, SUM_SHIFT};
use crate::{Number, Prior};

/// Inputs of a [`SimdMixer`].
pub const WIDTH: usize = 16;

/// A [`Mixer`](crate::Mixer) of `G` times sixteen inputs, which are `G` vectors: quicker, and with one vector the same numbers. Two
/// vectors have weights that count in units of 1/2^10. Unused inputs are 0.
#[derive(Clone, Debug)]
pub struct SimdMixer<const G: usize> {
    /// In 1/65536.
    weights: Vec<[Weights; G]>,
    selected: usize,
    /// The probability that was mixed last, in 1/65536.
    pub(crate) p: u32,
    pub(crate) rate: i32,
    /// The rate that it began with.
    pub(crate) first_rate: i32,
}

/// One cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Weights([i32; WIDTH]);

impl<const G: usize> SimdMixer<G> {
    /// As [`SUM_SHIFT`], one more for twice as many inputs.
    pub(crate) const SHIFT: u32 = SUM_SHIFT + G.ilog2();
    const FITS: () = assert!((G * WIDTH) as i64 * LIMIT as i64 * (BOUND >> Self::SHIFT) as i64 <= i32::MAX as i64);

    /// As [`Mixer::new`](crate::Mixer::new).
    pub fn new(selectors: usize, start: [[i32; WIDTH]; G], rate: i32) -> Self {
        let () = Self::FITS;
        Self { weights: vec![start.map(Weights); selectors], selected: 0, p: 32768, rate, first_rate: rate }
    }

    /// As [`Mixer::load`](crate::Mixer::load).
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        for weight in self.weights.as_flattened_mut().iter_mut().flat_map(|w| &mut w.0) {
            *weight = prior.weight().unwrap_or(*weight);
        }
    }

    /// As [`Mixer::save`](crate::Mixer::save).
    pub fn save(&self, out: &mut Vec<Number>) {
        let weights = self.weights.as_flattened().iter().flat_map(|w| w.0);
        out.extend(weights.map(Number::Weight));
    }

    /// As [`Mixer::mix`](crate::Mixer::mix).
    ///
    /// # Panics
    /// If `selector` is out of range.
    #[inline(always)]
    pub fn mix<S: Simd>(&mut self, inputs: &[i32x16<S>; G], selector: usize) -> i32 {
        let sum = self.sums(inputs, selector).reduce_sum() + (1 << (15 - Self::SHIFT));
        let logit = (sum >> (16 - Self::SHIFT)).clamp(-LIMIT, LIMIT);
        self.p = squash(logit);
        logit
    }

    /// Four numbers whose sum is that of inputs times weights.
    #[inline(always)]
    pub(crate) fn sums<S: Simd>(&mut self, inputs: &[i32x16<S>; G], selector: usize) -> i32x4<S> {
        self.selected = selector;
        let weights = &self.weights[selector];
        let simd = inputs[0].simd;
        let mut sums = i32x16::splat(simd, 0);
        for i in 0..G {
            sums += inputs[i] * (i32x16::from_slice(simd, &weights[i].0) >> Self::SHIFT);
        }
        let (low, high) = sums.split();
        let (low, high) = (low + high).split();
        low + high
    }

    /// As [`Mixer::update`](crate::Mixer::update).
    #[inline(always)]
    pub fn update<S: Simd>(&mut self, inputs: &[i32x16<S>; G], bit: bool) {
        let error = (i32::from(bit) << 16) - self.p as i32;
        let step = (error * self.rate) >> 8;
        for i in 0..G {
            let weights = &mut self.weights[self.selected][i].0;
            let moved = i32x16::from_slice(inputs[0].simd, &*weights) + ((inputs[i] * step + 32768) >> 16);
            moved.max(-BOUND).min(BOUND).store_slice(weights);
        }
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;
    use crate::Mixer;

    /// Many decisions with inputs that are anything, at a level of the processor.
    fn run<S: Simd>(simd: S) {
        let mut plain = Mixer::new(3, [9000; WIDTH], 2800);
        let mut wide = SimdMixer::<1>::new(3, [[9000; WIDTH]], 2800);
        let mut x = 1u32;
        for i in 0..20_000 {
            let inputs = core::array::from_fn(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i < 2000 { LIMIT } else { (x >> 8) as i32 % (LIMIT + 1) - (x >> 31) as i32 * LIMIT / 2 }
            });
            let (vector, bit) = (i32x16::from_slice(simd, &inputs), i < 1000 || x >> 17 & 3 == 0);
            assert_eq!(plain.mix(&inputs, i % 3), wide.mix(&[vector], i % 3), "{i}");
            plain.update(&inputs, bit);
            wide.update(&[vector], bit);
        }
        let (mut a, mut b) = (vec![], vec![]);
        plain.save(&mut a);
        wide.save(&mut b);
        assert!(a == b);
    }

    #[test]
    fn vectors_give_what_single_numbers_give() {
        for level in [Level::new(), Level::baseline()] {
            dispatch!(level, simd => run(simd));
        }
    }

    /// Two vectors, and a mixer of as many inputs that are small enough for it.
    fn run_two<S: Simd>(simd: S) {
        let mut wide = SimdMixer::<2>::new(2, [[1000; WIDTH], [-500; WIDTH]], 900);
        let mut weights = [[1000; WIDTH], [-500; WIDTH]];
        let mut x = 1u32;
        for i in 0..3000 {
            let inputs: [[i32; WIDTH]; 2] = core::array::from_fn(|_| {
                core::array::from_fn(|_| {
                    x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (x >> 8) as i32 % (LIMIT + 1) - (x >> 31) as i32 * LIMIT
                })
            });
            let vectors = inputs.map(|half| i32x16::from_slice(simd, &half));
            let bit = inputs[1][3] > 0;
            let pairs = || inputs.as_flattened().iter().zip(weights.as_flattened());
            let sum: i32 = pairs().map(|(input, weight)| input * (weight >> 6)).sum();
            let logit = ((sum + (1 << 9)) >> 10).clamp(-LIMIT, LIMIT);
            assert_eq!(wide.mix(&vectors, 1), logit, "{i}");
            wide.update(&vectors, bit);
            let step = (((i32::from(bit) << 16) - squash(logit) as i32) * 900) >> 8;
            for (weight, input) in weights.as_flattened_mut().iter_mut().zip(inputs.as_flattened()) {
                *weight = (*weight + ((input * step + 32768) >> 16)).clamp(-BOUND, BOUND);
            }
        }
        assert!(wide.mix(&[i32x16::splat(simd, 0); 2], 0) == 0);
        // As large as all can be.
        for bit in [true, false] {
            for _ in 0..5000 {
                wide.mix(&[i32x16::splat(simd, LIMIT); 2], 0);
                wide.update(&[i32x16::splat(simd, LIMIT); 2], bit);
            }
            assert_eq!(wide.mix(&[i32x16::splat(simd, LIMIT); 2], 0) > 0, bit);
        }
    }

    #[test]
    fn two_vectors_give_what_single_numbers_give() {
        for level in [Level::new(), Level::baseline()] {
            dispatch!(level, simd => run_two(simd));
        }
    }
}
