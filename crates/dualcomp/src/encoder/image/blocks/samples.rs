//! Samples of a plane, of which some may be unknown.

use super::forward::{AREA, block, forward};
use super::quantisation::NOISE;
use crate::codec::v1::image::blocks::{InverseDct, SIDE, Steps};

/// Least sum of squares of coefficients but the constant one of blocks that are looked at: in smoother blocks what rounding does to
/// samples is alike, and coefficients are off by more.
const ACTIVE: f32 = 4.0 * AREA as f32;

/// Samples of a plane, measured from 128.
#[derive(Clone)]
pub(super) struct Samples {
    pub(super) values: Vec<f32>,
    /// Whether they were not cut off at the ends of the range of colours.
    pub(super) known: Vec<bool>,
    pub(super) sides: [usize; 2],
    /// Magnitudes of coefficients that tell nothing.
    pub(super) noise: f32,
}

impl Samples {
    pub(super) fn new(plane: &[u8], known: &[bool], width: usize) -> Self {
        let values = plane.iter().map(|&value| f32::from(value) - 128.0).collect();
        Self { values, known: known.to_vec(), sides: [plane.len() / width, width], noise: NOISE[0] }
    }

    /// Whether these are the whole numbers that a decoder had.
    pub(super) fn is_whole(&self) -> bool {
        self.noise == NOISE[0]
    }

    /// As [`ACTIVE`]: halved samples were rounded several times each, and never alike.
    pub(super) fn active(&self) -> f32 {
        if self.is_whole() { ACTIVE } else { ACTIVE / 4.0 }
    }

    /// Some rows of it, from an even one on, the first and the last unknown: they depend on others.
    pub(super) fn rows(&self, first: usize, count: usize) -> Self {
        let [rows, columns] = self.sides;
        let range = first * columns..(first + count).min(rows) * columns;
        let (values, mut known) = (self.values[range.clone()].to_vec(), self.known[range].to_vec());
        known[..columns].fill(false);
        known.iter_mut().rev().take(columns).for_each(|known| *known = false);
        Self { sides: [values.len() / columns, columns], values, known, noise: self.noise }
    }

    /// How much samples that are known differ from those beside them.
    pub(super) fn busy(&self) -> u32 {
        let pairs = self.values.windows(2).zip(self.known.windows(2)).filter(|(_, known)| known == &[true; 2]);
        pairs.map(|(values, _)| (values[0] - values[1]).abs() as u32).sum()
    }

    /// The whole blocks that are known, of a grid that begins at a row and a column, each `every`th.
    pub(super) fn blocks(&self, first: [usize; 2], every: usize) -> impl Iterator<Item = [f32; AREA]> {
        let [rows, columns] = self.sides;
        let starts = |first: usize, side: usize| (first..(side + 1).saturating_sub(SIDE)).step_by(SIDE);
        let places =
            starts(first[0], rows).flat_map(move |row| starts(first[1], columns).map(move |column| [row, column]));
        let at = move |[row, column]: [usize; 2], i: usize| (row + i / SIDE) * columns + column + i % SIDE;
        let known = places.step_by(every).filter(move |&place| (0..AREA).all(|i| self.known[at(place, i)]));
        known.map(move |place| core::array::from_fn(|i| self.values[at(place, i)]))
    }

    /// Magnitudes of each coefficient that exceed noise, in a grid.
    pub(super) fn values(&self, first: [usize; 2], values: &mut [Vec<f32>]) {
        for block in self.blocks(first, 1) {
            let of_block = forward(&block);
            if of_block[1..].iter().map(|value| value * value).sum::<f32>() <= self.active() {
                continue;
            }
            for (values, value) in values.iter_mut().zip(of_block) {
                values.extend(Some(value.abs()).filter(|&value| value > self.noise));
            }
        }
    }

    /// Quantised coefficients of all blocks that have a sample. `before` is how many rows and columns of the first block are
    /// beyond the plane.
    pub(super) fn quantised(&self, before: [usize; 2], steps: &Steps, inverse: InverseDct) -> Vec<i16> {
        let columns = self.sides[1];
        let count = [0, 1].map(|i| (before[i] + self.sides[i]).div_ceil(SIDE));
        let mut out = Vec::with_capacity(count[0] * count[1] * AREA);
        for at in 0..count[0] * count[1] {
            let start = [at / count[1] * SIDE, at % count[1] * SIDE];
            let (mut samples, mut known) = ([0.0; AREA], [true; AREA]);
            for i in 0..AREA {
                let place = [start[0] + i / SIDE, start[1] + i % SIDE];
                let inside = [0, 1].map(|i| place[i].saturating_sub(before[i]).min(self.sides[i] - 1));
                let at = inside[0] * columns + inside[1];
                known[i] = self.known[at] && (0..2).all(|i| inside[i] + before[i] == place[i]);
                samples[i] = self.values[at];
            }
            let partial = known.contains(&false);
            out.extend(block(&mut samples, partial.then_some(&known), (steps, inverse), self.is_whole()));
        }
        out
    }
}
