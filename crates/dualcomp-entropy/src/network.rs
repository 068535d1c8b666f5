//! Two layers of mixers.

use alloc::vec::Vec;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x4, i32x16};

use crate::logistic::{LIMIT, squash};
use crate::{Mixer, Number, Prior, SimdMixer};

/// Mixers of a first layer at most.
const MAX_MIXERS: usize = 4;

/// Two layers of mixing: `M` mixers, four at most, with selectors of their own see the same inputs, and a last one mixes
/// what they make of them (the arrangement of PAQ8).
#[derive(Clone, Debug)]
pub struct MixingNetwork<const M: usize, const G: usize = 1> {
    first: [SimdMixer<G>; M],
    last: Mixer<M>,
    logits: [i32; M],
    slowing: Option<Slowing>,
}

/// How the rates of mixers fall.
#[derive(Clone, Debug)]
struct Slowing {
    least: i32,
    after: u32,
    /// Decisions learned so far.
    count: u32,
}

impl Slowing {
    /// Decisions between two changes of the rate, which need a division (experiments/0022).
    const STEP: u32 = 1 << 10;

    /// Counts a decision; whether rates change.
    #[inline(always)]
    fn count(&mut self) -> bool {
        self.count = self.count.saturating_add(1);
        self.count.is_multiple_of(Self::STEP)
    }

    /// What has become of a rate.
    fn rate(&self, first: i32) -> i32 {
        let (after, count) = (i64::from(self.after), i64::from(self.count));
        self.least + (i64::from(first - self.least) * after / (after + count)) as i32
    }
}

impl<const M: usize, const G: usize> MixingNetwork<M, G> {
    const FITS: () = assert!(M <= MAX_MIXERS);

    /// A network of these mixers, whose last one has `selectors` sets of equal weights at first.
    pub fn new(first: [SimdMixer<G>; M], selectors: usize, rate: i32) -> Self {
        let () = Self::FITS;
        Self { first, last: Mixer::new(selectors, [65536 / M as i32; M], rate), logits: [0; M], slowing: None }
    }

    /// The same with rates of the first mixers that fall towards `least`: what is above that is halved after `after`
    /// decisions, and after `n` it is `after / (after + n)` of what it was; from step to step of 1,024 decisions.
    #[must_use]
    pub fn slowing(mut self, least: i32, after: u32) -> Self {
        self.slowing = Some(Slowing { least, after, count: 0 });
        self
    }

