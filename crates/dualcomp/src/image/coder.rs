//! Coding of one tile (docs/coding.md, section 4).
//!
//! The upper bytes of the colour samples are predicted by the network, a wavefront of pixels at a time: rows run
//! three columns behind the row above, so that each pixel sees its neighbours up to two columns further right in
//! that row. Planes without a network follow: opacity, then low bytes.

#[cfg(feature = "learn")]
use dualcomp_entropy::Prior;
use dualcomp_entropy::predictor::{ImageSession, Mixture, Predictor, Site};
use dualcomp_entropy::{BitCoder, Distribution, Logistic, RangeDecoder, RangeEncoder, hash};
use dualcomp_tokens::{Canvas, FEATURES};

use super::activity::{Errors, SCALES};
use super::plane::{code_plane, fallback};
use super::reach::reach;
use super::regression::{CELL, Place, Regression};
use super::sample::{CONTEXTS, SampleCoder, Surroundings};
use super::split::{Layout, join, split};
use crate::prior::Use;
use crate::{ColorType, Error};

/// The regression's logistic is this much narrower than the local errors are wide on average, in 1/32 nat.
const SHARPER: i16 = -5;

/// The payload of a tile whose bytes are `raw`: rows, samples interleaved, 16-bit ones big-endian.
pub(crate) fn encode_tile(
    raw: &[u8],
    width: u32,
    height: u32,
    color: ColorType,
    predictor: Option<&dyn Predictor>,
) -> Result<Vec<u8>, Error> {
    let mut coder = RangeEncoder::new();
    let layout = Layout::new(color, width, height);
    code(&layout, predictor, &mut samples(&layout, predictor), &mut coder, Some(&split(raw, &layout)))?;
    Ok(coder.finish())
}

/// What has been learned after a tile was coded that began with this prior.
#[cfg(feature = "learn")]
pub(crate) fn learn_tile(
    raw: &[u8],
    width: u32,
    height: u32,
    color: ColorType,
    predictor: Option<&dyn Predictor>,
    prior: Prior<'_>,
) -> Result<Vec<u16>, Error> {
    let layout = Layout::new(color, width, height);
    let mut samples = SampleCoder::new(layout.width * layout.height, prior);
    code(&layout, predictor, &mut samples, &mut RangeEncoder::new(), Some(&split(raw, &layout)))?;
    let mut numbers = Vec::new();
    samples.save(&mut numbers);
    Ok(numbers)
}

fn samples(layout: &Layout, predictor: Option<&dyn Predictor>) -> SampleCoder {
    let prior = if predictor.is_some() { Use::NetworkTile } else { Use::MixedTile }.prior();
    SampleCoder::new(layout.width * layout.height, prior)
}

/// The bytes of a tile. Any payload gives some bytes.
pub(crate) fn decode_tile(
    payload: &[u8],
    width: u32,
    height: u32,
    color: ColorType,
    predictor: Option<&dyn Predictor>,
) -> Result<Vec<u8>, Error> {
    let layout = Layout::new(color, width, height);
    let mut samples = samples(&layout, predictor);
    let planes = code(&layout, predictor, &mut samples, &mut RangeDecoder::new(payload), None)?;
    Ok(join(&planes, &layout))
}

/// Codes all planes in either direction.
fn code(
    layout: &Layout,
    predictor: Option<&dyn Predictor>,
    samples: &mut SampleCoder,
    coder: &mut impl BitCoder,
    planes: Option<&[Vec<u8>]>,
) -> Result<Vec<Vec<u8>>, Error> {
    let colors = layout.colors();
    let mut wavefront = Wavefront::new(layout, predictor)?;
    let mut out = wavefront.run(samples, coder, planes.map(|p| &p[..colors]))?;
    for plane in colors..layout.planes() {
        // A low byte may follow from its high byte.
        let side = match layout.high_of(plane) {
            Some(high) => out[high].clone(),
            None => vec![0; layout.width * layout.height],
        };
        let values = planes.map(|p| &p[plane][..]);
        out.push(code_plane(samples, coder, layout.width, layout.height, plane as u32, &side, values));
    }
    Ok(out)
}

