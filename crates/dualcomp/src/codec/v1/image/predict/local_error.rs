//! Local prediction error: how far each sub-predictor was off for the samples around (CALIC's error energy).

use dualcomp_entropy::LOGISTICS;
use dualcomp_tokens::difference;

use crate::codec::v1::image::predict::least_squares::Place;

/// Columns beyond the tile to the left and in all.
const LEFT: usize = 2;
const COLUMNS: usize = 3;
/// Rows above that are read: this many slots are needed beside those of the rows under way.
pub(crate) const ABOVE: usize = 2;

/// Errors of the sub-predictors for the samples of one plane, in 1/4 level (experiments/0009), at most 255, for the
/// rows under way. Beyond the tile they are 0.
pub(crate) struct LocalErrors {
    stride: usize,
    slots: usize,
    local_errors: Vec<[u8; LOGISTICS]>,
}

// No `map`: it may stay a call (experiments/0086).
impl LocalErrors {
    /// Bytes of three planes for each pixel of the rows under way.
    pub(crate) const PIXEL: u64 = 3 * LOGISTICS as u64;

    pub(crate) fn new(width: usize, slots: usize) -> Self {
        let stride = width + COLUMNS;
        Self { stride, slots, local_errors: vec![[0; LOGISTICS]; stride * slots] }
    }

    /// Notes the errors of the predictions of a sample, in 1/16 level.
    #[inline(always)]
    pub(crate) fn note(&mut self, place: Place, means: &[i32; LOGISTICS], value: u8) {
        let local_errors = &mut self.local_errors[place.slot * self.stride + place.column + LEFT];
        for k in 0..LOGISTICS {
            local_errors[k] = ((means[k] - 16 * i32::from(value)).unsigned_abs() >> 2).min(255) as u8;
        }
    }

    /// Notes errors of 0.
    #[inline(always)]
    pub(crate) fn clear(&mut self, place: Place) {
        self.local_errors[place.slot * self.stride + place.column + LEFT] = [0; LOGISTICS];
    }

    /// The sums of the errors of six neighbours: left and above twice; above left, above right, second left, second
    /// above.
    #[inline(always)]
    pub(crate) fn around(&self, place: Place) -> [i32; LOGISTICS] {
        let [once @ .., left, above] = self.near(place);
        let mut sums = [0; LOGISTICS];
        for k in 0..LOGISTICS {
            for of in &once {
                sums[k] += i32::from(of[k]);
            }
            sums[k] += 2 * (i32::from(left[k]) + i32::from(above[k]));
        }
        sums
    }

    /// The sum of the errors of the first sub-predictor.
    #[inline(always)]
    pub(crate) fn first(&self, place: Place) -> i32 {
        let [a, b, c, d, left, above] = self.near(place);
        let once = i32::from(a[0]) + i32::from(b[0]) + i32::from(c[0]) + i32::from(d[0]);
        once + 2 * (i32::from(left[0]) + i32::from(above[0]))
    }

    /// Above left, above right, second left, second above, left, above.
    #[inline(always)]
    fn near(&self, place: Place) -> [&[u8; LOGISTICS]; 6] {
        let at = self.at(place, 0);
        let (above, second) = (self.at(place, 1), self.at(place, 2));
        let of = &self.local_errors;
        [&of[above - 1], &of[above + 1], &of[at - 2], &of[second], &of[at - 1], &of[above]]
    }

    /// The index of the sample that is so many rows above a place.
    #[inline(always)]
    fn at(&self, place: Place, up: usize) -> usize {
        let slot = if place.slot < up { place.slot + self.slots - up } else { place.slot - up };
        slot * self.stride + place.column + LEFT
    }
}

/// The class of a local error, two for each doubling.
#[inline(always)]
pub(crate) fn class(sum: i32) -> usize {
    let sum = sum as u32 + 1;
    let length = sum.ilog2();
    (2 * length + (((2 * sum) >> length) & 1)) as usize
}

/// The last features of a pixel: the distance of the least squares from MED for its first sample, in 1/16 level and in
/// levels, and the classes of the least squares' local errors in the first two planes.
#[inline(always)]
pub(crate) fn features(regressed: i32, med: u8, missed: [i32; 2]) -> [i8; 4] {
    let apart = regressed - 16 * i32::from(med);
    let (first, second) = (5 * class(missed[0]) as i8, 5 * class(missed[1]) as i8);
    [apart.clamp(-127, 127) as i8, difference(((apart + 8) >> 4) as i16), first, second]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_within_their_type() {
        assert_eq!(features(0, 255, [0; 2]), [-127, -127, 0, 0]);
        assert_eq!(features(4080, 0, [8 * 255; 2]), [127, 127, 105, 105]);
        assert_eq!(features(1607, 100, [1, 2]), [7, 0, 10, 15]);
        assert_eq!(features(1608, 100, [0; 2])[..2], [8, difference(1)]);
    }

    #[test]
    fn neighbours_are_found_and_borders_are_empty() {
        let slots = 1 + ABOVE;
        let mut local_errors = LocalErrors::new(3, slots);
        let place = |row, column| Place { row, column, slot: row % slots };
        // Each sample is off by another power of two.
        let note = |row: usize, column: usize, local_errors: &mut LocalErrors| {
            local_errors.note(place(row, column), &[4 << (3 * row + column); LOGISTICS], 0);
        };
        let sum = |indices: &[usize]| [indices.iter().map(|&i| (1 << i).min(255)).sum::<i32>(); LOGISTICS];
        assert_eq!(local_errors.around(place(0, 0)), [0; LOGISTICS]);
        (0..3).for_each(|column| note(0, column, &mut local_errors));
        assert_eq!(local_errors.around(place(0, 1))[0], 2);
        assert_eq!(local_errors.around(place(1, 0)), sum(&[0, 0, 1]));
        (0..3).for_each(|column| note(1, column, &mut local_errors));
        (0..2).for_each(|column| note(2, column, &mut local_errors));
        assert_eq!(local_errors.around(place(2, 2)), sum(&[7, 7, 5, 5, 4, 6, 2]));
        assert_eq!(local_errors.first(place(2, 2)), local_errors.around(place(2, 2))[0]);
        // The fourth row is in the slot of the first one.
        assert_eq!(local_errors.around(place(3, 0)), sum(&[6, 6, 7, 3]));
        local_errors.note(place(3, 0), &[4080; LOGISTICS], 0);
        assert_eq!(local_errors.around(place(3, 1))[0], 2 * 255 + sum(&[7, 7, 6, 4])[0]);
    }
}
