//! The kind of a tile: blocks, bytes, drawn, fast, lattice, or planes with or without the network.

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::drawn as drawn_tile;
use crate::codec::v1::image::fast;
use crate::codec::v1::image::lattice::{self, Transform};
use crate::codec::v1::image::nested;
use crate::codec::v1::image::tile::{Profile, encode_tile};
use crate::encoder::image::choose_blocks::{as_blocks, many_colours, named};
use crate::encoder::image::classify::{drawn, partly_flat, repeat_tolerance, repeats};
use crate::encoder::image::fast_forms::forms;
use crate::encoder::image::lattice::{Lattice, find};
use crate::format::ChunkKind;
use crate::format::image::area::Area;
use crate::format::image::tile_grid::TileShape;
use crate::options::Level;
use crate::{ColorType, Error};

/// One row in this many, from the top, is coded in both ways where the network is expected to do better.
const SAMPLE: u32 = 16;
/// Pixels and rows that such a sample must have.
const LEAST: u64 = 1 << 13;
const LEAST_ROWS: u32 = 8;

/// Pixels at most of a photograph's tile that has the deep network at the level `default`, too: a picture of two such tiles takes no
/// longer than one of two whole ones (docs/experiments/0087).
const DEEP_PIXELS: u64 = 1 << 17;

/// Whether the network may code a tile.
pub(crate) fn wants_network(raw: &[u8], color: ColorType, level: Level) -> bool {
    match level {
        Level::Fast => false,
        // There the network predicts little that contexts do not, and takes most of the time.
        Level::Default => !drawn(raw, color),
        Level::Max => true,
    }
}

/// The payload of a tile and the kind of its chunk: with the network, if there is one, and as a photograph unless
/// pixels are repeated exactly; where they are, as a drawn tile if that is no longer, and at the highest level without the
/// network. In drawn and in small tiles the whole of it decides about the network, in others the upper rows.
pub(crate) fn best(
    raw: &[u8],
    area: &Area,
    color: ColorType,
    level: Level,
    network: Option<&dyn Predictor>,
) -> Result<(Vec<u8>, ChunkKind), Error> {
    let payload = |raw: &[u8], rows, profile: Profile| {
        let network = network.filter(|_| profile.has_network());
        encode_tile(raw, TileShape { height: rows, ..area.shape(color) }, profile, network)
    };
    let drawn = drawn(raw, color);
    let photo = !drawn && !repeats(raw, area.width, color, repeat_tolerance(level));
    if color.bytes_per_sample() == 2
        && let Some(payload) = shorter_as_bytes(raw, area.shape(color), photo)?
    {
        return Ok((payload, ChunkKind::TileBytes));
    }
    let found = if drawn && !many_colours(raw, area.shape(color)) { None } else { named(raw, area.shape(color)) };
    if let Some(payload) = as_blocks(raw, area.shape(color), [drawn, photo], level, found.as_ref())? {
        return Ok((payload, ChunkKind::TileBlocks));
    }
    let found = found.as_ref().filter(|_| !drawn);
    if level == Level::Fast {
        let shape = area.shape(color);
        let as_drawn = drawn_tile::fits(color) && (drawn || shorter_as_drawn(raw, shape, photo)?);
        if as_drawn {
            let payload = drawn_tile::encode(raw, shape);
            return Ok(match as_triples(raw, shape, found) {
                Some(triples) if triples.len() < payload.len() => (triples, ChunkKind::LatticeFast),
                _ => (payload, ChunkKind::Drawn),
            });
        }
        if fast::fits(shape) && (photo || drawn_tile::fits(color)) {
            return best_fast(raw, shape, found);
        }
    }
    let profile = match (network.is_some(), photo) {
        (false, false) => Profile::ContextsOnly,
        (false, true) => Profile::PhotoLinear,
        (true, false) => Profile::Network,
        (true, true) => with_network(area.pixels(), level),
    };
    if let Some(kind) = lattice::kind_of(profile)
        && let Some((transform, triples)) = triples(raw, area.shape(color), level)?
    {
        let network = network.filter(|_| profile.has_network());
        let payload = lattice::encode(raw, area.shape(color), profile, network, &transform, triples)?;
        return Ok((payload, kind));
    }
    if level != Level::Max || profile != Profile::Network {
        return shorter(payload(raw, area.height, profile)?, profile, raw, area.shape(color));
    }
    let rows = area.height.div_ceil(SAMPLE);
    let sampled = !drawn && rows >= LEAST_ROWS && u64::from(area.width) * u64::from(rows) >= LEAST;
    let tried = if sampled { rows } else { area.height };
    let sample = &raw[..raw.len() / area.height as usize * tried as usize];
    let [mixed, network] = [payload(sample, tried, Profile::ContextsOnly)?, payload(sample, tried, Profile::Network)?];
    let (tried, profile) =
        if mixed.len() <= network.len() { (mixed, Profile::ContextsOnly) } else { (network, Profile::Network) };
    let payload = if sampled { payload(raw, area.height, profile)? } else { tried };
    shorter(payload, profile, raw, area.shape(color))
}

