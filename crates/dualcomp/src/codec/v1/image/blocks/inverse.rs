//! Inverse cosine transforms of decoders (docs/spec/image.md, section 14.2): one way of Loeffler, Ligtenberg and Moschytz
//! (1989), with factors of more or fewer digits; of what they cut off in the end, six digits are kept.

use super::{SIDE, Steps};

/// What both passes scale a sample by, as a logarithm.
const SCALE: u32 = 3;
/// Digits of a sample behind the point in what [`InverseDct::samples`] gives.
pub(crate) const PARTS: u32 = 6;
/// Magnitude of a coefficient beyond which it is cut off, where factors have many digits.
const MAX_MAGNITUDE: i64 = 1 << 15;

/// Numbers that a transform computes with.
struct Numbers {
    /// Digits of factors, and those that the first pass keeps.
    digits: u32,
    kept: u32,
    /// What is added before the last rounding, beside a half.
    more: i64,
    /// In the order of the specification.
    factors: [i64; 12],
}

/// How a decoder makes samples of coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InverseDct {
    /// In the integers of libjpeg's `jidctint.c`, which most decoders follow.
    Libjpeg = 0,
    /// With so many digits that samples are those of real numbers.
    Exact = 1,
    /// In the integers of zune-jpeg's `idct`, which the `image` crate uses.
    Zune = 2,
    /// In those of `stb_image.h` and jpeg-decoder: the same but for the last rounding.
    Stb = 3,
}

/// Factors of twelve digits.
const SHORT: [i64; 12] = [2217, 3135, 7567, 4816, 3685, 10497, 8034, 1597, 6149, 12586, 8410, 1223];

const NUMBERS: [Numbers; 4] = [
    Numbers {
        digits: 13,
        kept: 2,
        more: 0,
        factors: [4433, 6270, 15137, 9633, 7373, 20995, 16069, 3196, 12299, 25172, 16819, 2446],
    },
    Numbers {
        digits: 26,
        kept: 14,
        more: 0,
        factors: [
            36_319_055,
            51_362_901,
            124_001_012,
            78_911_676,
            60_396_382,
            171_994_344,
            131_638_772,
            26_184_580,
            100_751_954,
            206_206_146,
            137_782_542,
            20_040_810,
        ],
    },
    Numbers { digits: 12, kept: 2, more: 512, factors: SHORT },
    Numbers { digits: 12, kept: 2, more: 0, factors: SHORT },
];

impl InverseDct {
    pub(crate) const ALL: [Self; 4] = [Self::Libjpeg, Self::Exact, Self::Zune, Self::Stb];

    /// The samples of a block in 1/64 level, rounding to whole levels added, from its coefficients and their steps.
    #[inline(always)]
    pub(crate) fn samples(self, block: &[i16; SIDE * SIDE], steps: &Steps) -> [i32; SIDE * SIDE] {
        match self {
            Self::Libjpeg => samples::<0>(block, steps),
            Self::Exact => samples::<1>(block, steps),
            Self::Zune => samples::<2>(block, steps),
            Self::Stb => samples::<3>(block, steps),
        }
    }
}

#[inline(always)]
fn samples<const NUMBER: usize>(block: &[i16; SIDE * SIDE], steps: &Steps) -> [i32; SIDE * SIDE] {
    let numbers = const { &NUMBERS[NUMBER] };
    let mut work = [0i64; SIDE * SIDE];
    for i in 0..SIDE * SIDE {
        work[i] = i64::from(block[i]) * i64::from(steps[i]);
        if NUMBER == InverseDct::Exact as usize {
            work[i] = work[i].clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE);
        }
    }
    let shift = numbers.digits - numbers.kept;
    for column in 0..SIDE {
        let input = core::array::from_fn(|i| work[SIDE * i + column]);
        for (i, value) in pass(input, numbers).into_iter().enumerate() {
            work[SIDE * i + column] = (value + (1 << (shift - 1))) >> shift;
        }
    }
    let mut samples = [0; SIDE * SIDE];
    let shift = numbers.digits + numbers.kept + SCALE;
    for row in 0..SIDE {
        let input = core::array::from_fn(|i| work[SIDE * row + i]);
        for (i, value) in pass(input, numbers).into_iter().enumerate() {
            let level = (value + (1 << (shift - 1)) + numbers.more) >> (shift - PARTS);
            samples[SIDE * row + i] = (level + (128 << PARTS)).clamp(-(1 << 20), 1 << 20) as i32;
        }
    }
    samples
}

/// One row or column.
#[inline(always)]
fn pass(x: [i64; SIDE], numbers: &Numbers) -> [i64; SIDE] {
    let [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = numbers.factors;
    let both = (x[2] + x[6]) * f0;
    let (low, high) = (both - x[6] * f2, both + x[2] * f1);
    let (sum, difference) = ((x[0] + x[4]) << numbers.digits, (x[0] - x[4]) << numbers.digits);
    let even = [sum + high, difference + low, difference - low, sum - high];
    let (a, b, c, d) = (x[7], x[5], x[3], x[1]);
    let (ad, bc, ac, bd) = (a + d, b + c, a + c, b + d);
    let all = (ac + bd) * f3;
    let (ad, bc, ac, bd) = (ad * -f4, bc * -f5, ac * -f6 + all, bd * -f7 + all);
    let odd = [d * f8 + ad + bd, c * f9 + bc + ac, b * f10 + bc + bd, a * f11 + ad + ac];
    core::array::from_fn(|i| if i < 4 { even[i] + odd[i] } else { even[7 - i] - odd[7 - i] })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "what the integers must be near to")]
mod tests {
    use super::*;

    #[test]
    fn a_constant_block_is_its_mean() {
        let mut block = [0; 64];
        (block[0], block[63]) = (-5, 0);
        for inverse in InverseDct::ALL {
            let samples = inverse.samples(&block, &[16; 64]);
            assert!(samples.iter().all(|&sample| sample == (128 - 10) * 64 + 32));
        }
    }

    #[test]
    fn waves_are_those_of_the_cosine_transform() {
        for (inverse, near) in InverseDct::ALL.into_iter().zip([0.15, 0.02, 0.2, 0.2]) {
            for at in 0..64 {
                let mut block = [0; 64];
                block[at] = 40;
                let samples = inverse.samples(&block, &[3; 64]);
                let scale = |k: usize| if k == 0 { 0.5f64.sqrt() / 2.0 } else { 0.5 };
                let wave =
                    |k: usize, x: usize| scale(k) * (std::f64::consts::PI * k as f64 * (2 * x + 1) as f64 / 16.0).cos();
                for (i, &sample) in samples.iter().enumerate() {
                    let exact = 120.0 * wave(at / 8, i / 8) * wave(at % 8, i % 8);
                    let ours = f64::from(sample - 32) / 64.0 - 128.0;
                    assert!((ours - exact).abs() < near, "{inverse:?} {at} {i}: {ours} {exact}");
                }
            }
        }
    }

    #[test]
    fn any_coefficients_have_samples() {
        let within = |sample: &i32| (-(1 << 20)..=1 << 20).contains(sample);
        for inverse in InverseDct::ALL {
            for signs in 0..256 {
                let of = |bit: usize| if signs >> bit & 1 == 1 { i16::MIN } else { i16::MAX };
                let samples = inverse.samples(&core::array::from_fn(|i| of(i % 8)), &[255; 64]);
                let others = inverse.samples(&core::array::from_fn(|i| of(i / 8) ^ of(i % 8)), &[255; 64]);
                assert!(samples.iter().chain(&others).all(within));
            }
        }
    }
}
