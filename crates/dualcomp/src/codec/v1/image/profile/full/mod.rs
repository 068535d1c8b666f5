//! The colour planes of a contexts-only or network tile, a wavefront of pixels at a time (docs/spec/image.md, sections
//! 1.2 and 6).

mod pixel;
mod plan;

use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{BitCoder, Distribution};
use dualcomp_tokens::Canvas;
use fearless_simd::Simd;

use crate::Error;
use crate::codec::v1::image::context::activity::{ACTIVITIES, Errors, NeighbourOutcomes};
use crate::codec::v1::image::context::template::template;
use crate::codec::v1::image::matching::pixel_match::PixelContext;
use crate::codec::v1::image::pixel_network::{Network, PixelNetwork, Told};
use crate::codec::v1::image::planes::PlaneLayout;
use crate::codec::v1::image::predict::least_squares::moments::CELL;
use crate::codec::v1::image::predict::least_squares::{Place, Regression};
use crate::codec::v1::image::predict::local_error::{ABOVE, LocalErrors};
use crate::codec::v1::image::predict::sub_predictors::SubPredictors;
use crate::codec::v1::image::profile::plane::fallbacks;
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::codec::v1::image::wavefront::{planes_of, rows, slots, steps};
use pixel::Pixel;
use plan::PlannedSample;

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
            if self.network.is_some() {
                self.ask_network(simd, &places, &mut pixels)?;
            } else {
                // In network tiles no pixel is coded as a candidate: the network predicts repetition better.
                self.code_candidates(simd, samples, coder, planes, &mut pixels);
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
            self.note(samples, &pixels);
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
            pixels.push(Pixel::new(Place { row, column, slot: row % self.slots }, around, templates));
        }
        for i in 0..pixels.len() {
            let Pixel { place: Place { row, column, .. }, around, templates, .. } = &pixels[i];
            let states = samples.pixel_history.look(templates);
            let pixel_context =
                self.network.is_none().then(|| PixelContext::new(0, self.outcomes.get(*row, *column), around, &states));
            (pixels[i].states, pixels[i].pixel_context) = (states, pixel_context);
        }
    }

    /// Tells the network of the pixels of a step.
    #[inline(always)]
    fn ask_network<S: Simd>(&mut self, simd: S, places: &[Place], pixels: &mut [Pixel]) -> Result<(), Error> {
        let Some(network) = &mut self.network else { return Ok(()) };
        for regression in &mut self.regressions {
            regression.solve(simd, places);
        }
        network.clear();
        for pixel in pixels {
            let Pixel { place, ref around, med, values, .. } = *pixel;
            let regressed = self.regressions[0].predict(around, place, values);
            network.tell(&Told { place, around, med, regressed }, &self.local_errors[..self.colors]);
            pixel.first = Some(regressed);
        }
        network.advance()
    }

    /// Codes those pixels of a step that are candidates.
    #[inline(always)]
    fn code_candidates<S: Simd>(
        &self,
        simd: S,
        samples: &mut SampleCoder,
        coder: &mut impl BitCoder,
        planes: Option<&[Vec<u8>]>,
        pixels: &mut [Pixel],
    ) {
        for pixel in pixels {
            let at = pixel.place.row * self.width + pixel.place.column;
            let values = match planes {
                Some([grey]) => [grey[at]; 3],
                Some(planes) => [planes[0][at], planes[1][at], planes[2][at]],
                None => [0; 3],
            };
            let Pixel { pixel_context: Some(pixel_context), around, templates, states, .. } = pixel else { continue };
            if let Some((values, slot)) =
                samples.pixel_match.code(simd, pixel_context, around, templates, states, coder, values)
            {
                (pixel.values, pixel.matched) = (values, Some(slot));
            }
        }
    }

    /// Notes the pixels of a step.
    #[inline(always)]
    fn note(&mut self, samples: &mut SampleCoder, pixels: &[Pixel]) {
        for pixel in pixels {
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
}