/// The payload of a tile by this profile, or as a drawn tile where that is no longer than by all contexts: it takes a quarter of the
/// time (docs/experiments/0089).
fn shorter(payload: Vec<u8>, profile: Profile, raw: &[u8], shape: TileShape) -> Result<(Vec<u8>, ChunkKind), Error> {
    if matches!(profile, Profile::ContextsOnly | Profile::Network) && drawn_tile::fits(shape.color) {
        let drawn = drawn_tile::encode(raw, shape);
        if drawn.len() <= payload.len() {
            return Ok((drawn, ChunkKind::Drawn));
        }
    }
    Ok((payload, profile.kind()))
}

/// The profile of a photograph's tile of so many pixels that has the network.
fn with_network(pixels: u64, level: Level) -> Profile {
    if level == Level::Max || pixels <= DEEP_PIXELS { Profile::PhotoDeep } else { Profile::Photo }
}

/// The rows in the middle of a tile, and their shape.
pub(super) fn middle(raw: &[u8], shape: TileShape) -> (&[u8], TileShape) {
    let rows = shape.height.div_ceil(TRIED).max(TRIED_PIXELS.div_ceil(shape.width)).max(LEAST_ROWS).min(shape.height);
    let row = shape.width as usize * shape.color.bytes_per_pixel();
    let sample = &raw[(shape.height - rows) as usize / 2 * row..][..rows as usize * row];
    (sample, TileShape { height: rows, ..shape })
}

/// A drawn tile takes several times the time of a fast one: a photograph becomes one if that saves a tenth of a bit a pixel
/// (docs/experiments/0065).
const DRAWN_GAIN: u64 = 80;

/// One that repeats no pixels becomes one if it is flat in part, saves one byte in this many, too, and has so few pixels that
/// time counts for less: 12 megapixels on white would be 0.5 % smaller and open in three times the time
/// (docs/experiments/0084).
const PHOTO_GAIN: u64 = 20;
const PHOTO_PIXELS: u64 = 1 << 18;

