//! The colour planes of a tile (docs/spec/image.md): predicted by the network or from the activity, and by
//! the regression, a wavefront of pixels at a time.

use dualcomp_entropy::predictor::{ImageSession, Mixture};
use dualcomp_entropy::{BitCoder, Distribution, LOGISTICS, hash};
use dualcomp_tokens::{CODER_FEATURES, Canvas, FEATURES, Neighbourhood};
use fearless_simd::Simd;

use crate::Error;
use crate::codec::v1::image::context::activity::{Errors, Trails};
use crate::codec::v1::image::context::pixel_history::{Pasts, REACHES};
use crate::codec::v1::image::context::template::reach;
use crate::codec::v1::image::context::value_cache::tinges;
use crate::codec::v1::image::matching::pixel_match::Scene;
use crate::codec::v1::image::planes::Layout;
use crate::codec::v1::image::predict::least_squares::moments::CELL;
use crate::codec::v1::image::predict::least_squares::{Place, Regression};
use crate::codec::v1::image::predict::local_error as misses;
use crate::codec::v1::image::predict::local_error::{ABOVE, Misses};
use crate::codec::v1::image::predict::sub_predictors::{Plain, REGRESSION, logistics};
use crate::codec::v1::image::profile::plane::fallbacks;
use crate::codec::v1::image::profile::sample::{ACTIVITIES, Expected, SampleCoder, questions};
use crate::codec::v1::image::tile::Network;
use crate::codec::v1::image::wavefront::{planes_of, rows, site, slots, steps};

/// The state of the colour planes of a tile.
pub(crate) struct Wavefront {
    width: usize,
    height: usize,
    /// 1 or 3 samples are coded for each pixel.
    colors: usize,
    slots: usize,
    session: Option<Box<dyn ImageSession + Send>>,
    canvas: Canvas,
    regressions: Vec<Regression>,
    /// Distances of samples from what the network and the regression expected, as classes.
    errors: [Errors; 3],
    regressed: [Errors; 3],
    /// Those from linear predictions.
    misses: [Misses; 3],
    trails: Trails,
    fallbacks: [Distribution; ACTIVITIES],
}

/// A pixel while it is coded.
#[derive(Clone, Copy)]
struct Pixel {
    place: Place,
    around: Neighbourhood,
    /// Hashes of what is around, and what came after that.
    reaches: [u32; REACHES],
    pasts: Pasts,
    /// In mixed tiles.
    scene: Option<Scene>,
    /// The candidate that it is, if it was coded as one.
    hit: Option<usize>,
    median: [u8; 3],
    values: [u8; 3],
    /// What the regression expects of the first sample, for the network.
    first: Option<i32>,
    /// Values less median, so far.
    residuals: [i32; 3],
    /// If its samples are coded one by one.
    plain: Plain,
}

/// What is expected of a sample, and the linear predictions of it in 1/16 level.
#[derive(Clone, Copy)]
struct Outlook {
    expected: Expected,
    means: [i32; LOGISTICS],
}

