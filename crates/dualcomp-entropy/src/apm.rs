//! The final adaptive correction of a probability under a small context: PAQ's adaptive probability map (APM), which
//! other compressors call secondary symbol estimation (SSE).

use alloc::vec::Vec;

use prefetch_index::prefetch_index;

use crate::logistic::{LIMIT, squash};
use crate::{Number, Prior};

/// A map from (context, probability) to a corrected probability that learns from each decision: an adaptive
/// probability map, interpolated between 33 points over the logit.
#[derive(Clone, Debug)]
pub struct Apm {
    /// In 1/65536, 33 for each context.
    points: Vec<u16>,
    at: usize,
    rate: u32,
}

const POINTS: usize = Apm::POINTS;
/// Logit between two points: all logits, in 32 intervals, as in lpaq.
const STEP: i32 = 176;

impl Apm {
    /// Points of a context, evenly spaced over the logits.
    pub const POINTS: usize = 33;

    /// A map that changes nothing yet; each step moves a point by `1 / 2^rate` of the error.
    pub fn new(contexts: usize, rate: u32) -> Self {
        let line = core::array::from_fn::<u16, POINTS, _>(|i| squash(i as i32 * STEP - LIMIT - 1) as u16);
        Self { points: line.repeat(contexts), at: 0, rate }
    }

    /// Sets all points to a prior's numbers, as far as it has any.
    pub fn load(&mut self, prior: &mut Prior<'_>) {
        for point in &mut self.points {
            *point = prior.probability().unwrap_or(*point);
        }
    }

    /// Writes all points as [`Self::load`] reads them.
    pub fn save(&self, out: &mut Vec<Number>) {
        out.extend(self.points.iter().map(|&point| Number::Probability(point)));
    }

    /// Fetches what [`Self::refine`] will need of a context, so that it need not wait for memory.
    #[inline(always)]
    pub fn prefetch(&self, context: usize) {
        prefetch_index(&self.points, context * POINTS + POINTS / 2);
    }

    /// The corrected probability, in 1/65536, 1..=65535. Remembers where to learn for [`Self::update`].
    ///
    /// # Panics
    /// If `context` is out of range.
    #[inline(always)]
    pub fn refine(&mut self, logit: i32, context: usize) -> u32 {
        let position = logit.clamp(-LIMIT, LIMIT) + LIMIT + 1;
        let (low, part) = ((position / STEP) as usize, (position % STEP) as u32);
        let low = low.min(POINTS - 2);
        let base = context * POINTS + low;
        let (a, b) = (u32::from(self.points[base]), u32::from(self.points[base + 1]));
        self.at = base + usize::from(part * 2 >= STEP as u32);
        ((a * (STEP as u32 - part) + b * part) / STEP as u32).clamp(1, 65535)
    }

    /// The mean of a mixer's probability and the corrected one, in 1/65536, 1..=65535: what most decisions are coded with.
    /// Remembers where to learn as [`Self::refine`] does.
    ///
    /// # Panics
    /// If `context` is out of range.
    #[inline(always)]
    pub fn final_probability(&mut self, logit: i32, context: usize) -> u32 {
        ((squash(logit) + self.refine(logit, context)) >> 1).clamp(1, 65535)
    }

    /// Learns the decision that followed the last [`Self::refine`] or [`Self::final_probability`].
    #[inline(always)]
    pub fn update(&mut self, bit: bool) {
        let point = &mut self.points[self.at];
        let target = if bit { 65535 } else { 0 };
        *point = (i32::from(*point) + ((target - i32::from(*point)) >> self.rate)) as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_as_identity_and_corrects() {
        let mut apm = Apm::new(2, 6);
        for logit in (-2800..2800).step_by(100) {
            let p = apm.refine(logit, 1);
            assert!((p as i32 - squash(logit) as i32).abs() < 700, "{logit}");
        }
        for _ in 0..500 {
            apm.refine(0, 0);
            apm.update(true);
        }
        assert!(apm.refine(0, 0) > 60_000);
        assert!(apm.refine(0, 1) < 33_000);
    }
}
