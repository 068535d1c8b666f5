//! The inverse cosine transform, in the integers of libjpeg's `jidctint.c` (Loeffler, Ligtenberg and Moschytz 1989), which
//! most decoders follow; of what it cuts off, six digits are kept.

use super::{SIDE, Steps};

/// Digits of the factors, and those that the first pass keeps.
const DIGITS: u32 = 13;
const KEPT: u32 = 2;
/// What both passes of it scale a sample by, as a logarithm.
const SCALE: u32 = 3;
/// Digits of a sample behind the point in what [`inverse`] gives.
pub(crate) const PARTS: u32 = 6;

/// The samples of a block in 1/64 level, rounding to whole levels added, from its coefficients and their steps.
#[inline(always)]
pub(crate) fn inverse(block: &[i16; SIDE * SIDE], steps: &Steps) -> [i32; SIDE * SIDE] {
    let mut work = [0i64; SIDE * SIDE];
    for i in 0..SIDE * SIDE {
        work[i] = i64::from(block[i]) * i64::from(steps[i]);
    }
    for column in 0..SIDE {
        let input = core::array::from_fn(|i| work[SIDE * i + column]);
        let (half, shift) = (1 << (DIGITS - KEPT - 1), DIGITS - KEPT);
        for (i, value) in pass(input).into_iter().enumerate() {
            work[SIDE * i + column] = (value + half) >> shift;
        }
    }
    let mut samples = [0; SIDE * SIDE];
    for row in 0..SIDE {
        let input = core::array::from_fn(|i| work[SIDE * row + i]);
        let shift = DIGITS + KEPT + SCALE;
        for (i, value) in pass(input).into_iter().enumerate() {
            let level = (value + (1 << (shift - 1))) >> (shift - PARTS);
            samples[SIDE * row + i] = (level + (128 << PARTS)).clamp(-(1 << 20), 1 << 20) as i32;
        }
    }
    samples
}

/// One row or column.
#[inline(always)]
fn pass(x: [i64; SIDE]) -> [i64; SIDE] {
    let both = (x[2] + x[6]) * 4433;
    let (low, high) = (both - x[6] * 15137, both + x[2] * 6270);
    let (sum, difference) = ((x[0] + x[4]) << DIGITS, (x[0] - x[4]) << DIGITS);
    let even = [sum + high, difference + low, difference - low, sum - high];
    let (a, b, c, d) = (x[7], x[5], x[3], x[1]);
    let (ad, bc, ac, bd) = (a + d, b + c, a + c, b + d);
    let all = (ac + bd) * 9633;
    let (ad, bc, ac, bd) = (ad * -7373, bc * -20995, ac * -16069 + all, bd * -3196 + all);
    let odd = [d * 12299 + ad + bd, c * 25172 + bc + ac, b * 16819 + bc + bd, a * 2446 + ad + ac];
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
        let samples = inverse(&block, &[16; 64]);
        assert!(samples.iter().all(|&sample| sample == (128 - 10) * 64 + 32));
    }

    #[test]
    fn waves_are_those_of_the_cosine_transform() {
        for at in 0..64 {
            let mut block = [0; 64];
            block[at] = 40;
            let samples = inverse(&block, &[3; 64]);
            let scale = |k: usize| if k == 0 { 0.5f64.sqrt() / 2.0 } else { 0.5 };
            let wave =
                |k: usize, x: usize| scale(k) * (std::f64::consts::PI * k as f64 * (2 * x + 1) as f64 / 16.0).cos();
            for (i, &sample) in samples.iter().enumerate() {
                let exact = 120.0 * wave(at / 8, i / 8) * wave(at % 8, i % 8);
                let ours = f64::from(sample - 32) / 64.0 - 128.0;
                assert!((ours - exact).abs() < 0.15, "{at} {i}: {ours} {exact}");
            }
        }
    }

    #[test]
    fn any_coefficients_have_samples() {
        for value in [i16::MIN, i16::MAX] {
            let samples = inverse(&[value; 64], &[255; 64]);
            assert!(samples.iter().all(|sample| (-(1 << 20)..=1 << 20).contains(sample)));
        }
    }
}
