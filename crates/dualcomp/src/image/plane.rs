//! Coding of a plane of bytes without a network: opacity, and the low bytes of 16-bit samples.

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{BitCoder, Distribution, hash};
use dualcomp_tokens::Canvas;

use super::activity::{Errors, SCALES};
use super::reach::reach;
use super::sample::{SampleCoder, Surroundings};

/// A distribution around a prediction that is as wide as the neighbourhood is busy, with heavy tails.
pub(super) fn fallback(activity: usize) -> Mixture {
    let scale = SCALES[activity];
    Mixture {
        weights: [0, 128, 0, -256, -512],
        means: [0; 5],
        scales: [-16, 0, 16, 32, 64].map(|wider| (scale + wider).clamp(-96, 160)),
    }
}

/// Codes a plane row by row. `plane` is its number, `side` a byte known for each sample that may tell about it,
/// `values` the samples to encode. Gives the samples.
pub(super) fn code_plane(
    samples: &mut SampleCoder,
    coder: &mut impl BitCoder,
    width: usize,
    height: usize,
    plane: u32,
    side: &[u8],
    values: Option<&[u8]>,
) -> Vec<u8> {
    let mut canvas = Canvas::new(width, height);
    let mut errors = Errors::new(width, height);
    let mut out = Vec::with_capacity(width * height);
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let median = canvas.median(row, column)[0];
            let near = |up, right| u32::from(canvas.neighbour(row, column, up, right)[0]);
            let (west, north) = (near(0, -1), near(1, 0));
            let activity = errors.level(row, column);
            let both = hash(plane, west << 8 | north);
            let around = Surroundings {
                channel: 3,
                activity,
                regression: None,
                contexts: [
                    hash(plane, activity as u32),
                    hash(plane, u32::from(side[at]) | 1 << 16),
                    hash(both, near(1, -1) << 8 | near(1, 1)),
                    both,
                    hash(hash(plane, 77), u32::from(side[at])),
                ],
                surroundings: reach(&canvas, row, column, hash(plane, u32::from(side[at]))),
            };
            let distribution = Distribution::new(&fallback(activity), i32::from(median));
            let value = samples.code(&distribution, &around, coder, values.map_or(0, |v| v[at]));
            canvas.set(row, column, [value; 3]);
            errors.set(row, column, value.abs_diff(median));
            out.push(value);
        }
    }
    out
}
