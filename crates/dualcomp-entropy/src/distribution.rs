//! A mixture of logistics over the sample values 0..=255 as a cumulative distribution in integers.

use crate::logistic::{DECAY, LIMIT, LOGISTIC};
use crate::predictor::{COMPONENTS, Mixture};

/// The distribution of one sample. Every value keeps a probability of at least 2^-16.
///
/// ```
/// use dualcomp_entropy::Distribution;
/// use dualcomp_entropy::predictor::Mixture;
///
/// let narrow = Distribution::new(&Mixture { scales: [-64; 5], ..Mixture::default() }, 100);
/// assert_eq!(narrow.center(), 100);
/// assert!(narrow.below(101) - narrow.below(100) > (1 << 24) / 10 * 9);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Distribution {
    /// In 1/65536, sum at most 65536.
    weights: [u32; COMPONENTS],
    /// In 1/16 level; zeros follow.
    means: [i32; LANES],
    /// 2^17 over the scale in levels; zeros follow.
    inverse: [i32; LANES],
    /// Distances from the mean that matter, as [`INVERSES`] has them; zeros follow.
    reach: [i32; LANES],
    center: i32,
    spread: u32,
}

/// round(2^17 e^3), the inverse of the smallest scale.
const STEEPEST: u64 = 2_632_652;
/// Interpolation steps between entries of the logistic table.
pub(crate) const PART: i32 = 256;
pub(crate) const HALF: i32 = (LOGISTIC.len() / 2) as i32;
/// As many components as a processor takes at once.
const LANES: usize = 8;

// Index loops, because they are sure to be compiled as a part of the caller, for the processor it is compiled for.
impl Distribution {
    /// The distribution of a sample whose base prediction is `base` levels. Out of range fields of `mixture`
    /// are clamped.
    #[inline(always)]
    pub fn new(mixture: &Mixture, base: i32) -> Self {
        let mut top = mixture.weights[0];
        for k in 1..COMPONENTS {
            top = top.max(mixture.weights[k]);
        }
        let mut shares = [0; COMPONENTS];
        let mut total = 0;
        for k in 0..COMPONENTS {
            let below = i32::from(top) - i32::from(mixture.weights[k]);
            shares[k] = u64::from(DECAY[below.min(LIMIT) as usize]);
            total += shares[k];
        }
        let scale = (1u64 << 32) / total;
        let mut new = Self {
            weights: [0; COMPONENTS],
            means: [0; LANES],
            inverse: [0; LANES],
            reach: [0; LANES],
            center: 0,
            spread: 1,
        };
        let mut steepness = 0;
        for k in 0..COMPONENTS {
            new.weights[k] = ((shares[k] * scale) >> 16) as u32;
            new.means[k] = i32::from(mixture.means[k]);
            (new.inverse[k], new.reach[k]) = inverse(mixture.scales[k]);
            steepness += i64::from(new.weights[k]) * i64::from(new.inverse[k]);
        }
        new.spread = (((1u64 << 37) / (steepness.max(1) as u64)) as u32).max(1);
        new.moved(base)
    }

    /// The same, moved up by some levels.
    #[inline(always)]
    pub fn moved(mut self, levels: i32) -> Self {
        let mut sum = 0;
        for k in 0..COMPONENTS {
            self.means[k] += levels * 16;
            sum += i64::from(self.weights[k]) * i64::from(self.means[k]);
        }
        self.center = (((sum >> 16) + 8) >> 4).clamp(0, 255) as i32;
        self
    }

    /// The mean, rounded and cut to 0..=255.
    #[inline(always)]
    pub fn center(&self) -> i32 {
        self.center
    }

    /// How wide it is: the mean of the scales' inverses turned over, in 1/16 level, at least 1.
    #[inline(always)]
    pub fn spread(&self) -> u32 {
        self.spread
    }

    /// The probability of a value below `threshold` (0..=256), in 1/2^24. Grows with each threshold.
    #[inline(always)]
    pub fn below(&self, threshold: i32) -> u32 {
        if threshold <= 0 {
            return 0;
        }
        if threshold >= 256 {
            return 1 << 24;
        }
        let x = threshold * 16 - 8;
        let mut places = [0; LANES];
        for k in 0..LANES {
            places[k] = place(x - self.means[k], self.inverse[k], self.reach[k]);
        }
        let mut sum = 0u64;
        for k in 0..COMPONENTS {
            sum += u64::from(self.weights[k]) * u64::from(logistic(places[k]));
        }
        floored((sum >> 16) as u32, threshold)
    }
}

