//! How far each prediction of the samples around was off: a measure of how good it is there.

use dualcomp_entropy::LOGISTICS;

/// Columns beyond the tile to the left and in all, and rows above it, where nothing was missed.
const LEFT: usize = 2;
const COLUMNS: usize = 3;
const ROWS: usize = 2;

/// How far the predictions of the samples of one plane were off, in 1/4 level, at most 255.
pub(super) struct Misses {
    stride: usize,
    misses: Vec<[u8; LOGISTICS]>,
}

impl Misses {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let stride = width + COLUMNS;
        Self { stride, misses: vec![[0; LOGISTICS]; stride * (height + ROWS)] }
    }

    /// Takes the predictions of a sample, in 1/16 level.
    #[inline(always)]
    pub(super) fn note(&mut self, row: usize, column: usize, means: &[i32; LOGISTICS], value: u8) {
        let misses = &mut self.misses[(row + ROWS) * self.stride + column + LEFT];
        for k in 0..LOGISTICS {
            misses[k] = ((means[k] - 16 * i32::from(value)).unsigned_abs() >> 2).min(255) as u8;
        }
    }

    /// The sums of those of six neighbours: left, above, above left, above right, second left, second above; the first
    /// two count twice.
    #[inline(always)]
    pub(super) fn around(&self, row: usize, column: usize) -> [i32; LOGISTICS] {
        let at = (row + ROWS) * self.stride + column + LEFT;
        let (above, second) = (at - self.stride, at - 2 * self.stride);
        let once = [self.misses[above - 1], self.misses[above + 1], self.misses[at - 2], self.misses[second]];
        let twice = [self.misses[at - 1], self.misses[above]];
        let mut sums = [0; LOGISTICS];
        for k in 0..LOGISTICS {
            for of in &once {
                sums[k] += i32::from(of[k]);
            }
            for of in &twice {
                sums[k] += 2 * i32::from(of[k]);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_and_borders_are_empty() {
        let mut misses = Misses::new(3, 3);
        // Each sample is off by another power of two.
        for (i, (row, column)) in (0..3).flat_map(|row| (0..3).map(move |column| (row, column))).take(8).enumerate() {
            misses.note(row, column, &[4 << i; LOGISTICS], 0);
        }
        let sum = |indices: &[usize]| indices.iter().map(|&i| (1 << i).min(255)).sum::<i32>();
        assert_eq!(misses.around(0, 0), [0; LOGISTICS]);
        assert_eq!(misses.around(0, 1), [sum(&[0, 0]); LOGISTICS]);
        assert_eq!(misses.around(2, 2), [sum(&[7, 7, 5, 5, 4, 6, 2]); LOGISTICS]);
        assert_eq!(misses.around(1, 0), [sum(&[0, 0, 1]); LOGISTICS]);
        misses.note(0, 0, &[4080; LOGISTICS], 0);
        assert_eq!(misses.around(0, 1), [2 * 255; LOGISTICS]);
    }
}
