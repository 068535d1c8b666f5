//! The local stage: weights of a few regressors for what the slow stage leaves, solved anew for every eight columns of
//! a row from the moments of those left and above (docs/spec/fast.md, section 5.2).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

use super::regressors::{Channel, MAX_REGRESSORS};
use super::solve::{MAX_MOMENTS, at, moments, solve};
use crate::codec::v1::image::fast::lanes::{LANES, Lanes, SKEW, Timing};

/// Local regressors at most, and their moments.
const REGRESSORS: usize = 13;
const MOMENTS: usize = moments(REGRESSORS);
/// Added to the moments of each regressor with itself: weights stay small where little was seen. By hand
/// (experiments/0022).
const RIDGE: f32 = 60.0;
/// What is left of moments a segment further right, and a row further down (experiments/0026).
const LEFT: f32 = 0.8;
const DOWN: f32 = 0.72;
/// The share of the segment above: it also stands for the one above right, which is not known yet.
/// By hand (experiments/0022).
const ABOVE: f32 = 1.4;
/// Added to every sum of a segment: moments never become so small that processors take longer for them.
const FLOOR: f32 = 1e-18;

/// The local stage of a plane.
pub(crate) struct Local {
    /// Regressors, then the sample, of each step of the segment.
    rows: Box<[[Lanes; REGRESSORS + 1]; SKEW]>,
    system: Box<[Lanes; MAX_MOMENTS]>,
    weights: Box<[Lanes; MAX_REGRESSORS]>,
    /// Moments of each row up to the segment before, its own and those of the rows above, of which each lane has
    /// what the lane before had a segment ago.
    left: Box<[Lanes; MOMENTS]>,
    above: [Box<[Lanes; MOMENTS]>; 2],
    /// Moments of the last lane, for each segment of a band.
    last: Vec<[f32; MOMENTS]>,
}

impl Local {
    /// Bytes for each column of a tile.
    pub(crate) const COLUMN: u64 = (size_of::<[f32; MOMENTS]>() / SKEW) as u64;

    pub(crate) fn new(timing: &Timing) -> Self {
        let none = || Box::new([Lanes::ZERO; MOMENTS]);
        Self {
            rows: Box::new([[Lanes::ZERO; REGRESSORS + 1]; SKEW]),
            system: Box::new([Lanes::ZERO; MAX_MOMENTS]),
            weights: Box::new([Lanes::ZERO; MAX_REGRESSORS]),
            left: none(),
            above: [none(), none()],
            last: vec![[0.0; MOMENTS]; timing.segments()],
        }
    }

    /// Finds the weights for a segment.
    #[inline(always)]
    pub(crate) fn solve<S: Simd, C: Channel>(&mut self, simd: S, segment: usize) {
        let n = C::LOCAL.len();
        let system = &mut self.system;
        let [near, far] = [&self.above[(segment + 1) % 2], &self.above[segment % 2]];
        for i in 0..moments(n) {
            let above = near[i].load(simd) * ABOVE + far[i].load(simd);
            system[i].store(above + self.left[i].load(simd));
        }
        for i in 0..n {
            let own = system[at(i, i)].load(simd) + RIDGE;
            system[at(i, i)].store(own);
        }
        solve(simd, n, system, &mut self.weights);
    }

    /// What the local stage adds to the prediction; notes the regressors.
    #[inline(always)]
    pub(crate) fn note<S: Simd>(&mut self, step: usize, i: usize, regressor: f32x16<S>) -> f32x16<S> {
        self.rows[step % SKEW][i].store(regressor);
        self.weights[i].load(regressor.token()) * regressor
    }

    /// Notes what was left for it.
    #[inline(always)]
    pub(crate) fn learn<S: Simd, C: Channel>(&mut self, step: usize, residual: f32x16<S>) {
        self.rows[step % SKEW][C::LOCAL.len()].store(residual);
    }

    /// Takes a segment, with the weights of its samples, into the moments.
    #[inline(always)]
    pub(crate) fn update<S: Simd, C: Channel>(
        &mut self,
        simd: S,
        segment: usize,
        timing: &Timing,
        weights: &[Lanes; SKEW],
    ) {
        let n = C::LOCAL.len();
        let segments = timing.segments();
        // Of the lane that enters the row above lane 0 with the next segment, and of the last lane now.
        let (entering, leaving) = ((segment + 1) % segments, (segment + segments - (LANES - 1)) % segments);
        let begun = segment >= LANES - 1;
        let [first, second] = &mut self.above;
        let (old, new) = if segment.is_multiple_of(2) { (second, first) } else { (first, second) };
        for i in 0..=n {
            let mut weighted = [f32x16::splat(simd, 0.0); SKEW];
            for q in 0..SKEW {
                weighted[q] = self.rows[q][i].load(simd) * weights[q].load(simd);
            }
            for j in 0..=i.min(n - 1) {
                let mut sum = f32x16::splat(simd, FLOOR);
                for q in 0..SKEW {
                    sum += weighted[q] * self.rows[q][j].load(simd);
                }
                let m = at(i, j);
                let left = self.left[m].load(simd) * LEFT + sum;
                self.left[m].store(left);
                let own = old[m].load(simd) * DOWN + sum;
                let entering = f32x16::splat(simd, self.last[entering][m]);
                if begun {
                    let mut lanes = Lanes::ZERO;
                    lanes.store(own);
                    self.last[leaving][m] = lanes.0[LANES - 1];
                }
                new[m].store(entering.slide::<{ LANES - 1 }>(own));
            }
        }
    }
}
