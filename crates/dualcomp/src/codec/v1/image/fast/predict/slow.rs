//! The slow stage: weights for the whole tile, apart for the four parities of row and column, from moments that decay
//! (docs/spec/fast.md, section 5.1).

use std::marker::PhantomData;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

use super::regressors::{Channel, MAX_REGRESSORS};
use super::solve::{MAX_MOMENTS, at, moments, solve};
use crate::codec::v1::image::fast::lanes::{LANES, Lanes, SKEW};

/// Parities of columns, and of rows.
const PARITIES: usize = 2;
/// Segments between solutions, and after how many of them the next plane has its turn: by hand (experiments/0022), also
/// the next two.
const PERIOD: usize = 32;
const TURN: usize = 5;
/// In so many first segments weights are solved every [`EARLY`].
const BEGIN: usize = 64;
const EARLY: usize = 8;
/// Only one segment in so many is taken into the moments, but for the first ones: 5 % less time for 0.14 %
/// (experiments/0026).
const SAMPLED: usize = 2;
/// What is left of moments after each solution: by hand (experiments/0022).
const DECAY: f32 = 0.85;
/// How strongly weights are held at the prior (experiments/0026).
const RIDGE: f32 = 6000.0;

/// The slow stage of a plane.
pub(crate) struct Slow<C> {
    channel: PhantomData<C>,
    /// Regressors, then the sample, of each step of the segment.
    rows: Box<[[Lanes; MAX_REGRESSORS + 1]; SKEW]>,
    weights: Box<[[Lanes; MAX_REGRESSORS]; PARITIES]>,
    moments: Box<[[Lanes; MAX_MOMENTS]; PARITIES]>,
}

impl<C: Channel> Slow<C> {
    pub(crate) fn new() -> Self {
        let mut weights = Box::new([[Lanes::ZERO; MAX_REGRESSORS]; PARITIES]);
        for parity in weights.iter_mut() {
            for (weight, &prior) in parity.iter_mut().zip(C::PRIOR) {
                *weight = Lanes([prior; LANES]);
            }
        }
        Self {
            channel: PhantomData,
            rows: Box::new([[Lanes::ZERO; MAX_REGRESSORS + 1]; SKEW]),
            weights,
            moments: Box::new([[Lanes::ZERO; MAX_MOMENTS]; PARITIES]),
        }
    }

    /// What a regressor adds to the prediction; notes it.
    #[inline(always)]
    pub(crate) fn note<S: Simd>(&mut self, step: usize, i: usize, regressor: f32x16<S>) -> f32x16<S> {
        self.rows[step % SKEW][i].store(regressor);
        self.weights[step % PARITIES][i].load(regressor.token()) * regressor
    }

    /// Notes the sample, relative to the reference.
    #[inline(always)]
    pub(crate) fn learn<S: Simd>(&mut self, step: usize, sample: f32x16<S>) {
        self.rows[step % SKEW][C::SLOW.len()].store(sample);
    }

    /// Takes a segment, with the weights of its samples, into the moments, and solves weights when it is time.
    #[inline(always)]
    pub(crate) fn update<S: Simd>(&mut self, simd: S, segment: usize, weights: &[Lanes; SKEW]) {
        let early = segment < BEGIN;
        if early || segment.is_multiple_of(SAMPLED) {
            self.gather(simd, weights);
        }
        if segment % PERIOD == C::PLANE * TURN || early && segment % EARLY == EARLY - 1 {
            self.solve(simd);
        }
    }

    #[inline(always)]
    fn gather<S: Simd>(&mut self, simd: S, weights: &[Lanes; SKEW]) {
        let n = C::SLOW.len();
        for i in 0..=n {
            let mut weighted = [f32x16::splat(simd, 0.0); SKEW];
            for q in 0..SKEW {
                weighted[q] = self.rows[q][i].load(simd) * weights[q].load(simd);
            }
            for j in 0..=i.min(n - 1) {
                for parity in 0..PARITIES {
                    let sum = &mut self.moments[parity][at(i, j)];
                    let mut s = weighted[parity] * self.rows[parity][j].load(simd);
                    for q in 1..SKEW / PARITIES {
                        let q = q * PARITIES + parity;
                        s += weighted[q] * self.rows[q][j].load(simd);
                    }
                    sum.store(sum.load(simd) + s);
                }
            }
        }
    }

    /// Solves the weights of the four parities, in four lanes.
    #[inline(always)]
    fn solve<S: Simd>(&mut self, simd: S) {
        let n = C::SLOW.len();
        let mut system = [Lanes::ZERO; MAX_MOMENTS];
        for i in 0..moments(n) {
            for parity in 0..PARITIES {
                let sum = &mut self.moments[parity][i];
                for row in 0..PARITIES {
                    let of = |k: usize| sum.0[2 * k + row];
                    let total = ((of(0) + of(4)) + (of(2) + of(6))) + ((of(1) + of(5)) + (of(3) + of(7)));
                    system[i].0[2 * parity + row] = total;
                }
                sum.store(sum.load(simd) * DECAY);
            }
        }
        for i in 0..n {
            for lane in 0..2 * PARITIES {
                system[at(i, i)].0[lane] += RIDGE;
                system[at(n, i)].0[lane] += RIDGE * C::PRIOR[i];
            }
        }
        let mut weights = [Lanes::ZERO; MAX_REGRESSORS];
        solve(simd, n, &mut system, &mut weights);
        for i in 0..n {
            for parity in 0..PARITIES {
                for lane in 0..LANES {
                    self.weights[parity][i].0[lane] = weights[i].0[2 * parity + lane % PARITIES];
                }
            }
        }
    }
}
