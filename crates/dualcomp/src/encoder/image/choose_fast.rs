//! The kind of a tile at the level `fast`: drawn, fast, or by sub-predictors.

use crate::Error;
use crate::codec::v1::image::drawn as drawn_tile;
use crate::codec::v1::image::fast;
use crate::codec::v1::image::lattice;
use crate::codec::v1::image::tile::{Profile, encode_tile};
use crate::encoder::image::classify::{Content, partly_flat};
use crate::encoder::image::fast_forms::forms;
use crate::encoder::image::lattice::Lattice;
use crate::encoder::image::sample_rows::middle;
use crate::format::ChunkKind;
use crate::format::image::tile_grid::TileShape;

/// The payload of a tile and the kind of its chunk, or none of a tile that is coded as at other levels. `found` is the
/// lattice that its colours are on.
pub(super) fn best(
    raw: &[u8],
    shape: TileShape,
    content: Content,
    found: Option<&Lattice>,
) -> Result<Option<(Vec<u8>, ChunkKind)>, Error> {
    let as_drawn =
        drawn_tile::fits(shape.color) && (content == Content::Drawn || shorter_as_drawn(raw, shape, content)?);
    if as_drawn {
        return Ok(Some(or_triples((drawn_tile::encode(raw, shape), ChunkKind::Drawn), raw, shape, found)));
    }
    if fast::fits(shape) && (content == Content::Photo || drawn_tile::fits(shape.color)) {
        return best_fast(raw, shape, found).map(Some);
    }
    Ok(None)
}

/// A drawn tile takes several times the time of a fast one: a photograph becomes one if that saves a tenth of a bit a pixel
/// (docs/experiments/0065).
const DRAWN_GAIN: u64 = 80;

/// One that repeats no pixels becomes one if it is flat in part, saves one byte in this many, too, and has so few pixels that
/// time counts for less: 12 megapixels on white would be 0.5 % smaller and open in three times the time
/// (docs/experiments/0084).
const PHOTO_GAIN: u64 = 20;
const PHOTO_PIXELS: u64 = 1 << 18;

/// Whether the rows in the middle of a tile are so much shorter as a drawn one than as a fast one.
fn shorter_as_drawn(raw: &[u8], shape: TileShape, content: Content) -> Result<bool, Error> {
    let photo = content == Content::Photo;
    if photo && (shape.pixels() > PHOTO_PIXELS || !partly_flat(raw, shape.color)) {
        return Ok(false);
    }
    let (sample, tried) = middle(raw, shape);
    if !fast::fits(tried) {
        return Ok(true);
    }
    let drawn = drawn_tile::encode(sample, tried).len() as u64;
    let fast = fast::encode(sample, tried, &forms(sample, tried.color)).len() as u64;
    let least = if photo { fast / PHOTO_GAIN } else { 0 };
    Ok(drawn + least.max(tried.pixels() / DRAWN_GAIN) <= fast)
}

/// Pixels of a tile at most that is also coded by sub-predictors at the level `fast`: what it learns, it learns in few
/// of them.
pub(super) const SMALL: u64 = 1 << 16;

/// The payload of a photograph's tile at the level `fast`: as a fast tile, or by sub-predictors, which take eight times
/// the time, where they save a quarter of few bytes.
fn best_fast(raw: &[u8], shape: TileShape, found: Option<&Lattice>) -> Result<(Vec<u8>, ChunkKind), Error> {
    let fast = (fast::encode(raw, shape, &forms(raw, shape.color)), ChunkKind::PhotoFast);
    let best = or_triples(fast, raw, shape, found);
    if shape.pixels() <= SMALL {
        let payload = encode_tile(raw, shape, Profile::PhotoLinear, None)?;
        if payload.len() <= best.0.len() / 4 * 3 {
            return Ok((payload, ChunkKind::PhotoLinear));
        }
    }
    Ok(best)
}

/// This tile, or a fast one of triples if that is shorter.
fn or_triples(
    coded: (Vec<u8>, ChunkKind),
    raw: &[u8],
    shape: TileShape,
    found: Option<&Lattice>,
) -> (Vec<u8>, ChunkKind) {
    match as_triples(raw, shape, found) {
        Some(triples) if triples.len() < coded.0.len() => (triples, ChunkKind::LatticeFast),
        _ => coded,
    }
}

/// The payload of a fast tile of triples, if its colours are on a lattice.
fn as_triples(raw: &[u8], shape: TileShape, found: Option<&Lattice>) -> Option<Vec<u8>> {
    let found = found.filter(|_| fast::fits(shape))?;
    let turned = lattice::turned(raw, shape, &found.triples(raw, shape.color.bytes_per_pixel()).0);
    Some(lattice::encode_fast(raw, &turned, shape, &forms(&turned, shape.color), &found.transform))
}