/// The state of the colour planes of a tile.
struct Wavefront {
    width: usize,
    height: usize,
    /// 1 or 3 samples are coded for each pixel.
    colors: usize,
    slots: usize,
    session: Option<Box<dyn ImageSession + Send>>,
    canvas: Canvas,
    regressions: Vec<Regression>,
    /// Distances of samples from what the network and the regression expected.
    errors: [Errors; 3],
    misses: [Errors; 3],
}

/// A pixel while it is coded.
#[derive(Clone, Copy)]
struct Pixel {
    place: Place,
    median: [u8; 3],
    values: [u8; 3],
    /// Values less median, so far.
    residuals: [i32; 3],
}

impl Wavefront {
    fn new(layout: &Layout, predictor: Option<&dyn Predictor>) -> Result<Self, Error> {
        let (width, height) = (layout.width, layout.height);
        // One more than the rows that can be under way.
        let slots = (width.div_ceil(3) + 2).min(height);
        let colors = layout.colors();
        Ok(Self {
            width,
            height,
            colors,
            slots,
            session: predictor.map(|p| p.image(slots)).transpose().map_err(Error::Model)?,
            canvas: Canvas::new(width, height),
            regressions: (0..colors).map(|plane| Regression::new(plane, colors, width, slots)).collect(),
            errors: core::array::from_fn(|_| Errors::new(width, height)),
            misses: core::array::from_fn(|_| Errors::new(width, height)),
        })
    }

    fn run(
        &mut self,
        samples: &mut SampleCoder,
        coder: &mut impl BitCoder,
        planes: Option<&[Vec<u8>]>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let (width, height) = (self.width, self.height);
        let mut pixels: Vec<Pixel> = Vec::with_capacity(self.slots);
        let mut places: Vec<Place> = Vec::with_capacity(self.slots);
        let mut sites = Vec::with_capacity(self.slots);
        let mut features: Vec<i8> = Vec::with_capacity(self.slots * FEATURES);
        let mut residuals = Vec::with_capacity(self.slots);
        let mut mixtures: Vec<Mixture> = Vec::with_capacity(self.slots);
        for step in 0..width + 3 * (height - 1) {
            pixels.clear();
            sites.clear();
            features.clear();
            let first = (step + 1).saturating_sub(width).div_ceil(3);
            for row in first..=(step / 3).min(height - 1) {
                let column = step - 3 * row;
                let median = self.canvas.median(row, column);
                let place = Place { row, column, slot: row % self.slots };
                pixels.push(Pixel { place, median, values: [0; 3], residuals: [0; 3] });
                sites.push(self.site(row, column));
                if self.session.is_some() {
                    let mut of_pixel = [0; FEATURES];
                    self.canvas.features(row, column, median, &mut of_pixel);
                    features.extend_from_slice(&of_pixel);
                }
            }
            if let Some(session) = &mut self.session {
                session.advance(&sites, &features).map_err(Error::Model)?;
            }
            // All rows enter a cell at the same step.
            if step % CELL == 0 {
                places.clear();
                places.extend(pixels.iter().map(|p| p.place));
                for regression in &mut self.regressions {
                    regression.enter(&places);
                }
            }
            for channel in 0..self.colors {
                if let Some(session) = &mut self.session {
                    residuals.clear();
                    residuals.extend(pixels.iter().map(|p| [p.residuals[0] as i16, p.residuals[1] as i16]));
                    session.mixtures(channel, &residuals, &mut mixtures).map_err(Error::Model)?;
                }
                for (i, pixel) in pixels.iter_mut().enumerate() {
                    let value = planes.map_or(0, |p| p[channel][pixel.place.row * width + pixel.place.column]);
                    self.sample(pixel, channel, mixtures.get(i), samples, coder, value);
                }
            }
            for pixel in &pixels {
                let values = if self.colors == 1 { [pixel.values[0]; 3] } else { pixel.values };
                self.canvas.set(pixel.place.row, pixel.place.column, values);
            }
        }
        let plane = |c: usize| {
            (0..height)
                .flat_map(|row| (0..width).map(move |column| (row, column)))
                .map(|(row, column)| self.canvas.get(row, column)[c])
                .collect()
        };
        Ok((0..self.colors).map(plane).collect())
    }

