//! Eight sub-predictors of a sample, each the mean of a logistic scaled by the local prediction error
//! (docs/spec/image.md, section 4; experiments/0009).

use dualcomp_entropy::{LOGISTICS, Logistics};
use dualcomp_tokens::Neighbourhood;

/// The least squares come first, MED next.
pub(crate) const REGRESSION: usize = 0;
pub(crate) const MED: usize = 1;
/// Predictions are corrected by the error of the colour before; from this one on by that of the first colour.
const BY_FIRST: usize = 6;

/// Predictions of the samples of a pixel, each from its own plane; the first one is filled in later.
#[derive(Clone, Copy)]
pub(crate) struct SubPredictors([[i32; LOGISTICS]; 3]);

impl SubPredictors {
    pub(crate) const NONE: Self = Self([[0; LOGISTICS]; 3]);

    #[inline(always)]
    pub(crate) fn new(around: &Neighbourhood, med: [u8; 3]) -> Self {
        let mut plain = [[0; LOGISTICS]; 3];
        for c in 0..3 {
            let near = |at: usize| i32::from(around.0[at][c]);
            let west = near(const { Neighbourhood::index(0, -1) });
            let north = near(const { Neighbourhood::index(1, 0) });
            let east = near(const { Neighbourhood::index(1, 1) });
            plain[c] = [
                0,
                i32::from(med[c]),
                west,
                north,
                west + east - north,
                2 * west - near(const { Neighbourhood::index(0, -2) }),
                2 * north - near(const { Neighbourhood::index(2, 0) }),
                north + east - near(const { Neighbourhood::index(2, 1) }),
            ];
        }
        Self(plain)
    }

    /// Predictions of a sample, in 1/16 level, as `regressed` is; `values` holds the earlier samples of the pixel.
    #[inline(always)]
    pub(crate) fn means(&self, channel: usize, values: [u8; 3], regressed: i32) -> [i32; LOGISTICS] {
        let mut means = self.0[channel];
        if channel > 0 {
            for k in 0..LOGISTICS {
                let of = if k < BY_FIRST { channel - 1 } else { 0 };
                means[k] += i32::from(values[of]) - self.0[of][k];
            }
        }
        for k in 0..LOGISTICS {
            means[k] = means[k].clamp(0, 255) * 16;
        }
        means[REGRESSION] = regressed;
        means
    }
}

/// Scales of logistics, in 1/64 level, for these local errors: 1.5 of the error and a floor, so that a logistic's mean
/// distance is the mean error of the six neighbours.
#[inline(always)]
pub(crate) fn scales(missed: &[i32; LOGISTICS]) -> [i32; LOGISTICS] {
    let mut scales = [0; LOGISTICS];
    for k in 0..LOGISTICS {
        scales[k] = missed[k] + (missed[k] >> 1) + 6;
    }
    scales
}

/// The logistics around these means.
#[inline(always)]
pub(crate) fn logistics(means: [i32; LOGISTICS], missed: &[i32; LOGISTICS]) -> Logistics {
    Logistics::new(means, scales(missed))
}

#[cfg(test)]
mod tests {
    use dualcomp_tokens::Canvas;

    use super::*;

    #[test]
    fn predictions_are_what_is_written() {
        let mut canvas = Canvas::new(6, 3);
        for (row, column, value) in [(0, 3, 60), (0, 4, 66), (1, 2, 40), (1, 3, 50), (1, 4, 90), (2, 1, 10), (2, 2, 30)]
        {
            canvas.set(row, column, [value, 100, 255 - value]);
        }
        let around = canvas.around(2, 3);
        let plain = SubPredictors::new(&around, around.med());
        assert_eq!(plain.means(0, [0; 3], 777), [777, 640, 480, 800, 1120, 800, 640, 1184]);
        // Each is moved by what it was off by for the colour before, the last two by what they were for the first.
        assert_eq!(plain.means(1, [42, 0, 0], 0)[1..6], [1632, 1792, 1472, 1152, 1472]);
        assert_eq!(plain.means(2, [42, 100, 0], 0)[1], (255 - 40) * 16);
        assert_eq!(plain.means(2, [42, 100, 0], 0)[6..], [(255 - 40 + 2) * 16, (255 - 74 - 32) * 16]);
        assert_eq!(scales(&[0, 1, 2, 100, 5, 6, 7, 2040])[..4], [6, 7, 9, 156]);
    }
}
