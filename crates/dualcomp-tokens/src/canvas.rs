//! Pixels of a tile with borders, and the neighbourhood a predictor sees (docs/spec/image.md, section 1).

use alloc::vec;
use alloc::vec::Vec;

/// Causal neighbours of a pixel, as (rows up, columns right). A row may look ahead two columns for each row
/// up, plus one for the second: rows can be coded three columns apart.
pub const NEIGHBOURS: [(usize, isize); 18] = [
    (0, -1),
    (0, -2),
    (0, -3),
    (1, -3),
    (1, -2),
    (1, -1),
    (1, 0),
    (1, 1),
    (1, 2),
    (2, -2),
    (2, -1),
    (2, 0),
    (2, 1),
    (2, 2),
    (2, 3),
    (3, -1),
    (3, 0),
    (3, 1),
];

/// Features of one pixel: three for each neighbour, six of the prediction, and four of what the coder adds:
/// its least-squares prediction and local prediction errors.
pub const FEATURES: usize = 64;

/// The first of these four, which [`Neighbourhood::features`] leaves at zero.
pub const CODER_FEATURES: usize = 60;

/// Pixels kept around the tile: columns on both sides and rows above.
const BORDER: usize = 3;

/// round(127 ln(1 + d / 6) / ln(1 + 255 / 6)) for d in 0..=255.
const DIFFERENCE: [i8; 256] = [
    0, 5, 10, 14, 17, 20, 23, 26, 29, 31, 33, 35, 37, 39, 41, 42, 44, 45, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
    59, 60, 61, 62, 63, 64, 65, 66, 66, 67, 68, 69, 69, 70, 71, 71, 72, 73, 73, 74, 75, 75, 76, 76, 77, 78, 78, 79, 79,
    80, 80, 81, 81, 82, 82, 83, 83, 84, 84, 85, 85, 85, 86, 86, 87, 87, 88, 88, 88, 89, 89, 90, 90, 90, 91, 91, 92, 92,
    92, 93, 93, 93, 94, 94, 94, 95, 95, 95, 96, 96, 96, 97, 97, 97, 98, 98, 98, 99, 99, 99, 99, 100, 100, 100, 101,
    101, 101, 101, 102, 102, 102, 102, 103, 103, 103, 104, 104, 104, 104, 105, 105, 105, 105, 106, 106, 106, 106, 107,
    107, 107, 107, 107, 108, 108, 108, 108, 109, 109, 109, 109, 109, 110, 110, 110, 110, 111, 111, 111, 111, 111, 112,
    112, 112, 112, 112, 113, 113, 113, 113, 113, 114, 114, 114, 114, 114, 114, 115, 115, 115, 115, 115, 116, 116, 116,
    116, 116, 116, 117, 117, 117, 117, 117, 118, 118, 118, 118, 118, 118, 119, 119, 119, 119, 119, 119, 120, 120, 120,
    120, 120, 120, 120, 121, 121, 121, 121, 121, 121, 122, 122, 122, 122, 122, 122, 122, 123, 123, 123, 123, 123, 123,
    123, 124, 124, 124, 124, 124, 124, 124, 125, 125, 125, 125, 125, 125, 125, 126, 126, 126, 126, 126, 126, 126, 126,
    127, 127, 127, 127,
];

/// [`DIFFERENCE`] of both signs: of d - 255 at d.
static SIGNED: [i8; 511] = {
    let mut table = [0; 511];
    let mut i = 0;
    while i < 256 {
        table[255 + i] = DIFFERENCE[i];
        table[255 - i] = -DIFFERENCE[i];
        i += 1;
    }
    table
};

/// A difference of two samples, -255..=255, as an `i8` that is finer near zero.
#[inline(always)]
pub fn difference(d: i16) -> i8 {
    SIGNED[(d + 255).clamp(0, 510) as usize]
}

/// The pixels of a tile, three samples each, filled in while they are coded.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: usize,
    stride: usize,
    /// Three samples and a zero, so that a pixel is one word.
    pixels: Vec<[u8; 4]>,
}

/// The neighbours of a pixel, in the order of [`NEIGHBOURS`]: red, green, blue and a zero each.
#[derive(Clone, Copy, Debug)]
pub struct Neighbourhood(pub [[u8; 4]; NEIGHBOURS.len()]);

impl Canvas {
    /// A canvas of `width` by `height` pixels, all grey. Takes four bytes a pixel.
    ///
    /// # Panics
    /// If `width` is 0.
    pub fn new(width: usize, height: usize) -> Self {
        assert!(width > 0, "a canvas has columns");
        let stride = width + 2 * BORDER;
        Self { width, stride, pixels: vec![[128, 128, 128, 0]; stride * (height + BORDER)] }
    }

    #[inline(always)]
    fn index(&self, row: usize, column: usize) -> usize {
        (row + BORDER) * self.stride + column + BORDER
    }

