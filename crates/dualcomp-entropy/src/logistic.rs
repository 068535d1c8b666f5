//! Logits in 1/256 nat and probabilities of 16 bits, mapped by tables that are computed at compile time in
//! integers.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8, i32x8};

/// Logits lie in -LIMIT..=LIMIT: eleven nats less one step, where a probability is 1/65536.
pub const LIMIT: i32 = 2815;

/// e^(-i / 256) in 1/2^60, for i up to [`LIMIT`], by repeated multiplication.
const fn exponentials() -> [u64; LIMIT as usize + 1] {
    // round(2^60 e^(-1/256))
    const FACTOR: u128 = 1_148_426_689_630_428_644;
    let mut table = [1 << 60; LIMIT as usize + 1];
    let mut i = 1;
    while i < table.len() {
        table[i] = ((table[i - 1] as u128 * FACTOR + (1 << 59)) >> 60) as u64;
        i += 1;
    }
    table
}

/// 2^bits / (1 + e^(-x / 256)) for x in -LIMIT..=LIMIT, rounded.
const fn squashed<const N: usize>(exponential: &[u64; LIMIT as usize + 1], bits: u32, step: i32) -> [u32; N] {
    let mut table = [0; N];
    let mut i = 0;
    while i < N {
        let x = (i as i32 - N as i32 / 2) * step;
        let e = exponential[if x < 0 { -x } else { x } as usize] as u128;
        let one = 1u128 << 60;
        let share = if x < 0 { e } else { one };
        table[i] = (((share << bits) + (one + e) / 2) / (one + e)) as u32;
        i += 1;
    }
    table
}

static SQUASH: [u16; 2 * LIMIT as usize + 1] = {
    // None is 2^16: the largest is 2^16 / (1 + e^-11).
    let wide: [u32; 2 * LIMIT as usize + 1] = squashed(&exponentials(), 16, 1);
    let mut table = [0; 2 * LIMIT as usize + 1];
    let mut i = 0;
    while i < table.len() {
        table[i] = wide[i] as u16;
        i += 1;
    }
    table
};

/// One entry each 1/32 nat, in 1/2^24, eleven nats to both sides less one step.
pub(crate) static LOGISTIC: [u32; 2 * 351 + 1] = squashed(&exponentials(), 24, 8);

/// e^(-i / 256) in 1/2^16.
pub(crate) static DECAY: [u32; LIMIT as usize + 1] = {
    let fine = exponentials();
    let mut table = [0; LIMIT as usize + 1];
    let mut i = 0;
    while i < table.len() {
        table[i] = ((fine[i] + (1 << 43)) >> 44) as u32;
        i += 1;
    }
    table
};

/// The inverse of [`squash`] at `first + i * step`, i counted up.
const fn stretched(first: u32, step: u32) -> [i16; 4096] {
    let squash: [u32; 2 * LIMIT as usize + 1] = squashed(&exponentials(), 16, 1);
    let mut table = [0; 4096];
    let mut i = 0;
    let mut x = 0;
    while i < table.len() {
        let p = first + i as u32 * step;
        while x + 1 < squash.len() && squash[x] < p {
            x += 1;
        }
        table[i] = (x as i32 - LIMIT) as i16;
        i += 1;
    }
    table
}

static STRETCH: [i16; 4096] = stretched(8, 16);
/// Small probabilities, one by one.
static STRETCH_LOW: [i16; 4096] = stretched(0, 1);

/// The probability, in 1/65536, of a logit in 1/256 nat. At least 1 and at most 65535.
#[inline]
pub fn squash(logit: i32) -> u32 {
    u32::from(SQUASH[(logit.clamp(-LIMIT, LIMIT) + LIMIT) as usize])
}

/// As [`squash`], in steps of eight, by a table that stays in the nearest cache; of logits beyond [`LIMIT`] some probability.
#[inline(always)]
pub fn squash_coarse(logit: i32) -> u32 {
    static STEPS: [u16; 1024] = {
        let mut steps = [0; 1024];
        let mut i = 0;
        while i < steps.len() {
            let middle = 8 * i + 4;
            steps[i] = SQUASH[if middle < SQUASH.len() { middle } else { SQUASH.len() - 1 }];
            i += 1;
        }
        steps
    };
    u32::from(STEPS[(logit + LIMIT) as usize >> 3 & 1023])
}

/// The logit, in 1/256 nat, of a probability in 1/65536.
#[inline]
pub fn stretch(p: u32) -> i32 {
    let p = p.min(65535);
    i32::from(if p < 4096 {
        STRETCH_LOW[p as usize]
    } else if p > 65536 - 4096 {
        -STRETCH_LOW[(65536 - p) as usize]
    } else {
        STRETCH[(p >> 4) as usize]
    })
}

/// As [`stretch`], but small and large probabilities are taken in steps of 16, too, so that logits
/// stay within nine nats: quicker, where many are needed.
#[inline(always)]
pub const fn stretch_coarse(p: u32) -> i32 {
    STRETCH[(p >> 4) as usize & 4095] as i32
}

