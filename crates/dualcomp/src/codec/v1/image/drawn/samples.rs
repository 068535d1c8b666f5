//! Pixels that are no candidates, sample by sample (docs/spec/drawn.md, section 5).

use dualcomp_entropy::{BitCoder, Counter, Number, Prior, hash, save_counters};
use fearless_simd::Simd;
use prefetch_index::prefetch_index;

use super::mixing::{Asked, INPUTS, Mixing};
use super::predictions::{PREDICTIONS, Predictor};
use super::surroundings::{CHANNELS, Errors, Pixels, Rows};
use crate::codec::v1::image::binarization::{Binarization, KINDS};
use crate::codec::v1::image::context::activity::{ACTIVITIES, BOUNDS};
use crate::codec::v1::image::context::classes::{RESIDUALS, residual_class};
use crate::codec::v1::image::context::value_cache::{CACHES, ValueCache};

/// Classes of how far a prediction was off around: the largest sums of each, but for the last (experiments/0065).
const ERROR_BOUNDS: [u16; CLASSES - 1] = [0, 2, 7, 15, 31, 79, 199];
const CLASSES: usize = 8;
/// The first step of each activity of the first prediction: set by hand.
const STEPS: [i32; ACTIVITIES] = [1, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 16];
/// Distances of a threshold from a prediction: exact ones, then three more to each side.
const EXACT: i32 = 8;
const DISTANCES: usize = 2 * (EXACT as usize + 3) + 1;
/// The same of three predictions at once.
const JOINT: usize = 7;
const VOTES: usize = 64;

const COUNTERS: usize = PREDICTIONS + CACHES + 3;
const _: () = assert!(COUNTERS + 2 == INPUTS);
/// Where the counters of each input begin.
const CACHED: usize = PREDICTIONS * CLASSES * DISTANCES * KINDS;
const BY_ACTIVITY: usize = CACHED + CHANNELS * CACHES * VOTES * KINDS;
const BY_LAST: usize = BY_ACTIVITY + CHANNELS * ACTIVITIES * KINDS;
const JOINED: usize = BY_LAST + CHANNELS * RESIDUALS * KINDS * 2;
const ALL: usize = JOINED + JOINT * JOINT * JOINT * KINDS * 2;
/// There are so many times fewer lines than entries of other tables, as a power of two.
const FEWER: u32 = 2;

/// The weight that counters begin with, and the rate (experiments/0065).
const START: f32 = 0.15;
const RATE: f32 = 0.009;

/// The class of each sum, and its activity.
static OF_SUM: [[u8; 2]; 6 * 255 + 1] = {
    let mut classes = [[0; 2]; 6 * 255 + 1];
    let mut sum = 0;
    while sum < classes.len() {
        let mut i = 0;
        while i < BOUNDS.len() {
            if i < ERROR_BOUNDS.len() && sum > ERROR_BOUNDS[i] as usize {
                classes[sum][0] += 1;
            }
            if sum > BOUNDS[i] as usize {
                classes[sum][1] += 1;
            }
            i += 1;
        }
        sum += 1;
    }
    classes
};

/// The place of each distance from -255 on, exactly and with two other predictions.
static OF_DISTANCE: [[u8; 2]; 512] = {
    let mut places = [[0; 2]; 512];
    let mut i = 0;
    while i < places.len() {
        let apart = i as i32 - 255;
        let size = apart.abs();
        let far =
            if size < EXACT { size } else { EXACT } + (size > 12) as i32 + (size > 20) as i32 + (size > 40) as i32;
        let near = (size > 0) as i32 + (size > 1) as i32 + (size > 6) as i32;
        let sign = if apart < 0 { -1 } else { 1 };
        places[i] = [(EXACT + 3 + sign * far) as u8, (JOINT as i32 / 2 + sign * near) as u8];
        i += 1;
    }
    places
};

/// Counters of each kind of decisions.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([Counter; 16]);

/// Codes single samples.
pub(super) struct Samples {
    counters: Vec<Counter>,
    /// Those of a sample under what is known of its pixel, a line of them for all its decisions.
    lines: Vec<Line>,
    mixing: Mixing,
    cache: ValueCache,
    errors: Rows<Errors>,
    log2: u32,
}

impl Samples {
    pub(super) fn new(width: usize, log2: u32) -> Self {
        Self {
            counters: vec![Counter::default(); ALL],
            lines: vec![Line([Counter::default(); 16]); 1 << (log2 - FEWER)],
            mixing: Mixing::new([CHANNELS * KINDS, ACTIVITIES * KINDS], COUNTERS + 1, START, RATE),
            cache: ValueCache::new(log2),
            errors: Rows::new(width, Errors::default()),
            log2,
        }
    }

