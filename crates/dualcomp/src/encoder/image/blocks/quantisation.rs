//! Finds the steps that coefficients were quantised by: their values lie near multiples of them.

use dualcomp_jpeg::usual_steps;

use super::forward::AREA;
use crate::codec::v1::image::blocks::Steps;

/// Values that tell nothing: what rounding samples to whole levels does to a coefficient seldom exceeds the first, and to one
/// of halved samples the second.
pub(super) const NOISE: [f32; 2] = [1.2, 2.5];
/// Values that must be there to say that they are multiples.
const MIN_VALUES: usize = 30;
/// Largest mean of the squares of distances from multiples, each cut at 1, of step 2 and of larger ones: rounding makes 1/12,
/// and noise 1/3 and 5/9 at least, experiments/0060.
const MAX_ERROR: [f32; 2] = [0.22, 0.3];

/// The largest step up to `most` that values are multiples of, but for rounding, if there is one. Only magnitudes count.
pub(super) fn step(values: &[f32], most: u8) -> Option<u8> {
    let values: Vec<f32> = some(values).collect();
    if values.len() < MIN_VALUES {
        return None;
    }
    (2..=most).rev().find(|&step| far(&values, step) < MAX_ERROR[usize::from(step > 2)] * values.len() as f32)
}

/// Values that are tried.
const SAMPLE: usize = 160;

/// As many of all.
fn some(values: &[f32]) -> impl Iterator<Item = f32> {
    values.iter().copied().step_by(values.len().div_ceil(SAMPLE).max(1))
}

/// Squares of distances from multiples of a step, each cut at 1.
fn far(values: &[f32], step: u8) -> f32 {
    let (size, inverse) = (f32::from(step), 1.0 / f32::from(step));
    let mut sum = 0.0;
    for &value in values {
        // Without a call, as values are small and positive.
        let off = value - ((value * inverse + 0.5) as i32) as f32 * size;
        sum += (off * off).min(1.0);
    }
    sum
}

/// A step for values that are too few to tell, or of none: the largest that they are near multiples of.
fn few(values: &[f32]) -> u8 {
    let share = if values.len() < MIN_VALUES { MAX_ERROR[0] } else { MAX_ERROR[1] };
    (2..=128).rev().find(|&step| far(values, step) <= share * values.len() as f32).unwrap_or(1)
}

/// Steps that are told from noise for sure, and how many of these must be, to say that a table is a usual one.
const SURE: u8 = 4;
const MIN_SURE: usize = 3;

/// Steps of all coefficients of a plane, given the magnitudes of each that exceed noise: those of a usual table if eight in ten of
/// those that are found for sure are once or twice its steps, and the quality of it, if there is one; of chroma first of all the
/// table of luma's `quality`.
pub(super) fn steps(values: &[Vec<f32>], quality: Option<u8>) -> (Steps, Option<u8>) {
    let found: [Option<u8>; AREA] = core::array::from_fn(|i| step(&values[i], 128));
    let sure: Vec<(usize, u8)> = (0..AREA).filter_map(|i| Some((i, found[i]?))).filter(|of| of.1 >= SURE).collect();
    if sure.len() >= MIN_SURE {
        let beside = quality.map(|quality| (true, quality));
        if let Some(table) = beside.filter(|&beside| agreement(&sure, &usual(beside)).is_some()) {
            return (usual(table), quality);
        }
        let all = (1..100).flat_map(|quality| [(false, quality), (true, quality)]);
        let agreeing = all.filter_map(|name| Some((agreement(&sure, &usual(name))?, name)));
        // Tables of neighbouring qualities differ in few steps: those are told by values that are too few to find a step.
        let far = |name| {
            let table = usual(name);
            (0..AREA).map(|i| far(&values[i], table[i])).sum::<f32>()
        };
        let all: Vec<(usize, (bool, u8))> = agreeing.collect();
        let most = all.iter().map(|of| of.0).max();
        let best = all.into_iter().filter(|of| Some(of.0) == most).map(|of| (far(of.1), of.1));
        if let Some((_, name)) = best.min_by(|a, b| a.0.total_cmp(&b.0)) {
            return (usual(name), Some(name.1));
        }
    }
    (core::array::from_fn(|i| found[i].unwrap_or_else(|| few(&values[i]))), None)
}

/// The usual table of luma or chroma of a quality.
fn usual((chroma, quality): (bool, u8)) -> Steps {
    usual_steps(chroma, quality)
}

/// How many of the steps that are found for sure are those of a table, doubled ones counting half, if eight in ten are.
fn agreement(sure: &[(usize, u8)], table: &Steps) -> Option<usize> {
    let same = sure.iter().filter(|&&(i, step)| step == table[i]).count();
    let doubled = sure.iter().filter(|&&(i, step)| step == 2 * table[i].min(127)).count();
    (10 * (same + doubled) >= 8 * sure.len()).then_some(2 * same + doubled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::v1::image::blocks::SIDE;

    #[test]
    fn steps_of_noisy_multiples_are_found() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) % below
        };
        for size in [2, 3, 5, 12, 40] {
            let values: Vec<f32> = (0..400)
                .map(|_| (next(4) + 1) as f32 * f32::from(size) + (next(700) + next(700)) as f32 / 1000.0 - 0.7)
                .collect();
            let noise: Vec<f32> = (0..400).map(|_| next(20_000) as f32 / 1000.0).collect();
            assert_eq!(step(&values, 64), Some(size));
            assert_eq!(step(&noise, 64), None);
        }
    }

    #[test]
    fn neighbouring_qualities_are_told() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) % below
        };
        for quality in [50, 75, 76, 85, 90] {
            // Of high frequencies, too few values to find a step.
            let table = usual_steps(false, quality);
            let values: Vec<Vec<f32>> = (0..AREA)
                .map(|i| {
                    let count = if i / SIDE + i % SIDE < 6 { 200 } else { 4 };
                    let noise = |next: &mut dyn FnMut(u32) -> u32| (next(400) + next(400)) as f32 / 1000.0 - 0.4;
                    (0..count).map(|_| (next(3) + 1) as f32 * f32::from(table[i]) + noise(&mut next)).collect()
                })
                .collect();
            assert_eq!(steps(&values, None), (table, Some(quality)));
        }
    }
}
