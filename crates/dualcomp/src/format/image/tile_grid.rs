//! The tiles of an image.

use crate::format::image::area::Area;
use crate::format::image::info::ColorType;

/// An image cut in tiles: rows of tiles from top to bottom, those at the right and lower edge cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) tile_width: u32,
    pub(crate) tile_height: u32,
}

/// What the coding of a tile must know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TileShape {
    /// Columns.
    pub(crate) width: u32,
    /// Rows.
    pub(crate) height: u32,
    pub(crate) color: ColorType,
}

impl TileShape {
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Bytes of the tile as it is.
    pub(crate) fn raw_len(&self) -> u64 {
        self.pixels() * self.color.bytes_per_pixel() as u64
    }
}

impl Area {
    /// The shape of a tile of this area.
    pub(crate) fn shape(&self, color: ColorType) -> TileShape {
        TileShape { width: self.width, height: self.height, color }
    }
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

    #[test]
    fn areas_overlap() {
        let area = |left, top, width, height| Area { left, top, width, height };
        assert_eq!(area(0, 0, 5, 5).overlap(&area(3, 4, 9, 9)), area(3, 4, 2, 1));
        assert!(area(0, 0, 5, 5).overlap(&area(5, 0, 1, 1)).is_empty());
        assert_ne!(area(4, 4, u32::MAX, 1).overlap(&area(0, 0, 9, 9)), area(4, 4, u32::MAX, 1));
        let grid = Grid { width: 10, height: 10, tile_width: 4, tile_height: 5 };
        assert_eq!([area(0, 0, 1, 1), area(3, 4, 2, 1), area(9, 9, 1, 1)].map(|area| grid.end(&area)), [1, 2, 6]);
    }
}
