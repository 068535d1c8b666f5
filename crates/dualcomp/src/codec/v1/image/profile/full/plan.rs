//! What is expected of a sample of a pixel, and what comes of it.

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{Distribution, LOGISTICS, hash};
use dualcomp_tokens::Neighbourhood;

use crate::codec::v1::image::context::activity::ACTIVITIES;
use crate::codec::v1::image::context::classes::{
    DISAGREEMENTS, RESIDUALS, SPREADS, disagreement, residual_class, spread_class,
};
use crate::codec::v1::image::context::value_cache::cache_hashes;
use crate::codec::v1::image::predict::least_squares::Place;
use crate::codec::v1::image::predict::sub_predictors::{REGRESSION, logistics};
use crate::codec::v1::image::profile::full::Wavefront;
use crate::codec::v1::image::profile::full::pixel::Pixel;
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::codec::v1::image::profile::sample::context::{SampleContext, binarization_key};

/// The context of a sample, and its sub-predictions in 1/16 level.
#[derive(Clone, Copy)]
pub(super) struct PlannedSample {
    pub(super) context: SampleContext,
    means: [i32; LOGISTICS],
}

impl Wavefront {
    /// The context of a sample of a pixel.
    #[inline(always)]
    pub(super) fn plan(&mut self, pixel: &Pixel, channel: usize, mixture: Option<&Mixture>) -> PlannedSample {
        let Pixel { place, med, values, residuals, ref around, ref sub_predictors, .. } = *pixel;
        let Place { row, column, .. } = place;
        let earlier = if channel > 0 { residuals[channel - 1] } else { 0 };
        let base = i32::from(med[channel]) + earlier;
        let activity = self.errors[channel].level(row, column);
        let missed = self.regressed[channel].level(row, column);
        let regressed = match pixel.first {
            Some(first) if channel == 0 => first,
            _ => self.regressions[channel].predict(around, place, values),
        };
        let means = sub_predictors.means(channel, values, regressed);
        let distribution = match mixture {
            Some(mixture) => Distribution::new(mixture, base),
            None => self.fallbacks[activity].moved(base),
        };
        let spread = distribution.spread();
        // The disagreement of the least squares and the distribution, against the spread.
        let disagreement = disagreement(regressed - distribution.center() * 16, spread);
        let last = if channel > 0 { residual_class(earlier) } else { 0 };
        let known = (channel as u32) << 16 | u32::from(values[0]) << 8 | u32::from(values[1]);
        let binarization_key = binarization_key(&distribution);
        let word = |up, right| u32::from_le_bytes(around.0[Neighbourhood::index(up, right)]);
        let near = |up, right| u32::from(around.0[Neighbourhood::index(up, right)][channel]);
        let hashes = [
            hash(hash(near(0, -1) << 8 | near(1, 0), known), binarization_key),
            hash(hash(word(0, -1), known), binarization_key),
            hash(hash(word(1, 0), known), binarization_key),
            hash(hash(hash(word(0, -1), word(1, 0)), known), hash(hash(word(1, -1), word(1, 1)), binarization_key)),
        ];
        let context = SampleContext {
            channel,
            activity: missed,
            distribution,
            linear: Some(logistics(means, &self.local_errors[channel].around(place))),
            activity_context: ((channel * DISAGREEMENTS + disagreement) * ACTIVITIES + activity) * ACTIVITIES + missed,
            residual_context: (channel * RESIDUALS + last) * SPREADS + spread_class(spread),
            hashes,
            cache_hashes: Some(cache_hashes(around, channel, values)),
        };
        PlannedSample { context, means }
    }

    /// Notes a pixel whose samples were not coded one by one.
    #[inline(always)]
    pub(super) fn pass(&mut self, pixel: &Pixel, values: [u8; 3]) {
        let Place { row, column, .. } = pixel.place;
        let mut earlier = 0;
        for c in 0..self.colors {
            let (value, med) = (i32::from(values[c]), i32::from(pixel.med[c]));
            let error = (med + earlier).clamp(0, 255).abs_diff(value) as u8;
            self.errors[c].set(row, column, error);
            self.regressed[c].set(row, column, error);
            self.local_errors[c].clear(pixel.place);
            earlier = value - med;
        }
    }

    /// Notes the value of a sample.
    #[inline(always)]
    pub(super) fn learn(
        &mut self,
        samples: &mut SampleCoder,
        pixel: &mut Pixel,
        channel: usize,
        plan: &PlannedSample,
        value: u8,
    ) {
        let Place { row, column, .. } = pixel.place;
        let error = |expected: i32| expected.abs_diff(i32::from(value)) as u8;
        self.errors[channel].set(row, column, error(plan.context.distribution.center()));
        self.regressed[channel].set(row, column, error((plan.means[REGRESSION] + 8) >> 4));
        self.local_errors[channel].note(pixel.place, &plan.means, value);
        self.regressions[channel].note(pixel.place, value);
        samples.value_cache.note(plan.context.cache_hashes, value);
        pixel.values[channel] = value;
        pixel.residuals[channel] = i32::from(value) - i32::from(pixel.med[channel]);
    }
}
