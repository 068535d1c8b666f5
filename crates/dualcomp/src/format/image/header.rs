//! The image header and metadata chunks, sections 5.1 and 5.2.

use crate::error::{Error, Result};
use crate::format::image::info::{ColorType, ImageInfo};
use crate::format::image::tile_grid::Grid;
use crate::format::{Chunk, plain_body, put_number, take_number};

/// Sides of an image at most.
pub(crate) const MAX_SIDE: u64 = (1 << 31) - 1;
/// Pixels of a tile at least, unless the image has fewer: each tile takes the same work to begin.
pub(crate) const MIN_TILE_AREA: u64 = 1 << 10;
/// Pixels of a tile at most.
const MAX_TILE_AREA: u64 = 1 << 22;
/// The longest body of an image header: checksum, four numbers, a byte.
pub(crate) const MAX_HEADER_BODY: usize = 4 + 4 * 5 + 1;

/// The content of an image header.
pub(crate) fn header_content(info: &ImageInfo, grid: &Grid) -> Vec<u8> {
    let mut content = Vec::new();
    put_number(&mut content, info.width.into());
    put_number(&mut content, info.height.into());
    content.push(info.color as u8);
    put_number(&mut content, grid.tile_width.into());
    put_number(&mut content, grid.tile_height.into());
    content
}

/// Reads the body of an image header.
pub(crate) fn parse_header(chunk: &Chunk, body: &[u8]) -> Result<(ImageInfo, Grid)> {
    let parse = || {
        let mut content = plain_body(body, chunk)?;
        let width = side(&mut content)?;
        let height = side(&mut content)?;
        let (&code, mut content) = content.split_first().ok_or(Error::corrupt("the image header is too short"))?;
        let color = *ColorType::ALL.get(usize::from(code)).ok_or(Error::corrupt("the colour type is unknown"))?;
        let tile_width = side(&mut content)?;
        let tile_height = side(&mut content)?;
        if !content.is_empty() {
            return Err(Error::corrupt("the image header is too long"));
        }
        if tile_width > width || tile_height > height {
            return Err(Error::corrupt("the tiles are larger than the image"));
        }
        if u64::from(tile_width) * u64::from(tile_height) > MAX_TILE_AREA {
            return Err(Error::corrupt("the tiles are too large"));
        }
        let (tile, image) = (u64::from(tile_width) * u64::from(tile_height), u64::from(width) * u64::from(height));
        if tile < MIN_TILE_AREA.min(image) {
            return Err(Error::corrupt("the tiles are too small"));
        }
        let grid = Grid { width, height, tile_width, tile_height };
        Ok((ImageInfo { width, height, color }, grid))
    };
    parse().map_err(|error| error.at(chunk.offset))
}

fn side(content: &mut &[u8]) -> Result<u32> {
    let value = take_number(content)?;
    if !(1..=MAX_SIDE).contains(&value) {
        return Err(Error::corrupt("a side of the image is out of range"));
    }
    Ok(value as u32)
}
