//! The coding of a group of planes in either direction (docs/spec/fast.md, section 3).

use std::marker::PhantomData;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16};

use super::contexts::contexts;
use super::lanes::{LANES, Lanes, Places, Ring, SKEW, Timing};
use super::predict::local::Local;
use super::predict::regressors::{Alone, Channel, First, PLANES, Rings, Second, Third};
use super::predict::slow::Slow;
use super::rans::{Coder, STATES};
use super::symbols::{Expected, PlaneCoder};

/// Samples, errors and residuals before the first pixel.
const BEGIN: [f32; 3] = [128.0, 1.0, 0.0];
/// What no sample reaches, in levels of eight bits.
const TOP: f32 = 255.0;
/// Steps right of a row in which its last sample is repeated.
const REPEATED: usize = 4;
/// Added to differences of samples, which are rows of masks.
const MIDDLE: f32 = 256.5;

/// What the samples of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// Bits of a sample: 8, or 9 to 16.
    pub(super) bits: u32,
    /// Whether there is a mask.
    pub(super) mask: bool,
}

impl Format {
    /// Samples of one level of eight bits.
    fn unit(self) -> f32 {
        (1 << (self.bits - 8)) as f32
    }
}

/// A plane of a group.
struct Plane<C> {
    slow: Slow<C>,
    local: Local,
    coder: PlaneCoder,
    weights: [Lanes; SKEW],
    channel: PhantomData<C>,
}

/// Where the pipeline is.
struct Now<'a> {
    timing: &'a Timing,
    step: usize,
    /// The step modulo the length of the delay.
    place: usize,
    places: &'a Places,
    planes: usize,
    /// Samples of one level of eight bits, its inverse, and the largest sample.
    unit: f32,
    inverse: f32,
    largest: i32,
}

/// What is known of the planes before at the same pixels.
struct Before<S: Simd> {
    references: [f32x16<S>; PLANES],
    errors: [f32x16<S>; PLANES],
    samples: [[i32; LANES]; PLANES],
}

impl<C: Channel> Plane<C> {
    fn new(timing: &Timing, format: Format) -> Self {
        Self {
            slow: Slow::new(),
            local: Local::new(timing),
            coder: PlaneCoder::new(C::PLANE, format),
            weights: [Lanes::ZERO; SKEW],
            channel: PhantomData,
        }
    }

    /// Codes a sample of every lane.
    #[inline(always)]
    fn step<S: Simd>(
        &mut self,
        simd: S,
        now: &Now<'_>,
        rings: &mut Rings,
        before: &mut Before<S>,
        coder: &mut Coder<'_>,
        values: &mut [u16],
    ) {
        let (step, reference) = (now.step, before.references[C::PLANE]);
        let mut sums = [reference, f32x16::splat(simd, 0.0)];
        for i in 0..C::SLOW.len() {
            let regressor = rings.regressor(simd, C::SLOW[i], step, &before.references);
            sums[i % 2] += self.slow.note(step, i, regressor);
        }
        let slow = clamp(simd, sums[0] + sums[1], -TOP, 2.0 * TOP);
        let mut sums = [slow, f32x16::splat(simd, 0.0)];
        for i in 0..C::LOCAL.len() {
            let regressor = rings.regressor(simd, C::LOCAL[i], step, &before.references);
            sums[i % 2] += self.local.note(step, i, regressor);
        }
        let last = clamp(simd, sums[0] + sums[1], 0.0, TOP);
        let (contexts, weight) =
            contexts::<S, C>(simd, rings, step, [slow, last], &before.errors, now.planes, now.unit);
        // Differences of which the last is not known yet, which select rows of the mask.
        let rows: [i32; LANES] = match (C::PLANE, now.planes) {
            (1, 3) => {
                let rows: i32x16<S> = ((before.references[2] - before.references[0]) + MIDDLE).to_int();
                rows.to_array()
            }
            _ => [0; LANES],
        };
        let mut samples = Lanes::ZERO;
        let mut errors = Lanes::ZERO;
        let mut active = Lanes::ZERO;
        for lane in 0..LANES {
            let column = now.places.columns[lane];
            let Some(row) = now.places.rows[lane] else {
                (samples.0[lane], errors.0[lane]) = (BEGIN[0], BEGIN[1]);
                continue;
            };
            if !now.places.inside[lane] {
                // Steps before the next row begins.
                let left = now.timing.pitch - column;
                let repeat = left >= SKEW || column >= now.timing.width && column < now.timing.width + REPEATED;
                let (ago, of) = if repeat { (1, lane as isize) } else { (SKEW - left, lane as isize - 1) };
                samples.0[lane] = rings.samples[C::PLANE].lane(step, ago, of);
                errors.0[lane] = rings.errors[C::PLANE].lane(step, ago, of);
                continue;
            }
            let value = &mut values[row * now.timing.width + column];
            let (row, base) = match C::PLANE {
                0 => (0, 0),
                1 => (rows[lane] as usize, before.samples[0][lane]),
                _ => {
                    let [first, second, _] = before.samples;
                    ((first[lane] - second[lane] + 256) as usize, second[lane])
                }
            };
            let expected = Expected {
                energy: contexts.energy[lane] as usize,
                contexts: [contexts.first[lane] as usize, contexts.second[lane] as usize],
                quarters: contexts.quarters[lane],
                row,
                base,
            };
            let sample = self.coder.code(simd, coder, lane % STATES, &expected, i32::from(*value));
            // Samples of damaged data may be anything.
            let sample = sample.clamp(0, now.largest);
            *value = sample as u16;
            before.samples[C::PLANE][lane] = sample;
            samples.0[lane] = sample as f32 * now.inverse;
            active.0[lane] = 1.0;
        }
        let samples = samples.load(simd);
        let mut error = (samples - last).abs();
        let mut residual = samples - slow;
        let mut weight = weight;
        if !now.places.full {
            let active = active.load(simd);
            error = error * active + errors.load(simd);
            residual *= active;
            weight *= active;
        }
        rings.samples[C::PLANE].set(step, now.place, samples);
        rings.errors[C::PLANE].set(step, now.place, error);
        rings.residuals[C::PLANE].set(step, now.place, residual);
        before.errors[C::PLANE] = error;
        self.slow.learn(step, samples - reference);
        self.local.learn::<S, C>(step, residual);
        self.weights[step % SKEW].store(weight);
    }