    /// Sets all weights to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        for mixer in &mut self.first {
            mixer.load(prior);
        }
        self.last.load(prior);
    }

    /// Writes all weights as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<Number>) {
        for mixer in &self.first {
            mixer.save(out);
        }
        self.last.save(out);
    }

    /// The mixed logit, in 1/256 nat, with the weights that each mixer's selector and that of the last pick.
    ///
    /// # Panics
    /// If a selector is out of range.
    #[inline(always)]
    pub fn mix<S: Simd>(&mut self, inputs: &[i32x16<S>; G], selectors: &[usize; M], last: usize) -> i32 {
        // Loops over indices, here and in what is called: iterators stay calls in functions as large as the callers.
        let simd = inputs[0].simd;
        let mut sums = [i32x4::splat(simd, 0); MAX_MIXERS];
        for i in 0..M {
            sums[i] = self.first[i].sums(inputs, selectors[i]);
        }
        // All four at once: halves of each, then sums of both halves, in the order of mixers.
        let [a, b, c, d] = sums;
        let add = |(a, b): (i32x4<S>, i32x4<S>)| a + b;
        let halves = add(a.interleave(c)).interleave(add(b.interleave(d)));
        let sum = add(halves) + (1 << (15 - SimdMixer::<G>::SHIFT));
        let logits = (sum >> (16 - SimdMixer::<G>::SHIFT)).max(-LIMIT).min(LIMIT);
        let mut all = [0; MAX_MIXERS];
        logits.store_slice(&mut all);
        for i in 0..M {
            self.logits[i] = all[i];
            self.first[i].p = squash(all[i]);
        }
        self.last.mix(&self.logits, last)
    }

    /// Learns the decision that followed the last [`Self::mix`], which had the same inputs.
    #[inline(always)]
    pub fn update<S: Simd>(&mut self, inputs: &[i32x16<S>; G], bit: bool) {
        for i in 0..M {
            self.first[i].update(inputs, bit);
        }
        if let Some(slowing) = &mut self.slowing
            && slowing.count()
        {
            for i in 0..M {
                self.first[i].rate = slowing.rate(self.first[i].first_rate);
            }
        }
        self.last.update(&self.logits, bit);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use fearless_simd::{Level, dispatch};

    use super::*;
    use crate::WIDTH;

    /// A network, and its mixers one by one.
    fn run_network<S: Simd, const M: usize>(simd: S) {
        let mut single: [_; M] =
            core::array::from_fn(|i| SimdMixer::<1>::new(2, [[5000 * (i as i32 + 1); WIDTH]], 1500));
        let mut last = Mixer::new(1, [65536 / M as i32; M], 40);
        let mut network = MixingNetwork::new(single.clone(), 1, 40);
        let mut x = 1u32;
        for i in 0..5000 {
            let inputs = core::array::from_fn::<_, WIDTH, _>(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i < 500 { LIMIT - i % 3 } else { (x >> 8) as i32 % (LIMIT + 1) - (x >> 31) as i32 * LIMIT }
            });
            let (vector, bit) = ([i32x16::from_slice(simd, &inputs)], inputs[1] > inputs[5]);
            let selectors = core::array::from_fn(|mixer| x as usize >> mixer & 1);
            let logits = core::array::from_fn(|mixer| single[mixer].mix(&vector, selectors[mixer]));
            assert_eq!(network.mix(&vector, &selectors, 0), last.mix(&logits, 0), "{i}");
            network.update(&vector, bit);
            single.iter_mut().for_each(|mixer| mixer.update(&vector, bit));
            last.update(&logits, bit);
        }
    }

    #[test]
    fn mixers_at_once_give_what_each_gives() {
        for level in [Level::new(), Level::baseline()] {
            dispatch!(level, simd => run_network::<_, 1>(simd));
            dispatch!(level, simd => run_network::<_, 3>(simd));
            dispatch!(level, simd => run_network::<_, 4>(simd));
        }
    }

    #[test]
    fn rates_fall_in_steps() {
        let mut slowing = Slowing { least: 100, after: 4096, count: 0 };
        let mut rates = vec![];
        for _ in 0..3 * 4096 {
            if slowing.count() {
                rates.push(slowing.rate(900));
            }
        }
        assert_eq!(rates.len(), 12);
        assert_eq!((rates[0], rates[3], rates[11]), (740, 500, 300));
        slowing.count = u32::MAX;
        assert_eq!((slowing.rate(900), slowing.count()), (100, false));
    }

    #[test]
    fn two_layers_find_the_selector_that_matters() {
        dispatch!(Level::new(), simd => {
            let mixer = |selectors| SimdMixer::new(selectors, [[0; WIDTH]], 1000);
            let mut network = MixingNetwork::new([mixer(1), mixer(2)], 1, 50);
            let inputs = |first| i32x16::from_slice(simd, &core::array::from_fn::<_, WIDTH, _>(|i| if i == 0 { first } else { 0 }));
            for i in 0..4000 {
                // What the input means depends on the second selector alone.
                let (bit, means) = (i % 3 == 0, i % 2);
                let input = inputs(if bit == (means == 0) { 500 } else { -500 });
                network.mix(&[input], &[0, means], 0);
                network.update(&[input], bit);
            }
            assert!(network.mix(&[inputs(500)], &[0, 0], 0) > 600);
            assert!(network.mix(&[inputs(500)], &[0, 1], 0) < -600);
        });
    }
}
