//! Coding of a plane of bytes without a network: opacity, and the low bytes of 16-bit samples.

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{BitCoder, Distribution, hash};
use dualcomp_tokens::{Canvas, Neighbourhood};
use fearless_simd::Simd;

use crate::codec::v1::image::context::activity::{Errors, SCALES, Trails};
use crate::codec::v1::image::context::template::reach;
use crate::codec::v1::image::matching::pixel_match::Scene;
use crate::codec::v1::image::profile::sample::{
    ACTIVITIES, CHANNELS, Expected, PLACES, SampleCoder, TRAITS, questions,
};

/// Distributions around 0 for each activity, as wide as the neighbourhood is busy, with heavy tails.
pub(crate) fn fallbacks() -> [Distribution; ACTIVITIES] {
    SCALES.map(|scale| {
        let mixture = Mixture {
            weights: [0, 128, 0, -256, -512],
            means: [0; 5],
            scales: [-16, 0, 16, 32, 64].map(|wider| (scale + wider).clamp(-96, 160)),
        };
        Distribution::new(&mixture, 0)
    })
}

/// The numbers of contexts that these planes use, behind those of colours.
const FIRST_PLACE: usize = PLACES / CHANNELS * 3;
const FIRST_TRAIT: usize = TRAITS / 2;

/// Codes a plane row by row. `plane` is its number, `side` a byte known for each sample that may tell about it,
/// `values` the samples to encode. Gives the samples.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "all of them are of this one plane")]
pub(crate) fn code_plane<S: Simd>(
    simd: S,
    samples: &mut SampleCoder,
    coder: &mut impl BitCoder,
    width: usize,
    height: usize,
    plane: u32,
    side: &[u8],
    values: Option<&[u8]>,
) -> Vec<u8> {
    let fallbacks = fallbacks();
    let mut canvas = Canvas::new(width, height);
    let mut errors = Errors::new(width, height);
    let mut trails = Trails::new(width, height);
    let mut out = Vec::with_capacity(width * height);
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let around = canvas.around(row, column);
            let median = around.med()[0];
            let near = |up, right| u32::from(around.0[Neighbourhood::index(up, right)][0]);
            let activity = errors.level(row, column);
            let known = plane << 8 | u32::from(side[at]);
            let reaches = reach(&around, known | 3 << 16);
            let mut pasts = samples.recall.look(&reaches);
            let scene = Scene::new(1, trails.get(row, column), &around, &pasts);
            let given = values.map_or(0, |v| v[at]);
            let hit = samples.hits.code(simd, &scene, &around, &reaches, &mut pasts, coder, [given; 3]);
            let distribution = fallbacks[activity].moved(i32::from(median));
            let expected = Expected {
                channel: 3,
                activity,
                distribution,
                linear: None,
                place: FIRST_PLACE + plane as usize * ACTIVITIES + activity,
                traits: FIRST_TRAIT + known as usize,
                hashes: [
                    hash(hash(near(0, -1) << 8 | near(1, 0), known | 3 << 16), questions(&distribution)),
                    hash(hash(near(0, -1) << 8, known | 3 << 16), questions(&distribution)),
                    hash(hash(near(1, 0), known | 3 << 16), questions(&distribution)),
                    hash(
                        hash(near(0, -1) << 24 | near(1, 0) << 16 | near(1, -1) << 8 | near(1, 1), known | 3 << 16),
                        questions(&distribution),
                    ),
                ],
                tints: None,
            };
            let value = match hit {
                Some(([value, ..], _)) => value,
                None => samples.code(simd, &expected, &mut pasts, coder, given),
            };
            trails.set(row, column, hit.map(|(_, slot)| slot));
            samples.hits.learn(&scene, [value; 3]);
            samples.recall.note(&reaches, [value; 3]);
            canvas.set(row, column, [value; 3]);
            errors.set(row, column, value.abs_diff(median));
            out.push(value);
        }
    }
    out
}