    #[inline(always)]
    fn begin<S: Simd>(&mut self, simd: S, segment: usize) {
        self.local.solve::<S, C>(simd, segment);
    }

    #[inline(always)]
    fn end<S: Simd>(&mut self, simd: S, segment: usize, timing: &Timing) {
        self.local.update::<S, C>(simd, segment, timing, &self.weights);
        self.slow.update(simd, segment, &self.weights);
    }
}

/// A number in a range: the lower end if it is none.
#[inline(always)]
fn clamp<S: Simd>(simd: S, v: f32x16<S>, low: f32, high: f32) -> f32x16<S> {
    let low = f32x16::splat(simd, low);
    v.simd_gt(low).select(v, low).min(f32x16::splat(simd, high))
}

/// The planes of a group, one or three.
#[expect(clippy::large_enum_variant, reason = "there is one a tile")]
enum Group {
    One(Plane<Alone>),
    Three(Plane<First>, Plane<Second>, Plane<Third>),
}

/// Codes one plane or three, each of `width * height` bytes, in either direction.
#[inline(always)]
pub(super) fn code_group<S: Simd>(
    simd: S,
    width: usize,
    height: usize,
    format: Format,
    coder: &mut Coder<'_>,
    planes: &mut [Vec<u16>],
) {
    let timing = Timing::new(width, height);
    let ring = |kind: usize| std::array::from_fn(|_| Ring::new(BEGIN[kind], timing.pitch));
    let mut rings = Rings { samples: ring(0), errors: ring(1), residuals: ring(2) };
    let mut group = match planes.len() {
        1 => Group::One(Plane::new(&timing, format)),
        _ => Group::Three(Plane::new(&timing, format), Plane::new(&timing, format), Plane::new(&timing, format)),
    };
    let mut places = Places::new(&timing);
    let (unit, largest) = (format.unit(), (1 << format.bits) - 1);
    let delay = timing.pitch - LANES * SKEW;
    for segment in 0..timing.steps() / SKEW {
        match &mut group {
            Group::One(plane) => plane.begin(simd, segment),
            Group::Three(a, b, c) => {
                a.begin(simd, segment);
                b.begin(simd, segment);
                c.begin(simd, segment);
            }
        }
        for step in segment * SKEW..(segment + 1) * SKEW {
            places.advance(&timing);
            let now = Now {
                timing: &timing,
                step,
                place: step % delay,
                places: &places,
                planes: planes.len(),
                unit,
                inverse: 1.0 / unit,
                largest,
            };
            for plane in 0..planes.len() {
                rings.samples[plane].enter(step, now.place);
                rings.errors[plane].enter(step, now.place);
                rings.residuals[plane].enter(step, now.place);
            }
            let mut before = Before {
                references: [
                    rings.reference(simd, 0, step),
                    rings.reference(simd, 1, step),
                    rings.reference(simd, 2, step),
                ],
                errors: [f32x16::splat(simd, 0.0); PLANES],
                samples: [[0; LANES]; PLANES],
            };
            match (&mut group, &mut *planes) {
                (Group::One(plane), [values, ..]) => {
                    plane.step(simd, &now, &mut rings, &mut before, coder, values);
                }
                (Group::Three(a, b, c), [first, second, third, ..]) => {
                    a.step(simd, &now, &mut rings, &mut before, coder, first);
                    b.step(simd, &now, &mut rings, &mut before, coder, second);
                    c.step(simd, &now, &mut rings, &mut before, coder, third);
                }
                _ => {}
            }
        }
        match &mut group {
            Group::One(plane) => plane.end(simd, segment, &timing),
            Group::Three(a, b, c) => {
                a.end(simd, segment, &timing);
                b.end(simd, segment, &timing);
                c.end(simd, segment, &timing);
            }
        }
    }
}
