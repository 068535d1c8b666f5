//! The tiles of an image.

/// Images up to this many pixels are one tile of the encoder.
const WHOLE_AREA: u64 = 1 << 17;
/// Pixels of the encoder's tiles at most.
const TILE_AREA: u64 = 1 << 18;
const TILE_WIDTH: u32 = 512;
const DRAWN_WIDTH: u32 = 2048;
/// Columns of a whole image at most: each takes memory of its own.
const WHOLE_WIDTH: u32 = 1 << 17;

/// Pixels of a tile of a drawn image, where what was seen before helps most.
const DRAWN_AREA: u64 = 1 << 20;

/// Width and height of the encoder's tiles: small enough for two threads to share a photograph and for rows to be
/// under way together, large enough for the coder to learn something.
pub(crate) fn tile_size(width: u32, height: u32, drawn: bool) -> (u32, u32) {
    let (whole, area, widest) =
        if drawn { (DRAWN_AREA, DRAWN_AREA, DRAWN_WIDTH) } else { (WHOLE_AREA, TILE_AREA, TILE_WIDTH) };
    if u64::from(width) * u64::from(height) <= whole && width <= WHOLE_WIDTH {
        return (width, height);
    }
    let columns = width.div_ceil(widest);
    let tile_width = width.div_ceil(columns);
    let tallest = (area / u64::from(tile_width)) as u32;
    let least = if columns == 1 { 2 } else { 1 };
    let rows = height.div_ceil(tallest).max(least);
    (tile_width, height.div_ceil(rows))
}

/// An image cut in tiles: rows of tiles from top to bottom, those at the right and lower edge cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) tile_width: u32,
    pub(crate) tile_height: u32,
}

/// A rectangle in an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Area {
    pub(crate) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// What both have in common, of width or height 0 if nothing.
    pub(crate) fn overlap(&self, other: &Self) -> Self {
        let (left, width) = overlap((self.left, self.width), (other.left, other.width));
        let (top, height) = overlap((self.top, self.height), (other.top, other.height));
        Self { left, top, width, height }
    }

    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Start and length of what two ranges, given so too, have in common.
fn overlap(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    let start = a.0.max(b.0);
    let end = a.0.saturating_add(a.1).min(b.0.saturating_add(b.1));
    (start, end.saturating_sub(start))
}

impl Grid {
    fn columns(&self) -> u32 {
        self.width.div_ceil(self.tile_width)
    }

    /// Tiles of the image, below 2^62.
    pub(crate) fn len(&self) -> u64 {
        u64::from(self.columns()) * u64::from(self.height.div_ceil(self.tile_height))
    }

    /// One more than the index of the last tile of an area, which is inside the image and not empty.
    pub(crate) fn end(&self, area: &Area) -> u64 {
        let column = (area.left + area.width - 1) / self.tile_width;
        let row = (area.top + area.height - 1) / self.tile_height;
        u64::from(row) * u64::from(self.columns()) + u64::from(column) + 1
    }

    /// The tile of this index, which is below [`Self::len`].
    pub(crate) fn area(&self, index: u64) -> Area {
        let columns = u64::from(self.columns());
        // Both are inside the image, whose sides fit.
        let left = (index % columns) as u32 * self.tile_width;
        let top = (index / columns) as u32 * self.tile_height;
        Area {
            left,
            top,
            width: self.tile_width.min(self.width - left),
            height: self.tile_height.min(self.height - top),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_images_are_one_tile() {
        assert_eq!(tile_size(1, 1, false), (1, 1));
        assert_eq!(tile_size(512, 256, false), (512, 256));
        assert_eq!(tile_size(1 << 17, 1, false), (1 << 17, 1));
    }

    #[test]
    fn photographs_are_shared_evenly() {
        assert_eq!(tile_size(768, 512, false), (384, 512));
        assert_eq!(tile_size(512, 768, false), (512, 384));
        assert_eq!(tile_size(513, 256, false), (257, 256));
        assert_eq!(tile_size(1, 1 << 20, false), (1, 1 << 18));
    }

    #[test]
    fn drawn_images_stay_whole_for_longer() {
        assert_eq!(tile_size(1000, 1000, true), (1000, 1000));
        assert_eq!(tile_size(1920, 1080, true), (1920, 540));
        assert_eq!(tile_size(5000, 300, true), (1667, 300));
        assert_eq!(tile_size(1 << 17, 8, true), (1 << 17, 8));
        assert_eq!(tile_size(1 << 20, 1, true), (2048, 1));
    }

    #[test]
    fn areas_overlap() {
        let area = |left, top, width, height| Area { left, top, width, height };
        assert_eq!(area(0, 0, 5, 5).overlap(&area(3, 4, 9, 9)), area(3, 4, 2, 1));
        assert!(area(0, 0, 5, 5).overlap(&area(5, 0, 1, 1)).is_empty());
        assert_ne!(area(4, 4, u32::MAX, 1).overlap(&area(0, 0, 9, 9)), area(4, 4, u32::MAX, 1));
        let grid = Grid { width: 10, height: 10, tile_width: 4, tile_height: 5 };
        assert_eq!([area(0, 0, 1, 1), area(3, 4, 2, 1), area(9, 9, 1, 1)].map(|area| grid.end(&area)), [1, 2, 6]);
    }

    proptest! {
        #[test]
        fn tiles_are_bounded_and_cover_the_image(width in 1u32..4000, height in 1u32..4000) {
            let (tile_width, tile_height) = tile_size(width, height, false);
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
