//! Activity: how far the samples around were from what was expected, as a level.

/// Levels of local activity.
pub(crate) const ACTIVITIES: usize = 12;

/// Errors of the samples of one channel, with a border of zeros.
pub(crate) struct Errors {
    stride: usize,
    errors: Vec<u8>,
}

/// Logarithm of the scale, in 1/32 nat, of the distribution at each level (experiments/0022).
pub(crate) const SCALES: [i16; ACTIVITIES] = [-73, -51, -34, -16, 0, 15, 29, 44, 60, 77, 96, 118];

/// The largest sum of each level but the last (experiments/0022).
pub(crate) const BOUNDS: [u8; ACTIVITIES - 1] = [0, 1, 3, 5, 9, 15, 24, 38, 62, 105, 190];

/// The level of each sum; larger ones have that of 255.
const LEVELS: [u8; 256] = {
    let mut levels = [0; 256];
    let mut level = 0;
    let mut sum = 0;
    while sum < levels.len() {
        while (level as usize) < BOUNDS.len() && sum > BOUNDS[level as usize] as usize {
            level += 1;
        }
        levels[sum] = level;
        sum += 1;
    }
    levels
};

impl Errors {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        Self { stride, errors: vec![0; stride * (height + 1)] }
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, column: usize, error: u8) {
        self.errors[(row + 1) * self.stride + column + 1] = error;
    }

    /// The level, below [`ACTIVITIES`], of the neighbours' errors; the left and upper count twice.
    #[inline(always)]
    pub(crate) fn level(&self, row: usize, column: usize) -> usize {
        let above = row * self.stride + column;
        let above: [u8; 3] = [self.errors[above], self.errors[above + 1], self.errors[above + 2]];
        let left = self.errors[(row + 1) * self.stride + column];
        let sum = 2 * (u32::from(left) + u32::from(above[1])) + u32::from(above[0]) + u32::from(above[2]);
        usize::from(LEVELS[sum.min(255) as usize])
    }
}

/// Whether each pixel was its first candidate, another one, or none. Beyond the tile pixels count as first candidates.
pub(crate) struct NeighbourOutcomes {
    stride: usize,
    marks: Vec<u8>,
}

impl NeighbourOutcomes {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        Self { stride, marks: vec![0; stride * (height + 1)] }
    }

    /// Notes which candidate a pixel was.
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, column: usize, slot: Option<usize>) {
        self.marks[(row + 1) * self.stride + column + 1] = slot.map_or(2, |slot| slot.min(1) as u8);
    }

    /// The outcomes of the pixels left, above, and above to both sides, a number below 81.
    #[inline(always)]
    pub(crate) fn get(&self, row: usize, column: usize) -> usize {
        let above = row * self.stride + column;
        let above: [u8; 3] = [self.marks[above], self.marks[above + 1], self.marks[above + 2]];
        let left = self.marks[(row + 1) * self.stride + column];
        usize::from(left) * 27 + usize::from(above[1]) * 9 + usize::from(above[0]) * 3 + usize::from(above[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_their_bounds() {
        for (sum, &level) in LEVELS.iter().enumerate() {
            assert_eq!(usize::from(level), BOUNDS.partition_point(|&bound| usize::from(bound) < sum));
        }
    }
}
