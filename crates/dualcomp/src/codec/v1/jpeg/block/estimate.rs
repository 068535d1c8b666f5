//! The constant coefficient as the borders of a block have it (docs/spec/jpeg.md, section 7).

use super::borders::Edges;

/// What the samples on both sides of the borders say of the constant.
pub(super) struct Estimate {
    /// The means of those to the west and to the north.
    pub(super) west: f32,
    pub(super) north: f32,
    /// Of all of them, of their middle half, and how far that reaches.
    pub(super) mean: f32,
    pub(super) middle: f32,
    pub(super) spread: f32,
}

impl Estimate {
    #[inline(always)]
    pub(super) fn new(has: (bool, bool), edges: &Edges, x: usize, left: &[f32; 8], top: &[f32; 8], scale: f32) -> Self {
        let mut estimates = [0.0f32; 16];
        let mut count = 0;
        let (mut west, mut north) = (0.0, 0.0);
        if has.0 {
            for i in 0..8 {
                estimates[count] = (edges.west[i] - left[i]) * scale;
                west += estimates[count] * 0.125;
                count += 1;
            }
        }
        if has.1 {
            for i in 0..8 {
                estimates[count] = (edges.north[x][i] - top[i]) * scale;
                north += estimates[count] * 0.125;
                count += 1;
            }
        }
        match has {
            (false, true) => west = north,
            (true, false) => north = west,
            _ => (),
        }
        let (mut middle, mut mean, mut spread) = (0.0, 0.0, 0.0);
        if count > 0 {
            for i in 0..count {
                mean += estimates[i];
            }
            mean *= 1.0 / count as f32;
            let sorted = &mut estimates[..count];
            sorted.sort_unstable_by(f32::total_cmp);
            let (low, high) = (count / 4, count - count / 4);
            for i in low..high {
                middle += sorted[i];
            }
            middle *= 1.0 / (high - low) as f32;
            spread = sorted[high - 1] - sorted[low];
        }
        Self { west, north, mean, middle, spread }
    }
}
