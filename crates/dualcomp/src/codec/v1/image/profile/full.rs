//! The colour planes of a contexts-only or network tile, a wavefront of pixels at a time (docs/spec/image.md, sections
//! 1.2 and 6).

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{BitCoder, Distribution, LOGISTICS, hash};
use dualcomp_tokens::{Canvas, Neighbourhood};
use fearless_simd::Simd;

use crate::Error;
use crate::codec::v1::image::context::activity::{Errors, NeighbourOutcomes};
use crate::codec::v1::image::context::pixel_history::{HistoryStates, TEMPLATES};
use crate::codec::v1::image::context::template::template;
use crate::codec::v1::image::context::value_cache::cache_hashes;
use crate::codec::v1::image::matching::pixel_match::PixelContext;
use crate::codec::v1::image::pixel_network::{Network, PixelNetwork, Told};
use crate::codec::v1::image::planes::PlaneLayout;
use crate::codec::v1::image::predict::least_squares::moments::CELL;
use crate::codec::v1::image::predict::least_squares::{Place, Regression};
use crate::codec::v1::image::predict::local_error::{ABOVE, LocalErrors};
use crate::codec::v1::image::predict::sub_predictors::{REGRESSION, SubPredictors, logistics};
use crate::codec::v1::image::profile::plane::fallbacks;
use crate::codec::v1::image::profile::sample::{ACTIVITIES, SampleCoder, SampleContext, binarization_key};
use crate::codec::v1::image::wavefront::{planes_of, rows, slots, steps};

/// The state of the colour planes of a tile.
pub(crate) struct Wavefront {
    width: usize,
    height: usize,
    /// 1 or 3 samples are coded for each pixel.
    colors: usize,
    slots: usize,
    network: Option<PixelNetwork>,
    canvas: Canvas,
    regressions: Vec<Regression>,
    /// Errors of the distribution's center and of the least squares, for activities.
    errors: [Errors; 3],
    regressed: [Errors; 3],
    /// Local errors of the sub-predictors.
    local_errors: [LocalErrors; 3],
    outcomes: NeighbourOutcomes,
    fallbacks: [Distribution; ACTIVITIES],
}

/// A pixel while it is coded.
#[derive(Clone, Copy)]
struct Pixel {
    place: Place,
    around: Neighbourhood,
    /// Hashes of the templates, and their states.
    templates: [u32; TEMPLATES],
    states: HistoryStates,
    /// In contexts-only tiles.
    pixel_context: Option<PixelContext>,
    /// The candidate that it is, if it was coded as one.
    matched: Option<usize>,
    med: [u8; 3],
    values: [u8; 3],
    /// The least squares' value of the first sample, in network tiles.
    first: Option<i32>,
    /// Values less MED, so far.
    residuals: [i32; 3],
    /// If its samples are coded one by one.
    sub_predictors: SubPredictors,
}

/// The context of a sample, and its sub-predictions in 1/16 level.
#[derive(Clone, Copy)]
struct PlannedSample {
    context: SampleContext,
    means: [i32; LOGISTICS],
}

impl Wavefront {
    pub(crate) fn new(layout: &PlaneLayout, network: Option<Network<'_>>) -> Result<Self, Error> {
        let (width, height) = (layout.width, layout.height);
        let slots = slots(width, height) + ABOVE;
        let colors = layout.colors();
        Ok(Self {
            width,
            height,
            colors,
            slots,
            network: network.map(|network| PixelNetwork::new(network, width, slots)).transpose()?,
            canvas: Canvas::new(width, height),
            regressions: (0..colors).map(|plane| Regression::new(plane, colors, width, slots)).collect(),
            errors: core::array::from_fn(|_| Errors::new(width, height)),
            regressed: core::array::from_fn(|_| Errors::new(width, height)),
            local_errors: core::array::from_fn(|_| LocalErrors::new(width, slots)),
            outcomes: NeighbourOutcomes::new(width, height),
            fallbacks: fallbacks(),
        })
    }

