//! The regressors of the least squares (docs/spec/image.md, section 3.1).

use dualcomp_tokens::{NEIGHBOURS, Neighbourhood};

use crate::codec::v1::image::predict::least_squares::cholesky::REGRESSORS;

/// Neighbours in the plane that is coded, as (rows up, columns right).
const SAME: [(usize, isize); 10] =
    [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (2, 1), (1, 2), (1, -2), (2, -1)];
/// Neighbours in the other planes of a colour image.
const OTHER: [(usize, isize); 4] = [(0, -1), (1, 0), (1, -1), (1, 1)];

/// Which neighbour and plane each regressor is. Neighbour `KNOWN` is the pixel itself, `NONE` stands for no regressor.
type Sources = [(usize, usize); REGRESSORS];
const KNOWN: usize = NEIGHBOURS.len();
const NONE: usize = KNOWN + 1;
/// The plane of what is missing, where all is 0.
const BLANK: usize = 3;

const GREY: Sources = {
    let mut sources = [(NONE, BLANK); REGRESSORS];
    let mut i = 0;
    while i < NEIGHBOURS.len() {
        sources[i] = (i, 0);
        i += 1;
    }
    sources
};

const fn color(plane: usize) -> Sources {
    let mut sources = [(NONE, BLANK); REGRESSORS];
    let mut count = 0;
    while count < SAME.len() {
        sources[count] = (Neighbourhood::index(SAME[count].0, SAME[count].1), plane);
        count += 1;
    }
    let mut other = 0;
    while other < 3 {
        // Planes that are not yet known at this pixel tell less; there is room for ten regressors.
        let near = if other < plane { 4 } else { 4 - 2 * plane };
        if other < plane {
            sources[count] = (KNOWN, other);
            count += 1;
        }
        let mut i = 0;
        while other != plane && i < near {
            sources[count] = (Neighbourhood::index(OTHER[i].0, OTHER[i].1), other);
            count += 1;
            i += 1;
        }
        other += 1;
    }
    sources
}

/// Of grey, red, green and blue.
const SOURCES: [Sources; 4] = [GREY, color(0), color(1), color(2)];

/// The regressors of a sample, and its base: the mean of left and above.
#[inline(always)]
pub(crate) fn regressors(
    around: &Neighbourhood,
    plane: usize,
    planes: usize,
    values: [u8; 3],
) -> ([f32; REGRESSORS], f32) {
    let mut pixels = [[0; 4]; NONE + 1];
    pixels[..NEIGHBOURS.len()].copy_from_slice(&around.0);
    pixels[KNOWN] = [values[0], values[1], values[2], 0];
    let (west, north) = (pixels[const { Neighbourhood::index(0, -1) }], pixels[const { Neighbourhood::index(1, 0) }]);
    let mut base = [0.0; 4];
    for c in 0..3 {
        base[c] = (f32::from(west[c]) + f32::from(north[c])) * 0.5;
    }
    // One function for each plane, so that every place is a constant.
    let regressors = match (planes, plane) {
        (1, _) => gather::<0>(&pixels, &base),
        (_, 0) => gather::<1>(&pixels, &base),
        (_, 1) => gather::<2>(&pixels, &base),
        _ => gather::<3>(&pixels, &base),
    };
    (regressors, base[plane])
}

#[inline(always)]
fn gather<const PLANE: usize>(pixels: &[[u8; 4]; NONE + 1], base: &[f32; 4]) -> [f32; REGRESSORS] {
    let mut regressors = [0.0; REGRESSORS];
    for i in 0..REGRESSORS {
        let (neighbour, plane) = SOURCES[PLANE][i];
        regressors[i] = f32::from(pixels[neighbour][plane]) - base[plane];
    }
    regressors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plane_has_its_regressors_in_front() {
        for (sources, count) in SOURCES.iter().zip([18, 18, 17, 20]) {
            assert!(sources[..count].iter().all(|&(neighbour, plane)| neighbour <= KNOWN && plane < 3));
            assert!(sources[count..].iter().all(|&source| source == (NONE, BLANK)));
        }
        assert_eq!(SOURCES[3][10], (KNOWN, 0));
        assert_eq!(SOURCES[3][15], (KNOWN, 1));
    }

    #[test]
    fn terms_are_measured_from_left_and_above() {
        let mut around = Neighbourhood([[10, 20, 30, 0]; NEIGHBOURS.len()]);
        around.0[Neighbourhood::index(0, -1)] = [20, 20, 30, 0];
        let (regressors, base) = regressors(&around, 1, 3, [50, 0, 0]);
        assert_eq!(base, 20.0);
        assert_eq!(regressors[..10], [0.0; 10]);
        assert_eq!(regressors[10..15], [35.0, 5.0, -5.0, -5.0, -5.0]);
    }
}
