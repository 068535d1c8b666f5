//! Prediction of samples by local least squares (docs/spec/image.md, section 3).
//!
//! A sample is expected to be a weighted sum of its neighbours and of the earlier samples of its pixel, with the
//! weights that would have served best around it so far. Rows run three columns apart, so a tile is cut in cells of
//! three columns: the moments of a cell add up from row to row, older rows counting less, and five cells make a
//! system of equations that serves one cell of one row. Arithmetic is on `f32`, in the order written here.

pub(crate) mod cholesky;
pub(crate) mod moments;
mod regressors;

use dualcomp_tokens::Neighbourhood;
use fearless_simd::Simd;
use prefetch_index::prefetch_index;

use crate::codec::v1::image::predict::least_squares::cholesky::{LANES, MOMENTS, REGRESSORS, System, solve};
use crate::codec::v1::image::predict::least_squares::moments::{CELL, Regressors, SHARES, Targets, around, learn};
use crate::codec::v1::image::predict::least_squares::regressors::regressors;

/// A cell's moments are fetched this many cells ahead, as they are far apart in memory.
const AHEAD: usize = 2;
/// Moments in a line of a cache.
const LINE: usize = 16;

/// A place in a tile; `slot` tells its row from all others that are under way.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) slot: usize,
}

/// The regression of one plane.
pub(crate) struct Regression {
    plane: usize,
    planes: usize,
    /// With two cells of zeros on both sides.
    cells: Vec<[f32; MOMENTS]>,
    rows: Vec<Row>,
    /// Where rows last entered a cell.
    entered: Vec<Place>,
    /// Where weights are to be found.
    wanted: Vec<Place>,
}

/// What one row under way needs.
#[derive(Clone, Copy)]
struct Row {
    weights: [f32; REGRESSORS],
    /// Regressors of the samples of the cell, as far as they were predicted, else 0.
    regressors: Regressors,
    /// The samples less their base.
    targets: Targets,
    /// The base of the sample last predicted: the mean of left and above.
    base: f32,
    /// Whether the weights are those of this cell, and whether any sample of it was predicted.
    solved: bool,
    used: bool,
}

impl Regression {
    /// For plane `plane` of `planes`, 1 or 3. Takes 352 bytes for each column and some for each slot.
    pub(crate) fn new(plane: usize, planes: usize, width: usize, slots: usize) -> Self {
        let row = Row {
            weights: [0.0; REGRESSORS],
            regressors: [[0.0; REGRESSORS]; CELL],
            targets: [0.0; CELL],
            base: 0.0,
            solved: false,
            used: false,
        };
        let cells = width.div_ceil(CELL) + SHARES.len() - 1;
        Self {
            plane,
            planes,
            cells: vec![[0.0; MOMENTS]; cells],
            rows: vec![row; slots],
            entered: Vec::new(),
            wanted: Vec::new(),
        }
    }

    /// Learns the cells entered last, then finds the weights of those that these places are the first of.
    #[inline(always)]
    pub(crate) fn enter<S: Simd>(&mut self, simd: S, places: &[Place]) {
        for (i, place) in self.entered.iter().enumerate() {
            if let Some(ahead) = self.entered.get(i + AHEAD)
                && self.rows[ahead.slot].used
            {
                let at = (ahead.column / CELL + SHARES.len() / 2) * MOMENTS;
                for line in 0..=MOMENTS / LINE {
                    prefetch_index(self.cells.as_flattened(), at + LINE * line);
                }
            }
            let row = &mut self.rows[place.slot];
            if row.used {
                let cell = &mut self.cells[place.column / CELL + SHARES.len() / 2];
                learn(simd, cell, &row.regressors, row.targets);
                (row.regressors, row.targets) = ([[0.0; REGRESSORS]; CELL], [0.0; CELL]);
            }
            (row.used, row.solved) = (false, false);
        }
        self.entered.clear();
        self.entered.extend_from_slice(places);
        for place in places {
            self.rows[place.slot].solved = false;
        }
    }

    /// Finds the weights of the cells of these places, where they are not known yet.
    #[inline(always)]
    pub(crate) fn solve<S: Simd>(&mut self, simd: S, places: &[Place]) {
        let Self { wanted, rows, .. } = self;
        wanted.clear();
        wanted.extend(places.iter().filter(|place| !rows[place.slot].solved));
        for group in self.wanted.chunks(LANES) {
            let mut system: System = [[0.0; LANES]; MOMENTS];
            for (quad, places) in group.chunks(4).enumerate() {
                let mut starts = [places[0].column / CELL; 4];
                for i in 0..places.len() {
                    starts[i] = places[i].column / CELL;
                }
                around(simd, &self.cells, starts, &mut system, 4 * quad);
            }
            let weights = solve(&mut system);
            for (lane, place) in group.iter().enumerate() {
                let row = &mut self.rows[place.slot];
                for i in 0..REGRESSORS {
                    row.weights[i] = weights[i][lane];
                }
                row.solved = true;
            }
        }
    }

    /// The value expected at a place, in 1/16, 0..=4080. `values` holds the earlier samples of the pixel.
    #[inline(always)]
    pub(crate) fn predict(&mut self, neighbours: &Neighbourhood, place: Place, values: [u8; 3]) -> i32 {
        let row = &mut self.rows[place.slot];
        let (regressors, base) = regressors(neighbours, self.plane, self.planes, values);
        let mut sums = [0.0; 4];
        for i in 0..REGRESSORS / 4 {
            for part in 0..4 {
                sums[part] += regressors[4 * i + part] * row.weights[4 * i + part];
            }
        }
        row.regressors[place.column % CELL] = regressors;
        row.base = base;
        row.used = true;
        let sum: f32 = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        // Not a number becomes 0, as it does in every conversion to an integer.
        ((sum + base) * 16.0).clamp(0.0, 4080.0) as i32
    }

    /// Notes the sample at the place last predicted in its slot.
    #[inline(always)]
    pub(crate) fn note(&mut self, place: Place, value: u8) {
        let row = &mut self.rows[place.slot];
        row.targets[place.column % CELL] = f32::from(value) - row.base;
    }
}

#[cfg(test)]
mod tests {
    use dualcomp_tokens::Canvas;
    use fearless_simd::Level;

    use super::*;
    use crate::runtime::at_level::at_level;

    #[test]
    fn finds_a_linear_rule() {
        let (width, height) = (30, 60);
        let mut canvas = Canvas::new(width, height);
        let mut regression = Regression::new(2, 3, width, 1);
        let mut x = 1u32;
        let mut off = 0;
        for row in 0..height {
            for column in 0..width {
                let place = Place { row, column, slot: 0 };
                if column % CELL == 0 {
                    at_level!(Level::new(), simd => regression.enter(simd, &[place]));
                    at_level!(Level::new(), simd => regression.solve(simd, &[place]));
                }
                let around = canvas.around(row, column);
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [r, g] = [(x >> 26) as u8 + 60, (x >> 20) as u8 % 64 + 100];
                let north = around.0[const { Neighbourhood::index(1, 0) }][2];
                let b = ((u32::from(r) + u32::from(g) + 2 * u32::from(north)) / 4) as u8;
                let expected = regression.predict(&around, place, [r, g, 0]);
                if row > height / 2 {
                    off += (expected - i32::from(b) * 16).abs();
                }
                regression.note(place, b);
                canvas.set(row, column, [r, g, b]);
            }
        }
        // Half a level of rounding is not to be known.
        let mean = off / (width * (height / 2 - 1)) as i32;
        assert!(mean < 16, "{mean}");
    }
}
