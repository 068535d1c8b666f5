//! Chroma of half size, and what decoders make of it: by the triangle filter, whose sums they round in several ways, or by
//! repeating samples.

use core::ops::Range;

use super::inverse::PARTS;
use super::{Decoded, SIDE};

/// How many samples of chroma there are, and how a decoder makes one for each pixel of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upsampling {
    /// One for each pixel (4:4:4).
    None = 0,
    /// One for two pixels of a row (4:2:2), as libjpeg's `jdsample.c` has it.
    Columns = 1,
    /// One for two pixels of two rows (4:2:0), likewise.
    Both = 2,
    /// As [`Self::Columns`] and [`Self::Both`], with each sample repeated.
    RepeatedColumns = 3,
    RepeatedBoth = 4,
    /// As the first two, with halves rounded up in all columns, as jpeg-decoder and `stb_image.h` have it.
    EvenColumns = 5,
    EvenBoth = 6,
    /// One for two pixels of two rows, with sums of rows rounded before those of columns, as zune-jpeg has it.
    Twice = 7,
}

impl Upsampling {
    pub(crate) const ALL: [Self; 8] = [
        Self::None,
        Self::Columns,
        Self::Both,
        Self::RepeatedColumns,
        Self::RepeatedBoth,
        Self::EvenColumns,
        Self::EvenBoth,
        Self::Twice,
    ];

    pub(super) fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Pixels of a sample of chroma, down and across, as logarithms.
    pub(crate) fn shifts(self) -> [usize; 2] {
        match self {
            Self::None => [0, 0],
            Self::Columns | Self::RepeatedColumns | Self::EvenColumns => [0, 1],
            Self::Both | Self::RepeatedBoth | Self::EvenBoth | Self::Twice => [1, 1],
        }
    }

    /// Blocks of luma to one of chroma, across and down.
    pub(super) fn sampling(self) -> (u8, u8) {
        let [down, across] = self.shifts();
        (1 << across, 1 << down)
    }

    /// Pixels of a block of chroma, down and across.
    pub(crate) fn unit(self) -> [usize; 2] {
        self.shifts().map(|shift| SIDE << shift)
    }

    /// Rows and columns of chroma for pixels.
    pub(super) fn sides(self, pixels: [usize; 2]) -> [usize; 2] {
        let shifts = self.shifts();
        [0, 1].map(|i| pixels[i].div_ceil(1 << shifts[i]))
    }

    /// What the triangle filter makes of halved samples for a pixel, in sixteenths of a level, before it is rounded down. Samples
    /// beyond `sides` are the last within.
    #[inline(always)]
    pub(crate) fn sixteenths(
        self,
        at: impl Fn(usize, usize) -> i32,
        [row, column]: [usize; 2],
        sides: [usize; 2],
    ) -> i32 {
        let [down, across] = self.shifts();
        let (r, c, other, odd) = (row >> down, column >> across, beside(column, sides[1]), (column & 1) as i32);
        if down == 0 {
            let add = if self == Self::EvenColumns { 2 } else { 1 + odd };
            return (3 * at(r, c) + at(r, other) + add) * 4;
        }
        let second = beside(row, sides[0]);
        let sum = |c: usize| 3 * at(r, c) + at(second, c);
        match self {
            Self::Twice => {
                let rounded = |c: usize| (sum(c) + 2) >> 2;
                (3 * rounded(c) + rounded(other) + 2) * 4
            }
            Self::EvenBoth => 3 * sum(c) + sum(other) + 8,
            _ => 3 * sum(c) + sum(other) + 8 - odd,
        }
    }

    /// Whether a decoder has the triangle filter go on beyond the image, to the end of blocks.
    pub(crate) fn has_whole_blocks(self) -> bool {
        matches!(self, Self::EvenColumns | Self::Twice)
    }

    /// Whether samples are repeated.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::RepeatedColumns | Self::RepeatedBoth)
    }

    /// The samples of the pixels of an area, from those of whole blocks of a plane in 1/64 level.
    pub(crate) fn pixels(
        self,
        plane: &[i32],
        stride: usize,
        sides: [usize; 2],
        area: [Range<usize>; 2],
    ) -> Vec<Decoded> {
        let [rows, columns] = area;
        let ends = if self.has_whole_blocks() { sides.map(|side| side.next_multiple_of(SIDE)) } else { sides };
        let at = |row: usize, column: usize| plane[row * stride + column];
        let level = |row: usize, column: usize| (at(row, column) >> PARTS).clamp(0, 255);
        let mut out = Vec::with_capacity(rows.len() * columns.len());
        let [down, across] = self.shifts();
        for row in rows {
            for column in columns.clone() {
                let sample = if self == Self::None || self.repeats() {
                    at(row >> down, column >> across).max(0)
                } else {
                    self.sixteenths(level, [row, column], ends) << (PARTS - 4)
                };
                out.push(((sample >> PARTS).min(255) as u8, part(sample & ((1 << PARTS) - 1))));
            }
        }
        out
    }
}

