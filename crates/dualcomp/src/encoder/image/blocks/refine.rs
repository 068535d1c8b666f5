//! Coefficients of small steps, which rounding samples to whole levels moves to other multiples: those whose samples round to
//! the samples that are there.

use super::forward::{AREA, WAVES};
use crate::codec::v1::image::blocks::{InverseDct, SIDE, Steps};

/// Steps that coefficients are moved by at most: where all samples of a block were rounded alike, coefficients are off by up to
/// half of this.
const SMALL: u8 = 8;
/// Moves of a block at most.
const MOVES: usize = 24;
/// Half of a level, in 1/64 level.
const HALF: f32 = 32.0;
/// A sample beyond half a level counts no more than if it were beyond by this: it may be another than it was.
const CAP: f32 = 12.0;
/// What is near enough to half a level, of all samples: waves are not quite those of the integers.
const NEAR: f32 = 4.0;

/// How far a sample is beyond half a level, squared, at most `cap`.
fn beyond(off: f32, cap: f32) -> f32 {
    let beyond = (off.abs() - HALF).clamp(0.0, cap);
    beyond * beyond
}

/// How far the samples of a block are off.
#[derive(Clone)]
struct Block {
    coefficients: [i16; AREA],
    /// How far what these give is from the middle of what rounds to the samples, in 1/64 level; 0 of those that are not known.
    off: [f32; AREA],
}

impl Block {
    fn cost(&self, wave: &[f32; AREA], by: f32, cap: f32) -> f32 {
        (0..AREA).map(|i| beyond(self.off[i] + by * wave[i], cap)).sum()
    }

    /// Moves coefficients by a step, one at a time, as long as that is better, and says how far all is off.
    fn descend(&mut self, moved: &[(usize, [f32; AREA])], cap: f32) -> f32 {
        let mut cost = self.cost(&[0.0; AREA], 0.0, cap);
        for _ in 0..MOVES {
            let mut best = None;
            for of in moved {
                for by in [-1.0, 1.0] {
                    let moved = self.cost(&of.1, by, cap);
                    if moved < cost {
                        (cost, best) = (moved, Some((of, by)));
                    }
                }
            }
            let Some(((at, wave), by)) = best else { break };
            self.coefficients[*at] += by as i16;
            (0..AREA).for_each(|i| self.off[i] += by * wave[i]);
            if cost <= NEAR {
                break;
            }
        }
        cost
    }
}

/// Moves coefficients until more samples are what they are. `samples` are measured from 128.
pub(super) fn refine(
    samples: &[f32; AREA],
    known: Option<&[bool; AREA]>,
    (steps, inverse): (&Steps, InverseDct),
    coefficients: &mut [i16; AREA],
) {
    let weight: [f32; AREA] = core::array::from_fn(|i| f32::from(known.is_none_or(|known| known[i])));
    let made = inverse.samples(coefficients, steps);
    let off = core::array::from_fn(|i| weight[i] * (made[i] as f32 - 31.5 - 64.0 * (samples[i] + 128.0)));
    let start = Block { coefficients: *coefficients, off };
    if start.cost(&[0.0; AREA], 0.0, CAP) <= NEAR {
        return;
    }
    let wave = |at: usize| {
        let size = 64.0 * f32::from(steps[at]);
        core::array::from_fn(|i| size * WAVES[at / SIDE][i / SIDE] * WAVES[at % SIDE][i % SIDE] * weight[i])
    };
    let moved: Vec<_> = (0..AREA).filter(|&at| steps[at] <= SMALL).map(|at| (at, wave(at))).collect();
    let mut best = start.clone();
    let cost = best.descend(&moved, CAP);
    if cost > NEAR {
        // Without a limit there are no valleys but one, if it were not for the steps.
        let mut other = start;
        other.descend(&moved, f32::MAX);
        if other.descend(&moved, CAP) < cost {
            best = other;
        }
    }
    *coefficients = best.coefficients;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::image::blocks::forward::{forward, quantised};

    #[test]
    fn coefficients_of_steps_of_1_are_found() {
        let mut x = 1u32;
        let mut next = |below: u32| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((x >> 8) % below) as i16
        };
        // As of quality 95.
        let steps = core::array::from_fn(|i| 1 + (i / SIDE + i % SIDE) as u8 / 4);
        let (mut first, mut refined) = (0, 0);
        for _ in 0..50 {
            let wanted: [i16; AREA] = core::array::from_fn(|i| if i < 40 { next(13) - 6 } else { 0 });
            let mut samples = InverseDct::Libjpeg.samples(&wanted, &steps).map(|sample| (sample >> 6) as f32 - 128.0);
            let mut found = quantised(&forward(&samples), &steps);
            first += u32::from(found == wanted);
            // One that is another than it was.
            samples[21] += 1.0;
            refine(&samples, None, (&steps, InverseDct::Libjpeg), &mut found);
            refined += u32::from(found == wanted);
        }
        assert!(first < 30 && refined > 35, "{first} {refined}");
    }
}
