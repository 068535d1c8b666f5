//! Coding of a plane of bytes without a network: opacity, and the low bytes of 16-bit samples.

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{BitCoder, Distribution, hash};
use dualcomp_tokens::{Canvas, Neighbourhood};
use fearless_simd::Simd;

use crate::codec::v1::image::context::activity::{ACTIVITIES, Errors, NeighbourOutcomes, SCALES};
use crate::codec::v1::image::context::template::template;
use crate::codec::v1::image::matching::pixel_match::PixelContext;
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::codec::v1::image::profile::sample::context::{
    ACTIVITY_CONTEXTS, CHANNELS, RESIDUAL_CONTEXTS, SampleContext, binarization_key,
};

/// Distributions around 0 for each activity, with heavy tails (docs/spec/image.md, section 2.2; experiments/0022).
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
const FIRST_ACTIVITY_CONTEXT: usize = ACTIVITY_CONTEXTS / CHANNELS * 3;
const FIRST_RESIDUAL_CONTEXT: usize = RESIDUAL_CONTEXTS / 2;

/// A plane of bytes that is coded alone.
pub(crate) struct LonePlane<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Its number among the planes of the tile.
    pub(crate) plane: u32,
    /// The upper byte of each sample where this plane has the lower ones, else zeros.
    pub(crate) side: &'a [u8],
    /// The samples to encode.
    pub(crate) values: Option<&'a [u8]>,
}

/// Codes a plane row by row (docs/spec/image.md, section 7.2). Returns the samples.
#[inline(always)]
pub(crate) fn code_plane<S: Simd>(
    simd: S,
    samples: &mut SampleCoder,
    coder: &mut impl BitCoder,
    &LonePlane { width, height, plane, side, values }: &LonePlane<'_>,
) -> Vec<u8> {
    let fallbacks = fallbacks();
    let mut canvas = Canvas::new(width, height);
    let mut errors = Errors::new(width, height);
    let mut outcomes = NeighbourOutcomes::new(width, height);
    let mut out = Vec::with_capacity(width * height);
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let around = canvas.around(row, column);
            let med = around.med()[0];
            let near = |up, right| u32::from(around.0[Neighbourhood::index(up, right)][0]);
            let activity = errors.level(row, column);
            let known = plane << 8 | u32::from(side[at]);
            let templates = template(&around, known | 3 << 16);
            let mut states = samples.pixel_history.look(&templates);
            let pixel_context = PixelContext::new(1, outcomes.get(row, column), &around, &states);
            let given = values.map_or(0, |v| v[at]);
            let matched =
                samples.pixel_match.code(simd, &pixel_context, &around, &templates, &mut states, coder, [given; 3]);
            let distribution = fallbacks[activity].moved(i32::from(med));
            let context = SampleContext {
                channel: 3,
                activity,
                distribution,
                linear: None,
                activity_context: FIRST_ACTIVITY_CONTEXT + plane as usize * ACTIVITIES + activity,
                residual_context: FIRST_RESIDUAL_CONTEXT + known as usize,
                hashes: [
                    hash(hash(near(0, -1) << 8 | near(1, 0), known | 3 << 16), binarization_key(&distribution)),
                    hash(hash(near(0, -1) << 8, known | 3 << 16), binarization_key(&distribution)),
                    hash(hash(near(1, 0), known | 3 << 16), binarization_key(&distribution)),
                    hash(
                        hash(near(0, -1) << 24 | near(1, 0) << 16 | near(1, -1) << 8 | near(1, 1), known | 3 << 16),
                        binarization_key(&distribution),
                    ),
                ],
                cache_hashes: None,
            };
            let value = match matched {
                Some(([value, ..], _)) => value,
                None => samples.code(simd, &context, &mut states, coder, given),
            };
            outcomes.set(row, column, matched.map(|(_, slot)| slot));
            samples.pixel_match.learn(&pixel_context, [value; 3]);
            samples.pixel_history.note(&templates, [value; 3]);
            canvas.set(row, column, [value; 3]);
            errors.set(row, column, value.abs_diff(med));
            out.push(value);
        }
    }
    out
}