/// Scales that are told apart: steps of 1/32 nat, from e^-3 to e^5 levels.
const SCALES: usize = 257;

/// Of each scale: 2^17 over it, and from which distance on the logistic function stays the same.
static INVERSES: [(i32, i32); SCALES] = {
    let mut inverses = [(0, 0); SCALES];
    let mut i = 0;
    while i < SCALES {
        let inverse = ((DECAY[8 * i] as u64 * STEEPEST) >> 16) as i32;
        inverses[i] = (inverse, HALF * PART * 256 / inverse + 1);
        i += 1;
    }
    inverses
};

/// Of a scale, given its logarithm, as in [`INVERSES`].
#[inline(always)]
fn inverse(scale: i16) -> (i32, i32) {
    INVERSES[(i32::from(scale).clamp(-96, 160) + 96) as usize]
}

/// The place in the logistic table, in 1/256, of a distance in 1/16 level.
#[inline(always)]
fn place(distance: i32, inverse: i32, reach: i32) -> i32 {
    // Logits in 1/32 nat and its 256th parts: levels / 16 * inverse / 2^17 * 32 * 256. As the distance is cut, 32 bits
    // are enough, so that many places can be found at once.
    let at = (distance.max(-reach).min(reach) * inverse) >> 8;
    at.clamp(-HALF * PART, HALF * PART - 1) + HALF * PART
}

/// The logistic function, in 1/2^24, at a place in its table, in 1/256.
#[inline(always)]
fn logistic(place: i32) -> u32 {
    let (value, slope) = LINES[(place / PART) as usize];
    value + ((slope * (place % PART) as u32) >> 8)
}

/// The logistic function at each entry of its table, and how much more it is at the next.
pub(crate) static LINES: [(u32, u32); LOGISTIC.len() - 1] = {
    let mut lines = [(0, 0); LOGISTIC.len() - 1];
    let mut i = 0;
    while i < lines.len() {
        lines[i] = (LOGISTIC[i], LOGISTIC[i + 1] - LOGISTIC[i]);
        i += 1;
    }
    lines
};

/// Leaves each value below the threshold its least share.
#[inline(always)]
fn floored(below: u32, threshold: i32) -> u32 {
    below - (below >> 8) + threshold as u32 * 256
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "what the tables must be near to")]
mod tests {
    use super::*;

    #[test]
    fn follows_the_real_mixture() {
        let m = Mixture {
            weights: [0, 256, -256, 100, -2000],
            means: [0, 40, -160, 8000, 16],
            scales: [0, 40, 80, 160, -96],
        };
        let d = Distribution::new(&m, 90);
        let shares: f64 = m.weights.iter().map(|&w| (f64::from(w) / 256.0).exp()).sum();
        for threshold in 1..256 {
            let mut p = 0.0;
            for k in 0..5 {
                let mean = 90.0 + f64::from(m.means[k]) / 16.0;
                let x = (f64::from(threshold) - 0.5 - mean) / (f64::from(m.scales[k]) / 32.0).exp();
                p += (f64::from(m.weights[k]) / 256.0).exp() / shares / (1.0 + (-x).exp());
            }
            let p = p * (1.0 - 1.0 / 256.0) + f64::from(threshold) / 65536.0;
            let ours = f64::from(d.below(threshold)) / f64::from(1 << 24);
            assert!((ours - p).abs() < 3e-4, "{threshold}: {ours} {p}");
        }
    }

    #[test]
    fn grows_with_every_threshold_whatever_the_mixture() {
        let mut x = 1u32;
        let mut next = |from: i16, to: i16| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            from + ((x >> 8) % (i32::from(to) - i32::from(from) + 1) as u32) as i16
        };
        for round in 0..2000 {
            let mut m = Mixture::default();
            for k in 0..COMPONENTS {
                m.weights[k] = next(-2815, 2815);
                m.means[k] = next(-8192, 8192);
                m.scales[k] = next(-96, 160);
            }
            if round == 0 {
                m = Mixture { weights: [i16::MIN; 5], means: [i16::MAX; 5], scales: [i16::MAX; 5] };
            }
            let d = Distribution::new(&m, i32::from(next(-300, 600)));
            for threshold in 0..256 {
                assert!(d.below(threshold) + 200 <= d.below(threshold + 1), "{m:?} {threshold}");
            }
            assert!((0..256).contains(&d.center()) && d.spread() > 0);
        }
    }
}