    /// Codes all pixels and gives the planes.
    #[inline(always)]
    pub(crate) fn run<S: Simd>(
        &mut self,
        simd: S,
        samples: &mut SampleCoder,
        coder: &mut impl BitCoder,
        planes: Option<&[Vec<u8>]>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let (width, height) = (self.width, self.height);
        let mut pixels: Vec<Pixel> = Vec::with_capacity(self.slots);
        let mut places: Vec<Place> = Vec::with_capacity(self.slots);
        let mut planned: Vec<PlannedSample> = Vec::with_capacity(self.slots);
        let mut mixtures: Vec<Mixture> = Vec::with_capacity(self.slots);
        for step in steps(width, height) {
            self.pixels(step, samples, &mut pixels);
            places.clear();
            places.extend(pixels.iter().map(|p| p.place));
            // All rows enter a cell at the same step.
            if step % CELL == 0 {
                for regression in &mut self.regressions {
                    regression.enter(simd, &places);
                }
            }
            if let Some(network) = &mut self.network {
                for regression in &mut self.regressions {
                    regression.solve(simd, &places);
                }
                network.clear();
                for pixel in &mut pixels {
                    let Pixel { place, ref around, med, values, .. } = *pixel;
                    let regressed = self.regressions[0].predict(around, place, values);
                    network.tell(&Told { place, around, med, regressed }, &self.local_errors[..self.colors]);
                    pixel.first = Some(regressed);
                }
                network.advance()?;
            }
            // In network tiles no pixel is coded as a candidate: the network predicts repetition better.
            if self.network.is_none() {
                for pixel in &mut pixels {
                    let at = pixel.place.row * width + pixel.place.column;
                    let values = match planes {
                        Some([grey]) => [grey[at]; 3],
                        Some(planes) => [planes[0][at], planes[1][at], planes[2][at]],
                        None => [0; 3],
                    };
                    let Pixel { pixel_context: Some(pixel_context), around, templates, states, .. } = pixel else {
                        continue;
                    };
                    if let Some((values, slot)) =
                        samples.pixel_match.code(simd, pixel_context, around, templates, states, coder, values)
                    {
                        (pixel.values, pixel.matched) = (values, Some(slot));
                    }
                }
            }
            places.clear();
            for pixel in pixels.iter_mut().filter(|p| p.matched.is_none()) {
                pixel.sub_predictors = SubPredictors::new(&pixel.around, pixel.med);
                places.push(pixel.place);
            }
            for regression in &mut self.regressions {
                regression.solve(simd, &places);
            }
            let channels = if places.is_empty() { 0 } else { self.colors };
            for channel in 0..channels {
                mixtures.clear();
                if let Some(network) = &mut self.network {
                    let residuals = pixels.iter().map(|p| [p.residuals[0] as i16, p.residuals[1] as i16]);
                    mixtures.extend_from_slice(network.mixtures(channel, residuals)?);
                }
                planned.clear();
                for i in 0..pixels.len() {
                    if pixels[i].matched.is_some() {
                        continue;
                    }
                    let plan = self.plan(&pixels[i], channel, mixtures.get(i));
                    samples.prefetch(&plan.context);
                    planned.push(plan);
                }
                let mut next = 0;
                for i in 0..pixels.len() {
                    if pixels[i].matched.is_some() {
                        continue;
                    }
                    let (pixel, plan) = (&mut pixels[i], &planned[next]);
                    next += 1;
                    let Place { row, column, .. } = pixel.place;
                    let value = planes.map_or(0, |p| p[channel][row * width + column]);
                    let value = samples.code(simd, &plan.context, &mut pixel.states, coder, value);
                    self.learn(samples, pixel, channel, plan, value);
                }
            }
            for pixel in &pixels {
                let values = if self.colors == 1 { [pixel.values[0]; 3] } else { pixel.values };
                let Place { row, column, .. } = pixel.place;
                if pixel.matched.is_some() {
                    self.pass(pixel, values);
                }
                if let Some(pixel_context) = &pixel.pixel_context {
                    self.outcomes.set(row, column, pixel.matched);
                    samples.pixel_match.learn(pixel_context, values);
                }
                samples.pixel_history.note(&pixel.templates, values);
                self.canvas.set(row, column, values);
            }
        }
        Ok(planes_of(&self.canvas, width, height, self.colors))
    }

    /// The pixels of a step.
    #[inline(always)]
    fn pixels(&self, step: usize, samples: &mut SampleCoder, pixels: &mut Vec<Pixel>) {
        pixels.clear();
        for row in rows(step, self.width, self.height) {
            let column = step - 3 * row;
            let around = self.canvas.around(row, column);
            let templates = template(&around, 0);
            samples.pixel_history.prefetch(&templates);
            pixels.push(Pixel {
                place: Place { row, column, slot: row % self.slots },
                around,
                templates,
                states: HistoryStates::default(),
                pixel_context: None,
                matched: None,
                med: around.med(),
                values: [0; 3],
                first: None,
                residuals: [0; 3],
                sub_predictors: SubPredictors::NONE,
            });
        }
        for i in 0..pixels.len() {
            let Pixel { place: Place { row, column, .. }, around, templates, .. } = &pixels[i];
            let states = samples.pixel_history.look(templates);
            let pixel_context =
                self.network.is_none().then(|| PixelContext::new(0, self.outcomes.get(*row, *column), around, &states));
            (pixels[i].states, pixels[i].pixel_context) = (states, pixel_context);
        }
    }

    /// The context of a sample of a pixel.
    #[inline(always)]
    fn plan(&mut self, pixel: &Pixel, channel: usize, mixture: Option<&Mixture>) -> PlannedSample {
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
        let disagreement = regressed - distribution.center() * 16;
        let disagreement = (disagreement.unsigned_abs() * 2 / spread.max(4)).min(7) * 2 + u32::from(disagreement < 0);
        let last = if channel > 0 { earlier.clamp(-20, 20) + 21 } else { 0 };
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
            activity_context: ((channel << 4 | disagreement as usize) * ACTIVITIES + activity) * ACTIVITIES + missed,
            residual_context: (channel * 42 + last as usize) * 16 + spread.ilog2().min(15) as usize,
            hashes,
            cache_hashes: Some(cache_hashes(around, channel, values)),
        };
        PlannedSample { context, means }
    }

    /// Notes a pixel whose samples were not coded one by one.
    #[inline(always)]
    fn pass(&mut self, pixel: &Pixel, values: [u8; 3]) {
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
    fn learn(&mut self, samples: &mut SampleCoder, pixel: &mut Pixel, channel: usize, plan: &PlannedSample, value: u8) {
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
