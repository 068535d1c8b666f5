//! Eight logistics over the sample values 0..=255, side by side.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8, i32x8};

use crate::distribution::{HALF, LINES, PART};

/// Logistics of the same sample.
pub const LOGISTICS: usize = 8;

/// As many cumulative distributions of one sample, in integers. Each value keeps a probability of at least 2^-16.
///
/// ```
/// use dualcomp_entropy::{LOGISTICS, Logistics};
/// use fearless_simd::{Level, dispatch, prelude::*};
///
/// let narrow = Logistics::new([100 * 16; LOGISTICS], [8; LOGISTICS]);
/// let mut below = [[0; LOGISTICS]; 2];
/// for (threshold, below) in [100, 101].into_iter().zip(&mut below) {
///     dispatch!(Level::new(), simd => narrow.below(simd, threshold).store_slice(below));
/// }
/// assert!(below[1][0] - below[0][0] > (1 << 24) / 10 * 9);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Logistics {
    /// In 1/16 level.
    means: [i32; LOGISTICS],
    /// Places in the table of the logistic function, in 1/256, in 1/16 level.
    slopes: [f32; LOGISTICS],
}

/// The last place of the table is twice this, less one.
const REACH: f32 = (HALF * PART) as f32;
/// Places in 1/256 in 1/16 level where the scale is 1/64 level: the table has 32 entries in a nat.
const STEEPEST: f32 = (32 * PART * 64 / 16) as f32;

// Index loops, because they are sure to be compiled as a part of the caller, for the processor it is compiled for.
impl Logistics {
    /// With means in 1/16 level, from -2^16 to 2^16, and scales in 1/64 level, from 1 to 2^16.
    #[inline(always)]
    pub fn new(means: [i32; LOGISTICS], scales: [i32; LOGISTICS]) -> Self {
        let mut slopes = [0.0; LOGISTICS];
        for k in 0..LOGISTICS {
            slopes[k] = STEEPEST / scales[k] as f32;
        }
        Self { means, slopes }
    }

    /// The probabilities of a value below `threshold` (0..=256), in 1/2^24. Each grows with each threshold.
    #[inline(always)]
    pub fn below<S: Simd>(&self, simd: S, threshold: i32) -> i32x8<S> {
        if threshold <= 0 {
            return i32x8::splat(simd, 0);
        }
        if threshold >= 256 {
            return i32x8::splat(simd, 1 << 24);
        }
        let distances = i32x8::splat(simd, threshold * 16 - 8) - i32x8::from_slice(simd, &self.means);
        let places = f32x8::float_from(distances) * f32x8::from_slice(simd, &self.slopes);
        let places = places.max(f32x8::splat(simd, -REACH)).min(f32x8::splat(simd, REACH - 1.0));
        let places = i32x8::truncate_from(places + f32x8::splat(simd, REACH));
        let mut entries = [0; LOGISTICS];
        (places >> PART.ilog2()).store_slice(&mut entries);
        let (mut values, mut slopes) = ([0; LOGISTICS], [0; LOGISTICS]);
        for k in 0..LOGISTICS {
            let (value, slope) = LINES[entries[k] as usize];
            (values[k], slopes[k]) = (value as i32, slope as i32);
        }
        let parts = (places & (PART - 1)) * i32x8::from_slice(simd, &slopes);
        let below = i32x8::from_slice(simd, &values) + (parts >> PART.ilog2());
        below - (below >> 8) + threshold * 256
    }

    /// What [`Self::below`] says of one of them.
    ///
    /// # Panics
    /// If `k` is not below [`LOGISTICS`].
    #[inline(always)]
    pub fn below_of(&self, k: usize, threshold: i32) -> u32 {
        if threshold <= 0 {
            return 0;
        }
        if threshold >= 256 {
            return 1 << 24;
        }
        let place = (threshold * 16 - 8 - self.means[k]) as f32 * self.slopes[k];
        let place = (place.clamp(-REACH, REACH - 1.0) + REACH) as i32;
        let (value, slope) = LINES[(place / PART) as usize];
        let below = value + ((slope * (place % PART) as u32) >> PART.ilog2());
        below - (below >> 8) + threshold as u32 * 256
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "what the tables must be near to")]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;

    fn below(level: Level, logistics: &Logistics, threshold: i32) -> [i32; LOGISTICS] {
        let mut out = [0; LOGISTICS];
        dispatch!(level, simd => logistics.below(simd, threshold).store_slice(&mut out));
        out
    }

    #[test]
    fn follow_the_real_ones() {
        let means = [0, 1600, 1607, 1600, -200, 4080, 5000, 900];
        let scales = [64, 7, 200, 1000, 64, 3000, 640, 1 << 16];
        let logistics = Logistics::new(means, scales);
        for threshold in 1..256 {
            for (k, p) in below(Level::new(), &logistics, threshold).into_iter().enumerate() {
                let x = f64::from(threshold) - 0.5 - f64::from(means[k]) / 16.0;
                let exact = 1.0 / (1.0 + (-x / (f64::from(scales[k]) / 64.0)).exp());
                let exact = exact * (1.0 - 1.0 / 256.0) + f64::from(threshold) / 65536.0;
                assert!((f64::from(p) / f64::from(1 << 24) - exact).abs() < 3e-4, "{threshold} {k}: {p} {exact}");
            }
        }
    }

    #[test]
    fn grow_with_every_threshold_and_are_the_same_everywhere() {
        let mut x = 1u32;
        let mut next = |from: i32, to: i32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            from + ((x >> 4) % (to - from + 1) as u32) as i32
        };
        for round in 0..300 {
            let mut means = [0; LOGISTICS].map(|_| next(-6000, 10_000));
            let mut scales = [0; LOGISTICS].map(|_| next(1, if round % 2 == 0 { 200 } else { 1 << 16 }));
            if round == 0 {
                (means, scales) =
                    ([-1 << 16, 1 << 16, 0, 0, 0, 4080, 4080, 4080], [1, 1, 1, 1 << 16, 64, 1, 64, 1 << 16]);
            }
            let logistics = Logistics::new(means, scales);
            let mut last = below(Level::new(), &logistics, 0);
            for threshold in 1..=256 {
                let here = below(Level::new(), &logistics, threshold);
                assert_eq!(here, below(Level::baseline(), &logistics, threshold));
                assert_eq!(here, core::array::from_fn(|k| logistics.below_of(k, threshold) as i32));
                assert!(last.iter().zip(here).all(|(&last, here)| last + 200 <= here), "{means:?} {scales:?}");
                last = here;
            }
        }
    }
}
