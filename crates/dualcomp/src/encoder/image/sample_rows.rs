//! Rows of a tile that tell how the whole of it is coded best.

use crate::format::image::tile_grid::TileShape;

/// One row in this many is a sample: set by hand; docs/experiments/0027 and 0084 have what is gained where it tells.
const SHARE: u32 = 8;
/// Pixels that a sample has at least, if the tile has as many: set by hand.
const MIN_PIXELS: u32 = 1 << 14;
/// Rows that a sample in the middle has at least: those that a fast tile needs.
const MIN_IN_THE_MIDDLE: u32 = 8;

/// Rows of a sample, `least` or more if the tile has as many.
pub(super) fn sample_rows(shape: TileShape, least: u32) -> u32 {
    shape.height.div_ceil(SHARE).max(MIN_PIXELS.div_ceil(shape.width)).max(least).min(shape.height)
}

/// The first rows of a tile, and their shape.
pub(super) fn top(raw: &[u8], shape: TileShape, rows: u32) -> (&[u8], TileShape) {
    (&raw[..rows as usize * row_bytes(shape)], TileShape { height: rows, ..shape })
}

/// The rows in the middle of a tile, and their shape.
pub(super) fn middle(raw: &[u8], shape: TileShape) -> (&[u8], TileShape) {
    let rows = sample_rows(shape, MIN_IN_THE_MIDDLE);
    top(&raw[(shape.height - rows) as usize / 2 * row_bytes(shape)..], shape, rows)
}

fn row_bytes(shape: TileShape) -> usize {
    shape.width as usize * shape.color.bytes_per_pixel()
}