    fn site(&self, row: usize, column: usize) -> Site {
        let above = (row > 0 && column + 1 < self.width).then(|| ((row - 1) % self.slots) as u32);
        Site { slot: (row % self.slots) as u32, column: column as u32, above }
    }

    /// Codes one sample of a pixel and notes it there.
    fn sample(
        &mut self,
        pixel: &mut Pixel,
        channel: usize,
        mixture: Option<&Mixture>,
        samples: &mut SampleCoder,
        coder: &mut impl BitCoder,
        value: u8,
    ) {
        let Pixel { place, median, values, residuals } = *pixel;
        let Place { row, column, .. } = place;
        let earlier = if channel > 0 { residuals[channel - 1] } else { 0 };
        let base = i32::from(median[channel]) + earlier;
        let activity = self.errors[channel].level(row, column);
        let missed = self.misses[channel].level(row, column);
        let regressed = self.regressions[channel].predict(&self.canvas, place, values);
        let distribution = match mixture {
            Some(mixture) => Distribution::new(mixture, base),
            None => Distribution::new(&fallback(activity), base),
        };
        let around = Surroundings {
            channel,
            activity: missed,
            regression: Some(Logistic::new(regressed, SCALES[missed] + SHARPER)),
            contexts: self.contexts(pixel, channel, activity, missed, &distribution, regressed),
            surroundings: reach(&self.canvas, row, column, known(channel, values)),
        };
        let value = samples.code(&distribution, &around, coder, value);
        let error = |expected: i32| expected.abs_diff(i32::from(value)) as u8;
        self.errors[channel].set(row, column, error(distribution.center()));
        self.misses[channel].set(row, column, error((regressed + 8) >> 4));
        self.regressions[channel].learn(place, value);
        pixel.values[channel] = value;
        pixel.residuals[channel] = i32::from(value) - i32::from(median[channel]);
    }

    fn contexts(
        &self,
        pixel: &Pixel,
        channel: usize,
        activity: usize,
        missed: usize,
        distribution: &Distribution,
        regressed: i32,
    ) -> [u32; CONTEXTS] {
        let near = |up, right| {
            let [r, g, b] = self.canvas.neighbour(pixel.place.row, pixel.place.column, up, right);
            u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b)
        };
        let (west, north) = (near(0, -1), near(1, 0));
        let known = known(channel, pixel.values);
        let last = if channel > 0 { pixel.residuals[channel - 1].clamp(-20, 20) + 21 } else { 0 };
        let both = hash(hash(west, north), known);
        let spread = distribution.spread();
        // Where the two expectations lie from each other, against the spread.
        let apart = regressed - distribution.center() * 16;
        let apart = (apart.unsigned_abs() * 2 / spread.max(4)).min(7) * 2 + u32::from(apart < 0);
        [
            hash((channel as u32) << 4 | apart, (activity * 16 + missed) as u32),
            hash(channel as u32 + 8, (last as u32) << 8 | spread.ilog2()),
            hash(hash(both, near(1, -1)), hash(near(1, 1), near(0, -2))),
            both,
            hash(hash(west >> (16 - 8 * channel) & 255, north >> (16 - 8 * channel) & 255), known),
        ]
    }
}

/// The plane and the samples of the pixel that are known.
fn known(channel: usize, values: [u8; 3]) -> u32 {
    (channel as u32) << 16 | u32::from(values[0]) << 8 | u32::from(values[1])
}
