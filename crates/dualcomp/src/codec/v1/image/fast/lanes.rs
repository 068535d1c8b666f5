//! The pipeline: sixteen rows in lock step, one lane of a vector each (docs/spec/fast.md, section 3).
//!
//! Lane `k` is eight columns behind lane `k - 1`, the row above it. Every sixteen rows make a band; bands follow each
//! other without a gap, so that lane 0 of a band sees the last rows of the band before.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

/// Rows that are coded in lock step.
pub(crate) const LANES: usize = 16;
/// Columns that a row is behind the row above it; also the steps of a segment, after which weights are solved anew.
pub(crate) const SKEW: usize = 8;
/// Steps that are kept: the furthest regressor is two rows up and two columns left, 18 steps back.
const STEPS: usize = 32;
/// Rows above lane 0 that are kept in front of it.
pub(crate) const ABOVE: usize = 2;
/// Where lane 0 lies in a step.
const FIRST: usize = LANES;

/// One number for each lane.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Lanes(pub(crate) [f32; LANES]);

impl Lanes {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    #[inline(always)]
    pub(crate) fn load<S: Simd>(&self, simd: S) -> f32x16<S> {
        f32x16::load_array_ref(simd, &self.0)
    }

    #[inline(always)]
    pub(crate) fn store<S: Simd>(&mut self, v: f32x16<S>) {
        v.store_array(&mut self.0);
    }
}

/// A neighbour: rows up and columns right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset(pub(crate) usize, pub(crate) isize);

/// The numbers of one kind of the last steps, and those of the last two lanes of a band until the next band needs them.
pub(crate) struct Ring {
    steps: Box<[[f32; 2 * LANES]; STEPS]>,
    /// The last lane first; as many steps as lie between a band and the next one.
    delayed: Vec<[f32; ABOVE]>,
}

impl Ring {
    /// A ring in front of the first pixel, where every number is `value`.
    pub(crate) fn new(value: f32, pitch: usize) -> Self {
        Self { steps: Box::new([[value; 2 * LANES]; STEPS]), delayed: vec![[value; ABOVE]; pitch - LANES * SKEW] }
    }

    /// The numbers of a neighbour of all lanes.
    #[inline(always)]
    pub(crate) fn get<S: Simd>(&self, simd: S, step: usize, Offset(up, right): Offset) -> f32x16<S> {
        let at = step.wrapping_add_signed(right - (up * SKEW) as isize) % STEPS;
        f32x16::from_slice(simd, &self.steps[at][FIRST - up..][..LANES])
    }

    /// The number of one lane, or of one of the rows above lane 0, some steps ago.
    #[inline(always)]
    pub(crate) fn lane(&self, step: usize, ago: usize, lane: isize) -> f32 {
        self.steps[step.wrapping_sub(ago) % STEPS][FIRST.wrapping_add_signed(lane) % (2 * LANES)]
    }

    /// Makes the rows above lane 0 known for this step; `place` counts steps modulo the length of the delay.
    #[inline(always)]
    pub(crate) fn enter(&mut self, step: usize, place: usize) {
        let [last, second] = self.delayed[place];
        let row = &mut self.steps[step % STEPS];
        row[FIRST - 1] = last;
        row[FIRST - 2] = second;
    }

    /// Sets the numbers of this step.
    #[inline(always)]
    pub(crate) fn set<S: Simd>(&mut self, step: usize, place: usize, v: f32x16<S>) {
        let row = &mut self.steps[step % STEPS];
        v.store_slice(&mut row[FIRST..]);
        self.delayed[place] = [row[FIRST + LANES - 1], row[FIRST + LANES - 2]];
    }
}

/// When which lane is where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Steps of a band: a multiple of eight, with room for the neighbours on both sides of a row.
    pub(crate) pitch: usize,
}

impl Timing {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let pitch = (width.next_multiple_of(SKEW) + SKEW).max(LANES * SKEW + SKEW);
        Self { width, height, pitch }
    }

    /// Steps in total, a multiple of eight.
    pub(crate) fn steps(&self) -> usize {
        self.height.div_ceil(LANES) * self.pitch + (LANES - 1) * SKEW
    }

    /// Segments of a band.
    pub(crate) fn segments(&self) -> usize {
        self.pitch / SKEW
    }
}

/// Where the lanes are in a step.
pub(crate) struct Places {
    /// The row of each lane; none before it begins.
    pub(crate) rows: [Option<usize>; LANES],
    /// Columns, below the pitch.
    pub(crate) columns: [usize; LANES],
    /// Whether each lane codes a sample, and whether all do.
    pub(crate) inside: [bool; LANES],
    pub(crate) full: bool,
}

impl Places {
    /// The places before the first step.
    pub(crate) fn new(timing: &Timing) -> Self {
        let mut columns = [timing.pitch - 1; LANES];
        for lane in 0..LANES {
            // Negative at the first step, modulo the pitch, which is longer than all lanes are behind each other.
            columns[lane] -= lane * SKEW;
        }
        Self { rows: [None; LANES], columns, inside: [false; LANES], full: false }
    }

    /// Goes to the next step.
    #[inline(always)]
    pub(crate) fn advance(&mut self, timing: &Timing) {
        self.full = true;
        for lane in 0..LANES {
            self.columns[lane] += 1;
            if self.columns[lane] == timing.pitch {
                self.columns[lane] = 0;
                self.rows[lane] = Some(self.rows[lane].map_or(lane, |row| row + LANES));
            }
            let below = self.rows[lane].is_some_and(|row| row < timing.height);
            self.inside[lane] = below && self.columns[lane] < timing.width;
            self.full &= self.inside[lane];
        }
    }
}
