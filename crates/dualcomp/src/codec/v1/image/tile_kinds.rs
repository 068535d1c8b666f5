//! The ways to code a tile, by the kind of its chunk (docs/spec/format.md, section 5.3).

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::tile::{Profile, decode_tile};
use crate::codec::v1::image::{blocks, drawn, fast, lattice, mapped, nested};
use crate::error::Result;
use crate::format::ChunkKind;
use crate::format::image::tile_grid::TileShape;
use crate::runtime::float_environment;

/// The bytes of a tile that is coded as chunks of this kind say; none if these are no coded tiles, or not of this shape. Any
/// payload gives some bytes or an error.
pub(crate) fn decode(
    kind: ChunkKind,
    payload: &[u8],
    shape: TileShape,
    predictor: Option<&dyn Predictor>,
) -> Option<Result<Vec<u8>>> {
    if let Err(error) = float_environment::check() {
        return Some(Err(error));
    }
    if let Some(profile) = lattice::profile_of(kind) {
        return Some(lattice::decode(payload, shape, profile, predictor));
    }
    match kind {
        ChunkKind::TileBytes => Some(nested::decode(payload, shape)),
        ChunkKind::TileBlocks => Some(blocks::decode(payload, shape)),
        ChunkKind::TileMapped => Some(mapped::decode(payload, shape, predictor)),
        ChunkKind::Drawn => drawn::fits(shape.color).then(|| Ok(drawn::decode(payload, shape))),
        ChunkKind::PhotoFast => fast::fits(shape).then(|| Ok(fast::decode(payload, shape))),
        ChunkKind::LatticeFast => fast::fits(shape).then(|| lattice::decode_fast(payload, shape)),
        kind => Some(decode_tile(payload, shape, Profile::of_kind(kind)?, predictor)),
    }
}