    /// Bytes of the tables of 2^`log2` entries, and of others.
    pub(super) fn memory(log2: u32) -> u64 {
        ((ValueCache::ENTRY + (size_of::<Line>() >> FEWER)) as u64) << log2
    }

    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(&mut self.counters[..JOINED]);
        self.mixing.load(prior);
    }

    pub(super) fn save(&mut self, out: &mut Vec<Number>) {
        save_counters(&self.counters[..JOINED], out);
        self.mixing.save(out);
    }

    pub(super) fn next_row(&mut self) {
        self.errors.next_row();
    }

    /// Notes a pixel that was not told here: nothing was off.
    #[inline(always)]
    pub(super) fn pass(&mut self, column: usize) {
        self.errors.set(column, Errors::default());
    }

    /// Hashes of the cases of a sample whose channel and samples before are `known`.
    #[inline(always)]
    fn cases(known: u32, west: u32, north: u32) -> [u32; CACHES] {
        if known >> 24 == 0 {
            [hash(known, west), hash(known + (1 << 27), north), hash(known + (2 << 27), hash(west, north))]
        } else {
            [hash(known, 0), hash(known + (1 << 27), west), hash(known + (2 << 27), north)]
        }
    }

    /// Fetches what [`Self::code`] will read first.
    #[inline(always)]
    pub(super) fn prefetch(&self, west: u32, north: u32) {
        self.cache.prefetch(Some(Self::cases(0, west, north)));
    }

    /// Codes a pixel and gives it.
    #[inline(always)]
    pub(super) fn code<S: Simd>(
        &mut self,
        simd: S,
        pixels: &Pixels,
        [place, column]: [usize; 2],
        channels: usize,
        coder: &mut impl BitCoder,
        wanted: u32,
    ) -> u32 {
        let around = self.errors.near(column);
        // Index loops: closures stay calls in functions as large as the callers.
        let mut predictor = Predictor::new(pixels, place);
        let (west, north) = (pixels.near(place, (0, -1)), pixels.near(place, (1, 0)));
        let mut errors = Errors::default();
        let (mut pixel, mut last) = (0, 0);
        for c in 0..channels {
            let predictions = predictor.predict(pixel, c);
            let (mut activity, mut bases) = (0, [0; PREDICTIONS]);
            for i in 0..PREDICTIONS {
                let (w, n) = (usize::from(around[0][c][i]), usize::from(around[1][c][i]));
                let (nw, ne) = (usize::from(around[2][c][i]), usize::from(around[3][c][i]));
                let [class, active] = OF_SUM[2 * (w + n) + nw + ne];
                if i == 0 {
                    activity = usize::from(active);
                }
                bases[i] = (i * CLASSES + usize::from(class)) * DISTANCES * KINDS;
            }
            let known = (c as u32) << 24 | pixel;
            let cases = Self::cases(known, west, north);
            self.cache.prefetch(Some(cases));
            let cached = self.cache.look(Some(cases));
            let center = i32::from(predictions[0]);
            let step = STEPS[activity];
            let line = (hash(known, (center << 8 | step) as u32) >> (32 - self.log2 + FEWER)) as usize;
            prefetch_index(&self.lines, line);
            let mut binarization = Binarization::new(center, step);
            let value = (wanted >> (8 * c) & 255) as i32;
            while binarization.next() {
                let (threshold, kind) = (binarization.threshold, binarization.kind);
                let mut places = [0; COUNTERS];
                let mut near = [0; PREDICTIONS];
                for i in 0..PREDICTIONS {
                    let [far, joint] = OF_DISTANCE[(threshold + 255 - i32::from(predictions[i])) as usize & 511];
                    places[i] = bases[i] + usize::from(far) * KINDS + kind;
                    near[i] = usize::from(joint);
                }
                for i in 0..CACHES {
                    let votes = cached.votes(i, &binarization);
                    places[PREDICTIONS + i] = CACHED + ((c * CACHES + i) * VOTES + votes) * KINDS + kind;
                }
                let of_last = (c * RESIDUALS + last) * KINDS + kind;
                let joint = (near[1] * JOINT + near[2]) * JOINT + near[PREDICTIONS - 1];
                places[COUNTERS - 3] = BY_ACTIVITY + (c * ACTIVITIES + activity) * KINDS + kind;
                places[COUNTERS - 2] = BY_LAST + of_last * 2 + usize::from(step > 2);
                places[COUNTERS - 1] = JOINED + (joint * KINDS + kind) * 2 + usize::from(c > 0);
                let selectors = [c * KINDS + kind, activity * KINDS + kind];
                let mut own = [self.lines[line].0[kind & 15]];
                let asked = Asked { places: &places, others: &mut own, selectors };
                let bit = self.mixing.code(simd, &mut self.counters, asked, coder, value >= threshold);
                self.lines[line].0[kind & 15] = own[0];
                binarization.answer(bit);
            }
            let value = binarization.low;
            self.cache.note(Some(cases), value as u8);
            for i in 0..PREDICTIONS {
                errors[c][i] = predictions[i].abs_diff(value as u8);
            }
            last = residual_class(value - predictor.median());
            pixel |= (value as u32) << (8 * c);
        }
        self.errors.set(column, errors);
        pixel
    }
}