impl Wavefront {
    pub(crate) fn new(layout: &Layout, network: Option<Network<'_>>) -> Result<Self, Error> {
        let (width, height) = (layout.width, layout.height);
        let slots = slots(width, height) + ABOVE;
        let colors = layout.colors();
        Ok(Self {
            width,
            height,
            colors,
            slots,
            session: network.map(|network| network.session(slots)).transpose()?,
            canvas: Canvas::new(width, height),
            regressions: (0..colors).map(|plane| Regression::new(plane, colors, width, slots)).collect(),
            errors: core::array::from_fn(|_| Errors::new(width, height)),
            regressed: core::array::from_fn(|_| Errors::new(width, height)),
            misses: core::array::from_fn(|_| Misses::new(width, slots)),
            trails: Trails::new(width, height),
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
        let mut outlooks: Vec<Outlook> = Vec::with_capacity(self.slots);
        let mut sites = Vec::with_capacity(self.slots);
        let mut features: Vec<i8> = Vec::with_capacity(self.slots * FEATURES);
        let mut residuals = Vec::with_capacity(self.slots);
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
            if let Some(session) = &mut self.session {
                for regression in &mut self.regressions {
                    regression.solve(simd, &places);
                }
                sites.clear();
                features.clear();
                for pixel in &mut pixels {
                    sites.push(site(pixel.place, width, self.slots));
                    let mut of_pixel = [0; FEATURES];
                    pixel.around.features(pixel.median, &mut of_pixel);
                    let first = self.regressions[0].predict(&pixel.around, pixel.place, pixel.values);
                    let missed = [0, self.colors.min(2) - 1].map(|plane| self.misses[plane].first(pixel.place));
                    of_pixel[CODER_FEATURES..].copy_from_slice(&misses::features(first, pixel.median[0], missed));
                    pixel.first = Some(first);
                    features.extend_from_slice(&of_pixel);
                }
                session.advance(&sites, &features).map_err(Error::Model)?;
            }
            // The network knows better when to repeat a pixel exactly, in what is coded with it.
            if self.session.is_none() {
                for pixel in &mut pixels {
                    let at = pixel.place.row * width + pixel.place.column;
                    let values = match planes {
                        Some([grey]) => [grey[at]; 3],
                        Some(planes) => [planes[0][at], planes[1][at], planes[2][at]],
                        None => [0; 3],
                    };
                    let Pixel { scene: Some(scene), around, reaches, pasts, .. } = pixel else { continue };
                    if let Some((values, slot)) = samples.hits.code(simd, scene, around, reaches, pasts, coder, values)
                    {
                        (pixel.values, pixel.hit) = (values, Some(slot));
                    }
                }
            }
            places.clear();
            for pixel in pixels.iter_mut().filter(|p| p.hit.is_none()) {
                pixel.plain = Plain::new(&pixel.around, pixel.median);
                places.push(pixel.place);
            }
            for regression in &mut self.regressions {
                regression.solve(simd, &places);
            }
            let channels = if places.is_empty() { 0 } else { self.colors };
            for channel in 0..channels {
                if let Some(session) = &mut self.session {
                    residuals.clear();
                    residuals.extend(pixels.iter().map(|p| [p.residuals[0] as i16, p.residuals[1] as i16]));
                    session.mixtures(channel, &residuals, &mut mixtures).map_err(Error::Model)?;
                }
                outlooks.clear();
                for i in 0..pixels.len() {
                    if pixels[i].hit.is_some() {
                        continue;
                    }
                    let outlook = self.outlook(&pixels[i], channel, mixtures.get(i));
                    samples.prefetch(&outlook.expected);
                    outlooks.push(outlook);
                }
                let mut next = 0;
                for i in 0..pixels.len() {
                    if pixels[i].hit.is_some() {
                        continue;
                    }
                    let (pixel, outlook) = (&mut pixels[i], &outlooks[next]);
                    next += 1;
                    let Place { row, column, .. } = pixel.place;
                    let value = planes.map_or(0, |p| p[channel][row * width + column]);
                    let value = samples.code(simd, &outlook.expected, &mut pixel.pasts, coder, value);
                    self.learn(samples, pixel, channel, outlook, value);
                }
            }
            for pixel in &pixels {
                let values = if self.colors == 1 { [pixel.values[0]; 3] } else { pixel.values };
                let Place { row, column, .. } = pixel.place;
                if pixel.hit.is_some() {
                    self.pass(pixel, values);
                }
                if let Some(scene) = &pixel.scene {
                    self.trails.set(row, column, pixel.hit);
                    samples.hits.learn(scene, values);
                }
                samples.recall.note(&pixel.reaches, values);
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
            let reaches = reach(&around, 0);
            samples.recall.prefetch(&reaches);
            pixels.push(Pixel {
                place: Place { row, column, slot: row % self.slots },
                around,
                reaches,
                pasts: Pasts::default(),
                scene: None,
                hit: None,
                median: around.med(),
                values: [0; 3],
                first: None,
                residuals: [0; 3],
                plain: Plain::NONE,
            });
        }
        for i in 0..pixels.len() {
            let Pixel { place: Place { row, column, .. }, around, reaches, .. } = &pixels[i];
            let pasts = samples.recall.look(reaches);
            let scene = self.session.is_none().then(|| Scene::new(0, self.trails.get(*row, *column), around, &pasts));
            (pixels[i].pasts, pixels[i].scene) = (pasts, scene);
        }
    }

    /// What is expected of a sample of a pixel.
    #[inline(always)]
    fn outlook(&mut self, pixel: &Pixel, channel: usize, mixture: Option<&Mixture>) -> Outlook {
        let Pixel { place, median, values, residuals, ref around, ref plain, .. } = *pixel;
        let Place { row, column, .. } = place;
        let earlier = if channel > 0 { residuals[channel - 1] } else { 0 };
        let base = i32::from(median[channel]) + earlier;
        let activity = self.errors[channel].level(row, column);
        let missed = self.regressed[channel].level(row, column);
        let regressed = match pixel.first {
            Some(first) if channel == 0 => first,
            _ => self.regressions[channel].predict(around, place, values),
        };
        let means = plain.means(channel, values, regressed);
        let distribution = match mixture {
            Some(mixture) => Distribution::new(mixture, base),
            None => self.fallbacks[activity].moved(base),
        };
        let spread = distribution.spread();
        // Where the two expectations lie from each other, against the spread.
        let apart = regressed - distribution.center() * 16;
        let apart = (apart.unsigned_abs() * 2 / spread.max(4)).min(7) * 2 + u32::from(apart < 0);
        let last = if channel > 0 { earlier.clamp(-20, 20) + 21 } else { 0 };
        let known = (channel as u32) << 16 | u32::from(values[0]) << 8 | u32::from(values[1]);
        let questions = questions(&distribution);
        let word = |up, right| u32::from_le_bytes(around.0[Neighbourhood::index(up, right)]);
        let near = |up, right| u32::from(around.0[Neighbourhood::index(up, right)][channel]);
        let hashes = [
            hash(hash(near(0, -1) << 8 | near(1, 0), known), questions),
            hash(hash(word(0, -1), known), questions),
            hash(hash(word(1, 0), known), questions),
            hash(hash(hash(word(0, -1), word(1, 0)), known), hash(hash(word(1, -1), word(1, 1)), questions)),
        ];
        let expected = Expected {
            channel,
            activity: missed,
            distribution,
            linear: Some(logistics(means, &self.misses[channel].around(place))),
            place: ((channel << 4 | apart as usize) * ACTIVITIES + activity) * ACTIVITIES + missed,
            traits: (channel * 42 + last as usize) * 16 + spread.ilog2().min(15) as usize,
            hashes,
            tints: Some(tinges(around, channel, values)),
        };
        Outlook { expected, means }
    }

    /// Notes a pixel whose samples were not coded one by one.
    #[inline(always)]
    fn pass(&mut self, pixel: &Pixel, values: [u8; 3]) {
        let Place { row, column, .. } = pixel.place;
        let mut earlier = 0;
        for c in 0..self.colors {
            let (value, median) = (i32::from(values[c]), i32::from(pixel.median[c]));
            let error = (median + earlier).clamp(0, 255).abs_diff(value) as u8;
            self.errors[c].set(row, column, error);
            self.regressed[c].set(row, column, error);
            self.misses[c].clear(pixel.place);
            earlier = value - median;
        }
    }

    /// Notes the value of a sample.
    #[inline(always)]
    fn learn(&mut self, samples: &mut SampleCoder, pixel: &mut Pixel, channel: usize, outlook: &Outlook, value: u8) {
        let Place { row, column, .. } = pixel.place;
        let error = |expected: i32| expected.abs_diff(i32::from(value)) as u8;
        self.errors[channel].set(row, column, error(outlook.expected.distribution.center()));
        self.regressed[channel].set(row, column, error((outlook.means[REGRESSION] + 8) >> 4));
        self.misses[channel].note(pixel.place, &outlook.means, value);
        self.regressions[channel].note(pixel.place, value);
        samples.tints.note(outlook.expected.tints, value);
        pixel.values[channel] = value;
        pixel.residuals[channel] = i32::from(value) - i32::from(pixel.median[channel]);
    }
}