/// The logits, in 1/256 nat, of eight probabilities in 1/65536, 0..=65535, each taken as if it were half a step more.
///
/// The logarithms are those of the exponent and of the mantissa's parabola, right within 1/64 nat.
#[inline(always)]
pub fn stretch_all<S: Simd>(p: i32x8<S>) -> i32x8<S> {
    let ones = p * 2 + 1;
    logits_of_odds(ones, (1 << 17) - ones)
}

/// The logits, in 1/256 nat, of eight odds, `one` to `zero`, numbers from 1 to 2^24.
///
/// The logarithms are those of the exponent and of the mantissa's parabola, right within 1/64 nat.
#[inline(always)]
pub fn logits_of_odds<S: Simd>(one: i32x8<S>, zero: i32x8<S>) -> i32x8<S> {
    let octaves = octaves(one) - octaves(zero);
    // ln 2 * 2^14
    let logits = ((octaves >> 11) * 11_357 + (1 << 17)) >> 18;
    logits.max(-LIMIT).min(LIMIT)
}

/// Logarithms to the base 2, in 1/2^23, more than the right ones by the same number.
#[inline(always)]
fn octaves<S: Simd>(numbers: i32x8<S>) -> i32x8<S> {
    // To fixed point: the bits of a float are 2^23 times the exponent and the mantissa.
    let bits: i32x8<S> = f32x8::float_from(numbers).bitcast();
    let mantissa = (bits >> 8) & 0x7FFF;
    bits + ((mantissa * (0x8000 - mantissa)) >> 15) * 88
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "what the tables must be near to")]
mod tests {
    use fearless_simd::dispatch;

    use super::*;

    #[test]
    fn vectors_are_stretched_alike_everywhere() {
        for p in (0..65536).step_by(8) {
            let p: [i32; 8] = core::array::from_fn(|i| p + i as i32);
            let mut all = [[0; 8]; 2];
            for (level, out) in
                [fearless_simd::Level::new(), fearless_simd::Level::baseline()].into_iter().zip(&mut all)
            {
                dispatch!(level, simd => stretch_all(i32x8::from_slice(simd, &p)).store_slice(out));
            }
            assert_eq!(all[0], all[1]);
            for (p, logit) in p.into_iter().zip(all[0]) {
                let p = (f64::from(p) + 0.5) / 65536.0;
                let exact = (256.0 * (p / (1.0 - p)).ln()).clamp(-2815.0, 2815.0);
                assert!((f64::from(logit) - exact).abs() < 4.0, "{p}: {logit} {exact}");
            }
        }
    }

    #[test]
    fn coarse_probabilities_are_those_of_near_logits() {
        for logit in -LIMIT..=LIMIT {
            let (least, most) = (squash((logit - 8).max(-LIMIT)), squash((logit + 8).min(LIMIT)));
            assert!((least..=most).contains(&squash_coarse(logit)), "{logit}");
        }
        // Out of range it is some probability that can be coded.
        for logit in [i32::MIN, -LIMIT - 1, LIMIT + 1, 9 * LIMIT, i32::MAX - LIMIT] {
            assert!((1..65536).contains(&squash_coarse(logit)));
        }
    }

    #[test]
    fn odds_have_the_logit_of_their_share() {
        for scale in [1, 37, 4096, (1 << 24) / 1000] {
            for one in 1..1000 {
                let (ones, zeros) = (one * scale, (1000 - one) * scale);
                let mut logits = [0; 8];
                dispatch!(fearless_simd::Level::new(), simd => {
                    logits_of_odds(i32x8::splat(simd, ones), i32x8::splat(simd, zeros)).store_slice(&mut logits);
                });
                let exact = 256.0 * (f64::from(ones) / f64::from(zeros)).ln();
                assert!((f64::from(logits[0]) - exact).abs() < 4.0, "{ones} {zeros}: {} {exact}", logits[0]);
            }
        }
    }

    #[test]
    fn squash_is_the_logistic() {
        for x in -LIMIT..=LIMIT {
            let exact = 65536.0 / (1.0 + (-f64::from(x) / 256.0).exp());
            assert!((f64::from(squash(x)) - exact).abs() <= 0.5001, "{x}");
            assert!((1..65536).contains(&squash(x)));
            assert_eq!(squash(x) + squash(-x), 65536 + u32::from(squash(x) + squash(-x) == 65537));
        }
        assert_eq!(squash(i32::MAX), squash(LIMIT));
    }

    #[test]
    fn stretch_inverts_it() {
        for x in -1000..=1000 {
            assert!((stretch(squash(x)) - x).abs() <= 2, "{x}");
        }
        let mut last = -LIMIT;
        for p in 0..=65536 {
            assert!(stretch(p) >= last - 1);
            last = stretch(p);
        }
        for p in 0..65536 {
            let near = p.clamp(8, 65528);
            assert!((stretch_coarse(p) - stretch(near)).abs() <= 6000 / near.min(65536 - near) as i32 + 2, "{p}");
        }
    }
}