    /// The samples at this place.
    ///
    /// # Panics
    /// If the row is below the canvas. Columns that are out of range have other pixels' samples, here and below.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> [u8; 3] {
        let [r, g, b, _] = self.pixels[self.index(row, column)];
        [r, g, b]
    }

    /// Sets the samples at this place, and the border that repeats them.
    ///
    /// # Panics
    /// If the row is below the canvas.
    #[inline(always)]
    pub fn set(&mut self, row: usize, column: usize, [r, g, b]: [u8; 3]) {
        let (at, pixel) = (self.index(row, column), [r, g, b, 0]);
        self.pixels[at] = pixel;
        if column == 0
            && let Some(below) = self.pixels.get_mut(at + self.stride - BORDER..at + self.stride)
        {
            below.fill(pixel);
        }
        if column + 1 == self.width {
            self.pixels[at + 1..=at + BORDER].fill(pixel);
        }
    }

    /// The neighbours of the pixel at this place.
    ///
    /// # Panics
    /// If the row is below the canvas.
    #[inline(always)]
    pub fn around(&self, row: usize, column: usize) -> Neighbourhood {
        const SPAN: usize = 2 * BORDER + 1;
        let at = self.index(row, column) - BORDER;
        let mut around = [[0; 4]; NEIGHBOURS.len()];
        let mut i = 0;
        // One check of bounds for each row of neighbours.
        for up in 0..=BORDER {
            let line = self.pixels[at - up * self.stride..].first_chunk::<SPAN>();
            // The border leaves room on both sides.
            let Some(line) = line else { break };
            while i < NEIGHBOURS.len() && NEIGHBOURS[i].0 == up {
                around[i] = line[BORDER.wrapping_add_signed(NEIGHBOURS[i].1)];
                i += 1;
            }
        }
        Neighbourhood(around)
    }
}

impl Neighbourhood {
    /// The place in [`NEIGHBOURS`] of a neighbour, as (rows up, columns right).
    ///
    /// # Panics
    /// If it is not there.
    pub const fn index(up: usize, right: isize) -> usize {
        let mut i = 0;
        while NEIGHBOURS[i].0 != up || NEIGHBOURS[i].1 != right {
            i += 1;
        }
        i
    }

    /// The prediction of each sample by the median edge detector (MED, also the clamped gradient): the median of left,
    /// above, and left + above - corner.
    #[inline(always)]
    pub fn med(&self) -> [u8; 3] {
        let west = self.0[const { Self::index(0, -1) }];
        let north = self.0[const { Self::index(1, 0) }];
        let corner = self.0[const { Self::index(1, -1) }];
        let mut median = [0; 3];
        for c in 0..3 {
            let (lo, hi) = (west[c].min(north[c]), west[c].max(north[c]));
            // Between `lo` and `hi` once the corner is clamped to them.
            median[c] = (i16::from(west[c]) + i16::from(north[c]) - i16::from(corner[c].clamp(lo, hi))) as u8;
        }
        median
    }

    /// Writes the features of the pixel, whose MED prediction is `median`, but for those from [`CODER_FEATURES`] on.
    #[inline(always)]
    pub fn features(&self, median: [u8; 3], out: &mut [i8; FEATURES]) {
        let m = median.map(i16::from);
        for (i, pixel) in self.0.iter().enumerate() {
            for c in 0..3 {
                out[3 * i + c] = difference(i16::from(pixel[c]) - m[c]);
            }
        }
        let rest = &mut out[3 * NEIGHBOURS.len()..];
        rest.fill(0);
        for c in 0..3 {
            rest[c] = (m[c] - 128).clamp(-127, 127) as i8;
            rest[3 + c] = difference(m[(c + 1) % 3] - m[c]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_repeat_what_is_known() {
        let mut canvas = Canvas::new(2, 2);
        assert_eq!(canvas.around(0, 0).med(), [128; 3]);
        canvas.set(0, 0, [10, 20, 30]);
        assert_eq!(canvas.around(0, 1).med(), [10, 20, 30]);
        canvas.set(0, 1, [50, 60, 70]);
        // Left of the second row stands the first pixel of the row above.
        assert_eq!(canvas.around(1, 0).med(), [10, 20, 30]);
        canvas.set(1, 0, [11, 21, 31]);
        let mut features = [0; FEATURES];
        let median = canvas.around(1, 1).med();
        canvas.around(1, 1).features(median, &mut features);
        // One and two columns beyond the end of the row above.
        assert_eq!(features[7 * 3], difference(50 - i16::from(median[0])));
        assert_eq!(features[60..], [0; 4]);
    }

    #[test]
    fn med_is_the_middle_of_three() {
        for (west, north, corner) in [(3u8, 9, 1), (3, 9, 20), (3, 9, 5), (0, 255, 128), (7, 7, 0)] {
            let mut canvas = Canvas::new(2, 2);
            canvas.set(0, 0, [corner; 3]);
            canvas.set(0, 1, [north; 3]);
            canvas.set(1, 0, [west; 3]);
            let mut three = [i16::from(west), i16::from(north), i16::from(west) + i16::from(north) - i16::from(corner)];
            three.sort_unstable();
            assert_eq!(i16::from(canvas.around(1, 1).med()[0]), three[1]);
        }
    }
}
