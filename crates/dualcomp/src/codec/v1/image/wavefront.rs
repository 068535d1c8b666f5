//! The wavefront (docs/spec/image.md, section 1): rows run three columns behind the row above.

use std::ops::{Range, RangeInclusive};

use dualcomp_tokens::Canvas;

/// The steps that a tile takes.
pub(crate) fn steps(width: usize, height: usize) -> Range<usize> {
    0..width + 3 * (height - 1)
}

/// The rows that code a pixel in a step, each in column `step - 3 * row`.
#[inline(always)]
pub(crate) fn rows(step: usize, width: usize, height: usize) -> RangeInclusive<usize> {
    (step + 1).saturating_sub(width).div_ceil(3)..=(step / 3).min(height - 1)
}

/// Slots for what each row under way needs: one more than can be, or one for every row.
pub(crate) fn slots(width: usize, height: usize) -> usize {
    (width.div_ceil(3) + 2).min(height)
}

/// The samples of each colour, row by row.
pub(crate) fn planes_of(canvas: &Canvas, width: usize, height: usize, colors: usize) -> Vec<Vec<u8>> {
    let plane = |c: usize| {
        (0..height)
            .flat_map(|row| (0..width).map(move |column| (row, column)))
            .map(|(row, column)| canvas.get(row, column)[c])
            .collect()
    };
    (0..colors).map(plane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_has_its_step() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (20, 7), (7, 20)] {
            let mut seen = vec![false; width * height];
            for step in steps(width, height) {
                let rows = rows(step, width, height);
                assert!(rows.clone().count() <= slots(width, height));
                for row in rows {
                    assert!(!std::mem::replace(&mut seen[row * width + step - 3 * row], true));
                }
            }
            assert!(seen.into_iter().all(|seen| seen));
        }
    }
}
