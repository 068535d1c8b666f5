//! The cosine transform of blocks, and what quantised coefficients they come from.

use super::refine::refine;
use crate::codec::v1::image::blocks::{InverseDct, SIDE, Steps};

/// Samples of a block.
pub(super) const AREA: usize = SIDE * SIDE;

/// Cosines of multiples of a sixteenth of half a turn.
const COSINES: [f32; 9] = [
    1.0,
    0.980_785_25,
    0.923_879_5,
    0.831_469_6,
    core::f32::consts::FRAC_1_SQRT_2,
    0.555_570_24,
    0.382_683_43,
    0.195_090_32,
    0.0,
];

/// Of each frequency, its wave.
pub(super) const WAVES: [[f32; SIDE]; SIDE] = {
    let mut waves = [[0.0; SIDE]; SIDE];
    let mut k = 0;
    while k < SIDE {
        let mut x = 0;
        while x < SIDE {
            let turn = (2 * x + 1) * k % 32;
            let turn = if turn > 16 { 32 - turn } else { turn };
            let cosine = if turn > 8 { -COSINES[16 - turn] } else { COSINES[turn] };
            waves[k][x] = cosine * 0.5 * if k == 0 { COSINES[4] } else { 1.0 };
            x += 1;
        }
        k += 1;
    }
    waves
};

/// The coefficients of samples, which are measured from 128.
pub(super) fn forward(samples: &[f32; AREA]) -> [f32; AREA] {
    let mut work = [0.0; AREA];
    for row in 0..SIDE {
        for x in 0..SIDE {
            let sample = samples[SIDE * row + x];
            for k in 0..SIDE {
                work[SIDE * row + k] += sample * WAVES[k][x];
            }
        }
    }
    let mut out = [0.0; AREA];
    for k in 0..SIDE {
        for row in 0..SIDE {
            for column in 0..SIDE {
                out[SIDE * k + column] += work[SIDE * row + column] * WAVES[k][row];
            }
        }
    }
    out
}

/// Some coefficients, in columns below `K`, and the sum of squares of all but the constant one.
pub(super) fn some<const K: usize, const N: usize>(samples: &[f32; AREA], places: &[usize; N]) -> ([f32; N], f32) {
    let mut work = [[0.0; K]; SIDE];
    let (mut sum, mut squares) = (0.0, 0.0);
    for row in 0..SIDE {
        for x in 0..SIDE {
            let sample = samples[SIDE * row + x];
            sum += sample;
            squares += sample * sample;
            for k in 0..K {
                work[row][k] += sample * WAVES[k][x];
            }
        }
    }
    let out = places.map(|at| (0..SIDE).map(|row| work[row][at % SIDE] * WAVES[at / SIDE][row]).sum());
    (out, squares - sum * sum / AREA as f32)
}

/// Coefficients in units of their steps.
pub(super) fn quantised(coefficients: &[f32; AREA], steps: &Steps) -> [i16; AREA] {
    core::array::from_fn(|i| (coefficients[i] / f32::from(steps[i])).round() as i16)
}

/// How often the unknown samples of a block at the edge of a tile are made anew of its coefficients.
const ROUNDS: usize = 8;

/// The quantised coefficients of a block, of which some samples may be unknown.
pub(super) fn block(
    samples: &mut [f32; AREA],
    known: Option<&[bool; AREA]>,
    (steps, inverse): (&Steps, InverseDct),
    whole: bool,
) -> [i16; AREA] {
    let mut coefficients = quantised(&forward(samples), steps);
    let Some(known) = known else {
        if whole {
            refine(samples, None, (steps, inverse), &mut coefficients);
        }
        return coefficients;
    };
    for _ in 0..ROUNDS {
        let made = inverse.samples(&coefficients, steps);
        for i in 0..AREA {
            if !known[i] {
                samples[i] = (made[i] - 32) as f32 / 64.0 - 128.0;
            }
        }
        coefficients = quantised(&forward(samples), steps);
    }
    if whole {
        refine(samples, Some(known), (steps, inverse), &mut coefficients);
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_found_again() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((x >> 8) % below) as i16
        };
        let steps = core::array::from_fn(|i| 3 + i as u8 / 2);
        for _ in 0..50 {
            let wanted: [i16; AREA] = core::array::from_fn(|i| if i < 20 { next(7) - 3 } else { 0 });
            let mut samples = InverseDct::Libjpeg.samples(&wanted, &steps).map(|sample| (sample >> 6) as f32 - 128.0);
            let (all, (of_some, squares)) = (forward(&samples), some::<3, 3>(&samples, &[1, 10, 17]));
            assert!([1, 10, 17].iter().zip(of_some).all(|(&at, value)| (value - all[at]).abs() < 0.01));
            assert!((all[1..].iter().map(|value| value * value).sum::<f32>() - squares).abs() < 1.0 + squares / 1000.0);
            assert_eq!(block(&mut samples, None, (&steps, InverseDct::Libjpeg), true), wanted);
        }
    }
}
