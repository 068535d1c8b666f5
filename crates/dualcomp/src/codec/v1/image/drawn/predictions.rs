//! What is expected of a sample (docs/spec/drawn.md, section 5.1).

use super::surroundings::Pixels;

/// Predictions of a sample.
pub(super) const PREDICTIONS: usize = 8;
/// Those that follow from neighbours in the sample's own channel; the last one follows from two colours.
const OWN: usize = PREDICTIONS - 1;
const NEIGHBOURS: [(usize, isize); 7] = [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (2, 1)];
/// Places of neighbours among these whose colour may be the other one of a mixture with W.
const OTHERS: [usize; 5] = [1, 3, 2, 5, 4];

/// The neighbours of a pixel, and what was expected of its last sample.
pub(super) struct Predictor {
    near: [u32; NEIGHBOURS.len()],
    /// The other colour that the pixel may be mixed of.
    other: u32,
    before: [i32; OWN],
}

impl Predictor {
    #[inline(always)]
    pub(super) fn new(pixels: &Pixels, place: usize) -> Self {
        // Index loops: closures stay calls in functions as large as the callers.
        let mut near = [0; NEIGHBOURS.len()];
        for i in 0..NEIGHBOURS.len() {
            near[i] = pixels.near(place, NEIGHBOURS[i]);
        }
        let (mut other, mut most) = (near[OTHERS[0]], 0);
        for i in OTHERS {
            let apart = sample(near[i], 0).abs_diff(sample(near[0], 0));
            if apart > most {
                (other, most) = (near[i], apart);
            }
        }
        Self { near, other, before: [0; OWN] }
    }

    /// Predictions of a sample of channel `c` of `pixel`, whose samples before are known.
    #[inline(always)]
    pub(super) fn predict(&mut self, pixel: u32, c: usize) -> [u8; PREDICTIONS] {
        let near = &self.near;
        let (w, n, nw, ne) = (sample(near[0], c), sample(near[1], c), sample(near[2], c), sample(near[3], c));
        let (ww, nn, nne) = (sample(near[4], c), sample(near[5], c), sample(near[6], c));
        let median = (w + n - nw).clamp(w.min(n), w.max(n));
        let own = [median, w, n, w + ne - n, 2 * w - ww, 2 * n - nn, n + ne - nne];
        let mut predictions = [0; PREDICTIONS];
        for i in 0..OWN {
            // As far off as in the channel before.
            let more = if c > 0 { sample(pixel, c - 1) - self.before[i] } else { 0 };
            predictions[i] = (own[i] + more).clamp(0, 255) as u8;
        }
        self.before = own;
        predictions[OWN] = if c > 0 { self.mixture(pixel, c) } else { (w + n + 1) >> 1 }.clamp(0, 255) as u8;
        predictions
    }

    /// The median of the sample that was predicted last.
    #[inline(always)]
    pub(super) fn median(&self) -> i32 {
        self.before[0]
    }

    /// If the pixel is a mixture of W and the other colour, in the share that its first sample tells.
    #[inline(always)]
    fn mixture(&self, pixel: u32, c: usize) -> i32 {
        let (first, w, other) = (sample(pixel, 0), sample(self.near[0], 0), sample(self.other, 0));
        let (from, range) = (sample(self.near[0], c), other - w);
        if range == 0 {
            return from + first - w;
        }
        let moved = (first - w) * (sample(self.other, c) - from);
        from + (2 * moved * range.signum() + range.abs()).div_euclid(2 * range.abs())
    }
}

#[inline(always)]
fn sample(word: u32, c: usize) -> i32 {
    (word >> (8 * c) & 255) as i32
}
