//! Prediction of samples by local least squares (docs/coding.md, section 4.3).
//!
//! A sample is expected to be a weighted sum of its neighbours and of the earlier samples of its pixel, with the
//! weights that would have served best around it so far. Rows run three columns apart, so a tile is cut in cells of
//! three columns: the moments of a cell add up from row to row, older rows counting less, and five cells make a
//! system of equations that serves one cell of one row. Arithmetic is on `f32`, in the order written here.

use dualcomp_tokens::{Canvas, NEIGHBOURS};

/// Terms of the weighted sum.
const TERMS: usize = 20;
/// Columns of a cell: how far rows run apart.
pub(super) const CELL: usize = 3;
/// Shares of the cells around the one that is entered.
const SHARES: [f32; 5] = [0.75, 1.0, 1.0, 1.0, 0.75];
/// How much of a cell's moments stays in the next row.
const DECAY: f32 = 0.85;
/// Added to the moments of each term with itself, so that every system has a solution, a calm one.
const RIDGE: f32 = 5.0;
/// Moments of pairs of terms, rows padded to multiples of four.
const PAIRS: usize = 4 * (4 + 8 + 12 + 16 + 20);
const MOMENTS: usize = PAIRS + TERMS;
/// Systems that are solved side by side.
const LANES: usize = 8;

/// Neighbours in the plane that is coded, as (rows up, columns right).
const SAME: [(usize, isize); 10] =
    [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (2, 1), (1, 2), (1, -2), (2, -1)];
/// Neighbours in the other planes of a colour image.
const OTHER: [(usize, isize); 4] = [(0, -1), (1, 0), (1, -1), (1, 1)];

/// A place in a tile; `slot` tells its row from all others that are under way.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) slot: usize,
}

/// The regression of one plane.
pub(super) struct Regression {
    plane: usize,
    planes: usize,
    /// With two cells of zeros on both sides.
    cells: Vec<[f32; MOMENTS]>,
    rows: Vec<Row>,
}

/// What one row under way needs.
#[derive(Clone, Copy)]
struct Row {
    weights: [f32; TERMS],
    /// Terms of the sample last predicted.
    terms: [f32; TERMS],
    /// What they and the sample are measured from.
    base: f32,
}

impl Regression {
    /// For plane `plane` of `planes`, 1 or 3. Takes 416 bytes for each column and some for each slot.
    pub(super) fn new(plane: usize, planes: usize, width: usize, slots: usize) -> Self {
        let row = Row { weights: [0.0; TERMS], terms: [0.0; TERMS], base: 0.0 };
        let cells = width.div_ceil(CELL) + SHARES.len() - 1;
        Self { plane, planes, cells: vec![[0.0; MOMENTS]; cells], rows: vec![row; slots] }
    }

    /// Finds the weights of the cells that these places are the first of.
    pub(super) fn enter(&mut self, places: &[Place]) {
        for group in places.chunks(LANES) {
            let mut system = [[0.0; LANES]; MOMENTS];
            for (lane, place) in group.iter().enumerate() {
                let cells = &self.cells[place.column / CELL..][..SHARES.len()];
                for (k, moments) in system.iter_mut().enumerate() {
                    let mut sum = 0.0;
                    for (cell, share) in cells.iter().zip(SHARES) {
                        sum += cell[k] * share;
                    }
                    moments[lane] = sum;
                }
            }
            let weights = solve(&mut system);
            for (lane, place) in group.iter().enumerate() {
                self.rows[place.slot].weights = weights.map(|w| w[lane]);
            }
        }
    }

    /// The value expected at a place, in 1/16, 0..=4080. `values` holds the earlier samples of the pixel.
    pub(super) fn predict(&mut self, canvas: &Canvas, place: Place, values: [u8; 3]) -> i32 {
        let row = &mut self.rows[place.slot];
        (row.terms, row.base) = terms(canvas, place, self.plane, self.planes, values);
        let mut sum = 0.0;
        for (term, weight) in row.terms.iter().zip(&row.weights) {
            sum += term * weight;
        }
        // Not a number becomes 0, as it does in every conversion to an integer.
        ((sum + row.base) * 16.0).clamp(0.0, 4080.0) as i32
    }

    /// Learns the sample at the place last predicted in its slot.
    pub(super) fn learn(&mut self, place: Place, value: u8) {
        let Row { terms, base, .. } = self.rows[place.slot];
        let target = f32::from(value) - base;
        let moments = &mut self.cells[place.column / CELL + SHARES.len() / 2];
        let mut at = 0;
        for block in 1..=TERMS / 4 {
            for &term in &terms[4 * block - 4..4 * block] {
                for (moment, &other) in moments[at..].iter_mut().zip(&terms[..4 * block]) {
                    *moment += term * other;
                }
                at += 4 * block;
            }
        }
        for (moment, &term) in moments[PAIRS..].iter_mut().zip(&terms) {
            *moment += term * target;
        }
        if place.column % CELL == CELL - 1 {
            for moment in moments {
                *moment *= DECAY;
            }
        }
    }
}

