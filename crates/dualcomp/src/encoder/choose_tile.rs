//! Whether a tile is coded with the network.

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::lattice;
use crate::codec::v1::image::tile::{Profile, encode_tile};
use crate::encoder::classify::{drawn, few, repeats};
use crate::encoder::lattice::find;
use crate::format::ChunkKind;
use crate::format::tile_grid::{Area, TileShape};
use crate::options::Level;
use crate::{ColorType, Error};

/// One row in this many, from the top, is coded in both ways where the network is expected to do better.
const SAMPLE: u32 = 16;
/// Pixels and rows that such a sample must have.
const LEAST: u64 = 1 << 13;
const LEAST_ROWS: u32 = 8;

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
/// pixels are repeated exactly; where they are, at the highest level, without the network if that is no longer. In
/// drawn and in small tiles the whole of it decides that, in others the upper rows.
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
    let photo = !drawn && !repeats(raw, area.width, color, few(level));
    let profile = match (network.is_some(), photo) {
        (false, false) => Profile::ContextsOnly,
        (false, true) => Profile::PhotoLinear,
        (true, false) => Profile::Network,
        (true, true) if level == Level::Max => Profile::PhotoDeep,
        (true, true) => Profile::Photo,
    };
    let size = color.bytes_per_pixel();
    if let Some(kind) = lattice::kind_of(profile)
        && lattice::suits(color)
        && let Some(found) = find(raw, size, area.width as usize, level != Level::Fast)
    {
        let (triples, _) = found.triples(raw, size);
        let network = network.filter(|_| profile.has_network());
        let payload = lattice::encode(raw, area.shape(color), profile, network, &found.transform, triples)?;
        return Ok((payload, kind));
    }
    if level != Level::Max || profile != Profile::Network {
        return Ok((payload(raw, area.height, profile)?, profile.kind()));
    }
    let rows = area.height.div_ceil(SAMPLE);
    let sampled = !drawn && rows >= LEAST_ROWS && u64::from(area.width) * u64::from(rows) >= LEAST;
    let tried = if sampled { rows } else { area.height };
    let sample = &raw[..raw.len() / area.height as usize * tried as usize];
    let [mixed, network] = [payload(sample, tried, Profile::ContextsOnly)?, payload(sample, tried, Profile::Network)?];
    let (tried, profile) =
        if mixed.len() <= network.len() { (mixed, Profile::ContextsOnly) } else { (network, Profile::Network) };
    let payload = if sampled { payload(raw, area.height, profile)? } else { tried };
    Ok((payload, profile.kind()))
}
