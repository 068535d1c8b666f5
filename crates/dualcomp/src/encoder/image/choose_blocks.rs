//! Whether an image or a tile came out of a JPEG decoder and is coded as coefficients.

use crate::Error;
use crate::codec::v1::image::blocks;
use crate::codec::v1::image::lattice::{self, Transform};
use crate::codec::v1::image::tile::{Profile, encode_tile};
use crate::codec::v1::image::tile_bytes::take_tile;
use crate::encoder::image::blocks::Found;
use crate::encoder::image::classify::Content;
use crate::encoder::image::lattice::{Lattice, find, usual};
use crate::encoder::image::sample_rows::{sample_rows, top};
use crate::encoder::image::tiling::WHOLE_AREA;
use crate::format::image::area::Area;
use crate::format::image::info::ImageInfo;
use crate::format::image::tile_grid::TileShape;
use crate::options::Level;

/// Rows and columns in the middle of an image that tell whether a JPEG decoder made it.
const MIDDLE: u32 = 256;
/// Rows that a sample of blocks has at least: two of them, or one where chroma has half the rows.
const MIN_ROWS: u32 = 16;

/// Whether an image that is not one tile in any case is coded as blocks, as far as its middle shows.
pub(super) fn out_of_blocks(pixels: &[u8], info: &ImageInfo, level: Level) -> Result<bool, Error> {
    if info.pixels() <= WHOLE_AREA {
        return Ok(false);
    }
    let [width, height] = [info.width, info.height].map(|side| side.min(MIDDLE));
    let area = Area { left: (info.width - width) / 2, top: (info.height - height) / 2, width, height };
    let (raw, shape) = (take_tile(pixels, info, &area), area.shape(info.color));
    let content = Content::of_undrawn(&raw, width, info.color, level);
    Ok(as_blocks(&raw, shape, content, Level::Fast, named(&raw, shape).as_ref())?.is_some())
}

/// The lattice that the colours of a tile are on, if they are on one that has a name.
pub(super) fn named(raw: &[u8], shape: TileShape) -> Option<Lattice> {
    let size = shape.color.bytes_per_pixel();
    if lattice::suits(shape.color) { find(raw, size, shape.width as usize, false) } else { None }
}

/// Pixels of a drawn tile that tell whether it has many colours, and how many more than these that are.
const SAMPLE: usize = 4096;
const FEW_COLOURS: usize = 256;

/// Whether a tile has as many colours as what a JPEG decoder made of a drawing has, around its edges: 630 or more of a sample in
/// the set of docs/experiments/0073, where eleven of twelve drawings have 200 at most. Much quicker than [`named`].
pub(super) fn many_colours(raw: &[u8], shape: TileShape) -> bool {
    let size = shape.color.bytes_per_pixel();
    let every = (raw.len() / size / SAMPLE).max(1);
    let mut colours: Vec<&[u8]> = raw.chunks_exact(size).step_by(every).collect();
    colours.sort_unstable();
    colours.dedup();
    colours.len() > FEW_COLOURS
}

/// A transform and planes of luma and chroma, or grey.
type Planes = (Option<Transform>, Vec<Vec<u8>>);

/// The coefficients of a tile that a JPEG decoder made, and the planes that it made of them. `found` is that of [`named`]; a
/// drawn tile must have one, as most drawn ones are grey and were made by none.
fn origin(raw: &[u8], shape: TileShape, drawn: bool, found: Option<&Lattice>) -> Option<(Found, Planes)> {
    if !blocks::suits(shape) || drawn && found.is_none() {
        return None;
    }
    let size = shape.color.bytes_per_pixel();
    let (transform, planes) = if size == 1 {
        (None, vec![raw.to_vec()])
    } else if raw.as_chunks::<3>().0.iter().all(|[red, green, blue]| red == green && green == blue) {
        let grey: Vec<u8> = raw.iter().copied().step_by(3).collect();
        let chroma = vec![128; grey.len()];
        (Some(Transform::KNOWN[0]), vec![grey, chroma.clone(), chroma])
    } else {
        let pale = if found.is_none() { usual(raw, size) } else { None };
        let found = found.or(pale.as_ref())?;
        (Some(found.transform), found.triples(raw, size).0.into())
    };
    Some((Found::new(raw, planes.clone(), shape, transform)?, (transform, planes)))
}

/// The payload of a tile as coefficients of a JPEG file, if a decoder made it of them and its upper rows, or all of a drawn one,
/// are shorter so. `found` is that of [`named`].
pub(super) fn as_blocks(
    raw: &[u8],
    shape: TileShape,
    content: Content,
    level: Level,
    found: Option<&Lattice>,
) -> Result<Option<Vec<u8>>, Error> {
    let drawn = content == Content::Drawn;
    let Some((found, (transform, planes))) = origin(raw, shape, drawn, found) else { return Ok(None) };
    let rows = if drawn { shape.height } else { sample_rows(shape, MIN_ROWS) };
    let (sample, of_sample) = top(raw, shape, rows);
    let other = match (&transform, <[Vec<u8>; 3]>::try_from(planes)) {
        (Some(transform), Ok(planes)) if content == Content::Photo => {
            let triples = planes.map(|plane| plane[..of_sample.pixels() as usize].to_vec());
            lattice::encode(sample, of_sample, Profile::PhotoLinear, None, transform, triples)?
        }
        _ => encode_tile(sample, of_sample, content.profile(), None)?,
    };
    let fast = level == Level::Fast;
    if !blocks::suits(of_sample) || found.encode(sample, of_sample, fast)?.len() >= other.len() {
        return Ok(None);
    }
    found.encode(raw, shape, fast).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColorType;

    #[test]
    fn drawings_have_few_colours() {
        let shape = TileShape { width: 64, height: 64, color: ColorType::Rgb8 };
        let of = |count: u32| {
            (0..64 * 64u32).flat_map(|i| (i % count).to_le_bytes().into_iter().take(3)).collect::<Vec<u8>>()
        };
        assert_eq!([1, 256, 257, 4000].map(|count| many_colours(&of(count), shape)), [false, false, true, true]);
    }
}