/// Whether the rows in the middle of a tile, which is a `photo` if it repeats no pixels, are so much shorter as a drawn one
/// than as a fast one.
fn shorter_as_drawn(raw: &[u8], shape: TileShape, photo: bool) -> Result<bool, Error> {
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

/// The payload of a deep tile as a string of bytes, if the rows in its middle are shorter so than as pixels.
fn shorter_as_bytes(raw: &[u8], shape: TileShape, photo: bool) -> Result<Option<Vec<u8>>, Error> {
    let (sample, tried) = middle(raw, shape);
    if !colors_repeat(sample, shape.color.bytes_per_pixel()) {
        return Ok(None);
    }
    let profile = if photo { Profile::PhotoLinear } else { Profile::ContextsOnly };
    let as_pixels = encode_tile(sample, tried, profile, None)?;
    let as_bytes = nested::encode(sample)?;
    if as_bytes.len() >= as_pixels.len() {
        return Ok(None);
    }
    if sample.len() == raw.len() { Ok(Some(as_bytes)) } else { nested::encode(raw).map(Some) }
}

/// Whether at least one pixel in four has a colour that came before, as far as a small table remembers. A deep photograph
/// hardly repeats any, and need not be tried.
fn colors_repeat(raw: &[u8], size: usize) -> bool {
    const LOG2: u32 = 14;
    let mut seen = vec![&[][..]; 1 << LOG2];
    let repeated = raw.chunks_exact(size).filter(|pixel| {
        let hash = pixel.iter().fold(0u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let slot = (hash.wrapping_mul(0x9E37_79B1) >> (32 - LOG2)) as usize;
        std::mem::replace(&mut seen[slot], pixel) == *pixel
    });
    repeated.count() >= raw.len() / size / 4
}

/// Pixels of a tile at most that is also coded by sub-predictors at the level `fast`: what it learns, it learns in few
/// of them.
pub(super) const SMALL: u64 = 1 << 16;

/// The payload of a photograph's tile at the level `fast`: as a fast tile, or by sub-predictors, which take eight times
/// the time, where they save a quarter of few bytes.
fn best_fast(raw: &[u8], shape: TileShape, found: Option<&Lattice>) -> Result<(Vec<u8>, ChunkKind), Error> {
    let best = as_fast(raw, shape, found);
    if shape.pixels() <= SMALL {
        let payload = encode_tile(raw, shape, Profile::PhotoLinear, None)?;
        if payload.len() <= best.0.len() / 4 * 3 {
            return Ok((payload, ChunkKind::PhotoLinear));
        }
    }
    Ok(best)
}

/// The payload of a fast tile: of colours, or of triples if these are shorter.
fn as_fast(raw: &[u8], shape: TileShape, found: Option<&Lattice>) -> (Vec<u8>, ChunkKind) {
    let payload = fast::encode(raw, shape, &forms(raw, shape.color));
    match as_triples(raw, shape, found) {
        Some(triples) if triples.len() < payload.len() => (triples, ChunkKind::LatticeFast),
        _ => (payload, ChunkKind::PhotoFast),
    }
}

/// The payload of a fast tile of triples, if its colours are on a lattice.
fn as_triples(raw: &[u8], shape: TileShape, found: Option<&Lattice>) -> Option<Vec<u8>> {
    let found = found.filter(|_| fast::fits(shape))?;
    let turned = lattice::turned(raw, shape, &found.triples(raw, shape.color.bytes_per_pixel()).0);
    Some(lattice::encode_fast(raw, &turned, shape, &forms(&turned, shape.color), &found.transform))
}

/// One row in this many, from the top, is coded as colours and as triples, by sub-predictors alone.
pub(super) const TRIED: u32 = 8;
/// Pixels that such a sample has at least, if the tile has as many.
pub(super) const TRIED_PIXELS: u32 = 1 << 14;

/// A transform, and the planes of what it turns into the colours of a tile.
type Triples = (Transform, [Vec<u8>; 3]);

/// A transform and its triples, if its colours are on a lattice and triples make a sample shorter than colours do.
fn triples(raw: &[u8], shape: TileShape, level: Level) -> Result<Option<Triples>, Error> {
    let size = shape.color.bytes_per_pixel();
    if !lattice::suits(shape.color) {
        return Ok(None);
    }
    let Some(found) = find(raw, size, shape.width as usize, level != Level::Fast) else { return Ok(None) };
    let (triples, _) = found.triples(raw, size);
    let rows = shape.height.div_ceil(TRIED).max(TRIED_PIXELS.div_ceil(shape.width)).min(shape.height);
    let pixels = rows as usize * shape.width as usize;
    let (sample, shape) = (&raw[..pixels * size], TileShape { height: rows, ..shape });
    let of_sample = triples.each_ref().map(|plane| plane[..pixels].to_vec());
    let linear = Profile::PhotoLinear;
    let as_triples = lattice::encode(sample, shape, linear, None, &found.transform, of_sample)?;
    let as_colors = encode_tile(sample, shape, linear, None)?;
    Ok((as_triples.len() < as_colors.len()).then_some((found.transform, triples)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tiles_have_the_deep_network() {
        assert_eq!(with_network(DEEP_PIXELS, Level::Default), Profile::PhotoDeep);
        assert_eq!(with_network(DEEP_PIXELS + 1, Level::Default), Profile::Photo);
        assert_eq!(with_network(u64::MAX, Level::Max), Profile::PhotoDeep);
    }
}
