//! Bands: rows of a picture that are coded apart from the others, so that they can be coded side by side.

use super::plane::{Block, PlaneShape};

/// Rows of blocks of each plane in band `index` of `count`.
fn ends(shapes: &[PlaneShape], count: usize, index: usize) -> impl Iterator<Item = usize> {
    let units = |shape: &PlaneShape| shape.blocks_high.div_ceil(usize::from(shape.sampling.1.max(1)));
    let units = shapes.iter().map(units).max().unwrap_or(0);
    let end = (units as u128 * index as u128 / count.max(1) as u128) as usize;
    shapes.iter().map(move |shape| (end * usize::from(shape.sampling.1.max(1))).min(shape.blocks_high))
}

/// The blocks of each plane that belong to each of `count` bands.
pub(super) fn split<'a>(shapes: &[PlaneShape], planes: &[&'a [Block]], count: usize) -> Vec<Vec<&'a [Block]>> {
    let mut rest = planes.to_vec();
    let mut from: Vec<usize> = vec![0; shapes.len()];
    let band = |index: usize| {
        let to = ends(shapes, count, index + 1);
        let planes = rest.iter_mut().zip(shapes).zip(from.iter_mut().zip(to)).map(|((rest, shape), (from, to))| {
            let (band, after) = rest.split_at((to - *from) * shape.blocks_wide);
            (*rest, *from) = (after, to);
            band
        });
        planes.collect()
    };
    (0..count).map(band).collect()
}

/// As [`split`], for writing.
pub(super) fn split_mut<'a>(
    shapes: &[PlaneShape],
    planes: &'a mut [Vec<Block>],
    count: usize,
) -> Vec<Vec<&'a mut [Block]>> {
    let mut rest: Vec<&mut [Block]> = planes.iter_mut().map(|plane| &mut plane[..]).collect();
    let mut from: Vec<usize> = vec![0; shapes.len()];
    let band = |index: usize| {
        let to = ends(shapes, count, index + 1);
        let planes = rest.iter_mut().zip(shapes).zip(from.iter_mut().zip(to)).map(|((rest, shape), (from, to))| {
            let (band, after) = std::mem::take(rest).split_at_mut((to - *from) * shape.blocks_wide);
            (*rest, *from) = (after, to);
            band
        });
        planes.collect()
    };
    (0..count).map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_whole_units_and_cover_all_rows() {
        let shape = |vertical, blocks_wide, blocks_high| PlaneShape {
            sampling: (1, vertical),
            blocks_wide,
            blocks_high,
            quantization: [1; 64],
        };
        let shapes = [shape(2, 4, 14), shape(1, 2, 7), shape(1, 3, 0)];
        let planes: Vec<Vec<Block>> =
            shapes.iter().map(|shape| vec![[0; 64]; shape.blocks_wide * shape.blocks_high]).collect();
        let slices: Vec<&[Block]> = planes.iter().map(|plane| &plane[..]).collect();
        for count in [1, 2, 3, 7, 9, 255] {
            let bands = split(&shapes, &slices, count);
            assert_eq!(bands.len(), count);
            for (i, plane) in planes.iter().enumerate() {
                assert_eq!(bands.iter().map(|band| band[i].len()).sum::<usize>(), plane.len());
            }
            assert!(bands.iter().all(|band| band[0].len() / 4 == 2 * (band[1].len() / 2)));
            let lengths = |bands: Vec<Vec<usize>>| bands;
            let fixed = lengths(bands.iter().map(|band| band.iter().map(|p| p.len()).collect()).collect());
            let mut copies = planes.clone();
            let written = split_mut(&shapes, &mut copies, count);
            assert_eq!(fixed, lengths(written.iter().map(|band| band.iter().map(|p| p.len()).collect()).collect()));
        }
    }
}