/// The terms of a place, and what they are measured from: the mean of left and above.
#[inline]
fn terms(canvas: &Canvas, at: Place, plane: usize, planes: usize, values: [u8; 3]) -> ([f32; TERMS], f32) {
    let get = |(up, right)| canvas.neighbour(at.row, at.column, up, right).map(f32::from);
    let (west, north) = (get((0, -1)), get((1, 0)));
    let base: [f32; 3] = core::array::from_fn(|c| (west[c] + north[c]) * 0.5);
    let mut terms = [0.0; TERMS];
    let mut count = 0;
    let mut put = |value: f32, plane: usize| {
        terms[count] = value - base[plane];
        count += 1;
    };
    if planes == 1 {
        for place in NEIGHBOURS {
            put(get(place)[plane], plane);
        }
        return (terms, base[plane]);
    }
    for place in SAME {
        put(get(place)[plane], plane);
    }
    for (other, &value) in values.iter().enumerate() {
        // Planes that are not yet known at this pixel tell less; there is room for ten terms.
        let near = if other < plane {
            4
        } else if other == plane {
            0
        } else {
            4 - 2 * plane
        };
        if other < plane {
            put(f32::from(value), other);
        }
        for &place in &OTHER[..near] {
            put(get(place)[other], other);
        }
    }
    (terms, base[plane])
}

/// Solves the normal equations of all lanes by Cholesky decomposition; `system` is overwritten.
fn solve(system: &mut [[f32; LANES]; MOMENTS]) -> [[f32; LANES]; TERMS] {
    let subtract = |sum: &mut [f32; LANES], a: [f32; LANES], b: [f32; LANES]| {
        for lane in 0..LANES {
            sum[lane] -= a[lane] * b[lane];
        }
    };
    let times = |a: [f32; LANES], b: [f32; LANES]| -> [f32; LANES] { core::array::from_fn(|lane| a[lane] * b[lane]) };
    let mut inverse = [[0.0; LANES]; TERMS];
    for i in 0..TERMS {
        for j in 0..=i {
            let mut sum = system[pair(i, j)];
            for k in 0..j {
                subtract(&mut sum, system[pair(i, k)], system[pair(j, k)]);
            }
            if i == j {
                inverse[i] = sum.map(|s| 1.0 / (s + RIDGE).max(1.0).sqrt());
            } else {
                system[pair(i, j)] = times(sum, inverse[j]);
            }
        }
    }
    let mut x = [[0.0; LANES]; TERMS];
    for i in 0..TERMS {
        let mut sum = system[PAIRS + i];
        for k in 0..i {
            subtract(&mut sum, system[pair(i, k)], x[k]);
        }
        x[i] = times(sum, inverse[i]);
    }
    for i in (0..TERMS).rev() {
        let mut sum = x[i];
        for k in i + 1..TERMS {
            subtract(&mut sum, system[pair(k, i)], x[k]);
        }
        x[i] = times(sum, inverse[i]);
    }
    x
}

/// Where the moment of terms `i` and `j <= i` stands.
const fn pair(i: usize, j: usize) -> usize {
    let block = i / 4;
    8 * block * (block + 1) + i % 4 * (block + 1) * 4 + j
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    regression.enter(&[place]);
                }
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [r, g] = [(x >> 26) as u8 + 60, (x >> 20) as u8 % 64 + 100];
                let north = canvas.neighbour(row, column, 1, 0)[2];
                let b = ((u32::from(r) + u32::from(g) + 2 * u32::from(north)) / 4) as u8;
                let expected = regression.predict(&canvas, place, [r, g, 0]);
                if row > height / 2 {
                    off += (expected - i32::from(b) * 16).abs();
                }
                regression.learn(place, b);
                canvas.set(row, column, [r, g, b]);
            }
        }
        // Half a level of rounding is not to be known.
        let mean = off / (width * (height / 2 - 1)) as i32;
        assert!(mean < 16, "{mean}");
    }

    #[test]
    fn lanes_do_not_see_each_other() {
        let mut one = [[0.0; LANES]; MOMENTS];
        for i in 0..TERMS {
            for j in 0..=i {
                one[pair(i, j)][3] = if i == j { 100.0 + i as f32 } else { (i * j % 7) as f32 };
            }
            one[PAIRS + i][3] = i as f32 - 5.0;
        }
        let mut all = one.map(|m| [m[3]; LANES]);
        let (one, all) = (solve(&mut one), solve(&mut all));
        for i in 0..TERMS {
            assert!(all[i].iter().all(|x| x.to_bits() == one[i][3].to_bits()));
            assert_eq!(one[i][0], 0.0);
        }
    }
}
