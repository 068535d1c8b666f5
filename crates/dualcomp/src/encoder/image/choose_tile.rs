//! The kind of a tile: blocks, bytes, drawn, fast, lattice, or planes with or without the network.

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::drawn as drawn_tile;
use crate::codec::v1::image::lattice::{self, Transform};
use crate::codec::v1::image::nested;
use crate::codec::v1::image::tile::{Profile, encode_tile};
use crate::encoder::image::choose_blocks::{as_blocks, many_colours, named};
use crate::encoder::image::choose_fast;
use crate::encoder::image::classify::{Content, colors_repeat, drawn};
use crate::encoder::image::lattice::find;
use crate::encoder::image::sample_rows::{middle, sample_rows, top};
use crate::format::ChunkKind;
use crate::format::image::area::Area;
use crate::format::image::tile_grid::TileShape;
use crate::options::Level;
use crate::{ColorType, Error};

/// One row in this many, from the top, is coded in both ways where the network is expected to do better: set by hand.
const SAMPLE: u32 = 16;
/// Pixels and rows that such a sample must have: set by hand.
const MIN_PIXELS: u64 = 1 << 13;
const MIN_ROWS: u32 = 8;

/// Pixels at most of a photograph's tile that has the deep network at the level `default`, too: a picture of two such
/// tiles takes no longer than one of two whole ones (docs/experiments/0087).
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
/// network.
pub(crate) fn best(
    raw: &[u8],
    area: &Area,
    color: ColorType,
    level: Level,
    network: Option<&dyn Predictor>,
) -> Result<(Vec<u8>, ChunkKind), Error> {
    let shape = area.shape(color);
    let content = Content::of(raw, area.width, color, level);
    let (drawn, photo) = (content == Content::Drawn, content == Content::Photo);
    if color.bytes_per_sample() == 2
        && let Some(payload) = shorter_as_bytes(raw, shape, content)?
    {
        return Ok((payload, ChunkKind::TileBytes));
    }
    let found = if drawn && !many_colours(raw, shape) { None } else { named(raw, shape) };
    if let Some(payload) = as_blocks(raw, shape, content, level, found.as_ref())? {
        return Ok((payload, ChunkKind::TileBlocks));
    }
    let found = found.as_ref().filter(|_| !drawn);
    if level == Level::Fast
        && let Some(coded) = choose_fast::best(raw, shape, content, found)?
    {
        return Ok(coded);
    }
    let profile = match (network.is_some(), photo) {
        (false, _) => content.profile(),
        (true, false) => Profile::Network,
        (true, true) => with_network(area.pixels(), level),
    };
    let network = network.filter(|_| profile.has_network());
    if let Some(kind) = lattice::kind_of(profile)
        && let Some((transform, triples)) = triples(raw, shape, level)?
    {
        let payload = lattice::encode(raw, shape, profile, network, &transform, triples)?;
        return Ok((payload, kind));
    }
    let (payload, profile) = if level == Level::Max && profile == Profile::Network {
        network_or_contexts(raw, shape, drawn, network)?
    } else {
        (encode_tile(raw, shape, profile, network)?, profile)
    };
    shorter(payload, profile, raw, shape)
}

/// The payload of a tile with the network or by contexts only, whichever is shorter. Of drawn and of small tiles the whole
/// decides about the network, of others the upper rows.
fn network_or_contexts(
    raw: &[u8],
    shape: TileShape,
    drawn: bool,
    network: Option<&dyn Predictor>,
) -> Result<(Vec<u8>, Profile), Error> {
    let rows = shape.height.div_ceil(SAMPLE);
    let sampled = !drawn && rows >= MIN_ROWS && u64::from(shape.width) * u64::from(rows) >= MIN_PIXELS;
    let (sample, tried) = top(raw, shape, if sampled { rows } else { shape.height });
    let by_contexts = encode_tile(sample, tried, Profile::ContextsOnly, None)?;
    let by_network = encode_tile(sample, tried, Profile::Network, network)?;
    let (payload, profile, network) = if by_contexts.len() <= by_network.len() {
        (by_contexts, Profile::ContextsOnly, None)
    } else {
        (by_network, Profile::Network, network)
    };
    let payload = if sampled { encode_tile(raw, shape, profile, network)? } else { payload };
    Ok((payload, profile))
}

/// The payload of a tile by this profile, or as a drawn tile where that is no longer than by all contexts: it takes a
/// quarter of the time (docs/experiments/0089).
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

/// The payload of a deep tile as a string of bytes, if the rows in its middle are shorter so than as pixels.
fn shorter_as_bytes(raw: &[u8], shape: TileShape, content: Content) -> Result<Option<Vec<u8>>, Error> {
    let (sample, tried) = middle(raw, shape);
    if !colors_repeat(sample, shape.color.bytes_per_pixel()) {
        return Ok(None);
    }
    let as_pixels = encode_tile(sample, tried, content.profile(), None)?;
    let as_bytes = nested::encode(sample)?;
    if as_bytes.len() >= as_pixels.len() {
        return Ok(None);
    }
    if sample.len() == raw.len() { Ok(Some(as_bytes)) } else { nested::encode(raw).map(Some) }
}

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
    let (sample, shape) = top(raw, shape, sample_rows(shape, 1));
    let of_sample = triples.each_ref().map(|plane| plane[..shape.pixels() as usize].to_vec());
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
