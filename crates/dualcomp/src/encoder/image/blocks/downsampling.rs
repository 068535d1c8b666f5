//! Chroma of half size that a decoder made chroma of full size from.

use super::integer_samples;
use super::quantisation::NOISE;
use super::samples::Samples;
use crate::codec::v1::image::blocks::Upsampling;

/// Steps towards samples whose upsampling gives the plane.
const ROUNDS: usize = 8;
/// How far each goes: the mean over a pair of what a sample adds to it is a half to all of it, in each direction.
const RELAXATION: [f32; 3] = [0.0, 1.33, 1.6];

/// By how much rounding makes pixels larger, on average.
fn excess(upsampling: Upsampling) -> f32 {
    match upsampling {
        Upsampling::EvenColumns => 0.125,
        Upsampling::Twice => 0.25,
        _ => 0.0,
    }
}

/// Samples that give a plane, and how many pixels are others than these give, if they are whole; `parities` are 1 where its
/// first row or column is the second of a pair.
pub(super) fn downsample(plane: &Samples, upsampling: Upsampling, parities: [usize; 2]) -> (Samples, Option<usize>) {
    if upsampling == Upsampling::None {
        return (plane.clone(), None);
    }
    let shifts = upsampling.shifts();
    let first = [0, 1].map(|i| parities[i] * shifts[i]);
    let sides = [0, 1].map(|i| (plane.sides[i] + first[i]).div_ceil(1 << shifts[i]));
    let count = sides[0] * sides[1];
    let mut halved = Samples { values: vec![0.0; count], known: vec![true; count], sides, noise: NOISE[1] };
    let far = RELAXATION[shifts[0] + shifts[1]];
    let wanted: Vec<f32> = plane.values.iter().map(|value| value - excess(upsampling)).collect();
    let mut rest = wanted.clone();
    let places = |row: usize| {
        let columns = (0..plane.sides[1]).map(|column| column + first[1]);
        columns.map(move |column| ([row + first[0], column], (row * plane.sides[1] + column - first[1])))
    };
    for round in 0..if upsampling.repeats() { 1 } else { ROUNDS } {
        let by = if round == 0 { 1.0 } else { far };
        let (mut sums, mut counts) = (vec![0.0f32; halved.values.len()], vec![0.0f32; halved.values.len()]);
        for (at, i) in (0..plane.sides[0]).flat_map(places) {
            let place = (at[0] >> shifts[0]) * sides[1] + (at[1] >> shifts[1]);
            sums[place] += rest[i];
            counts[place] += 1.0;
            halved.known[place] &= plane.known[i];
        }
        for ((value, sum), count) in halved.values.iter_mut().zip(sums).zip(counts) {
            *value += by * sum / count.max(1.0);
        }
        for (at, i) in (0..plane.sides[0]).flat_map(places) {
            rest[i] = wanted[i] - upsampled(&halved, at, shifts);
        }
    }
    let wrong = if upsampling.repeats() {
        integer_samples::repeated(plane, &mut halved, first, shifts)
    } else {
        integer_samples::settle(plane, &mut halved, first, upsampling)
    };
    (halved, wrong)
}

/// What a decoder makes of them for a pixel, before it rounds.
fn upsampled(halved: &Samples, at: [usize; 2], shifts: [usize; 2]) -> f32 {
    let near = [0, 1].map(|i| at[i] >> shifts[i]);
    let second = [0, 1].map(|i| match (shifts[i], at[i] & 1) {
        (0, _) => near[i],
        (_, 0) => near[i].saturating_sub(1),
        _ => (near[i] + 1).min(halved.sides[i] - 1),
    });
    let at = |row: usize, column: usize| halved.values[row * halved.sides[1] + column];
    let row = |row: usize| 0.75 * at(row, near[1]) + 0.25 * at(row, second[1]);
    0.75 * row(near[0]) + 0.25 * row(second[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_found_again() {
        let mut x = 1u32;
        let values: Vec<f32> = (0..15 * 20)
            .map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (x >> 26) as f32
            })
            .collect();
        for (upsampling, sides) in [(Upsampling::Both, [30, 40]), (Upsampling::Columns, [15, 40])] {
            let samples =
                |values: Vec<f32>, sides| Samples { known: vec![true; values.len()], values, sides, noise: 9.0 };
            let halved = samples(values.clone(), [15, 20]);
            let shifts = upsampling.shifts();
            let full = (0..sides[0] * sides[1]).map(|i| upsampled(&halved, [i / sides[1], i % sides[1]], shifts));
            let full = samples(full.collect(), sides);
            let found = downsample(&full, upsampling, [0; 2]).0;
            let worst = found.values.iter().zip(&values).fold(0.0, |worst: f32, (a, b)| worst.max((a - b).abs()));
            assert!(worst < 2.0, "{worst}");
        }
        for upsampling in Upsampling::ALL.into_iter().filter(|&upsampling| upsampling != Upsampling::None) {
            let sides = [15 << upsampling.shifts()[0], 40];
            let pixel = |i: usize| {
                let (at, shifts) = ([i / sides[1], i % sides[1]], upsampling.shifts());
                if upsampling.repeats() {
                    return values[(at[0] >> shifts[0]) * 20 + (at[1] >> shifts[1])];
                }
                let value = |row: usize, column: usize| values[row * 20 + column] as i32;
                (upsampling.sixteenths(value, at, [15, 20]) >> 4) as f32
            };
            let plane: Vec<f32> = (0..sides[0] * sides[1]).map(pixel).collect();
            let plane = Samples { known: vec![true; plane.len()], values: plane, sides, noise: 9.0 };
            let (found, wrong) = downsample(&plane, upsampling, [0; 2]);
            let right = found.values.iter().zip(&values).filter(|(a, b)| a == b).count();
            // Of some samples, two values give the same pixels.
            assert!(found.is_whole() && right * 20 > values.len() * 17, "{upsampling:?} {right} {wrong:?}");
        }
    }
}