/// The largest distance of each class but the last from the level below or above, in 1/64 level: finer where a decoder
/// that rounds in another way may give the next level. Set by hand (experiments/0022).
const CLASS_ENDS: [i32; 7] = [0, 1, 2, 3, 5, 9, 17];

/// The class of what rounding cut off, in 1/64 level.
fn part(cut: i32) -> u8 {
    let (side, distance) = if cut < 32 { (0, cut) } else { (8, 63 - cut) };
    side + CLASS_ENDS.iter().filter(|&&end| distance > end).count() as u8
}

/// The second nearest sample to a pixel, of as many as there are.
fn beside(pixel: usize, count: usize) -> usize {
    if pixel & 1 == 0 { (pixel / 2).saturating_sub(1) } else { (pixel / 2 + 1).min(count - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `jdsample.c` has it, of a row of sums of columns.
    fn fancy(sums: &[i32]) -> Vec<i32> {
        let mut out = Vec::new();
        for (i, &this) in sums.iter().enumerate() {
            let left = if i == 0 { this } else { sums[i - 1] };
            let right = sums.get(i + 1).copied().unwrap_or(this);
            out.extend([(3 * this + left + 8) >> 4, (3 * this + right + 7) >> 4]);
        }
        out
    }

    #[test]
    fn pixels_are_those_of_libjpeg() {
        let plane: Vec<i32> = (0..12).map(|i| (i * 7919 % 256) * 64).collect();
        let decoded = Upsampling::Both.pixels(&plane, 4, [3, 4], [0..6, 0..8]);
        for row in 0..6 {
            let (near, far) = (row / 2, beside(row, 3));
            let sums: Vec<i32> = (0..4).map(|c| (3 * plane[near * 4 + c] + plane[far * 4 + c]) / 64).collect();
            let ours: Vec<i32> = (0..8).map(|c| decoded[row * 8 + c].0.into()).collect();
            assert_eq!(ours, fancy(&sums));
        }
        let decoded = Upsampling::RepeatedBoth.pixels(&plane, 4, [3, 4], [1..6, 0..8]);
        assert!((0..40).all(|i| i32::from(decoded[i].0) == plane[(i / 8).div_ceil(2) * 4 + i % 8 / 2] / 64));
        let decoded = Upsampling::Columns.pixels(&plane, 4, [3, 4], [0..3, 0..8]);
        let level = |i: usize| plane[i] / 64;
        assert_eq!(i32::from(decoded[0].0), level(0));
        assert_eq!(i32::from(decoded[1].0), (3 * level(0) + level(1) + 2) >> 2);
        assert_eq!(i32::from(decoded[2].0), (3 * level(1) + level(0) + 1) >> 2);
        assert_eq!(i32::from(decoded[7].0), level(3));
    }

    #[test]
    fn pixels_are_those_of_other_decoders() {
        // Of whole blocks, of which three rows and four columns belong to pixels.
        let plane: Vec<i32> = (0..64).map(|i| (i * 7919 % 256) * 64).collect();
        let level = |row: usize, column: usize| plane[row * 8 + column] / 64;
        let decoded = |upsampling: Upsampling| -> Vec<i32> {
            let decoded = upsampling.pixels(&plane, 8, [3, 4], [0..6, 0..8]);
            decoded.into_iter().map(|decoded| decoded.0.into()).collect()
        };
        let (columns, even, twice) =
            (decoded(Upsampling::EvenColumns), decoded(Upsampling::EvenBoth), decoded(Upsampling::Twice));
        let filter = |a: i32, b: i32| (3 * a + b + 2) >> 2;
        assert_eq!(columns[16..19], [level(2, 0), filter(level(2, 0), level(2, 1)), filter(level(2, 1), level(2, 0))]);
        assert_eq!(columns[23], filter(level(2, 3), level(2, 4)));
        let rows = |column: usize| filter(level(2, column), level(3, column));
        assert_eq!(twice[40..43], [rows(0), filter(rows(0), rows(1)), filter(rows(1), rows(0))]);
        assert_eq!(twice[47], filter(rows(3), rows(4)));
        let sums = |column: usize| 3 * level(1, column) + level(0, column);
        assert_eq!(even[17..19], [(3 * sums(0) + sums(1) + 8) >> 4, (3 * sums(1) + sums(0) + 8) >> 4]);
        assert_eq!(even[47], level(2, 3));
    }
}
