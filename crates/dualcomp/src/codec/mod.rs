//! What turns payloads of chunks into bytes and pixels, a module for each version of the format.
//!
//! A version that was released is frozen: a later one is added beside it and never changes it. Encoders write the current
//! version and name its module; decoders come through this door, which asks the header's version.

pub(crate) mod v1;

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::error::Result;
use crate::format::ChunkKind;
use crate::format::block::BlockPlan;
use crate::format::bytes_params::BytesParams;
use crate::format::tile_grid::TileShape;
use crate::format::version::FormatVersion;

/// Decodes the coded blocks of a stream of bytes, one after the other.
pub(crate) enum BytesDecoder {
    V1(v1::bytes::BytesCoder),
}

impl BytesDecoder {
    /// A decoder that has seen nothing, for up to `threads` threads, all there are if 0.
    pub(crate) fn new(
        version: FormatVersion,
        params: BytesParams,
        predictor: Option<Arc<dyn Predictor>>,
        threads: usize,
    ) -> Self {
        match version {
            FormatVersion::V1 => Self::V1(v1::bytes::BytesCoder::new(params, predictor, threads)),
        }
    }

    /// The `raw_len` bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(&mut self, payload: &[u8], raw_len: usize, plan: BlockPlan) -> Result<Vec<u8>> {
        match self {
            Self::V1(coder) => coder.decode(payload, raw_len, plan),
        }
    }
}

/// The bytes of a tile that is coded as chunks of this kind say; none if these are no coded tiles. Any payload gives some
/// bytes.
pub(crate) fn decode_tile(
    version: FormatVersion,
    kind: ChunkKind,
    payload: &[u8],
    shape: TileShape,
    predictor: Option<&dyn Predictor>,
) -> Option<Result<Vec<u8>>> {
    match version {
        FormatVersion::V1 => {
            let profile = v1::image::tile::Profile::of_kind(kind)?;
            Some(v1::image::tile::decode_tile(payload, shape, profile, predictor))
        }
    }
}

/// Bytes that decoding a tile of this shape takes at most on a thread, roughly.
pub(crate) fn tile_memory(version: FormatVersion, shape: TileShape) -> u64 {
    match version {
        FormatVersion::V1 => v1::image::tile::tile_memory(shape),
    }
}
