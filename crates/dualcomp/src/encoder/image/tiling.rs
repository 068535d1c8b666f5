//! The size of the tiles an encoder makes.

use crate::format::image::header::MIN_TILE_AREA;
use crate::options::Level;

/// Images up to this many pixels are one tile of the encoder.
pub(super) const WHOLE_AREA: u64 = 1 << 17;
/// Pixels of the encoder's tiles at most.
const TILE_AREA: u64 = 1 << 18;
const TILE_WIDTH: u32 = 512;
const WIDE_WIDTH: u32 = 2048;
/// Columns of a whole image at most: each takes memory of its own.
const WHOLE_WIDTH: u32 = 1 << 17;

/// Pixels and columns of a fast tile at most: its weights and tables go on learning, and long rows keep its lanes busy.
const FAST_AREA: u64 = 1 << 20;
const FAST_WIDTH: u32 = 8192;

/// Pixels of a tile of a drawn image, where what was seen before helps most, and of one that came out of a JPEG
/// decoder, where blocks at the edges of tiles are coded twice (experiments/0073): 30 bytes for each pixel, and half a
/// second of one thread to decode.
const WIDE_AREA: u64 = 1 << 20;

/// Width and height of the encoder's tiles: small enough for two threads to share a photograph and for rows to be
/// under way together, large enough for the coder to learn something. `wide` is whether the image is drawn or came out of a JPEG
/// decoder.
pub(crate) fn tile_size(width: u32, height: u32, wide: bool, level: Level) -> (u32, u32) {
    let (whole, area, widest) = match (wide, level) {
        (true, _) => (WIDE_AREA, WIDE_AREA, WIDE_WIDTH),
        (false, Level::Fast) => (WHOLE_AREA, FAST_AREA, FAST_WIDTH),
        (false, _) => (WHOLE_AREA, TILE_AREA, TILE_WIDTH),
    };
    if u64::from(width) * u64::from(height) <= whole && width <= WHOLE_WIDTH {
        return (width, height);
    }
    // Of one or two rows, tiles of the usual width would be smaller than decoders take.
    let most = u64::from(width) * u64::from(height) / MIN_TILE_AREA;
    let columns = u64::from(width.div_ceil(widest)).min(most) as u32;
    let tile_width = width.div_ceil(columns);
    let tallest = (area / u64::from(tile_width)) as u32;
    let least = if columns == 1 { 2 } else { 1 };
    let rows = height.div_ceil(tallest).max(least);
    (tile_width, height.div_ceil(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::image::tile_grid::Grid;
    use proptest::prelude::*;

    #[test]
    fn small_images_are_one_tile() {
        assert_eq!(tile_size(1, 1, false, Level::Default), (1, 1));
        assert_eq!(tile_size(512, 256, false, Level::Default), (512, 256));
        assert_eq!(tile_size(1 << 17, 1, false, Level::Default), (1 << 17, 1));
    }

    #[test]
    fn photographs_are_shared_evenly() {
        assert_eq!(tile_size(768, 512, false, Level::Default), (384, 512));
        assert_eq!(tile_size(512, 768, false, Level::Default), (512, 384));
        assert_eq!(tile_size(513, 256, false, Level::Default), (257, 256));
        assert_eq!(tile_size(1, 1 << 20, false, Level::Default), (1, 1 << 18));
        assert_eq!(tile_size(768, 512, false, Level::Fast), (768, 256));
        assert_eq!(tile_size(4000, 3000, false, Level::Fast), (4000, 250));
        assert_eq!(tile_size(30_000, 40, false, Level::Fast), (7500, 40));
    }

    #[test]
    fn drawn_images_stay_whole_for_longer() {
        assert_eq!(tile_size(1000, 1000, true, Level::Default), (1000, 1000));
        assert_eq!(tile_size(1920, 1080, true, Level::Default), (1920, 540));
        assert_eq!(tile_size(5000, 300, true, Level::Default), (1667, 300));
        assert_eq!(tile_size(1 << 17, 8, true, Level::Default), (1 << 17, 8));
        assert_eq!(tile_size(1 << 20, 1, true, Level::Default), (2048, 1));
    }

    #[test]
    fn long_stripes_have_tiles_that_decoders_take() {
        assert_eq!(tile_size((1 << 17) + 1, 1, false, Level::Default), (1025, 1));
        assert_eq!(tile_size((1 << 16) + 1, 2, false, Level::Max), (513, 2));
        assert_eq!(tile_size(1 << 17, 2, false, Level::Default), (512, 2));
        for level in [Level::Fast, Level::Default, Level::Max] {
            for wide in [false, true] {
                for height in 1..5 {
                    for width in (1 << 14..1 << 20).step_by(509) {
                        let (tile_width, tile_height) = tile_size(width, height, wide, level);
                        let tile = u64::from(tile_width) * u64::from(tile_height);
                        assert!(tile >= MIN_TILE_AREA, "{width} x {height}: {tile}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn tiles_are_bounded_and_cover_the_image(width in 1u32..4000, height in 1u32..4000) {
            let (tile_width, tile_height) = tile_size(width, height, false, Level::Default);
            let grid = Grid { width, height, tile_width, tile_height };
            let total: u64 = (0..grid.len()).map(|i| grid.area(i).pixels()).sum();
            prop_assert_eq!(total, u64::from(width) * u64::from(height));
            if total > WHOLE_AREA {
                prop_assert!(grid.len() >= 2 && tile_width <= TILE_WIDTH);
                prop_assert!(grid.area(0).pixels() <= TILE_AREA);
                prop_assert!(tile_width >= 128 || width < 128);
            } else {
                prop_assert_eq!(grid.len(), 1);
            }
        }
    }
}
